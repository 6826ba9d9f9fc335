"""Exceptions of the code under test, in words that can leave the worker."""

from __future__ import annotations

import re
from pathlib import Path

from gradlab.adapters.calls import place
from gradlab.errors import CodeUnderTestError, GradlabError
from gradlab.worker.limits import MEMORY_BYTES
from gradlab.worker.proxy import ERRORS_BY_NAME

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
        msg = f"{what} called exit({error.code!r}){place(error)}; take exit and quit out of it"
        return CodeUnderTestError(msg)
    said = f": {error}" if str(error) else ""
    return CodeUnderTestError(f"{what} raised {type(error).__name__}{said}{place(error)}")


def encode(error: GradlabError) -> tuple[str, str]:
    """Return the error's class, by name, and its message without what differs from run to run."""
    kinds = (kind.__name__ for kind in type(error).__mro__)
    known = next(kind for kind in kinds if kind in ERRORS_BY_NAME)
    text = _ADDRESS.sub("0x…", str(error)).replace(f"{Path.cwd()}/", "")
    return known, text
