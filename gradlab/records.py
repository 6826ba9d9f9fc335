"""The frozen records that pass between gradlab's stages.

Nothing of gradlab is imported here, so that every room can use these records
without depending on another room.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


#: The law name of a finding about code that could not be executed; it is no law.
EXECUTION = "execution"


class Status(enum.StrEnum):
    """What is known about a gradient, or about whatever else a law states.

    The order in which they outweigh each other is fail, error, inconclusive, pass:
    a proven mistake is the first thing to hear about.

    Examples
    --------
    >>> Status.worst([Status.PASS, Status.INCONCLUSIVE, Status.ERROR])
    <Status.ERROR: 'error'>
    """

    PASS = "pass"  # noqa: S105 - a verdict, no password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"

    @staticmethod
    def worst(statuses: Iterable[Status]) -> Status:
        """Return the status that outweighs the others; `PASS` when there are none."""
        order = (Status.PASS, Status.INCONCLUSIVE, Status.ERROR, Status.FAIL)
        return max(statuses, key=order.index, default=Status.PASS)

    @property
    def exit_code(self) -> int:
        """The command line's exit code: 0 pass, 1 fail, 2 error, 3 inconclusive."""
        codes = {Status.PASS: 0, Status.FAIL: 1, Status.ERROR: 2, Status.INCONCLUSIVE: 3}
        return codes[self]


@dataclass(frozen=True)
class ErrorCurve:
    """The error of a plain central difference against its step, at a wrong entry.

    Attributes
    ----------
    steps
        The steps, coarse to fine.
    errors
        The distance from the derivative at each step; None where the function has
        no value.
    """

    steps: tuple[float, ...]
    errors: tuple[float | None, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, ready for JSON."""
        return {"steps": list(self.steps), "errors": list(map(_plain, self.errors))}


@dataclass(frozen=True)
class Finding:
    """What one law found out about one tensor of one subject.

    `got` and `expected` are the numbers at `index`, the entry that is most
    wrong; `bound` is the largest difference that rounding and the numerical
    derivative together can explain there.
    """

    law: str
    tensor: str
    status: Status
    message: str
    got: float | None = None
    expected: float | None = None
    bound: float | None = None
    index: tuple[int, ...] | None = None
    evaluations: int = 0
    rerun: str = ""
    notes: tuple[str, ...] = ()
    error_curve: ErrorCurve | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, ready for JSON; numbers that are not finite become strings."""
        return {
            "law": self.law,
            "tensor": self.tensor,
            "status": self.status.value,
            "message": self.message,
            "got": _plain(self.got),
            "expected": _plain(self.expected),
            "bound": _plain(self.bound),
            "index": None if self.index is None else list(self.index),
            "evaluations": self.evaluations,
            "rerun": self.rerun,
            "notes": list(self.notes),
            "error_curve": None if self.error_curve is None else self.error_curve.to_dict(),
        }


@dataclass(frozen=True)
class Coverage:
    """How much of the code under test the points of a check have exercised.

    Attributes
    ----------
    lines, lines_run
        The executable lines of the functions that forward and backward enter, less
        lines that only raise; and how many of them were executed.
    conditions, conditions_met
        The conditions on arrays (comparisons, maxima, clips, masks), and of how many
        both sides were met by some entry.
    not_run, one_sided
        The other lines and conditions, described.
    not_run_backward
        Those of `not_run` that belong to the backward pass.
    unobserved
        Why lines or conditions could not be observed; empty where they were.
    """

    lines: int
    lines_run: int
    conditions: int
    conditions_met: int
    not_run: tuple[str, ...] = ()
    not_run_backward: tuple[str, ...] = ()
    one_sided: tuple[str, ...] = ()
    unobserved: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether everything was observed, executed and met on both sides."""
        return not (self.not_run or self.one_sided or self.unobserved)

    def describe(self) -> str:
        """Return the coverage in a sentence.

        Examples
        --------
        >>> Coverage(9, 9, 3, 3).describe()
        'every line ran, both sides of 3 of 3 conditions were met'
        >>> Coverage(9, 8, 0, 0, ("backward, line 14, `return 0`",)).describe()
        'never run: backward, line 14, `return 0`'
        """
        parts = []
        if self.not_run:
            parts.append(f"never run: {'; '.join(self.not_run)}")
        elif self.lines:
            parts.append("every line ran")
        if self.one_sided:
            parts.append(f"only one side was met: {'; '.join(self.one_sided)}")
        elif self.conditions:
            parts.append(
                f"both sides of {self.conditions_met} of {self.conditions} conditions were met"
            )
        separator = "; " if self.not_run or self.one_sided else ", "
        return separator.join([*parts, *self.unobserved])

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, ready for JSON."""
        return {
            "lines": self.lines,
            "lines_run": self.lines_run,
            "conditions": self.conditions,
            "conditions_met": self.conditions_met,
            "not_run": list(self.not_run),
            "one_sided": list(self.one_sided),
            "unobserved": list(self.unobserved),
        }


@dataclass(frozen=True)
class SubjectReport:
    """All findings about one subject: one layer, one cost, one pair of functions.

    `exempt` holds the exemptions that apply to it: each law or ``law[tensor]``, and
    the reason.
    """

    name: str
    convention: str
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()
    exempt: tuple[tuple[str, str], ...] = ()
    coverage: Coverage | None = None

    @property
    def status(self) -> Status:
        """The finding that outweighs the others; inconclusive when nothing was checked."""
        if not self.findings:
            return Status.INCONCLUSIVE
        return Status.worst(finding.status for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, ready for JSON."""
        return {
            "name": self.name,
            "status": self.status.value,
            "convention": self.convention,
            "exempt": dict(self.exempt),
            "notes": list(self.notes),
            "coverage": None if self.coverage is None else self.coverage.to_dict(),
            "findings": [finding.to_dict() for finding in self.findings],
        }


@dataclass(frozen=True)
class Skipped:
    """What looks like something to check, and was not checked.

    Attributes
    ----------
    name
        Its name in the file, ``FILE::NAME``.
    reason
        Why it was not checked, and how to have it checked.
    """

    name: str
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, ready for JSON."""
        return {"name": self.name, "reason": self.reason}


def _plain(number: float | None) -> float | str | None:
    """JSON has no NaN and no infinity; they travel as strings."""
    if number is None or math.isfinite(number):
        return number
    return str(number)
