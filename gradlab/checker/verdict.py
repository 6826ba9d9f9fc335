"""What is said about the gradient of one tensor, and when agreement means anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.records import Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.checker.located import ComparedEntry
    from gradlab.checker.problem import Problem

    Array = NDArray[Any]

# Bounds wider than this share of a typical entry say nothing worth hearing.
MEANINGFUL_SHARE = 0.02
# Bounds this far below a gradient of natural size are as tight as bounds get: a
# saturated sigmoid's derivative of 1e-18 passes although no difference resolves it.
_NEGLIGIBLE = 1e-6
# Mistakes in several entries that cancel along one direction cancel along two with
# probability (1.3 B/e)²: below 1e-9 once they are this many times what is seen alone.
JOINT_DETECTION_FACTOR = 4e4


@dataclass(frozen=True)
class Verdict:
    """What the comparison says about the gradient of one tensor.

    Attributes
    ----------
    evaluations
        Calls of the code under test; what tensors share is counted with the first.
    absolute, relative
        The smallest mistake in any one entry that would have been seen, and the
        same in units of the gradient's root mean square; NaN where nothing was
        compared.
    entries
        The wrong entries that were located, worst first.
    complete
        Whether these are all of them.
    pattern
        What the wrong entries have in common, as a sentence.
    reason
        Why nothing is known, or at which special point a pass holds.
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
    """Return the verdict that says only why there is none."""
    return Verdict(Status.INCONCLUSIVE, reason=reason)


def pass_if_tight(
    problem: Problem, name: str, claim: Array, bound: float, direction: Array
) -> Verdict:
    """Return a pass along `direction`, or the doubt that agreement there means nothing.

    A mistake of e in one entry shows once |e v| exceeds both sides' error bars,
    twice `bound`.
    """
    steps = np.abs(direction)
    absolute = 2 * bound / float(np.min(steps))
    rms = float(np.sqrt(np.mean(claim**2)))
    relative = absolute / rms if rms else np.inf
    typical = 2 * bound / float(np.median(steps))
    verdict = Verdict(Status.PASS, detection_limit=absolute, relative_limit=relative)
    if not np.isfinite(bound):
        return inconclusive("the derivative's error bound is infinite")
    if typical <= 2 * MEANINGFUL_SHARE * rms or typical <= 2 * _NEGLIGIBLE * problem.gradient_scale(
        name
    ):
        return verdict
    return inconclusive(
        f"the error bound is too wide: a mistake of {typical:.1e} in a typical entry would not "
        f"be seen, and the gradient's entries are about {rms:.1e}"
    )
