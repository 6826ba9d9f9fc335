"""The report as a fragment of HTML, for notebooks."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from gradlab.records import Status
from gradlab.report import summary
from gradlab.report.summary import Detail

if TYPE_CHECKING:
    from gradlab.report.report import Report

_COLOURS = {
    Status.PASS: "#1a7f37",
    Status.FAIL: "#b3261e",
    Status.ERROR: "#8a4b00",
    Status.INCONCLUSIVE: "#5f6368",
}


def render(report: Report) -> str:
    """Return the report as one ``<div>``; every string in it is escaped."""
    head = "".join(f"<th>{c}</th>" for c in summary.COLUMNS)
    pairs = zip(report.subjects, summary.rows(report), strict=True)
    body = "".join(_row(subject.status, row) for subject, row in pairs)
    items = "".join(
        f"<li><b>{escape(summary.heading(subject, finding))}</b><br>"
        + "<br>".join(escape(line) for line in summary.details(finding))
        + "</li>"
        for subject, finding in summary.unresolved(report)
    )
    found = f"<ul>{items}</ul>" if items else ""
    notes = "".join(
        f"<li>note: {escape(note)}</li>" for note in summary.notes(report, Detail.VERBOSE)
    )
    noted = f"<ul>{notes}</ul>" if notes else ""
    total = f"<p>{escape(summary.totals(report))} (seed {report.seed})</p>"
    return (
        f'<div class="gradlab"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>{found}{noted}{total}</div>"
    )


def _row(status: Status, row: tuple[str, str, str, str]) -> str:
    name, convention, word, why = (escape(cell) for cell in row)
    coloured = f'<b style="color:{_COLOURS[status]}">{word}</b>'
    return f"<tr><td>{name}</td><td>{convention}</td><td>{coloured}</td><td>{why}</td></tr>"
