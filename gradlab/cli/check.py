"""``gradlab check``: find the layers and costs in files, and check each."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gradlab.cli.shared import progress, refusal
from gradlab.errors import GradlabError

if TYPE_CHECKING:
    from gradlab.report.report import Report


_IN_PYTHON = (
    "optimizers, initializers, networks and the like, and a layer's update, are checked in Python, "
    "with gradlab.check{0}, or in pytest, with gradcheck{0}"
)


@click.command(short_help="Check the layers and costs in files.")
@click.argument("targets", metavar="FILE[::NAME ...]", nargs=-1, required=True)
@click.option("--like", metavar="LAYER", help="Compare with this reference layer, e.g. linear.")
@click.option(
    "--convention",
    metavar="NAME",
    help="How the code is written: article, coursera or cs231n. Recognised when left out.",
)
@click.option(
    "--law",
    "laws",
    metavar="NAME",
    multiple=True,
    help="Ask this law only; may be given several times.",
)
@click.option(
    "--exempt",
    "exemptions",
    metavar="LAW[TENSOR]=REASON",
    multiple=True,
    help="Leave out a law, or what it says about one tensor; may be given several times.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    help="Of every random choice; the same seed gives the same report.  [default: the project's, "
    "or 0]",
)
@click.option(
    "--deadline",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="For importing a file, and again for each layer in it.  [default: 10 and 20]",
)
@click.option(
    "--json",
    "json_to",
    metavar="FILE",
    help="Write the report as JSON; - writes it to standard output, and nothing else.",
)
@click.pass_context
def check(
    context: click.Context,
    *,
    targets: tuple[str, ...],
    like: str | None,
    convention: str | None,
    laws: tuple[str, ...],
    exemptions: tuple[str, ...],
    seed: int | None,
    deadline: float | None,
    json_to: str | None,
) -> None:
    """Find the layers and costs in .py files and notebooks, and check each.

    FILE::NAME checks NAME only. A file runs in a process of its own, with a
    deadline and a memory limit; the verdict is reached outside of it.

    Where the files' project has a pyproject.toml with a table [tool.gradlab],
    its seed and its exemptions hold; what is given here comes before them.

    Exits with 0 when all pass, 1 when something fails, 2 when something could
    not run, 3 when something is inconclusive; 1 before 2 before 3.
    """
    exempt = _reasons(exemptions)
    _check_known(like, convention, laws)
    from gradlab import settings  # noqa: PLC0415 - so that --help is quick
    from gradlab.worker import Options, check_files  # noqa: PLC0415

    with progress("checking") as tell:
        try:
            project = settings.read(settings.project_of(t.split("::")[0] for t in targets))
            options = Options(
                like,
                convention,
                project.seed if seed is None else seed,
                deadline,
                tell,
                laws or None,
                exempt,
                project.exempt,
            )
            report = check_files(targets, options)
        except GradlabError as error:
            raise refusal(str(error)) from error
    _print(report, json_to)
    context.exit(report.status.exit_code)


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


def _check_known(like: str | None, convention: str | None, laws: tuple[str, ...]) -> None:
    """Refuse what does not exist, and what is not asked of files."""
    from gradlab.adapters import CONVENTIONS, REFERENCES  # noqa: PLC0415 - so that --help is quick
    from gradlab.adapters.recognition import KINDS  # noqa: PLC0415
    from gradlab.kinds import Kind  # noqa: PLC0415
    from gradlab.laws import ALL, LAWS  # noqa: PLC0415

    if like in KINDS:
        asked = f"(obj, like={like!r})"
        msg = f"--like {like} names no layer and no cost; {_IN_PYTHON.format(asked)}"
        raise refusal(msg)
    for law in {law.name for law in ALL}.difference(
        law.name for law in LAWS[Kind.LAYER]
    ).intersection(laws):
        msg = f"--law {law} is not asked in files; {_IN_PYTHON.format('(obj)')}"
        raise refusal(msg)
    for option, value, known in (
        ("--convention", convention, CONVENTIONS),
        ("--like", like, REFERENCES),
    ):
        if value is not None and value not in known:
            raise refusal(f"{option} {value} is not known; known are {', '.join(known)}")


def _print(report: Report, json_to: str | None) -> None:
    try:
        click.echo(report.to_json() if json_to == "-" else f"{report}\n", nl=False)
    except BrokenPipeError:
        # The reader has gone, the verdict has not: the exit code still tells it.
        # Python would flush into the closed pipe once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if json_to is not None and json_to != "-":
        from gradlab.files import write_atomically  # noqa: PLC0415 - so that --help is quick

        try:
            write_atomically(Path(json_to), report.to_json().encode())
        except OSError as error:
            msg = f"--json {json_to} cannot be written: {error.strerror}"
            raise refusal(msg) from error
