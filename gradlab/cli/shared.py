"""Shared by the commands: errors without a traceback, and a progress display."""

from __future__ import annotations

import contextlib
import math
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class _RefusedError(click.ClickException):
    exit_code = 2


def refusal(message: str) -> click.ClickException:
    """Return the error that ends a command with exit code 2 and one line of text."""
    return _RefusedError(message)


def positive(
    _context: click.Context, parameter: click.Parameter, value: float | None
) -> float | None:
    """Accept a positive finite number; a range of click's lets nan and inf through."""
    if value is not None and not (math.isfinite(value) and value > 0):
        msg = f"{value} is not a positive finite number"
        raise click.BadParameter(msg, param=parameter)
    return value


@contextlib.contextmanager
def progress(what: str) -> Iterator[Callable[[str], None]]:
    """Show a spinner on a terminal; the function that is yielded sets its text."""
    if not sys.stderr.isatty():
        yield lambda _text: None
        return
    from rich.console import Console  # noqa: PLC0415 - a log needs none of it

    with Console(stderr=True).status(what) as status:
        yield lambda text: status.update(f"{what} {text}")
