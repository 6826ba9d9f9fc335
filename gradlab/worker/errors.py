"""Exceptions of the code under test, as messages that can leave the worker."""

from __future__ import annotations

import re
from pathlib import Path

from gradlab.adapters.calls import is_of_code_under_test, place
from gradlab.errors import CodeUnderTestError, GradlabError, internal_error
from gradlab.worker.load import failed_star_imports
from gradlab.worker.proxy import ERRORS_BY_NAME

_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")


def as_gradlab_error(what: str, error: BaseException, memory: float, request: str) -> GradlabError:
    """Describe in one error of gradlab's what `what` raised, and where in its file.

    `memory` is the limit on the code under test, in GiB.  An exception that came
    through no line of the code under test is one of gradlab's own, raised while it
    executed `request`.
    """
    cause = error.__cause__ if isinstance(error, GradlabError) else error
    if isinstance(cause, MemoryError):
        text = str(error) if isinstance(error, GradlabError) else f"{what} ran out of memory"
        msg = (
            f"{text}; the code under test may use {memory:g} GiB of memory, "
            "raise the limit with --memory GIB"
        )
        return CodeUnderTestError(msg)
    if isinstance(error, GradlabError):
        missing = failed_star_imports(error)
        return type(error)(f"{error}{missing}") if missing else error
    if isinstance(error, SystemExit):
        msg = f"{what} called exit({error.code!r}){place(error)}; remove exit and quit from it"
        return CodeUnderTestError(msg)
    if request != "load" and isinstance(error, Exception) and not is_of_code_under_test(error):
        return internal_error(f"the request {request!r} for {what}", error)
    message = f": {error}" if str(error) else ""
    text = (
        f"{what} raised {type(error).__name__}{message}{place(error)}{failed_star_imports(error)}"
    )
    return CodeUnderTestError(text)


def encode(error: GradlabError, root: Path) -> tuple[str, str]:
    """Return the error's class, by name, and its message without what differs from run to run."""
    kinds = (kind.__name__ for kind in type(error).__mro__)
    known = next(kind for kind in kinds if kind in ERRORS_BY_NAME)
    text = _ADDRESS.sub("0x…", str(error))
    for folder in (Path.cwd(), root):
        text = text.replace(f"{folder}/", "").replace(f"{folder}\\", "")
    return known, text
