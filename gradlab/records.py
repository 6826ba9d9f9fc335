"""The frozen records that pass between gradlab's stages.

Nothing of gradlab is imported here, so that every room can speak in these
records without depending on another room.  The one exception is written as
such: printing a report asks `gradlab.report`, at the moment of printing.
"""

from __future__ import annotations

import enum
import importlib
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Version of the schema behind `Report.to_dict`; it grows when a key changes meaning or goes.
SCHEMA_VERSION = 1


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
        }


@dataclass(frozen=True)
class SubjectReport:
    """All findings about one subject: one layer, one cost, one pair of functions."""

    name: str
    convention: str
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()

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
            "notes": list(self.notes),
            "findings": [finding.to_dict() for finding in self.findings],
        }


@dataclass(frozen=True)
class Report:
    """The verdict on one or more subjects.

    ``bool(report)`` is refused on purpose: of four outcomes two would be lost.
    Ask ``report.status`` or ``report.passed``.
    """

    subjects: tuple[SubjectReport, ...]
    seed: int = 0
    notes: tuple[str, ...] = field(default=())

    @property
    def status(self) -> Status:
        """The status that outweighs the others; inconclusive when nothing was checked."""
        if not self.subjects:
            return Status.INCONCLUSIVE
        return Status.worst(subject.status for subject in self.subjects)

    @property
    def passed(self) -> bool:
        """Whether every subject passed."""
        return self.status is Status.PASS

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every subject's findings, in order."""
        return tuple(finding for subject in self.subjects for finding in subject.findings)

    @property
    def failures(self) -> tuple[Finding, ...]:
        """The findings that failed."""
        return tuple(finding for finding in self.findings if finding.status is Status.FAIL)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data in the documented schema, ready for JSON."""
        return {
            "schema": SCHEMA_VERSION,
            "status": self.status.value,
            "seed": self.seed,
            "notes": list(self.notes),
            "subjects": [subject.to_dict() for subject in self.subjects],
        }

    def to_json(self) -> str:
        """Return `to_dict` as JSON text, the same bytes for the same report."""
        text: str = importlib.import_module("gradlab.report.json").render(self)
        return text

    def __bool__(self) -> bool:
        msg = "a Report is neither true nor false: ask report.passed, or look at report.status"
        raise TypeError(msg)

    def __str__(self) -> str:
        text: str = importlib.import_module("gradlab.report.text").render(self)
        return text

    def _repr_html_(self) -> str:
        html: str = importlib.import_module("gradlab.report.html").render(self)
        return html


def _plain(number: float | None) -> float | str | None:
    """JSON has no NaN and no infinity; they travel as strings."""
    if number is None or math.isfinite(number):
        return number
    return str(number)
