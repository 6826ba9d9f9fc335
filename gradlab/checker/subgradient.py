"""Gradients at exact kinks: each unit's value lies between its one-sided derivatives.

A random upstream gradient cannot judge them: relu(x) − relu(−x) = x has one
derivative and two kinked terms, and no value between its two equal sides is what
correct code returns there.  So the kinked outputs are judged one by one, and the
rest beside the kink.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.checker.intervals import at_kink, intervals
from gradlab.checker.kink_neighbourhood import KinkNeighbourhood
from gradlab.checker.located import ComparedEntry
from gradlab.checker.residual import Differences
from gradlab.checker.rounding import Rounding
from gradlab.checker.search import is_wrong
from gradlab.checker.units import single_kink_test
from gradlab.checker.verdict import Verdict, inconclusive
from gradlab.errors import GradlabError
from gradlab.records import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from gradlab.checker.intervals import Intervals
    from gradlab.checker.problem import Problem
    from gradlab.checker.residual import Residual

    Array = NDArray[Any]
    Arrays = Mapping[str, Array]
    Pairs = list[tuple[Arrays, Residual]]
    Compare = Callable[[Problem, Arrays], Mapping[str, Verdict]]

# Up to this many kinked outputs are judged one by one, with a backward each: one bad unit
# hides in any group of good ones.
_SINGLY = 100
# Along so many directions of random signs.
_DIRECTIONS = 2


class _Claims:
    """The gradients of one tensor under other upstream gradients, each asked for once."""

    def __init__(self, problem: Problem, name: str) -> None:
        self.problem, self.name = problem, name
        self._known: dict[bytes, Array] = {}

    def of(self, cotangent: Array) -> Array:
        """Return the gradient that is claimed for an upstream gradient in one vector."""
        key = cotangent.tobytes()
        if key not in self._known:
            self._known[key] = self.problem.claimed_gradient(self.name, cotangent)
        return self._known[key]

    def excess(self, along: Intervals, cotangent: Array) -> float:
        """Return by how much this claim misses what the outputs allow."""
        return along.excess(self.of(cotangent), cotangent)

    def of_output(self, output: int) -> Array:
        """Return the upstream gradient with one output alone."""
        only = np.arange(self.problem.flat_cotangent.size) == output
        return np.where(only, self.problem.flat_cotangent, 0.0)


def compare_at_kinks(
    method: Differences, name: str, pairs: Pairs, seen: Array, compare: Compare
) -> Verdict | None:
    """Judge a tensor at a point where some output has no derivative, or nothing can be told.

    Beside the point the whole gradient is compared, by `compare`.  At the point itself
    each kinked output's gradient has to lie between its one-sided derivatives.
    None where the point beside tells no more.
    """
    problem = method.problem
    if not problem.check_kinks:
        return None
    beside = compare_off_kink(problem, name, compare)
    if beside.status is Status.INCONCLUSIVE:
        return None
    if beside.status is Status.FAIL:
        return beside
    at_kink_anywhere = np.any([at_kink(r.estimate, ~seen) for _, r in pairs], axis=0)
    found = [intervals(v[name], r.estimate, at_kink(r.estimate, ~seen)) for v, r in pairs]
    found = [*found[:_DIRECTIONS], _along_positive(method, name, at_kink_anywhere)]
    count = f"{np.sum(~seen)} of {seen.size} outputs"
    why = f"{count} at a kink, their gradients between the one-sided derivatives"
    if not at_kink_anywhere.any():
        why = "nothing can be told at the very point, which may be a kink: checked beside it"
    claims = _Claims(problem, name)
    for each in found:
        output = None if each is None else _violated(claims, each)
        if each is not None and output is not None:
            said = _at_output(claims, each, output)
            if said is not None:
                return said
            why = "several units meet in one output at a kink: checked beside it"
    return single_kink_test(problem, name) or replace(beside, reason=why)


def compare_off_kink(problem: Problem, name: str, compare: Compare) -> Verdict:
    """Compare the whole gradient at a point next to the kink."""
    moved = problem.perturbed_off_kink(np.random.default_rng([problem.seed, 31]))
    try:
        claim = np.asarray(moved.claimed_gradients(moved.values)[name], dtype=float)
        verdict = compare(moved, {name: claim})[name]
    except GradlabError as error:
        return inconclusive(f"beside the point the code refuses its values: {error}")
    if verdict.status is Status.FAIL:
        said = f"seen beside the point, where nothing can be told; {verdict.pattern}"
        return replace(verdict, pattern=said.rstrip("; "))
    return verdict


def _along_positive(method: Differences, name: str, mask: Array) -> Intervals | None:
    """Return the intervals along a direction in which all entries rise together.

    Tied entries of opposite signs hide that each of them got the whole gradient.
    """
    problem = method.problem
    rng = np.random.default_rng([problem.seed, 32])
    x = problem.values[name]
    step = (1 + rng.random(x.shape)) * (float(np.max(np.abs(x), initial=0.0)) or 1.0)
    residual = method.measure({name: step})
    return intervals(step, residual.estimate, mask)


def _violated(claims: _Claims, along: Intervals) -> int | None:
    """Return an output whose gradient lies outside its interval."""
    outputs = np.flatnonzero(along.mask)
    if outputs.size > _SINGLY:
        cotangent = along.aligned(claims.problem.flat_cotangent)
        return _halved(claims, along, cotangent) if claims.excess(along, cotangent) else None
    for output in outputs:
        if claims.excess(along, claims.of_output(int(output))):
            return int(output)
    return None


def _halved(claims: _Claims, along: Intervals, cotangent: Array) -> int:
    """Return one output that violates its interval, when their sum does."""
    inside = np.flatnonzero(along.mask)
    while inside.size > 1:
        halves = np.array_split(inside, 2)
        excess = []
        for half in halves:
            part = np.zeros(cotangent.size)
            part[half] = cotangent[half]
            excess.append(claims.excess(along, part))
        inside = halves[int(np.argmax(excess))]
    return int(inside[0])


def _at_output(claims: _Claims, along: Intervals, output: int) -> Verdict | None:
    """Turn a violation into a failure, if the output has one kink there; None if several."""
    problem, name, cotangent = claims.problem, claims.name, claims.of_output(output)
    claim = claims.of(cotangent)
    around = KinkNeighbourhood.of(problem, name, cotangent)
    if around is None or not around.convex_or_concave:
        return None
    index, pattern = around.outside(claim, output)
    low, high = around.interval(index)
    got = float(claim[index])
    entry = ComparedEntry(index, got, float(np.clip(got, low, high)), around.slack)
    if not is_wrong(entry):
        # Each entry is possible, their sum is not.
        tied = np.where(around.varying, 1.0, 0.0)
        got = float(np.sum(claim * tied))
        possible = float(np.clip(got, around.tie_sums.min(), around.tie_sums.max()))
        entry = ComparedEntry(index, got, possible, around.slack)
    if not is_wrong(entry):
        return None  # quantised values can look like a kink, and their slopes like two sides
    # One-sided derivatives with steps of their own have to show the violation too.
    only = np.arange(cotangent.size) == output
    method = Differences(problem, {name: claim}, Rounding(problem))
    again = intervals(
        along.direction, method.measure({name: along.direction}, attempt=1).estimate, only
    )
    if again is None or not claims.excess(again, cotangent):
        return inconclusive(
            f"output {output} is at a kink, and disagrees along one direction alone"
        )
    return Verdict(Status.FAIL, entries=(entry,), complete=False, pattern=pattern)
