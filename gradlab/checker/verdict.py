"""The verdict on one tensor's gradient, and the test that an agreement is informative."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.checker.rounding import Rounding
from gradlab.records import Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.checker.problem import Problem
    from gradlab.checker.search import ComparedEntry

    Array = NDArray[Any]

# An error bound wider than this share of a typical entry carries no information.
MEANINGFUL_SHARE = 0.02
# An error bound this far below the natural size of a gradient is as tight as bounds get: a
# saturated sigmoid's derivative of 1e-18 passes although no difference resolves it.
_NEGLIGIBLE = 1e-6
#: The detection limit for errors in several entries, as a multiple of that for a single one.
#: Errors that cancel along one random direction cancel along two with probability
#: (1.3 B/e)²: below 1e-9 once e is this many times the limit B for a single entry.
JOINT_DETECTION_FACTOR = 4e4


@dataclass(frozen=True)
class Verdict:
    """The result of comparing the claimed gradient of one tensor with its derivative.

    Attributes
    ----------
    status
        Pass, fail or inconclusive.
    evaluations
        Calls of the code under test; calls that several tensors share are counted
        with the first of them.
    detection_limit
        The smallest error in any single entry that the comparison would detect, in
        the gradient's units; NaN if nothing was compared.
    relative_limit
        The same, relative to the gradient's root mean square.
    entries
        The wrong entries that were located, the largest error first.
    complete
        Whether `entries` holds all wrong entries; if not, they are examples.
    pattern
        What the wrong entries have in common, as a sentence.
    reason
        Why the comparison is inconclusive, or the restriction under which it passes.

    Examples
    --------
    >>> Verdict(Status.PASS, detection_limit=1e-12, relative_limit=2e-12).status
    <Status.PASS: 'pass'>
    """

    status: Status
    evaluations: int = 0
    detection_limit: float = np.nan
    relative_limit: float = np.nan
    entries: tuple[ComparedEntry, ...] = ()
    complete: bool = True
    pattern: str = ""
    reason: str = ""


def inconclusive(reason: str) -> Verdict:
    """Return an inconclusive verdict with its reason.

    Examples
    --------
    >>> inconclusive("the derivative's error bound is infinite").status
    <Status.INCONCLUSIVE: 'inconclusive'>
    """
    return Verdict(Status.INCONCLUSIVE, reason=reason)


def pass_if_tight(
    problem: Problem, name: str, claim: Array, bound: float, direction: Array
) -> Verdict:
    """Return a pass if an agreement within `bound` is informative, else inconclusive.

    An error of e in one entry is detected once |e v| exceeds the error bounds of
    both sides, together twice `bound`.  The detection limit in a typical entry has to be
    below 2% of the gradient's root mean square, or below 10⁻⁶ of what the tensor's own
    contribution to the outputs makes natural.  A tensor that contributes nothing passes
    if its gradient is nothing but rounding.

    Parameters
    ----------
    problem
        Supplies the gradient's scale before cancellation.
    name
        The tensor.
    claim
        Its claimed gradient, of the tensor's shape.
    bound
        Error bound of the residual along the direction.
    direction
        v, of the tensor's shape, without zeros.

    Returns
    -------
    Verdict
        With the detection limit in any one entry.

    Examples
    --------
    >>> from gradlab.checker import Problem
    >>> x, c = np.array([1.0, 2.0]), np.ones(2)
    >>> problem = Problem(
    ...     lambda v: (v["x"],), lambda v, c: {"x": c[0]}, {"x": x}, (c,), frozenset({"x"})
    ... )
    >>> verdict = pass_if_tight(problem, "x", c, 1e-12, np.array([1.0, 2.0]))
    >>> print(verdict.status, verdict.detection_limit)
    pass 2e-12
    >>> print(pass_if_tight(problem, "x", c, 0.1, np.array([1.0, 2.0])).status)
    inconclusive
    """
    steps = np.abs(direction)
    limit = 2 * bound / float(np.min(steps))
    rms = float(np.sqrt(np.mean(claim**2)))
    typical = 2 * bound / float(np.median(steps))
    if not np.isfinite(bound):
        return inconclusive("the derivative's error bound is infinite")
    if (
        typical <= 2 * MEANINGFUL_SHARE * rms
        or typical <= 2 * _NEGLIGIBLE * problem.own_gradient_scale(name)
        or (
            typical <= 2 * _NEGLIGIBLE * problem.gradient_scale(name)
            and _is_rounding(problem, name, claim)
        )
    ):
        relative = limit / rms if rms else np.inf
        return Verdict(Status.PASS, detection_limit=limit, relative_limit=relative)
    return inconclusive(
        f"the error bound is too wide: an error of {typical:.1e} in a typical entry would not "
        f"be detected, and the gradient's entries are about {rms:.1e}"
    )


def _is_rounding(problem: Problem, name: str, claim: Array) -> bool:
    """Return whether a gradient is 0 within its rounding, as of a bias before batch norm."""
    if not np.any(claim):
        return True
    rounding = Rounding(problem).of({name: claim}, problem.flat_cotangent)[name]
    return bool(np.all(np.abs(claim) <= rounding))
