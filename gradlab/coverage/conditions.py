"""Which sides of conditions on arrays are met: an ndarray subclass that watches operations.

The subclass computes what `numpy.ndarray` computes and refuses nothing.  Code that
converts its arguments to plain arrays ends the observation, not the computation.
"""

from __future__ import annotations

import linecache
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.coverage.records import Condition

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from numpy.typing import NDArray

    Array = NDArray[Any]
    Covers = Callable[[str], bool]

_COMPARISONS = frozenset({"greater", "greater_equal", "less", "less_equal", "equal", "not_equal"})
_CHOICES = frozenset({"maximum", "minimum", "fmax", "fmin"})


@dataclass
class ConditionLog:
    """The sides met of each condition, and how many operations were seen.

    Attributes
    ----------
    covers
        Whether a file is under test: the condition is attributed to the innermost
        frame of such a file.
    """

    covers: Covers
    sides: dict[Condition, set[str]] = field(default_factory=dict)
    operations: int = 0

    def note(self, operation: str, met: dict[str, bool]) -> None:
        """Note which sides of a condition some entry fell on."""
        where = self._caller(operation)
        if where is not None:
            sides = self.sides.setdefault(where, set())
            sides |= {side for side, is_met in met.items() if is_met}

    def _caller(self, operation: str) -> Condition | None:
        # The documented way to the caller's frame.
        frame: FrameType | None = sys._getframe(2)  # noqa: SLF001
        while frame is not None and not self.covers(frame.f_code.co_filename):
            frame = frame.f_back
        if frame is None:
            return None
        code = frame.f_code
        text = linecache.getline(code.co_filename, frame.f_lineno).strip()
        return Condition(
            code.co_filename, frame.f_lineno, code.co_name, frame.f_lasti, operation, text
        )


class WatchedArray(np.ndarray[Any, Any]):
    """An array whose comparisons, choices and masks are noted in a log."""

    log: ConditionLog | None = None

    def __array_finalize__(self, obj: Any) -> None:
        self.log = getattr(obj, "log", None)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        log = _log_of((*inputs, *kwargs.values(), self))
        plain = [_plain(value) for value in inputs]
        given = {key: _plain(value) for key, value in kwargs.items()}
        result = getattr(ufunc, method)(*plain, **given)
        if log is None:
            return result
        log.operations += 1
        if method == "__call__":
            _note_ufunc(log, ufunc.__name__, plain, result)
        out = kwargs.get("out")
        if out is not None:
            return out[0] if isinstance(out, tuple) and len(out) == 1 else out
        if isinstance(result, tuple):
            return tuple(watch(each, log) for each in result)
        return watch(result, log)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        log = self.log or _log_of((*args, *kwargs.values()))
        if log is not None:
            log.operations += 1
            if func is np.where and len(args) == 3 and not isinstance(args[0], WatchedArray):
                log.note("where", _both(np.asarray(args[0])))
        return super().__array_function__(func, types, args, kwargs)

    def __getitem__(self, key: Any) -> Any:
        self._note_mask(key)
        return super().__getitem__(key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._note_mask(key)
        super().__setitem__(key, value)

    def _note_mask(self, key: Any) -> None:
        # A watched mask came from a comparison, which was noted where it was made.
        plain = isinstance(key, np.ndarray) and not isinstance(key, WatchedArray)
        if self.log is not None and plain and key.dtype == bool:
            self.log.note("boolean mask", _both(key))


def watch(value: Any, log: ConditionLog) -> Any:
    """Return an array's watched view; what is no array is returned unchanged."""
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "biufc":
        return value
    watched = value.view(WatchedArray)
    watched.log = log
    return watched


def unwatch(value: Any) -> Any:
    """Return the plain array behind a watched one; what is no such array is unchanged."""
    return value.view(np.ndarray) if isinstance(value, WatchedArray) else value


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_plain(each) for each in value)
    return unwatch(value)


def _log_of(values: tuple[Any, ...]) -> ConditionLog | None:
    for value in values:
        if isinstance(value, WatchedArray) and value.log is not None:
            return value.log
    return None


def _note_ufunc(log: ConditionLog, name: str, inputs: list[Any], result: Any) -> None:
    if name in _COMPARISONS:
        log.note(name, _both(np.asarray(result)))
    elif name in _CHOICES and len(inputs) == 2:
        with np.errstate(invalid="ignore"):
            first, second = np.asarray(inputs[0]), np.asarray(inputs[1])
            met = {"below": bool(np.any(first < second)), "above": bool(np.any(first > second))}
        log.note(name, met)
    elif name == "clip":
        with np.errstate(invalid="ignore"):
            x, low, high = map(np.asarray, inputs)
            outside = (x < low) | (x > high)
        log.note(name, _both(outside))


def _both(mask: Array) -> dict[str, bool]:
    return {"true": bool(np.any(mask)), "false": not bool(np.all(mask))}
