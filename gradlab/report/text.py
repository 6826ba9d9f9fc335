"""The report as plain text, for terminals and CI logs alike."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table

from gradlab.report import summary

if TYPE_CHECKING:
    from gradlab.report.report import Report

_WIDTH = 100


def render(report: Report) -> str:
    """Return the report as text: a table, then every finding that is no pass.

    No colours and a fixed width: the same report gives the same bytes everywhere.
    """
    lines = [_table(report)]
    seen = summary.sensitivities(report)
    lines += [*seen, ""] if seen else []
    for subject, finding in summary.told(report):
        lines += [summary.heading(subject, finding)]
        lines += [f"    {line}" for line in summary.details(finding)]
        lines += [""]
    notes = [f"note: {note}" for note in summary.notes(report)]
    if notes:
        lines += [*notes, ""]
    return "\n".join([*lines, f"{summary.totals(report)}  (seed {report.seed})"])


def _table(report: Report) -> str:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in ("subject", "convention", "verdict", "about"):
        table.add_column(column, overflow="fold")
    for row in summary.rows(report):
        table.add_row(*row)
    console = Console(file=io.StringIO(), width=_WIDTH, color_system=None, markup=False)
    with console.capture() as captured:
        console.print(table)
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"
