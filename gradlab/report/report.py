"""The `Report`: the verdict on one or more subjects, and what its renderings are made from."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab._version import __version__
from gradlab.records import Status
from gradlab.report import html, json, text
from gradlab.report.summary import Detail

if TYPE_CHECKING:
    from gradlab.records import Finding, Skipped, SubjectReport

#: Version of the schema of `Report.to_dict`; it increases when a key is removed or redefined.
SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Report:
    """The verdict on one or more subjects.

    ``bool(report)`` raises TypeError: one of two values cannot represent four
    statuses.  Use ``report.status`` or ``report.passed``.

    Attributes
    ----------
    subjects
        The findings about each subject, in the order in which they were checked.
    seed
        Of every random choice behind the findings.
    notes
        Remarks about the run as a whole; remarks about one subject are among its own.
    skipped
        What looks like something to check, and was not checked.
    """

    subjects: tuple[SubjectReport, ...]
    seed: int = 0
    notes: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()

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
        """Return plain data in the schema that docs/report.md describes, ready for JSON."""
        return {
            "schema": SCHEMA_VERSION,
            "versions": versions(),
            "status": self.status.value,
            "seed": self.seed,
            "notes": list(self.notes),
            "skipped": [each.to_dict() for each in self.skipped],
            "subjects": [subject.to_dict() for subject in self.subjects],
        }

    def to_json(self) -> str:
        """Return `to_dict` as JSON text: the same bytes for the same report and versions."""
        return json.render(self)

    def to_text(self, detail: Detail = Detail.NORMAL) -> str:
        """Return the report as plain text, as ``gradlab check`` prints it with ``-q`` or ``-v``."""
        return text.render(self, detail)

    def __bool__(self) -> bool:
        msg = "a Report is neither true nor false: use report.passed or report.status"
        raise TypeError(msg)

    def __str__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        return html.render(self)


def versions() -> dict[str, str]:
    """Return the versions of gradlab, NumPy and Python.

    Examples
    --------
    >>> sorted(versions())
    ['gradlab', 'numpy', 'python']
    """
    return {
        "gradlab": __version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }
