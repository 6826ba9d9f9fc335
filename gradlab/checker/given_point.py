"""The claimed gradient exactly at the given point, where the forward may have a kink.

A gradient that is right beside the point need not be right at it: code that divides a
product by each of its factors returns 0 where a factor is 0.  Where the forward was
traced without meeting a tie it is analytic at the point, and the comparison there
decides.  Elsewhere the point may be a kink, and every value between the gradients around
it may be a subgradient.  `contradiction` finds the entries that are neither.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.checker.kink_neighbourhood import KinkNeighbourhood
from gradlab.checker.search import unravel
from gradlab.checker.subgradient import compare_off_kink
from gradlab.checker.verdict import Verdict, inconclusive
from gradlab.errors import GradlabError
from gradlab.records import Status
from gradlab.roundoff import distinct

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from gradlab.checker.problem import Problem
    from gradlab.checker.residual import Differences
    from gradlab.numdiff.records import Estimate

    Array = NDArray[Any]
    Compare = Callable[[Problem, Mapping[str, Array]], Mapping[str, Verdict]]

# Pairs of opposite points around the point, their distance relative to the tensor's largest
# entry, and how far curvature changes a gradient over it, relative to the largest gradient.
_PAIRS, _DISTANCE, _SMOOTH = 8, 2.0**-20, 2.0**-14
# Of the entries that differ from all around them so many are differentiated.
_MOST_ENTRIES = 24


def unless_right_beside(
    method: Differences, name: str, verdict: Verdict, compare: Compare
) -> Verdict:
    """Return what disagrees at a point that may be a kink, unless it is right beside the point.

    Where several units meet, for instance in the second largest of three equal
    numbers, the output can have a derivative along each entry, and correct code
    another value.  An error in the formula is there beside the point too.

    Parameters
    ----------
    method
        Real differences, and the problem.
    name
        The tensor.
    verdict
        The verdict at the point: a failure, or a disagreement that no entry confirms.
    compare
        `gradlab.checker.compare_gradients`.

    Returns
    -------
    Verdict
        `verdict` if the gradient is not known to be right beside the point; a pass if the
        gradient at the point lies between those around it; else inconclusive.
    """
    problem = method.problem
    if not problem.check_kinks:
        return verdict
    error = max((abs(each.got - each.expected) for each in verdict.entries[:1]), default=np.inf)
    for opposite in (False, True):
        off_kink = compare_off_kink(problem, name, compare, opposite=opposite)
        # A comparison that would not detect this error is no evidence against it.
        insensitive = not off_kink.detection_limit < error
        if off_kink.status is not Status.PASS or insensitive:
            return verdict
    reason = "the gradient is discontinuous at the point itself: checked next to it"
    return contradiction(method, name) or replace(off_kink, reason=reason)


def contradiction(method: Differences, name: str) -> Verdict | None:
    """Return an inconclusive verdict if the gradient at the point is impossible, else None.

    An entry is impossible if it is none of the values between the gradients around the
    point, nor between the entry's own one-sided derivatives.

    Parameters
    ----------
    method
        Real differences, and the problem; its claims are those at the point.
    name
        The tensor.
    """
    problem, claim = method.problem, method.claims[name]
    try:
        around = np.array(_gradients_around(problem, name))
    except GradlabError:
        return None
    outside = _outside(around, claim)
    if outside.size:
        # Thin regions beside a kink, where only one of two units that nearly oppose each
        # other is active, are found between the points around it.
        more = KinkNeighbourhood.sample(problem, name, problem.flat_cotangent)
        if more is not None:
            between = more.gradients.reshape(-1, *claim.shape)
            outside = _outside(np.concatenate([around, between]), claim)
    for flat in outside[:_MOST_ENTRIES]:
        index = unravel(int(flat), claim.shape)
        impossible = [_impossible(method, name, index, attempt) for attempt in (1, 2)]
        if all(impossible):
            return inconclusive(f"right beside the point; at the point itself {impossible[0]}")
    return None


def _outside(around: Array, claim: Array) -> Array:
    """Return the flat indices of entries outside the range around the point, the worst first."""
    slack = _SMOOTH * float(np.max(np.abs(around), initial=0.0))
    beyond = np.maximum(around.min(axis=0) - claim, claim - around.max(axis=0)).ravel()
    order = np.argsort(-beyond, kind="stable")
    return np.asarray(order[beyond[order] > slack])


def _gradients_around(problem: Problem, name: str) -> list[Array]:
    """Return the claimed gradients at pairs of opposite points around the point."""
    rng = np.random.default_rng([problem.seed, 35])
    x = problem.values[name]
    found = []
    for _ in range(_PAIRS):
        displacement = problem.perturb(name, _DISTANCE, rng) - x
        for moved in (x + displacement, x - displacement):
            gradients = problem.claimed_gradients({**problem.values, name: moved})
            found.append(np.asarray(gradients[name], dtype=float))
    return found


def _impossible(method: Differences, name: str, index: tuple[int, ...], attempt: int) -> str:
    """Return a clause that states why an entry is impossible; empty if it is possible."""
    x = np.abs(method.problem.values[name])
    step = float(x[index] or x.max() or 1.0)
    direction = np.zeros(x.shape)
    direction[index] = step
    got = float(method.claims[name][index])
    estimate = method.measure({name: direction}, attempt=attempt).estimate
    sides = None if estimate is None else _sides(estimate, method.problem.flat_cotangent)
    where = f"entry {list(index)}" if index else "the value"
    if sides is None:
        return (
            f"no derivative by {where} is known, and backward gives {got:.6g}, which is none of "
            "the values around it"
        )
    low, high = sides[0] / step, sides[1] / step
    if low <= got <= high:
        return ""
    derivative, given = distinct((low + high) / 2, got)
    return f"the derivative by {where} is {derivative}, backward gives {given}"


def _sides(estimate: Estimate, cotangent: Array) -> tuple[float, float] | None:
    """Return the ends of the range of the derivative; None if an output has none.

    At a kink the range of an output is that between its one-sided derivatives.
    """
    low = np.minimum(estimate.left - estimate.left_bound, estimate.right - estimate.right_bound)
    high = np.maximum(estimate.left + estimate.left_bound, estimate.right + estimate.right_bound)
    ends = np.stack([cotangent * low.ravel(), cotangent * high.ravel()])
    if estimate.method == "one-sided differences" or not np.all(np.isfinite(ends)):
        return None
    return float(ends.min(axis=0).sum()), float(ends.max(axis=0).sum())
