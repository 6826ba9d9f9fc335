"""The report as the message of a failed assertion: only what did not pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradlab.records import Status
from gradlab.report import printable, summary, text

if TYPE_CHECKING:
    from gradlab.report.report import Report


def render(report: Report) -> str:
    """Return the findings that did not pass, worst first, below a line that sums them up."""
    blocks = [[first_line(report)], *text.findings(report)]
    blocks.append([f"note: {printable.one_line(note)}" for note in report.notes])
    return "\n\n".join("\n".join(block) for block in blocks if block)


def first_line(report: Report) -> str:
    """Return the laws that each subject breaks; pytest repeats this line in its summary."""
    broken = [
        f"{subject.name}: {summary.why(subject)}: {summary.verdict(subject)}"
        for subject in report.subjects
        if subject.status is not Status.PASS
    ]
    return printable.one_line(f"{'; '.join(broken) or 'nothing was checked'}  (seed {report.seed})")


def one_line(report: Report) -> str:
    """Return the reason of a skipped test: what is inconclusive, and why."""
    reasons = dict.fromkeys(finding.message for _, finding in summary.unresolved(report))
    return "; ".join([first_line(report), *map(printable.one_line, reasons)])
