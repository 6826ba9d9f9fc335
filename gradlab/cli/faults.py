"""``gradlab faults``: the catalogue of faults, one of them explained, and the kill matrix."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, NoReturn

import click

from gradlab.cli import output
from gradlab.cli.shared import progress, refusal
from gradlab.errors import GradlabError

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Readable in a terminal of a hundred columns.
_MATRIX_WIDTH = 100


@click.command(short_help="List the catalogue of faults, explain one, or run the kill matrix.")
@click.argument("name", required=False)
@click.option("--matrix", is_flag=True, help="Check every mutant: faults × laws.")
@click.option(
    "--correct", is_flag=True, help="Check every correct target and near miss: false alarms."
)
@click.option("--seed", type=int, default=0, show_default=True, help="The first seed.")
@click.option(
    "--seeds", type=click.IntRange(min=1), default=1, show_default=True, help="How many seeds."
)
@click.option("--jobs", type=click.IntRange(min=1), help="Processes.  [default: all processors]")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def faults(  # noqa: PLR0917 - click hands over every option by name
    context: click.Context,
    name: str | None,
    matrix: bool,
    correct: bool,
    seed: int,
    seeds: int,
    jobs: int | None,
    as_json: bool,
) -> None:
    """List the catalogue of faults; with NAME, explain one of them.

    With --matrix every mutant is checked: exit code 1 if one survives, if the law
    that the catalogue names does not detect it, or if a law detects none.  With
    --correct every correct target and near miss is checked: exit code 1 if a law fails.
    """
    if matrix and correct:
        msg = "--matrix and --correct are two runs; choose one of them"
        raise refusal(msg)
    if not (matrix or correct):
        if as_json or seed or seeds > 1 or jobs:
            msg = "--seed, --seeds, --jobs and --json go with --matrix or --correct"
            raise refusal(msg)
        output.write(_catalogue(name))
        return
    if name is not None:
        msg = f"--matrix and --correct check everything; leave {name!r} out"
        raise refusal(msg)
    chosen = tuple(range(seed, seed + seeds))
    (_matrix if matrix else _correct)(context, chosen, jobs, as_json)


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
    from gradlab.faults.matrix import Matrix, run, text  # noqa: PLC0415

    names = registry.names(label=registry.Label.MUTANT)
    with progress("checking mutants:") as show:
        found = Matrix(seeds, run(names, seeds, jobs=jobs, progress=show))
    if as_json:
        output.write(json.dumps(text.to_dict(found), indent=2))
    else:
        faults_by_law = _table(text.COLUMNS, text.rows(found), width=_MATRIX_WIDTH)
        laws_by_fault = _table(text.LAW_COLUMNS, text.law_rows(found), width=_MATRIX_WIDTH)
        summary = _lines((*text.LEGEND, "", *text.totals(found)))
        output.write(f"{faults_by_law}\n\n{laws_by_fault}\n\n{summary}")
    _end(context, found.problems())


def _correct(
    context: click.Context, seeds: tuple[int, ...], jobs: int | None, as_json: bool
) -> NoReturn:
    from gradlab.faults import registry  # noqa: PLC0415 - so that --help is quick
    from gradlab.faults.matrix import FalseAlarms, run, text  # noqa: PLC0415

    names = [variant.name for variant in registry.correct()]
    with progress("checking:") as show:
        found = FalseAlarms(seeds, run(names, seeds, jobs=jobs, progress=show))
    if as_json:
        output.write(json.dumps(text.false_alarms_to_dict(found), indent=2))
    else:
        output.write(_lines((*text.false_alarm_totals(found), *found.inconclusive())))
    _end(context, found.false_alarms())


def _lines(paragraphs: Sequence[str]) -> str:
    return "\n".join(
        textwrap.fill(line, _MATRIX_WIDTH, subsequent_indent="  ") for line in paragraphs
    )


def _end(context: click.Context, problems: Sequence[str]) -> NoReturn:
    for line in problems:
        click.echo(line, err=True)
    context.exit(1 if problems else 0)


def _table(columns: tuple[str, ...], rows: list[tuple[str, ...]], *, width: int) -> str:
    from gradlab.report import table  # noqa: PLC0415 - so that --help is quick

    return table.render(columns, rows, width=width)
