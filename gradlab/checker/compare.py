"""From error bars on both sides to a verdict on the gradient of every tensor."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.checker.directions import gentle, scaled, weighted
from gradlab.checker.intervals import at_kink
from gradlab.checker.located import Entry
from gradlab.checker.low_precision import held_against, is_low, promoted
from gradlab.checker.mistakes import confirm
from gradlab.checker.residual import ComplexStep, Differences
from gradlab.checker.rounding import Rounding
from gradlab.checker.search import unravel
from gradlab.checker.subgradient import judge_beside, judge_kinks
from gradlab.checker.verdict import Verdict, inconclusive, passed
from gradlab.numdiff import analytic
from gradlab.records import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from gradlab.checker.problem import Problem
    from gradlab.checker.residual import Residual, Ruler

    Array = NDArray[Any]
    Arrays = Mapping[str, Array]

# Two directions decide; more are tried while some output had a derivative along none.
_PROBES, _MOST_PROBES = 2, 6


def judge(problem: Problem, claims: Arrays) -> dict[str, Verdict]:
    """Reach a verdict on every claimed gradient, each of its tensor's shape.

    All tensors are compared at once first.  Those whose agreement along the common
    directions is tight enough have passed; only the others are looked at one by
    one.  A mismatch along a random direction is never called a failure by
    itself: derivatives with steps of their own have to confirm it.
    """
    if not is_low(problem):
        return _judge(problem, claims)
    double = promoted(problem)
    found = double.claims(double.values)
    finer = {name: np.asarray(found[name], dtype=float) for name in claims}
    verdicts = _judge(double, finer)
    return {
        name: _metered(
            problem,
            partial(held_against, problem, name, claim, finer[name], verdicts[name]),
            verdicts[name].evaluations,
        )
        for name, claim in claims.items()
    }


def _judge(problem: Problem, claims: Arrays) -> dict[str, Verdict]:
    verdicts: dict[str, Verdict] = {}
    rest: dict[str, Array] = {}
    for name, claim in claims.items():
        if not claim.size:
            verdicts[name] = Verdict(Status.PASS, 0, 0.0, 0.0, reason="the tensor is empty")
        elif not problem.weights.size:
            verdicts[name] = _without_outputs(claim)
        elif not np.all(np.isfinite(claim)):
            verdicts[name] = _metered(problem, partial(_not_finite, problem, name, claim))
        else:
            rest[name] = claim
    if rest:
        verdicts |= _together(problem, rest)
    for name, claim in rest.items():
        if name not in verdicts:
            verdicts[name] = _metered(problem, partial(_alone, problem, name, claim))
    return {name: verdicts[name] for name in claims}


def _metered(problem: Problem, ask: Callable[[], Verdict], spent: int = 0) -> Verdict:
    """Ask for a verdict, and write down what it cost, on top of what was spent before."""
    before = problem.meter.calls
    verdict = ask()
    return replace(verdict, evaluations=spent + problem.meter.calls - before)


def _together(problem: Problem, claims: Arrays) -> dict[str, Verdict]:
    """Compare all tensors along common directions; return the passes that are tight."""
    before = problem.meter.calls
    pairs = _by_complex_step(problem, claims)
    if pairs is None:
        pairs = _by_differences(problem, claims)
    if not all(residual.agrees and residual.seen.all() for _, residual in pairs):
        return {}
    found: dict[str, Verdict] = {}
    for name, claim in claims.items():
        verdict = _blinder(problem, name, claim, pairs)
        if verdict.status is Status.PASS:
            # What tensors share is counted once, with the first.
            spent = 0 if found else problem.meter.calls - before
            found[name] = replace(verdict, evaluations=spent)
    return found


def _blinder(
    problem: Problem, name: str, claim: Array, pairs: list[tuple[Arrays, Residual]]
) -> Verdict:
    """Return the pass that saw less of two, since that is what may be promised."""
    verdicts = [passed(problem, name, claim, r.bound, v[name]) for v, r in pairs]
    doubts = [verdict for verdict in verdicts if verdict.status is not Status.PASS]
    return doubts[0] if doubts else max(verdicts, key=lambda verdict: verdict.absolute)


def _by_complex_step(problem: Problem, claims: Arrays) -> list[tuple[Arrays, Residual]] | None:
    """Compare along two directions; None where the complex step is not available."""
    ruler, first = _complex_ruler(problem, claims)
    if ruler is None:
        return None
    pairs = [(first, ruler.compare(first, ruler.code.first))]
    if pairs[0][1].agrees:
        second = weighted(problem, claims, np.random.default_rng([problem.seed, 21, 1]))
        pairs.append((second, ruler.measure(second)))
    return pairs


def _complex_ruler(problem: Problem, claims: Arrays) -> tuple[ComplexStep | None, Arrays]:
    direction = weighted(problem, claims, np.random.default_rng([problem.seed, 21]))
    point = {name: problem.values[name] for name in claims}
    code, _ = analytic(problem.output, point, direction, seed=problem.seed)
    return (
        None if code is None else ComplexStep(problem, claims, code, Rounding(problem))
    ), direction


def _by_differences(problem: Problem, claims: Arrays) -> list[tuple[Arrays, Residual]]:
    """Compare along two directions by real differences; one where it says nothing."""
    ruler = Differences(problem, claims, Rounding(problem))
    pairs: list[tuple[Arrays, Residual]] = []
    for number in range(_PROBES):
        rng = np.random.default_rng([problem.seed, 11, number])
        direction = {name: scaled(problem, name, rng) for name in claims}
        pairs.append((direction, ruler.measure(direction, again=number)))
        if not pairs[-1][1].agrees or not pairs[-1][1].seen.all():
            break
    return pairs


def _alone(problem: Problem, name: str, claim: Array) -> Verdict:
    """Judge one tensor: by the complex step where it is to be had, else by differences."""
    claims = {name: claim}
    ruler, first = _complex_ruler(problem, claims)
    if ruler is not None:
        verdict = _alone_by_complex_step(ruler, name, first)
        if verdict is not None:
            return verdict
    return _alone_by_differences(problem, name, claim)


def _alone_by_complex_step(ruler: ComplexStep, name: str, first: Arrays) -> Verdict | None:
    """Judge one tensor by the complex step; None where it tells less than differences may."""
    problem, claim = ruler.problem, ruler.claims[name]
    second = weighted(problem, ruler.claims, np.random.default_rng([problem.seed, 22]))
    pairs = [(first, ruler.compare(first, ruler.code.first)), (second, ruler.measure(second))]
    if not all(residual.known for _, residual in pairs):
        return None
    if all(residual.agrees for _, residual in pairs):
        verdict = _blinder(problem, name, claim, pairs)
        return verdict if verdict.status is Status.PASS else None
    return confirm(ruler, name)


def _alone_by_differences(problem: Problem, name: str, claim: Array) -> Verdict:
    """Judge one tensor along directions until every output had a derivative along one."""
    ruler = Differences(problem, {name: claim}, Rounding(problem))
    tight: list[Verdict] = []
    pairs: list[tuple[Arrays, Residual]] = []
    seen = np.zeros(problem.weights.size, dtype=bool)
    doubt = inconclusive("no direction was tried")
    for number in range(_MOST_PROBES):
        if number >= _PROBES and all(
            np.all(at_kink(residual.estimate, ~seen) == ~seen) for _, residual in pairs
        ):
            break  # every output had a derivative, or has none along any direction
        direction, residual = _probe(ruler, name, number)
        pairs.append((direction, residual))
        if not residual.known:
            doubt = inconclusive(residual.reason)
            continue
        if not residual.agrees:
            return _unless_right_beside(problem, name, confirm(ruler, name))
        verdict = passed(problem, name, claim, residual.bound, direction[name])
        if verdict.status is Status.PASS:
            tight.append(verdict)
            seen |= residual.seen
            count = f"{np.sum(~seen)} of {seen.size} outputs"
            doubt = inconclusive(f"{count} have no derivative that is known: {residual.reason}")
        else:
            doubt = verdict
    if seen.all() and tight:
        return max(tight, key=lambda verdict: verdict.absolute)
    return judge_kinks(ruler, name, pairs, seen, judge) or doubt


def _unless_right_beside(problem: Problem, name: str, verdict: Verdict) -> Verdict:
    """Return a failure, unless the gradient is right next to the point.

    Where several units meet, the second largest of three equal numbers for instance,
    the output can have a derivative along each entry, and correct code another
    value.  A mistake in the formula is there beside the point too.
    """
    if verdict.status is not Status.FAIL or not problem.at_kinks:
        return verdict
    beside = judge_beside(problem, name, judge)
    worst = verdict.entries[0]
    # A comparison that is too blind for this mistake says nothing against it.
    blind = not beside.absolute < abs(worst.got - worst.expected)
    if beside.status is not Status.PASS or blind:
        return verdict
    return replace(beside, reason="the gradient jumps at the very point: checked beside it")


def _probe(ruler: Ruler, name: str, number: int) -> tuple[Arrays, Residual]:
    """Measure along a random direction; where that says little, along a gentler one."""
    problem, claim = ruler.problem, ruler.claims[name]
    rng = np.random.default_rng([problem.seed, 11, number])
    found: list[tuple[bool, int, Arrays, Residual]] = []
    for choose in (scaled, gentle):
        direction = {name: choose(problem, name, rng)}
        residual = ruler.measure(direction)
        tight = passed(problem, name, claim, residual.bound, direction[name])
        found.append((tight.status is Status.PASS, int(np.sum(residual.seen)), direction, residual))
        if found[-1][0] and residual.seen.all():
            break
    best = max(found, key=lambda each: each[:2])
    return best[2], best[3]


def _without_outputs(claim: Array) -> Verdict:
    """Judge a gradient of no outputs: it is 0."""
    wrong = np.flatnonzero(claim)
    if not wrong.size:
        return Verdict(Status.PASS, 0, 0.0, 0.0, reason="there are no outputs, and no gradient")
    index = unravel(int(wrong[0]), claim.shape)
    entry = Entry(index, float(claim[index]), 0.0, 0.0)
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
    entry = Entry(index, float(claim[index]), said[0] / step, said[1] / step)
    return Verdict(Status.FAIL, entries=(entry,), complete=False)


def _exists(problem: Problem, residual: Residual) -> tuple[float, float] | None:
    """Return the middle and half the width of what the derivative may be; None if there is none.

    At a kink it is any value between the one-sided derivatives, and a NaN is none.
    """
    estimate, weights = residual.estimate, problem.weights
    if estimate is None or estimate.method == "one-sided differences":
        return None
    ends = [
        weights * (estimate.left - estimate.left_bound),
        weights * (estimate.right + estimate.right_bound),
    ]
    low, high = float(np.minimum(*ends).sum()), float(np.maximum(*ends).sum())
    return ((low + high) / 2, (high - low) / 2) if np.isfinite(high - low) else None
