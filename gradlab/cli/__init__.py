"""The command `gradlab`; nothing heavy is imported until a subcommand runs."""

from __future__ import annotations

import sys

import click

from gradlab._version import __version__
from gradlab.cli.baselines import compare, record
from gradlab.cli.check import check
from gradlab.cli.demo import demo
from gradlab.cli.faults import faults
from gradlab.cli.output import discard_output, prepare_streams

INTERRUPTED = 130  # what shells report after Ctrl-C


@click.group(context_settings={"help_option_names": ["--help", "-h"]})
@click.version_option(__version__, prog_name="gradlab", message="%(prog)s %(version)s")
def cli() -> None:
    """Check hand-written gradients: are they right, and if not, which entry is wrong?"""


for command in (check, compare, demo, faults, record):
    cli.add_command(command)


def main() -> None:
    """Run the command and exit with its code."""
    prepare_streams()
    try:
        code = cli.main(prog_name="gradlab", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except click.Abort:
        click.echo("interrupted", err=True)
        code = INTERRUPTED
    except BrokenPipeError:  # from the help texts; subcommands write through `output`
        discard_output()
        code = 0
    sys.exit(code)


if __name__ == "__main__":
    main()
