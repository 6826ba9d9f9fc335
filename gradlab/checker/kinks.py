"""Gradients at exact kinks: each unit's value lies between its one-sided derivatives.

A random upstream gradient cannot judge them: relu(x) − relu(−x) = x has one
derivative and two kinked terms, and no value between its two equal sides is what
correct code returns there.  So the kinked outputs are judged one by one, and the
rest beside the kink.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.checker.located import Entry
from gradlab.checker.neighbours import Neighbours
from gradlab.checker.rounding import Rounding
from gradlab.checker.ruler import Differences
from gradlab.checker.verdict import Verdict, inconclusive
from gradlab.records import GradlabError, Quality, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from gradlab.checker.problem import Problem
    from gradlab.checker.ruler import Residual
    from gradlab.records import Estimate

    Array = NDArray[Any]
    Arrays = Mapping[str, Array]
    Pairs = list[tuple[Arrays, Residual]]
    Judge = Callable[[Problem, Arrays], Mapping[str, Verdict]]

# Up to this many kinked outputs are judged one by one, with a backward each.
_SINGLY = 24


@dataclass(frozen=True)
class Kinked:
    """One direction, with the interval that each kinked output allows along it."""

    direction: Array
    low: Array
    high: Array
    mask: Array

    def aligned(self, weights: Array) -> Array:
        """Return the upstream gradient under which no two outputs' intervals cancel."""
        signs = np.where(self.low + self.high >= 0, 1.0, -1.0)
        return np.where(self.mask, np.abs(weights) * signs, 0.0)

    def excess(self, problem: Problem, name: str, cotangent: Array, margin: float) -> float:
        """Return by how much ⟨claim, v⟩ misses what the outputs allow; 0 where it does not."""
        claim = problem.claim(name, cotangent)
        got = float(np.sum(claim * self.direction))
        ends = np.stack([cotangent * self.low, cotangent * self.high])[:, self.mask]
        low, high = float(ends.min(axis=0).sum()), float(ends.max(axis=0).sum())
        slack = margin * float(np.sum(np.abs(claim * self.direction)))
        return max(low - got - slack, got - high - slack, 0.0)


def judge_kinks(
    ruler: Differences, name: str, pairs: Pairs, seen: Array, judge: Judge
) -> Verdict | None:
    """Judge a tensor at a point where some output has no derivative, or nothing can be told.

    Beside the point the whole gradient is compared, by `judge`.  At the point itself
    each kinked output's gradient has to lie between its one-sided derivatives.
    None where the point beside tells no more.
    """
    problem = ruler.problem
    if not problem.at_kinks:
        return None
    beside = _beside(problem, name, judge)
    if beside.status is Status.INCONCLUSIVE:
        return None
    if beside.status is Status.FAIL:
        return beside
    found = [_kinked(v[name], r.estimate, ~seen) for v, r in pairs if at_kinks(r, ~seen)]
    kinked = [each for each in found if each is not None]
    if not kinked or seen.all():
        why = "nothing can be told at the very point, which may be a kink: checked beside it"
        return replace(beside, reason=why)
    positive = _along_positive(ruler, name, ~seen)
    directions = kinked[:2] + ([positive] if positive is not None else [])
    count = f"{np.sum(~seen)} of {seen.size} outputs"
    why = f"{count} at a kink, their gradients between the one-sided derivatives"
    for each in directions:
        output = _violated(problem, name, each)
        if output is not None:
            said = _at_output(problem, name, each, output)
            if said is not None:
                return said
            why = "several units meet in one output at a kink: checked beside it"
    return replace(beside, reason=why)


def at_kinks(residual: Residual, mask: Array) -> bool:
    """Whether each output in `mask` has one derivative from the left and another from the right."""
    estimate = residual.estimate
    return estimate is not None and bool(np.all(estimate.quality[mask] == Quality.KINK))


def _kinked(direction: Array, estimate: Estimate | None, mask: Array) -> Kinked | None:
    """Return the intervals of the outputs in `mask`; None unless each has a kink or a value."""
    if estimate is None:
        return None
    known = (estimate.quality == Quality.KINK) | (estimate.quality == Quality.OK)
    if not np.all(known[mask]) or estimate.method == "one-sided differences":
        return None
    left, right = estimate.left, estimate.right
    low = np.minimum(left - estimate.left_bound, right - estimate.right_bound)
    high = np.maximum(left + estimate.left_bound, right + estimate.right_bound)
    return Kinked(direction, np.where(mask, low, 0.0), np.where(mask, high, 0.0), mask)


def _beside(problem: Problem, name: str, judge: Judge) -> Verdict:
    """Compare the whole gradient at a point next to the kink."""
    moved = problem.beside(np.random.default_rng([problem.seed, 31]))
    try:
        claim = np.asarray(moved.claims(moved.values)[name], dtype=float)
        verdict = judge(moved, {name: claim})[name]
    except GradlabError as error:
        return inconclusive(f"beside the point the code refuses its values: {error}")
    if verdict.status is Status.FAIL:
        said = f"seen beside the point, where nothing can be told; {verdict.pattern}"
        return replace(verdict, pattern=said.rstrip("; "))
    return verdict


def _along_positive(ruler: Differences, name: str, mask: Array) -> Kinked | None:
    """Return the intervals along a direction in which all entries rise together.

    Tied entries of opposite signs hide that each of them got the whole gradient.
    """
    problem = ruler.problem
    rng = np.random.default_rng([problem.seed, 32])
    x = problem.values[name]
    step = (1 + rng.random(x.shape)) * (float(np.max(np.abs(x), initial=0.0)) or 1.0)
    residual = ruler.measure({name: step})
    return _kinked(step, residual.estimate, mask)


def _violated(problem: Problem, name: str, kinked: Kinked) -> int | None:
    """Return an output whose gradient lies outside its interval."""
    cotangent = kinked.aligned(problem.weights)
    margin = 2.0**-40
    outputs = np.flatnonzero(kinked.mask)
    if outputs.size > _SINGLY:
        if not kinked.excess(problem, name, cotangent, margin):
            return None
        return _halved(problem, name, kinked, cotangent)
    for output in outputs:
        single = np.zeros(cotangent.size)
        single[output] = problem.weights[output]
        if kinked.excess(problem, name, single, margin):
            return int(output)
    return None


def _halved(problem: Problem, name: str, kinked: Kinked, cotangent: Array) -> int:
    """Return one output that violates its interval, when their sum does."""
    inside = np.flatnonzero(kinked.mask)
    while inside.size > 1:
        halves = np.array_split(inside, 2)
        excess = []
        for half in halves:
            part = np.zeros(cotangent.size)
            part[half] = cotangent[half]
            excess.append(kinked.excess(problem, name, part, 2.0**-40))
        inside = halves[int(np.argmax(excess))]
    return int(inside[0])


def _at_output(problem: Problem, name: str, kinked: Kinked, output: int) -> Verdict | None:
    """Turn a violation into a failure, if the output has one kink there; None if several."""
    cotangent = np.zeros(problem.weights.size)
    cotangent[output] = problem.weights[output] or 1.0
    claim = problem.claim(name, cotangent)
    around = Neighbours.of(problem, name, cotangent)
    if around is None or not around.simple:
        return None
    index, pattern = around.outside(claim, output)
    low, high = around.interval(index)
    got = float(claim[index])
    entry = Entry(index, got, float(np.clip(got, low, high)), around.slack)
    if not abs(entry.got - entry.expected) > entry.bound:
        # Each entry is possible, their sum is not.
        tied = np.where(around.varying, 1.0, 0.0)
        got = float(np.sum(claim * tied))
        entry = Entry(index, got, float(around.sums.max()), around.slack)
    if not _still_violated(problem, name, kinked, cotangent):
        return inconclusive("a kinked output disagrees along one direction alone")
    return Verdict(Status.FAIL, entries=(entry,), complete=False, pattern=pattern)


def _still_violated(problem: Problem, name: str, kinked: Kinked, cotangent: Array) -> bool:
    """Whether one-sided derivatives with steps of their own show the violation too."""
    ruler = Differences(problem, {name: problem.claim(name, cotangent)}, Rounding(problem))
    residual = ruler.measure({name: kinked.direction}, again=1)
    again = _kinked(kinked.direction, residual.estimate, kinked.mask)
    return again is not None and again.excess(problem, name, cotangent, 2.0**-40) > 0
