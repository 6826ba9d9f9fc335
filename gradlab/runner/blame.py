"""Exceptions of the code under test, in words that can leave the worker."""

from __future__ import annotations

import linecache
import re
import traceback
from pathlib import Path

from gradlab.records import GradlabError
from gradlab.runner.limits import MEMORY_BYTES
from gradlab.runner.remote import ERRORS_BY_NAME
from gradlab.subject import CodeUnderTestError

_OWN = str(Path(__file__).parents[1])
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")


def as_gradlab_error(what: str, error: BaseException) -> GradlabError:
    """Say in one error of gradlab's own what went wrong in `what`, and where in its file."""
    cause = error.__cause__ if isinstance(error, GradlabError) else error
    if isinstance(cause, MemoryError):
        giga = MEMORY_BYTES >> 30
        text = str(error) if isinstance(error, GradlabError) else f"{what} ran out of memory"
        msg = f"{text}; the code under test may take {giga} GiB of memory"
        return CodeUnderTestError(msg)
    if isinstance(error, GradlabError):
        return error
    if isinstance(error, SystemExit):
        msg = f"{what} called exit({error.code!r}){_place(error)}; take exit and quit out of it"
        return CodeUnderTestError(msg)
    said = f": {error}" if str(error) else ""
    return CodeUnderTestError(f"{what} raised {type(error).__name__}{said}{_place(error)}")


def blame(error: GradlabError) -> tuple[str, str]:
    """Return the error's class, by name, and its message without what differs from run to run."""
    kinds = (kind.__name__ for kind in type(error).__mro__)
    known = next(kind for kind in kinds if kind in ERRORS_BY_NAME)
    text = _ADDRESS.sub("0x…", str(error)).replace(f"{Path.cwd()}/", "")
    return known, text


def _place(error: BaseException) -> str:
    """Point at the innermost line that is in none of gradlab's own files."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith((_OWN, "<"))
    ]
    inside = [frame for frame in frames if str(Path.cwd()) in frame.filename] or frames
    if not inside:
        return ""
    last = inside[-1]
    line = linecache.getline(last.filename, last.lineno or 0).strip()
    shown = f": {line}" if line else ""
    return f" ({Path(last.filename).name}, line {last.lineno}{shown})"
