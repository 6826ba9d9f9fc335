"""Calling other people's code, and saying what became of the call."""

from __future__ import annotations

import dis
import inspect
import linecache
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.records import GradlabError
from gradlab.subject import CodeUnderTestError, NoResultError, NotImplementedYetError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[Any]

_OWN = str(Path(__file__).parent)


def call(what: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call `function`; an exception of its own becomes a `CodeUnderTestError`.

    `what` names the call for people: ``"LinearLayer.forward"``.
    """
    try:
        return function(*args, **kwargs)
    except GradlabError:
        raise
    except NotImplementedError as error:
        msg = f"{what} is not implemented yet{_where(error)}"
        raise NotImplementedYetError(msg) from error
    except Exception as error:
        said = f": {error}" if str(error) else ""
        msg = f"{what} raised {type(error).__name__}{said}{_where(error)}"
        raise CodeUnderTestError(msg) from error


def _where(error: BaseException) -> str:
    """Point at the line of the code under test that the exception came from."""
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [f for f in frames if not f.filename.startswith(_OWN) and "numpy" not in f.filename]
    if not theirs or not theirs[-1].lineno:
        return ""
    last = theirs[-1]
    line = linecache.getline(last.filename, last.lineno or 0).strip()
    shown = f": {line}" if line else ""
    return f" ({Path(last.filename).name}, line {last.lineno}{shown})"


def as_array(what: str, result: Any) -> Array:
    """Take `result` as an array without copying it; anything but numbers is an error."""
    if result is None:
        msg = f"{what} is None, where an array was expected"
        raise NoResultError(msg)
    try:
        array = np.asarray(result)
    except ValueError as error:  # ragged nested lists
        msg = f"{what} is a {type(result).__name__} that makes no array: {error}"
        raise CodeUnderTestError(msg) from error
    if array.dtype.kind not in "biufc":
        msg = f"{what} is a {type(result).__name__}, where an array of numbers was expected"
        raise CodeUnderTestError(msg)
    return array


def parameters_of(function: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names of the arguments that have to be given, `self` left out."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError) as error:
        msg = f"the arguments of {function!r} cannot be read; wrap it in a function with named ones"
        raise GradlabError(msg) from error
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return tuple(
        name
        for name, parameter in signature.parameters.items()
        if parameter.kind in kinds and parameter.default is inspect.Parameter.empty
        if name != "self"
    )


def is_stub(function: Callable[..., Any]) -> bool:
    """Whether a function's body is empty: ``pass``, ``...``, or a docstring alone."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None:
        return False
    returned = {"RESUME", "NOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE"}
    return all(instruction.opname in returned for instruction in dis.get_instructions(code))
