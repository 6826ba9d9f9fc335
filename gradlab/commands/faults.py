"""``gradlab faults``: the catalogue of mistakes, and one of them explained."""

from __future__ import annotations

import click

from gradlab.commands.shared import refusal


@click.command(short_help="List the faults that people make, or explain one.")
@click.argument("name", required=False)
def faults(name: str | None) -> None:
    """List the catalogue of faults; with NAME, explain one of them."""
    from gradlab.faults import explain, listing  # noqa: PLC0415 - so that --help is quick
    from gradlab.faults.text import COLUMNS  # noqa: PLC0415
    from gradlab.records import GradlabError  # noqa: PLC0415

    if name is None:
        click.echo(_table(COLUMNS, listing()))
        return
    try:
        click.echo(explain(name))
    except GradlabError as error:
        raise refusal(str(error)) from error


def _table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    from rich import box  # noqa: PLC0415 - so that --help is quick
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*row)
    console = Console(width=120, color_system=None, markup=False)
    with console.capture() as captured:
        console.print(table)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())
