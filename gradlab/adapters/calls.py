"""Calling other people's code, and reporting how the call failed."""

from __future__ import annotations

import dis
import inspect
import linecache
import sysconfig
import traceback
import types
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from gradlab.errors import CodeUnderTestError, GradlabError, NoResultError, NotImplementedYetError
from gradlab.numdiff import is_traced

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[Any]

_GRADLAB = str(Path(__file__).parents[1])
_MACHINERY = tuple(str(Path(_GRADLAB, room)) for room in ("adapters", "worker"))
_STANDARD_LIBRARY = sysconfig.get_path("stdlib")
_PACKAGES = frozenset({"site-packages", "dist-packages"})
_NUMPY = str(Path(np.__file__).parent)


def call(what: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call `function`; an exception of its own becomes a `CodeUnderTestError`.

    `what` names the call for people: ``"LinearLayer.forward"``.
    """
    try:
        return function(*args, **kwargs)
    except GradlabError:
        raise
    except NotImplementedError as error:
        msg = f"{what} is not implemented yet{place(error)}"
        raise NotImplementedYetError(msg) from error
    except Exception as error:
        detail = f": {error}" if str(error) else ""
        msg = f"{what} raised {type(error).__name__}{detail}{place(error)}"
        raise CodeUnderTestError(msg) from error


def place(error: BaseException) -> str:
    """Point at the line that an exception came from: their own, rather than NumPy's or ours."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith((*_MACHINERY, _NUMPY, "<"))
    ]
    theirs = [frame for frame in frames if not frame.filename.startswith(_GRADLAB)] or frames
    if not theirs:
        return ""
    last = theirs[-1]
    line = linecache.getline(last.filename, last.lineno or 0).strip()
    shown = f": {line}" if line else ""
    return f" ({Path(last.filename).name}, line {last.lineno}{shown})"


def is_of_code_under_test(error: BaseException) -> bool:
    """Whether an exception came through code that is neither gradlab's nor of a library."""
    files = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
    return any(
        not file.startswith((_GRADLAB, _STANDARD_LIBRARY, "<frozen", "<__array_function__"))
        and _PACKAGES.isdisjoint(Path(file).parts)
        for file in files
    )


def as_array(what: str, result: Any) -> Array:
    """Take `result` as an array without copying it; anything but numbers is an error."""
    if result is None:
        msg = f"{what} is None, where an array was expected"
        raise NoResultError(msg)
    if is_traced(result):
        return cast("Array", result)
    try:
        array = np.asarray(result)
    except ValueError as error:  # ragged nested lists
        msg = f"{what} is a {type(result).__name__} that makes no array: {error}"
        raise CodeUnderTestError(msg) from error
    if array.dtype.kind not in "biufc":
        kind = f"an array of {array.dtype}" if array.ndim else f"a {type(result).__name__}"
        msg = f"{what} is {kind}, where an array of numbers was expected"
        raise CodeUnderTestError(msg)
    return array


def parameters_of(function: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names of the arguments that have to be given, `self` left out."""
    # One check binds arguments to the same class hundreds of times; reading a signature is slow.
    if isinstance(function, type | types.FunctionType):
        return _remembered(function)
    return _required(function)


def _required(function: Callable[..., Any]) -> tuple[str, ...]:
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


_remembered = lru_cache(maxsize=512)(_required)


def is_stub(function: Callable[..., Any]) -> bool:
    """Whether a function's body is empty: ``pass``, ``...``, or a docstring alone."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None:
        return False
    returned = {"RESUME", "NOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE"}
    return all(instruction.opname in returned for instruction in dis.get_instructions(code))


def empty_result(what: str, function: Any, expected: str) -> GradlabError:
    """Return the error for code that ran and left nothing behind."""
    if function is not None and is_stub(function):
        return NotImplementedYetError(f"{what} is not implemented yet: its body is empty")
    return NoResultError(f"{what} returned nothing and set no array that could be {expected}")
