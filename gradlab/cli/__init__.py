"""The command `gradlab`: thin, and quick to say what it is.

Nothing heavy is imported until a command runs.
"""

from __future__ import annotations

import io
import sys

import click

from gradlab._version import __version__
from gradlab.cli.baselines import compare, record
from gradlab.cli.check import check
from gradlab.cli.demo import demo
from gradlab.cli.faults import faults

INTERRUPTED = 130  # what shells report after Ctrl-C


@click.group(context_settings={"help_option_names": ["--help", "-h"]})
@click.version_option(__version__, prog_name="gradlab", message="%(prog)s %(version)s")
def cli() -> None:
    """Say whether a hand-written gradient is right, and if not, which entry is wrong."""


for command in (check, compare, demo, faults, record):
    cli.add_command(command)


def main() -> None:
    """Run the command and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that knows no σ shall still get its report.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = cli.main(prog_name="gradlab", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except click.Abort:
        click.echo("interrupted", err=True)
        code = INTERRUPTED
    sys.exit(code)


if __name__ == "__main__":
    main()
