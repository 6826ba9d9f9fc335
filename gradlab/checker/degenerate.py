"""Claimed gradients that no random direction can compare: of no outputs, or not finite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.checker.residual import Differences
from gradlab.checker.rounding import Rounding
from gradlab.checker.search import ComparedEntry, unravel
from gradlab.checker.verdict import Verdict, inconclusive
from gradlab.records import Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.checker.problem import Problem
    from gradlab.checker.residual import Residual

    Array = NDArray[Any]


def compare_without_outputs(claim: Array) -> Verdict:
    """Compare the gradient of no outputs with 0.

    Parameters
    ----------
    claim
        The claimed gradient, of the tensor's shape.

    Returns
    -------
    Verdict
        Pass if every entry is 0, else fail.

    Examples
    --------
    >>> print(compare_without_outputs(np.zeros(3)).status)
    pass
    """
    wrong = np.flatnonzero(claim)
    if not wrong.size:
        return Verdict(Status.PASS, 0, 0.0, 0.0, reason="there are no outputs, and no gradient")
    index = unravel(int(wrong[0]), claim.shape)
    entry = ComparedEntry(index, float(claim[index]), 0.0, 0.0)
    return Verdict(Status.FAIL, entries=(entry,), complete=wrong.size == 1)


def compare_not_finite(problem: Problem, name: str, claim: Array) -> Verdict:
    """Compare a claimed gradient that has a NaN or an infinity.

    Parameters
    ----------
    problem
        The code under test and the point.
    name
        The tensor.
    claim
        Its claimed gradient, of the tensor's shape, with an entry that is not finite.

    Returns
    -------
    Verdict
        Fail if the derivative exists at that entry, else inconclusive.
    """
    index = unravel(int(np.argmin(np.isfinite(claim))), claim.shape)
    direction = np.zeros(claim.shape)
    step = max(abs(float(problem.values[name][index])), 1.0)
    direction[index] = step
    finite = np.where(np.isfinite(claim), claim, 0.0)
    residual = Differences(problem, {name: finite}, Rounding(problem)).measure({name: direction})
    truth = _derivative_range(problem, residual)
    if truth is None:
        return inconclusive(f"gradient and derivative are both not finite at entry {list(index)}")
    entry = ComparedEntry(index, float(claim[index]), truth[0] / step, truth[1] / step)
    return Verdict(Status.FAIL, entries=(entry,), complete=False)


def _derivative_range(problem: Problem, residual: Residual) -> tuple[float, float] | None:
    """Return midpoint and half-width of the derivative's range; None if there is no derivative.

    At a kink the range is that between the one-sided derivatives.
    """
    estimate, cotangent = residual.estimate, problem.flat_cotangent
    if estimate is None or estimate.method == "one-sided differences":
        return None
    ends = [
        cotangent * (estimate.left - estimate.left_bound),
        cotangent * (estimate.right + estimate.right_bound),
    ]
    low, high = float(np.minimum(*ends).sum()), float(np.maximum(*ends).sum())
    return ((low + high) / 2, (high - low) / 2) if np.isfinite(high - low) else None
