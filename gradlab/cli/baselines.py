"""``gradlab record`` and ``gradlab compare``: compare behaviour before and after a refactor."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import click

from gradlab.cli import output
from gradlab.cli.shared import positive, progress, refusal
from gradlab.errors import GradlabError

if TYPE_CHECKING:
    from collections.abc import Callable

_TARGET = click.argument("target", metavar="FILE[::NAME]")
_BASELINE = click.argument("baseline", metavar="BASELINE.json")
_CONVENTION = click.option(
    "--convention",
    metavar="NAME",
    help="How the code is written: article, coursera or cs231n. Recognised when left out.",
)
_DEADLINE = click.option(
    "--deadline",
    type=float,
    callback=positive,
    metavar="SECONDS",
    help="CPU time for importing the file, and again for running what is in it.  "
    "[default: 10 and 20]",
)


@click.command(short_help="Record the behaviour of a layer or network.")
@_TARGET
@_BASELINE
@_CONVENTION
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Of every random choice; the same seed gives the same file.",
)
@_DEADLINE
def record(
    target: str, baseline: str, convention: str | None, seed: int, deadline: float | None
) -> None:
    """Record outputs, gradients and a training trajectory in a file.

    The file named runs in a process of its own, as in gradlab check. An older
    BASELINE.json is replaced in one step; any other file is left alone.
    """
    _check_convention(convention)

    def run() -> None:
        from gradlab.baseline.api import record_file  # noqa: PLC0415 - so that --help is quick
        from gradlab.worker import Options  # noqa: PLC0415

        with progress("recording") as report_progress:
            options = Options(None, convention, seed, deadline, report_progress)
            made, notes = record_file(target, baseline, options)
        stated = [str(made), *(f"note: {note}" for note in notes), f"written: {baseline}"]
        output.write("\n".join(stated))

    _or_refuse(run)


@click.command(short_help="Compare with a recorded baseline.")
@_TARGET
@_BASELINE
@_CONVENTION
@_DEADLINE
@click.pass_context
def compare(
    context: click.Context,
    *,
    target: str,
    baseline: str,
    convention: str | None,
    deadline: float | None,
) -> None:
    """Compare the code's behaviour with a baseline, and report what has changed.

    Exits with 0 if nothing differs by more than rounding explains, 1 if anything
    does, 2 if anything cannot be run, 3 if the comparison is inconclusive.
    """
    _check_convention(convention)

    def run() -> Any:
        from gradlab.baseline.api import compare_file  # noqa: PLC0415 - so that --help is quick
        from gradlab.worker import Options  # noqa: PLC0415

        words = ["gradlab", "compare", target, baseline]
        words += [] if convention is None else ["--convention", convention]
        words += [] if deadline is None else ["--deadline", f"{deadline:g}"]
        with progress("comparing") as report_progress:
            options = Options(None, convention, 0, deadline, report_progress)
            return compare_file(target, baseline, options, rerun=shlex.join(words))

    from gradlab.report.summary import Detail  # noqa: PLC0415 - so that --help is quick

    report = _or_refuse(run)
    output.write(report.to_text(Detail.VERBOSE))
    context.exit(report.status.exit_code)


def _check_convention(convention: str | None) -> None:
    if convention is None:
        return
    from gradlab.adapters import CONVENTIONS  # noqa: PLC0415 - so that --help is quick

    if convention not in CONVENTIONS:
        raise refusal(f"--convention {convention} is not known; known are {', '.join(CONVENTIONS)}")


def _or_refuse(run: Callable[[], Any]) -> Any:
    try:
        return run()
    except GradlabError as error:
        raise refusal(str(error)) from error
