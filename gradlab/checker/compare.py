"""Compare claimed gradients with numerical ones, with error bounds on both sides."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.checker.degenerate import compare_not_finite, compare_without_outputs
from gradlab.checker.given_point import contradiction, unless_right_beside
from gradlab.checker.locate import confirm_entries
from gradlab.checker.low_precision import compare_with_double, is_low_precision, promote_to_double
from gradlab.checker.residual import (
    ComplexStep,
    Differences,
    even_direction,
    is_coarse,
    proportional_direction,
    scaled_direction,
    weighted_direction,
)
from gradlab.checker.rounding import Rounding
from gradlab.checker.subgradient import at_kink, compare_at_kinks
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
    """Compare every claimed gradient with the derivative of the forward.

    All tensors are compared jointly first; those that agree tightly along the common
    directions pass, and the others are compared separately.  A mismatch along a
    random direction alone is no failure: derivatives by single entries, with steps
    of their own, have to confirm it.

    Parameters
    ----------
    problem
        The code under test, the point and the upstream gradient.
    claims
        The claimed gradients by tensor name, of the tensors' shapes: what
        `problem.claimed_gradients` returns at the point, because their rounding is
        measured by evaluating it again.

    Returns
    -------
    dict of Verdict
        By tensor name, in the order of `claims`.

    Raises
    ------
    GradlabError
        If the code refuses the point itself.

    Examples
    --------
    A backward of tanh that is 2 times too large:

    >>> from gradlab.checker import Problem
    >>> problem = Problem(
    ...     forward=lambda values: (np.tanh(values["x"]),),
    ...     vjp=lambda values, cotangents: {
    ...         "x": 2 * cotangents[0] * (1 - np.tanh(values["x"]) ** 2)
    ...     },
    ...     values={"x": np.array([0.5, -1.0])},
    ...     cotangents=(np.array([1.0, 2.0]),),
    ...     differentiable=frozenset({"x"}),
    ... )
    >>> verdict = compare_gradients(problem, problem.claimed_gradients(problem.values))["x"]
    >>> print(verdict.status)
    fail
    >>> print(verdict.pattern)
    every entry is 2 times what it should be
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
    """Compare in the precision of the values."""
    verdicts: dict[str, Verdict] = {}
    rest: dict[str, Array] = {}
    for name, claim in claims.items():
        if not claim.size:
            verdicts[name] = Verdict(Status.PASS, 0, 0.0, 0.0, reason="the tensor is empty")
        elif not problem.flat_cotangent.size:
            verdicts[name] = compare_without_outputs(claim)
        elif not np.all(np.isfinite(claim)):
            verdicts[name] = _counted(problem, partial(compare_not_finite, problem, name, claim))
        else:
            rest[name] = claim
    if rest:
        verdicts |= _compare_jointly(problem, rest)
    for name, claim in rest.items():
        if name not in verdicts:
            verdicts[name] = _counted(problem, partial(_separately, problem, name, claim))
    return {name: verdicts[name] for name in claims}


def _counted(problem: Problem, comparison: Callable[[], Verdict], spent: int = 0) -> Verdict:
    """Run a comparison and add its calls of the code to those `spent` before."""
    before = problem.counter.calls
    verdict = comparison()
    return replace(verdict, evaluations=spent + problem.counter.calls - before)


def _compare_jointly(problem: Problem, claims: Arrays) -> dict[str, Verdict]:
    """Compare all tensors along common directions; return the tight passes only."""
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
            # Calls that tensors share are counted once, with the first tensor.
            spent = 0 if found else problem.counter.calls - before
            found[name] = replace(verdict, evaluations=spent)
    return found


def _less_sensitive(
    problem: Problem, name: str, claim: Array, pairs: list[tuple[Arrays, Residual]]
) -> Verdict:
    """Return the less sensitive of two passes; only that sensitivity is guaranteed."""
    verdicts = [pass_if_tight(problem, name, claim, r.bound, v[name]) for v, r in pairs]
    inconclusives = [verdict for verdict in verdicts if verdict.status is not Status.PASS]
    return (
        inconclusives[0]
        if inconclusives
        else max(verdicts, key=lambda verdict: verdict.detection_limit)
    )


def _by_complex_step(problem: Problem, claims: Arrays) -> list[tuple[Arrays, Residual]] | None:
    """Compare along two directions; None if the forward is not known to be analytic."""
    method, first = _complex_step_method(problem, claims)
    if method is None:
        return None
    pairs = [(first, method.from_estimate(first, method.code.first))]
    if pairs[0][1].agrees:
        second = weighted_direction(problem, claims, np.random.default_rng([problem.seed, 21, 1]))
        pairs.append((second, method.measure(second)))
    return pairs


def _complex_step_method(problem: Problem, claims: Arrays) -> tuple[ComplexStep | None, Arrays]:
    """Return the complex step, if the forward is analytic, and the direction that showed it."""
    direction = weighted_direction(problem, claims, np.random.default_rng([problem.seed, 21]))
    point = {name: problem.values[name] for name in claims}
    code, _ = analytic(problem.flat_output, point, direction, seed=problem.seed)
    if code is None:
        return None, direction
    return ComplexStep(problem, claims, code, Rounding(problem)), direction


def _by_differences(problem: Problem, claims: Arrays) -> list[tuple[Arrays, Residual]]:
    """Compare along two directions by real differences; one if it already disagrees."""
    method = Differences(problem, claims, Rounding(problem))
    pairs: list[tuple[Arrays, Residual]] = []
    for number in range(_PROBES):
        rng = np.random.default_rng([problem.seed, 11, number])
        direction = {name: scaled_direction(problem, name, rng) for name in claims}
        residual = method.measure(direction, attempt=number)
        if residual.agrees and is_coarse(residual.estimate):
            direction = {name: even_direction(problem, name, rng) for name in claims}
            residual = method.measure(direction, attempt=number)
        pairs.append((direction, residual))
        if not pairs[-1][1].agrees or not pairs[-1][1].has_derivative.all():
            break
    return pairs


def _separately(problem: Problem, name: str, claim: Array) -> Verdict:
    """Compare one tensor by the complex step if it is informative, else by differences."""
    claims = {name: claim}
    method, first = _complex_step_method(problem, claims)
    if method is not None:
        verdict = _separately_by_complex_step(method, name, first)
        if verdict is not None:
            return verdict
    return _separately_by_differences(problem, name, claim, is_analytic=method is not None)


def _separately_by_complex_step(method: ComplexStep, name: str, first: Arrays) -> Verdict | None:
    """Compare one tensor; None if finite differences could be more informative."""
    problem, claim = method.problem, method.claims[name]
    second = weighted_direction(problem, method.claims, np.random.default_rng([problem.seed, 22]))
    pairs = [
        (first, method.from_estimate(first, method.code.first)),
        (second, method.measure(second)),
    ]
    if not all(residual.known for _, residual in pairs):
        return None
    if all(residual.agrees for _, residual in pairs):
        verdict = _less_sensitive(problem, name, claim, pairs)
        return verdict if verdict.status is Status.PASS else None
    return confirm_entries(method, name)


def _separately_by_differences(
    problem: Problem, name: str, claim: Array, *, is_analytic: bool
) -> Verdict:
    """Compare one tensor along directions until every output had a derivative along one."""
    method = Differences(problem, {name: claim}, Rounding(problem))
    tight: list[Verdict] = []
    pairs: list[tuple[Arrays, Residual]] = []
    covered = np.zeros(problem.flat_cotangent.size, dtype=bool)
    outcome = inconclusive("no direction was tried")
    for number in range(_MOST_PROBES):
        if number >= _PROBES and all(
            np.all(at_kink(residual.estimate, ~covered) == ~covered) for _, residual in pairs
        ):
            break  # every output had a derivative, or has none along any direction
        direction, residual = _probe(method, name, number)
        pairs.append((direction, residual))
        if not residual.known:
            outcome = inconclusive(residual.reason)
            continue
        if not residual.agrees:
            verdict = confirm_entries(method, name)
            # Where the forward is analytic, the derivative at the point itself decides.
            return (
                verdict
                if is_analytic
                else unless_right_beside(method, name, verdict, compare_gradients)
            )
        verdict = pass_if_tight(problem, name, claim, residual.bound, direction[name])
        if verdict.status is Status.PASS:
            tight.append(verdict)
            covered |= residual.has_derivative
            count = f"{np.sum(~covered)} of {covered.size} outputs"
            outcome = inconclusive(f"{count} have no known derivative: {residual.reason}")
        else:
            outcome = verdict
    if covered.all() and tight:
        return max(tight, key=lambda verdict: verdict.detection_limit)
    found = compare_at_kinks(method, name, pairs, covered, compare_gradients)
    if found is not None and found.status is Status.PASS:
        found = contradiction(method, name) or found
    return found or outcome


def _probe(method: DerivativeMethod, name: str, number: int) -> tuple[Arrays, Residual]:
    """Measure along a random direction; if uninformative, along a proportional one too."""
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
