"""The report as plain text, for terminals and CI logs alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradlab.report import printable, summary, table
from gradlab.report.summary import Detail

if TYPE_CHECKING:
    from gradlab.report.report import Report


def render(report: Report, detail: Detail = Detail.NORMAL) -> str:
    """Return the report as text; empty if it is quiet and everything passed.

    No colours and a fixed width: the same report gives the same bytes everywhere.
    """
    if detail is Detail.QUIET and report.passed:
        return ""
    blocks = [] if detail is Detail.QUIET else [_table(report)]
    if detail is Detail.VERBOSE:
        blocks.append([printable.one_line(line) for line in summary.sensitivities(report)])
    blocks += findings(report, detail)
    if detail is not Detail.QUIET:
        notes = summary.notes(report, detail)
        blocks.append([f"note: {printable.one_line(note)}" for note in notes])
    blocks.append([f"{summary.totals(report)}  (seed {report.seed})"])
    return "\n\n".join("\n".join(block) for block in blocks if block)


def findings(report: Report, detail: Detail = Detail.NORMAL) -> list[list[str]]:
    """Return the lines of each finding that did not pass, worst first."""
    return [
        [
            printable.one_line(summary.heading(subject, finding)),
            *(
                f"    {line}"
                for text in summary.details(finding, detail)
                for line in printable.lines(text)
            ),
        ]
        for subject, finding in summary.unresolved(report)
    ]


def _table(report: Report) -> list[str]:
    rows = [tuple(map(printable.one_line, row)) for row in summary.rows(report)]
    return table.render(summary.COLUMNS, rows).splitlines()
