"""The exceptions of gradlab; nothing of gradlab is imported here."""

from __future__ import annotations

import contextlib
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGE = Path(__file__).parent


class GradlabError(Exception):
    """Incorrect use of gradlab; the message states what was given and what is expected."""


class CodeUnderTestError(GradlabError):
    """The code under test raised an exception; the message states which, and the line."""


class NotImplementedYetError(GradlabError):
    """The code under test is incomplete: it raises `NotImplementedError` or is a stub."""


class NoResultError(GradlabError):
    """The code under test returned None and stored no result in an attribute."""


class NotADerivativeError(GradlabError):
    """Two functions are a pair by their names only, and one is not the derivative of the other."""


class InternalError(GradlabError):
    """gradlab raised an exception of another class than these, which is a bug of gradlab's."""


@contextlib.contextmanager
def internal_errors(stage: str) -> Iterator[None]:
    """Raise an `InternalError` in place of whatever is no `GradlabError`.

    Parameters
    ----------
    stage
        What gradlab was doing, for the message: ``"law gradient"``.

    Raises
    ------
    InternalError
        The message names the exception, and the line of gradlab that it came from.

    Examples
    --------
    >>> with internal_errors("law gradient"):
    ...     1 / 0
    Traceback (most recent call last):
    gradlab.errors.InternalError: gradlab failed in law gradient (a bug of gradlab's; please \
report it): ZeroDivisionError: division by zero
    """
    try:
        yield
    except GradlabError:
        raise
    except Exception as error:
        raise internal_error(stage, error) from error


def internal_error(stage: str, error: BaseException) -> InternalError:
    """Describe an exception of gradlab's own, raised while it did what `stage` names."""
    detail = f": {error}" if str(error) else ""
    return InternalError(
        f"gradlab failed in {stage} (a bug of gradlab's; please report it): "
        f"{type(error).__name__}{detail}{_line_of_gradlab(error)}"
    )


def _line_of_gradlab(error: BaseException) -> str:
    """Name the innermost line of gradlab in a traceback: ``, at gradlab.laws.shape:31``."""
    frames = traceback.extract_tb(error.__traceback__)
    files = [(Path(frame.filename), frame.lineno) for frame in frames]
    own = [(f, line) for f, line in files if f.is_relative_to(_PACKAGE) and f != Path(__file__)]
    if not own:
        return ""
    file, line = own[-1]
    module = ".".join(("gradlab", *file.relative_to(_PACKAGE).with_suffix("").parts))
    return f", at {module}:{line}"
