"""An array that records the operations applied to it, to decide whether code is analytic.

A `Traced` array is an ndarray with shape and dtype whose own memory holds NaN.
The numbers are stored beside it, and reach only operations that are dispatched
through ``__array_ufunc__`` and ``__array_function__``.  Code that reads the
numbers in any other way (``np.asarray``, a buffer, C code) therefore computes
NaN, and is not taken for analytic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.numdiff import analytic_operations

if TYPE_CHECKING:
    from gradlab.numdiff.trace_log import Log


class Traced(np.ndarray[Any, Any]):
    """An array that records what is applied to it; see the module.  Made by `trace`."""

    traced_numbers: Any
    traced_log: Any

    def __array_finalize__(self, source: Any) -> None:
        """Leave views that NumPy makes outside of the protocols without numbers."""
        self.traced_numbers = None
        self.traced_log = getattr(source, "traced_log", None)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        """Apply a ufunc to the numbers if it is analytic."""
        log, name = _find_log((inputs, kwargs)), ufunc.__name__
        out = kwargs.pop("out", ())
        if any(not isinstance(target, Traced) for target in out if target is not None):
            log.reject(f"{name} writes into an array of real numbers")
        numbers = [_numbers(each) for each in inputs]
        kwargs = _numbers(kwargs)
        _check_ufunc(log, name, method, numbers, kwargs)
        if out:
            kwargs["out"] = tuple(_numbers(each) for each in out)
        result = getattr(ufunc, method)(*numbers, **kwargs)
        if (
            name in ("add", "subtract")
            and method == "__call__"
            and (analytic_operations.cancelled(result, numbers[0], numbers[1]))
        ):
            log.reject(f"{name} cancels all digits")
        return out[0] if out else _wrap(result, log, name)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """Apply a function of NumPy to the numbers if it is analytic."""
        log, name = _find_log((args, kwargs)), func.__name__
        args, kwargs = _numbers(args), _numbers(kwargs)
        if name == "clip":
            return _clip(log, *args, **kwargs)
        if name in analytic_operations.SORTING:
            _check_sorting(log, name, *args, **kwargs)
        elif name not in analytic_operations.FUNCTIONS:
            log.reject(f"np.{name} is not known to be analytic")
        return _wrap(func(*args, **kwargs), log, name)

    def __getitem__(self, index: Any) -> Any:
        """Return a traced part; a scalar becomes a traced array without axes."""
        return _wrap(_own(self)[_numbers(index)], self.traced_log, "indexing")

    def __setitem__(self, index: Any, value: Any) -> None:
        """Write into the numbers."""
        _own(self)[_numbers(index)] = _numbers(value)

    def __iter__(self) -> Any:
        """Iterate over traced parts."""
        return (self[i] for i in range(len(self)))

    def __deepcopy__(self, memo: Any) -> Any:
        """Return a copy with numbers of its own."""
        return self.copy()

    __copy__ = __deepcopy__  # type: ignore[assignment]

    @property
    def T(self) -> Any:
        """The transpose."""
        return self.transpose()


def _method(name: str) -> Any:
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        numbers, log = _own(self), self.traced_log
        args, kwargs = _numbers(args), _numbers(kwargs)
        if name in analytic_operations.SORTING:
            _check_sorting(log, name, numbers, *args, **kwargs)
        return _wrap(getattr(numbers, name)(*args, **kwargs), log, name)

    return call


def _forbidden(name: str) -> Any:
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG001
        return self.traced_log.reject(f".{name.strip('_')} is used")

    return call


def _untraceable(name: str) -> Any:
    def read(self: Any) -> Any:
        return self.traced_log.reject(f".{name} is used")

    return property(read)


for _name in ("real", "imag", "flat", "data", "base", "ctypes", "dtype", "itemsize", "nbytes"):
    setattr(Traced, _name, _untraceable(_name))
for _name in analytic_operations.METHODS:
    setattr(Traced, _name, _method(_name))
for _name in analytic_operations.FORBIDDEN:
    setattr(Traced, _name, _forbidden(_name))


def trace(numbers: Any, log: Log) -> Any:
    """Return a traced array that holds `numbers`; its own memory is read-only.

    The memory is NaN, or for a single number a mark of the log, by which a copy of it can
    be recognised.
    """
    array = np.asarray(numbers)
    poison = log.mark(array) if array.ndim == 0 and array.dtype.kind == "c" else np.nan
    memory = np.broadcast_to(np.array(poison, dtype=array.dtype), array.shape)
    traced = memory.view(Traced)
    traced.traced_numbers, traced.traced_log = array, log
    return traced


def is_traced(array: Any) -> bool:
    """Return whether `array` is a traced array.

    Code between the checker and the code under test has to pass such arrays on
    without a look at their dtype or their numbers: either makes the code count as
    not analytic.

    Parameters
    ----------
    array
        Any object.

    Returns
    -------
    bool
        True for arrays with which `derivative` examines the operations of a function.

    Examples
    --------
    >>> is_traced(np.zeros(2))
    False
    """
    return isinstance(array, Traced)


def log_of(array: Any) -> Log:
    """Return the log of a traced array."""
    log: Log = array.traced_log
    return log


def untrace(output: Any, log: Log | None = None) -> Any:
    """Return the numbers of what the code returned; NaN where they were read elsewhere.

    An array that was put together from single traced numbers, as ``np.array([total])``
    is, holds their marks.  It is accepted if `log` is given; the caller then has to
    repeat the evaluation with marks of the other sign.
    """
    if log is not None and isinstance(output, np.ndarray) and not isinstance(output, Traced):
        marked = log.marked(output)
        if marked is not None:
            return marked
    return np.asarray(_numbers(output))


def _own(traced: Any) -> Any:
    if traced.traced_numbers is None:
        traced.traced_log.reject("an array is viewed in a way that cannot be traced")
    return traced.traced_numbers


def _numbers(value: Any) -> Any:
    if isinstance(value, Traced):
        return _own(value)
    if isinstance(value, (list, tuple)):
        return type(value)([_numbers(each) for each in value])
    if isinstance(value, dict):
        return {key: _numbers(each) for key, each in value.items()}
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind == "c":
        # Computed from the memory of traced arrays, outside of the protocols.
        return np.full_like(value, np.nan)
    return value


def _find_log(value: Any) -> Any:
    """Return the log of the first traced array inside `value`."""
    if isinstance(value, Traced):
        return value.traced_log
    parts = value.values() if isinstance(value, dict) else value
    if isinstance(value, (list, tuple, dict)):
        for each in parts:
            log = _find_log(each)
            if log is not None:
                return log
    return None


def _wrap(result: Any, log: Log, name: str) -> Any:
    if isinstance(result, (list, tuple)):
        return type(result)([_wrap(each, log, name) for each in result])
    array = np.asarray(result)
    if array.dtype.kind in "biu" or result is None:
        return result
    if array.dtype.kind == "c" and array.dtype != log.dtype:
        log.reject(f"{name} computes in {array.dtype}")
    return trace(array, log)


def _check_ufunc(log: Log, name: str, method: str, numbers: list[Any], kwargs: Any) -> None:
    if name in analytic_operations.ORDER and method == "reduce":
        axis = kwargs.get("axis", numbers[1] if len(numbers) > 1 else 0)
        if analytic_operations.tied_extreme(numbers[0], axis, -1 if "min" in name else 1):
            log.reject(f"{name} meets a tie")
    elif (
        name in analytic_operations.ORDER | analytic_operations.COMPARISON and method == "__call__"
    ):
        if analytic_operations.tied(numbers[0], numbers[1]):
            log.reject(f"{name} meets a tie: the point may be a kink")
    elif name == "clip" and method == "__call__":
        if analytic_operations.tied(numbers[0], numbers[1]) or analytic_operations.tied(
            numbers[0], numbers[2]
        ):
            log.reject("clip meets a tie: the point may be a kink")
    elif name not in analytic_operations.ANALYTIC | analytic_operations.BOOLEAN:
        log.reject(f"np.{name} is not known to be analytic")


def _check_sorting(log: Log, name: str, values: Any, *args: Any, **kwargs: Any) -> None:
    default = -1 if "sort" in name else None
    axis = kwargs.get("axis", args[0] if args else default)
    if "sort" in name:
        met = analytic_operations.tied_order(values, axis)
    else:
        met = analytic_operations.tied_extreme(values, axis, -1 if "min" in name else 1)
    if met:
        log.reject(f"{name} meets a tie: the point may be a kink")


def _clip(log: Log, values: Any, low: Any = None, high: Any = None, **kwargs: Any) -> Any:
    if kwargs:
        log.reject("np.clip is used with options")
    for limit, ufunc in ((low, np.maximum), (high, np.minimum)):
        if limit is not None:
            _check_ufunc(log, ufunc.__name__, "__call__", [values, limit], {})
            values = ufunc(values, limit)
    return _wrap(values, log, "clip")
