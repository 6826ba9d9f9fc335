"""Standard output that may be closed, full, or unable to encode a character."""

from __future__ import annotations

import io
import json
import os
import sys

from gradlab.cli.shared import refusal

#: Replacements for the characters that a report draws with, for encodings that lack them.
_PLAIN = str.maketrans("─·×−▁▂▃▄▅▆▇█", "-.x-12345678")


def prepare_streams() -> None:
    """Let standard output and error escape what their encoding lacks, instead of raising."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def write(text: str, *, is_json: bool = False) -> None:
    """Write a line or more to standard output.

    A reader that has closed the pipe (as `head` does) is no error: the command goes on
    and exits with its own code.

    Raises
    ------
    click.ClickException
        If the output cannot be written, as on a full disk.
    """
    try:
        # click.echo would take ASCII for a mistake in the locale, and write UTF-8.
        sys.stdout.write(_encodable(text, is_json=is_json) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        discard_output()
    except OSError as error:
        discard_output()
        msg = f"standard output cannot be written: {error.strerror}"
        raise refusal(msg) from error


def discard_output() -> None:
    """Direct standard output to the null device, so that Python can flush it at exit."""
    try:
        descriptor = sys.stdout.fileno()
    except (OSError, ValueError):  # replaced by an object without a descriptor
        return
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, descriptor)
    os.close(null)


def _encodable(text: str, *, is_json: bool) -> str:
    r"""Return the text with replacements for characters that the encoding lacks.

    JSON has escapes of its own, and \xb1 is none of them.
    """
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        if is_json:
            return "".join(c if c.isascii() else json.dumps(c)[1:-1] for c in text)
        return text.translate(_PLAIN)
    return text
