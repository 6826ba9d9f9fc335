"""``gradlab faults``: the catalogue of mistakes, one of them explained, and who finds them."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, NoReturn

import click

from gradlab.cli.shared import progress, refusal
from gradlab.errors import GradlabError

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Readable in a terminal of a hundred columns.
_MATRIX_WIDTH = 100


@click.command(short_help="List the faults that people make, explain one, or find them all.")
@click.argument("name", required=False)
@click.option("--matrix", is_flag=True, help="Ask check about every fault: faults × laws.")
@click.option(
    "--right", is_flag=True, help="Ask check about all that is correct or looks like a fault."
)
@click.option("--seed", type=int, default=0, show_default=True, help="The first seed.")
@click.option(
    "--seeds", type=click.IntRange(min=1), default=1, show_default=True, help="How many seeds."
)
@click.option("--jobs", type=click.IntRange(min=1), help="Processes.  [default: all processors]")
@click.option("--json", "as_json", is_flag=True, help="Print the answers as JSON.")
@click.pass_context
def faults(  # noqa: PLR0917 - click hands over every option by name
    context: click.Context,
    name: str | None,
    matrix: bool,
    right: bool,
    seed: int,
    seeds: int,
    jobs: int | None,
    as_json: bool,
) -> None:
    """List the catalogue of faults; with NAME, explain one of them.

    With --matrix check is asked about each fault, everywhere that it can be
    planted: exit code 1 if one survives, if the law that the catalogue names does
    not find it, or if a law finds nothing.  With --right check is asked about what
    is correct: exit code 1 if a law finds fault.
    """
    if matrix and right:
        msg = "--matrix and --right are two questions; ask one at a time"
        raise refusal(msg)
    if not (matrix or right):
        if as_json or seed or seeds > 1 or jobs:
            msg = "--seed, --seeds, --jobs and --json go with --matrix or --right"
            raise refusal(msg)
        click.echo(_catalogue(name))
        return
    if name is not None:
        msg = f"--matrix and --right ask about everything; leave {name!r} out"
        raise refusal(msg)
    asked = tuple(range(seed, seed + seeds))
    (_matrix if matrix else _right)(context, asked, jobs, as_json)


def _catalogue(name: str | None) -> str:
    from gradlab.faults import explain, listing  # noqa: PLC0415 - so that --help is quick
    from gradlab.faults.text import COLUMNS  # noqa: PLC0415

    if name is None:
        return _table(COLUMNS, listing(), width=120)
    try:
        return explain(name)
    except GradlabError as error:
        raise refusal(str(error)) from error


def _matrix(
    context: click.Context, seeds: tuple[int, ...], jobs: int | None, as_json: bool
) -> NoReturn:
    from gradlab.faults import registry  # noqa: PLC0415 - so that --help is quick
    from gradlab.faults.matrix import Matrix, answers, text  # noqa: PLC0415

    names = registry.names(standing=registry.Standing.MUTANT)
    with progress("planting and asking:") as told:
        found = Matrix(seeds, answers(names, seeds, jobs=jobs, told=told))
    if as_json:
        click.echo(json.dumps(text.to_dict(found), indent=2))
    else:
        click.echo(_table(text.COLUMNS, text.rows(found), width=_MATRIX_WIDTH))
        click.echo()
        click.echo(_table(text.LAW_COLUMNS, text.law_rows(found), width=_MATRIX_WIDTH))
        click.echo()
        click.echo(_lines((*text.LEGEND, "", *text.totals(found))))
    _end(context, found.complaints())


def _right(
    context: click.Context, seeds: tuple[int, ...], jobs: int | None, as_json: bool
) -> NoReturn:
    from gradlab.faults import registry  # noqa: PLC0415 - so that --help is quick
    from gradlab.faults.matrix import Alarms, answers, text  # noqa: PLC0415

    names = [entry.name for entry in registry.right()]
    with progress("asking:") as told:
        found = Alarms(seeds, answers(names, seeds, jobs=jobs, told=told))
    if as_json:
        click.echo(json.dumps(text.alarms_to_dict(found), indent=2))
    else:
        click.echo(_lines((*text.alarm_totals(found), *found.doubts())))
    _end(context, found.complaints())


def _lines(said: Sequence[str]) -> str:
    return "\n".join(textwrap.fill(line, _MATRIX_WIDTH, subsequent_indent="  ") for line in said)


def _end(context: click.Context, complaints: Sequence[str]) -> NoReturn:
    for line in complaints:
        click.echo(line, err=True)
    context.exit(1 if complaints else 0)


def _table(columns: tuple[str, ...], rows: list[tuple[str, ...]], *, width: int) -> str:
    from rich import box  # noqa: PLC0415 - so that --help is quick
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*row)
    console = Console(width=width, color_system=None, markup=False)
    with console.capture() as captured:
        console.print(table)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())
