"""Gradients at exact kinks: a unit's gradient has to be a subgradient.

A random upstream gradient cannot decide that: relu(x) − relu(−x) = x has one
derivative and two kinked terms, and correct code returns no value between its two
equal one-sided derivatives.  So the kinked outputs are compared one at a time, and
the whole gradient at a point perturbed off the kink.

Source: Clarke, Optimization and Nonsmooth Analysis (1983), for the subgradient of a
function that is not convex.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.checker.kink_neighbourhood import KinkNeighbourhood, single_kink_test
from gradlab.checker.residual import Differences
from gradlab.checker.rounding import Rounding
from gradlab.checker.search import ComparedEntry, is_wrong
from gradlab.checker.verdict import Verdict, inconclusive
from gradlab.errors import GradlabError
from gradlab.numdiff.records import Quality
from gradlab.records import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from gradlab.checker.problem import Problem
    from gradlab.checker.residual import Residual
    from gradlab.numdiff.records import Estimate

    Array = NDArray[Any]
    Arrays = Mapping[str, Array]
    Pairs = list[tuple[Arrays, Residual]]
    Compare = Callable[[Problem, Arrays], Mapping[str, Verdict]]

# Up to this many kinked outputs are compared one by one, with a backward each: one wrong unit
# is invisible in a group of correct ones.
_SINGLY = 100
# So many directions of random signs are used.
_DIRECTIONS = 2
# Allowance for the rounding of ⟨claim, v⟩ itself, relative to its terms.
_SLACK = 2.0**-40


@dataclass(frozen=True)
class SubgradientIntervals:
    """The interval of directional derivatives that each kinked output allows along v.

    Attributes
    ----------
    direction
        v, of the tensor's shape.
    low, high
        Of shape (n,): the smaller and the larger one-sided derivative of each output,
        widened by their bounds; 0 outside `mask`.
    mask
        Boolean, of shape (n,): the outputs that have an interval.
    """

    direction: Array
    low: Array
    high: Array
    mask: Array

    def aligned_cotangent(self, cotangent: Array) -> Array:
        """Return the cotangent, of shape (n,), under which no two outputs' intervals cancel."""
        signs = np.where(self.low + self.high >= 0, 1.0, -1.0)
        return np.where(self.mask, np.abs(cotangent) * signs, 0.0)

    def excess(self, claim: Array, cotangent: Array) -> float:
        """Return the distance of ⟨claim, v⟩ from the interval under `cotangent`; 0 inside."""
        got = float(np.sum(claim * self.direction))
        ends = np.stack([cotangent * self.low, cotangent * self.high])[:, self.mask]
        low, high = float(ends.min(axis=0).sum()), float(ends.max(axis=0).sum())
        slack = _SLACK * float(np.sum(np.abs(claim * self.direction)))
        return max(low - got - slack, got - high - slack, 0.0)


def subgradient_intervals(
    direction: Array, estimate: Estimate | None, mask: Array
) -> SubgradientIntervals | None:
    """Return the intervals between the one-sided derivatives along one direction.

    Parameters
    ----------
    direction
        Of the tensor's shape.
    estimate
        The derivative of each of n outputs along it.
    mask
        Boolean, of shape (n,): the outputs wanted.

    Returns
    -------
    SubgradientIntervals or None
        None if no output in `mask` has a derivative or one-sided derivatives.
    """
    if estimate is None or estimate.method == "one-sided differences":
        return None
    known = (estimate.quality == Quality.KINK) | (estimate.quality == Quality.OK)
    inside = mask & known
    if not inside.any():
        return None
    left, right = estimate.left, estimate.right
    low = np.minimum(left - estimate.left_bound, right - estimate.right_bound)
    high = np.maximum(left + estimate.left_bound, right + estimate.right_bound)
    return SubgradientIntervals(
        direction, np.where(inside, low, 0.0), np.where(inside, high, 0.0), inside
    )


def at_kink(estimate: Estimate | None, mask: Array) -> Array:
    """Return which outputs in `mask` have two different one-sided derivatives, as booleans."""
    none = np.zeros(mask.shape, dtype=bool)
    return none if estimate is None else mask & (estimate.quality == Quality.KINK)


class _Claims:
    """The claimed gradients of one tensor by upstream gradient, each evaluated once."""

    def __init__(self, problem: Problem, name: str) -> None:
        self.problem, self.name = problem, name
        self._known: dict[bytes, Array] = {}

    def of(self, cotangent: Array) -> Array:
        """Return the claimed gradient for a cotangent of shape (n,)."""
        key = cotangent.tobytes()
        if key not in self._known:
            self._known[key] = self.problem.claimed_gradient(self.name, cotangent)
        return self._known[key]

    def excess(self, along: SubgradientIntervals, cotangent: Array) -> float:
        """Return the distance of the claim for `cotangent` from its interval."""
        return along.excess(self.of(cotangent), cotangent)

    def single_cotangent(self, output: int) -> Array:
        """Return the upstream gradient of one output alone."""
        only = np.arange(self.problem.flat_cotangent.size) == output
        return np.where(only, self.problem.flat_cotangent, 0.0)


def compare_at_kinks(
    method: Differences, name: str, pairs: Pairs, has_derivative: Array, compare: Compare
) -> Verdict | None:
    """Compare a tensor's gradient at a point where some outputs have no derivative.

    Off the kink the whole gradient is compared by `compare`; at the kink each kinked
    output's gradient has to lie between its one-sided derivatives.

    Parameters
    ----------
    method
        Real differences, and the problem.
    name
        The tensor.
    pairs
        Directions with their residuals.
    has_derivative
        Boolean, of shape (n,): outputs that had a derivative along some direction.
    compare
        `gradlab.checker.compare_gradients`.

    Returns
    -------
    Verdict or None
        None if the comparison off the kink is inconclusive too.
    """
    problem = method.problem
    if not problem.check_kinks:
        return None
    off_kink = compare_off_kink(problem, name, compare)
    if off_kink.status is not Status.PASS:
        return off_kink if off_kink.status is Status.FAIL else None
    missing = ~has_derivative
    kinked = np.any([at_kink(r.estimate, missing) for _, r in pairs], axis=0)
    found = [
        subgradient_intervals(v[name], r.estimate, at_kink(r.estimate, missing)) for v, r in pairs
    ]
    found = [*found[:_DIRECTIONS], _along_positive(method, name, kinked)]
    count = f"{np.sum(missing)} of {has_derivative.size} outputs"
    why = f"{count} at a kink, their gradients between the one-sided derivatives"
    if not kinked.any():
        why = "the point itself cannot be checked and may be a kink: checked next to it"
    claims = _Claims(problem, name)
    for each in found:
        output = None if each is None else _violated(claims, each)
        if each is not None and output is not None:
            verdict = _compare_output(claims, each, output)
            if verdict is not None:
                return verdict
            why = "several units meet in one output at a kink: checked next to it"
    return single_kink_test(problem, name) or replace(off_kink, reason=why)


def compare_off_kink(
    problem: Problem, name: str, compare: Compare, *, opposite: bool = False
) -> Verdict:
    """Compare the whole gradient at a nearby point, perturbed off the kink.

    Parameters
    ----------
    problem
        The problem at the kink.
    name
        The tensor.
    compare
        `gradlab.checker.compare_gradients`.
    opposite
        Whether to take the nearby point on the other side.

    Returns
    -------
    Verdict
        Inconclusive if the code refuses the nearby point.
    """
    rng = np.random.default_rng([problem.seed, 31])
    moved = problem.perturbed_off_kink(rng, opposite=opposite)
    try:
        claim = np.asarray(moved.claimed_gradients(moved.values)[name], dtype=float)
        verdict = compare(moved, {name: claim})[name]
    except GradlabError as error:
        return inconclusive(f"the code refuses values next to the point: {error}")
    if verdict.status is Status.FAIL:
        where = f"compared next to the point, which cannot be checked itself; {verdict.pattern}"
        return replace(verdict, pattern=where.rstrip("; "))
    return verdict


def _along_positive(method: Differences, name: str, mask: Array) -> SubgradientIntervals | None:
    """Return the intervals along a direction in which all entries increase.

    Signs that differ hide that each of two tied entries was given the whole gradient.
    """
    problem = method.problem
    rng = np.random.default_rng([problem.seed, 32])
    x = problem.values[name]
    step = (1 + rng.random(x.shape)) * (float(np.max(np.abs(x), initial=0.0)) or 1.0)
    residual = method.measure({name: step})
    return subgradient_intervals(step, residual.estimate, mask)


def _violated(claims: _Claims, along: SubgradientIntervals) -> int | None:
    """Return an output whose gradient lies outside its interval, else None."""
    outputs = np.flatnonzero(along.mask)
    if outputs.size > _SINGLY:
        cotangent = along.aligned_cotangent(claims.problem.flat_cotangent)
        return _bisected(claims, along, cotangent) if claims.excess(along, cotangent) else None
    for output in outputs:
        if claims.excess(along, claims.single_cotangent(int(output))):
            return int(output)
    return None


def _bisected(claims: _Claims, along: SubgradientIntervals, cotangent: Array) -> int:
    """Return one output that violates its interval, given that their sum does."""
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


def _compare_output(claims: _Claims, along: SubgradientIntervals, output: int) -> Verdict | None:
    """Return a failure if the violation is one of a single kink; None if several kinks meet."""
    problem, name, cotangent = claims.problem, claims.name, claims.single_cotangent(output)
    claim = claims.of(cotangent)
    around = KinkNeighbourhood.sample(problem, name, cotangent)
    if around is None or not around.convex_or_concave:
        return None
    index, pattern = around.violation(claim, output)
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
    # One-sided derivatives with steps of their own have to confirm the violation.
    only = np.arange(cotangent.size) == output
    method = Differences(problem, {name: claim}, Rounding(problem))
    confirming = method.measure({name: along.direction}, attempt=1)
    again = subgradient_intervals(along.direction, confirming.estimate, only)
    if again is None or not claims.excess(again, cotangent):
        return inconclusive(f"output {output} is at a kink, and disagrees along one direction only")
    return Verdict(Status.FAIL, entries=(entry,), complete=False, pattern=pattern)
