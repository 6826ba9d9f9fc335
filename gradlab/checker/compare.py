"""From error bars on both sides to a verdict on the gradient of every tensor."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.checker.directions import proportional_direction, scaled_direction, weighted_direction
from gradlab.checker.intervals import at_kink
from gradlab.checker.located import ComparedEntry
from gradlab.checker.low_precision import compare_with_double, is_low_precision, promote_to_double
from gradlab.checker.mistakes import confirm_entries
from gradlab.checker.residual import ComplexStep, Differences
from gradlab.checker.rounding import Rounding
from gradlab.checker.search import unravel
from gradlab.checker.subgradient import compare_at_kinks, compare_off_kink
from gradlab.checker.verdict import Verdict, inconclusive, pass_if_tight
from gradlab.numdiff import analytic
from gradlab.records import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from gradlab.checker.problem import Problem
    from gradlab.checker.residual import DerivativeMethod, Residual

    Array = NDArray[Any]
    Arrays = Mapping[str, Array]

# Two directions decide; more are tried while some output had a derivative along none.
_PROBES, _MOST_PROBES = 2, 6


def compare_gradients(problem: Problem, claims: Arrays) -> dict[str, Verdict]:
    """Reach a verdict on every claimed gradient, each of its tensor's shape.

    All tensors are compared at once first.  Those whose agreement along the common
    directions is tight enough have passed; only the others are looked at one by
    one.  A mismatch along a random direction is never called a failure by
    itself: derivatives with steps of their own have to confirm it.
    """
    if not is_low_precision(problem):
        return _compare(problem, claims)
    double = promote_to_double(problem)
    found = double.claimed_gradients(double.values)
    finer = {name: np.asarray(found[name], dtype=float) for name in claims}
    verdicts = _compare(double, finer)
    return {
        name: _counted(
            problem,
            partial(compare_with_double, problem, name, claim, finer[name], verdicts[name]),
            verdicts[name].evaluations,
        )
        for name, claim in claims.items()
    }


def _compare(problem: Problem, claims: Arrays) -> dict[str, Verdict]:
    verdicts: dict[str, Verdict] = {}
    rest: dict[str, Array] = {}
    for name, claim in claims.items():
        if not claim.size:
            verdicts[name] = Verdict(Status.PASS, 0, 0.0, 0.0, reason="the tensor is empty")
        elif not problem.flat_cotangent.size:
            verdicts[name] = _without_outputs(claim)
        elif not np.all(np.isfinite(claim)):
            verdicts[name] = _counted(problem, partial(_not_finite, problem, name, claim))
        else:
            rest[name] = claim
    if rest:
        verdicts |= _compare_jointly(problem, rest)
    for name, claim in rest.items():
        if name not in verdicts:
            verdicts[name] = _counted(problem, partial(_separately, problem, name, claim))
    return {name: verdicts[name] for name in claims}


def _counted(problem: Problem, ask: Callable[[], Verdict], spent: int = 0) -> Verdict:
    """Ask for a verdict, and write down what it cost, on top of what was spent before."""
    before = problem.counter.calls
    verdict = ask()
    return replace(verdict, evaluations=spent + problem.counter.calls - before)


def _compare_jointly(problem: Problem, claims: Arrays) -> dict[str, Verdict]:
    """Compare all tensors along common directions; return the passes that are tight."""
    before = problem.counter.calls
    pairs = _by_complex_step(problem, claims)
    if pairs is None:
        pairs = _by_differences(problem, claims)
    if not all(residual.agrees and residual.has_derivative.all() for _, residual in pairs):
        return {}
    found: dict[str, Verdict] = {}
    for name, claim in claims.items():
        verdict = _less_sensitive(problem, name, claim, pairs)
        if verdict.status is Status.PASS:
            # What tensors share is counted once, with the first.
            spent = 0 if found else problem.counter.calls - before
            found[name] = replace(verdict, evaluations=spent)
    return found


def _less_sensitive(
    problem: Problem, name: str, claim: Array, pairs: list[tuple[Arrays, Residual]]
) -> Verdict:
    """Return the pass that saw less of two, since that is what may be promised."""
    verdicts = [pass_if_tight(problem, name, claim, r.bound, v[name]) for v, r in pairs]
    doubts = [verdict for verdict in verdicts if verdict.status is not Status.PASS]
    return doubts[0] if doubts else max(verdicts, key=lambda verdict: verdict.detection_limit)


def _by_complex_step(problem: Problem, claims: Arrays) -> list[tuple[Arrays, Residual]] | None:
    """Compare along two directions; None where the complex step is not available."""
    method, first = _complex_step_method(problem, claims)
    if method is None:
        return None
    pairs = [(first, method.compare(first, method.code.first))]
    if pairs[0][1].agrees:
        second = weighted_direction(problem, claims, np.random.default_rng([problem.seed, 21, 1]))
        pairs.append((second, method.measure(second)))
    return pairs


def _complex_step_method(problem: Problem, claims: Arrays) -> tuple[ComplexStep | None, Arrays]:
    direction = weighted_direction(problem, claims, np.random.default_rng([problem.seed, 21]))
    point = {name: problem.values[name] for name in claims}
    code, _ = analytic(problem.output, point, direction, seed=problem.seed)
    return (
        None if code is None else ComplexStep(problem, claims, code, Rounding(problem))
    ), direction


def _by_differences(problem: Problem, claims: Arrays) -> list[tuple[Arrays, Residual]]:
    """Compare along two directions by real differences; one where it says nothing."""
    method = Differences(problem, claims, Rounding(problem))
    pairs: list[tuple[Arrays, Residual]] = []
    for number in range(_PROBES):
        rng = np.random.default_rng([problem.seed, 11, number])
        direction = {name: scaled_direction(problem, name, rng) for name in claims}
        pairs.append((direction, method.measure(direction, attempt=number)))
        if not pairs[-1][1].agrees or not pairs[-1][1].has_derivative.all():
            break
    return pairs


def _separately(problem: Problem, name: str, claim: Array) -> Verdict:
    """Judge one tensor: by the complex step where it is to be had, else by differences."""
    claims = {name: claim}
    method, first = _complex_step_method(problem, claims)
    if method is not None:
        verdict = _separately_by_complex_step(method, name, first)
        if verdict is not None:
            return verdict
    return _separately_by_differences(problem, name, claim)


def _separately_by_complex_step(method: ComplexStep, name: str, first: Arrays) -> Verdict | None:
    """Judge one tensor by the complex step; None where it tells less than differences may."""
    problem, claim = method.problem, method.claims[name]
    second = weighted_direction(problem, method.claims, np.random.default_rng([problem.seed, 22]))
    pairs = [(first, method.compare(first, method.code.first)), (second, method.measure(second))]
    if not all(residual.known for _, residual in pairs):
        return None
    if all(residual.agrees for _, residual in pairs):
        verdict = _less_sensitive(problem, name, claim, pairs)
        return verdict if verdict.status is Status.PASS else None
    return confirm_entries(method, name)


def _separately_by_differences(problem: Problem, name: str, claim: Array) -> Verdict:
    """Judge one tensor along directions until every output had a derivative along one."""
    method = Differences(problem, {name: claim}, Rounding(problem))
    tight: list[Verdict] = []
    pairs: list[tuple[Arrays, Residual]] = []
    seen = np.zeros(problem.flat_cotangent.size, dtype=bool)
    doubt = inconclusive("no direction was tried")
    for number in range(_MOST_PROBES):
        if number >= _PROBES and all(
            np.all(at_kink(residual.estimate, ~seen) == ~seen) for _, residual in pairs
        ):
            break  # every output had a derivative, or has none along any direction
        direction, residual = _probe(method, name, number)
        pairs.append((direction, residual))
        if not residual.known:
            doubt = inconclusive(residual.reason)
            continue
        if not residual.agrees:
            return _unless_right_off_kink(problem, name, confirm_entries(method, name))
        verdict = pass_if_tight(problem, name, claim, residual.bound, direction[name])
        if verdict.status is Status.PASS:
            tight.append(verdict)
            seen |= residual.has_derivative
            count = f"{np.sum(~seen)} of {seen.size} outputs"
            doubt = inconclusive(f"{count} have no derivative that is known: {residual.reason}")
        else:
            doubt = verdict
    if seen.all() and tight:
        return max(tight, key=lambda verdict: verdict.detection_limit)
    return compare_at_kinks(method, name, pairs, seen, compare_gradients) or doubt


def _unless_right_off_kink(problem: Problem, name: str, verdict: Verdict) -> Verdict:
    """Return a failure, unless the gradient is right next to the point.

    Where several units meet, the second largest of three equal numbers for instance,
    the output can have a derivative along each entry, and correct code another
    value.  A mistake in the formula is there beside the point too.
    """
    if verdict.status is not Status.FAIL or not problem.check_kinks:
        return verdict
    beside = compare_off_kink(problem, name, compare_gradients)
    worst = verdict.entries[0]
    # A comparison that is too blind for this mistake says nothing against it.
    blind = not beside.detection_limit < abs(worst.got - worst.expected)
    if beside.status is not Status.PASS or blind:
        return verdict
    return replace(beside, reason="the gradient jumps at the very point: checked beside it")


def _probe(method: DerivativeMethod, name: str, number: int) -> tuple[Arrays, Residual]:
    """Measure along a random direction; where that says little, along a gentler one."""
    problem, claim = method.problem, method.claims[name]
    rng = np.random.default_rng([problem.seed, 11, number])
    found: list[tuple[bool, int, Arrays, Residual]] = []
    for choose in (scaled_direction, proportional_direction):
        direction = {name: choose(problem, name, rng)}
        residual = method.measure(direction)
        tight = pass_if_tight(problem, name, claim, residual.bound, direction[name])
        found.append(
            (tight.status is Status.PASS, int(np.sum(residual.has_derivative)), direction, residual)
        )
        if found[-1][0] and residual.has_derivative.all():
            break
    best = max(found, key=lambda each: each[:2])
    return best[2], best[3]


def _without_outputs(claim: Array) -> Verdict:
    """Judge a gradient of no outputs: it is 0."""
    wrong = np.flatnonzero(claim)
    if not wrong.size:
        return Verdict(Status.PASS, 0, 0.0, 0.0, reason="there are no outputs, and no gradient")
    index = unravel(int(wrong[0]), claim.shape)
    entry = ComparedEntry(index, float(claim[index]), 0.0, 0.0)
    return Verdict(Status.FAIL, entries=(entry,), complete=wrong.size == 1)


def _not_finite(problem: Problem, name: str, claim: Array) -> Verdict:
    """Judge a NaN or an infinity in the gradient: wrong wherever the derivative exists."""
    index = unravel(int(np.argmin(np.isfinite(claim))), claim.shape)
    direction = np.zeros(claim.shape)
    step = max(abs(float(problem.values[name][index])), 1.0)
    direction[index] = step
    finite = np.where(np.isfinite(claim), claim, 0.0)
    residual = Differences(problem, {name: finite}, Rounding(problem)).measure({name: direction})
    said = _exists(problem, residual)
    if said is None:
        return inconclusive(f"gradient and derivative are both not finite at entry {list(index)}")
    entry = ComparedEntry(index, float(claim[index]), said[0] / step, said[1] / step)
    return Verdict(Status.FAIL, entries=(entry,), complete=False)


def _exists(problem: Problem, residual: Residual) -> tuple[float, float] | None:
    """Return the middle and half the width of what the derivative may be; None if there is none.

    At a kink it is any value between the one-sided derivatives, and a NaN is none.
    """
    estimate, weights = residual.estimate, problem.flat_cotangent
    if estimate is None or estimate.method == "one-sided differences":
        return None
    ends = [
        weights * (estimate.left - estimate.left_bound),
        weights * (estimate.right + estimate.right_bound),
    ]
    low, high = float(np.minimum(*ends).sum()), float(np.maximum(*ends).sum())
    return ((low + high) / 2, (high - low) / 2) if np.isfinite(high - low) else None
