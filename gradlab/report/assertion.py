"""The report as the message of a failed assertion: what is wrong, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradlab.records import Status
from gradlab.report import summary

if TYPE_CHECKING:
    from gradlab.report.report import Report


def render(report: Report) -> str:
    """Return what is no pass, worst first, below one line that says it in short.

    The first line is the one that pytest repeats in its summary.
    """
    told = summary.told(report)
    lines = [_first_line(report), ""]
    for subject, finding in told:
        lines.append(summary.heading(subject, finding))
        lines += [f"    {line}" for line in summary.details(finding)]
        lines.append("")
    notes = [f"note: {note}" for note in report.notes]
    notes += [f"note: {s.name}: {note}" for s in report.subjects for note in s.notes]
    return "\n".join([*lines, *notes]).rstrip()


def one_line(report: Report) -> str:
    """Return what cannot be told, and why, as the reason for which a test is skipped."""
    reasons = dict.fromkeys(finding.message for _, finding in summary.told(report))
    return "; ".join([_first_line(report), *reasons])


def _first_line(report: Report) -> str:
    said = [
        f"{name}: {why}: {summary.WORDS[status]}"
        for (name, _, _, why), status in zip(
            summary.rows(report), (s.status for s in report.subjects), strict=True
        )
        if status is not Status.PASS
    ]
    return f"{'; '.join(said) or 'nothing was checked'}  (seed {report.seed})"
