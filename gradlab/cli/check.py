"""``gradlab check``: find what can be checked in files, and check each."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gradlab.cli import output
from gradlab.cli.shared import positive, progress, refusal
from gradlab.errors import GradlabError

if TYPE_CHECKING:
    from gradlab.records import Status
    from gradlab.report.report import Report
    from gradlab.report.summary import Detail
    from gradlab.settings import Settings


@click.command(short_help="Check the layers, costs, optimizers, … in files.")
@click.argument("targets", metavar="FILE[::NAME]|FOLDER ...", nargs=-1, required=True)
@click.option("--like", metavar="NAME", help="What it is meant to be, e.g. linear, adam or xavier.")
@click.option(
    "--convention",
    metavar="NAME",
    help="How the code is written: article, coursera or cs231n. Recognised when left out.",
)
@click.option(
    "--layout",
    metavar="AXIS",
    help="Where the examples are in the input: rows, columns or none. Found by trying when left "
    "out.",
)
@click.option(
    "--law",
    "laws",
    metavar="NAME",
    multiple=True,
    help="Check this law only; may be given several times.",
)
@click.option(
    "--exempt",
    "exemptions",
    metavar="LAW[TENSOR]=REASON",
    multiple=True,
    help="Leave out a law, or its findings about one tensor; may be given several times.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    help="Of every random choice; the same seed gives the same report.  [default: the project's, "
    "or 0]",
)
@click.option(
    "--deadline",
    type=float,
    callback=positive,
    metavar="SECONDS",
    help="CPU time for importing a file, and again for each subject in it.  [default: 10 and 20]",
)
@click.option(
    "--memory",
    type=float,
    callback=positive,
    metavar="GIB",
    default=2.0,
    show_default=True,
    help="Memory that the code under test may use, in GiB.",
)
@click.option(
    "--allow-empty",
    is_flag=True,
    help="One file that holds nothing to check is no error; in a folder it never is.",
)
@click.option(
    "--json",
    "json_to",
    metavar="FILE",
    help="Write the report as JSON; - writes it to standard output, and nothing else.",
)
@click.option(
    "--expect",
    metavar="NAME,…",
    callback=lambda _context, _parameter, value: _split(value),
    help="Report an error for each of these names that is not among what was checked.",
)
@click.option(
    "--strict",
    is_flag=True,
    help="A line of a backward that was never run makes the verdict inconclusive.",
)
@click.option("--isolated", is_flag=True, help="Ignore [tool.gradlab] of every pyproject.toml.")
@click.option(
    "--fail-on",
    type=click.Choice(["fail", "error", "inconclusive"]),
    help="Exit with 1 if the report's status is this one or a worse one, and with 0 otherwise; "
    "fail is worse than error, and error than inconclusive.",
)
@click.option(
    "-v", "--verbose", is_flag=True, help="Add sensitivities, error curves and all notes."
)
@click.option("-q", "--quiet", is_flag=True, help="Print only what did not pass.")
@click.pass_context
def check(
    context: click.Context,
    *,
    targets: tuple[str, ...],
    like: str | None,
    convention: str | None,
    layout: str | None,
    laws: tuple[str, ...],
    exemptions: tuple[str, ...],
    seed: int | None,
    deadline: float | None,
    memory: float,
    allow_empty: bool,
    json_to: str | None,
    expect: tuple[str, ...],
    strict: bool,
    isolated: bool,
    fail_on: str | None,
    verbose: bool,
    quiet: bool,
) -> None:
    """Find layers, costs, optimizers, networks, … in .py files and notebooks, and check each.

    FILE::NAME checks NAME only; a folder is searched, less what git ignores. A
    file runs in a process of its own, with limits on time and memory; the verdict
    is reached outside of it.

    The seed and the exemptions of [tool.gradlab] hold for a file, from the
    pyproject.toml of its own project, or else of the current folder's; options of
    the command line come before them, and --isolated ignores them.

    Exits with 0 if everything passes, 1 if anything fails, 2 if anything cannot be
    run, 3 if anything is inconclusive; 1 before 2 before 3, unless --fail-on is
    given.
    """
    exempt, detail = _reasons(exemptions), _detail(verbose=verbose, quiet=quiet)
    _check_known(like, convention, layout)
    from gradlab.worker import Options, check_files  # noqa: PLC0415 - so that --help is quick

    with progress("checking") as report_progress:
        try:
            options = Options(
                like,
                convention,
                seed or 0,
                deadline,
                report_progress,
                laws or None,
                exempt,
                memory=memory,
                allow_empty=allow_empty,
                settings=None if isolated else partial(_settings, seed),
                isolated=isolated,
                strict=strict,
                expect=expect,
                layout=layout,
            )
            report = check_files(targets, options)
        except GradlabError as error:
            raise refusal(str(error)) from error
    _print(report, json_to, detail)
    # Without subjects there was nothing to check, as a note states.
    context.exit(_exit_code(report.status, fail_on) if report.subjects else 0)


def _settings(seed: int | None, file: str) -> Settings:
    """Return the settings of a file's project, with the seed of the command line if it has one."""
    from gradlab import settings  # noqa: PLC0415 - so that --help is quick

    own = settings.of_target(file)
    return own if seed is None else replace(own, seed=seed)


def _split(names: str | None) -> tuple[str, ...]:
    """Split names at commas."""
    return tuple(name.strip() for name in (names or "").split(",") if name.strip())


def _reasons(exemptions: tuple[str, ...]) -> dict[str, str]:
    reasons = {}
    for exemption in exemptions:
        key, _, reason = exemption.partition("=")
        if not key.strip() or not reason.strip():
            wrong = "gives no reason" if key.strip() else "names no law"
            again = f"'{key.strip() or 'LAW'}=why it does not apply'"
            msg = f"--exempt {exemption} {wrong}; write --exempt {again}"
            raise refusal(msg)
        reasons[key.strip()] = reason.strip()
    return reasons


def _check_known(like: str | None, convention: str | None, layout: str | None) -> None:
    """Refuse names that do not exist."""
    from gradlab.adapters import CONVENTIONS, KINDS, LAYOUTS, REFERENCES  # noqa: PLC0415 - so that --help is quick

    for option, value, known in (
        ("--convention", convention, CONVENTIONS),
        ("--like", like, (*REFERENCES, *KINDS)),
        ("--layout", layout, LAYOUTS),
    ):
        if value is not None and value not in known:
            raise refusal(f"{option} {value} is not known; known are {', '.join(known)}")


def _print(report: Report, json_to: str | None, detail: Detail) -> None:
    if json_to is not None and json_to != "-":
        _write_json(report, json_to)
    if json_to == "-":
        output.write(report.to_json().rstrip("\n"), is_json=True)
    elif text := report.to_text(detail):
        output.write(text)


def _write_json(report: Report, path: str) -> None:
    from gradlab.files import write_atomically  # noqa: PLC0415 - so that --help is quick

    try:
        write_atomically(Path(path), report.to_json().encode())
    except OSError as error:
        msg = f"--json {path} cannot be written: {error.strerror}"
        raise refusal(msg) from error


def _detail(*, verbose: bool, quiet: bool) -> Detail:
    from gradlab.report.summary import Detail  # noqa: PLC0415 - so that --help is quick

    if verbose and quiet:
        msg = "--verbose and --quiet exclude each other; give one of them"
        raise refusal(msg)
    return Detail.VERBOSE if verbose else Detail.QUIET if quiet else Detail.NORMAL


def _exit_code(status: Status, fail_on: str | None) -> int:
    """Return the code of docs/exit-codes.md: the status's own, or 1 and 0 with --fail-on."""
    if fail_on is None:
        return status.exit_code
    from gradlab.records import Status as Statuses  # noqa: PLC0415 - so that --help is quick

    return int(Statuses.worst([status, Statuses(fail_on)]) is status)
