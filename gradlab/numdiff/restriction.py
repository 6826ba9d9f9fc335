"""The restriction of a function to a line, from which every estimate is computed."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.errors import GradlabError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[Any]
    Flat = NDArray[np.float64]

#: Smallest scale of an entry, relative to the largest entry's.
_FLOOR = 2.0**-6


def entry_scales(x: Array) -> Flat:
    """Return the scale of each entry: a power of two, at least 1/64 of the largest; 1 for zeros."""
    largest = float(np.max(np.abs(x), initial=0.0))
    if largest == 0:
        return np.ones(x.shape)
    return np.asarray(2.0 ** np.floor(np.log2(np.maximum(np.abs(x), _FLOOR * largest))))


class Restriction:
    """t ↦ f(x + t v / s) as a flat vector, where s = `scale` is the scale of v relative to x.

    Attributes
    ----------
    values
        The arrays of x by name; a single array has the name "".
    direction
        The arrays of v / s by name, without those that are zero.
    scale
        s, a power of two; 0 for a direction of zeros.
    shape
        The shape of the output; None before the first call.
    calls
        Calls of f so far.

    Raises
    ------
    GradlabError
        If x is not real or not finite, or if the direction differs from x in shape
        or names, is not finite, or moves integers.
    """

    def __init__(self, f: Callable[..., Any], x: Any, direction: Any) -> None:
        self.f = f
        self.named = isinstance(x, Mapping)
        self.calls = 0
        self.shape: tuple[int, ...] | None = None
        values = dict(x) if self.named else {"": x}
        steps = _checked_direction(values, direction, named=self.named)
        self.values = {name: _as_float64(name, value) for name, value in values.items()}
        self.scale = _direction_scale(self.values, steps)
        self.direction = (
            {name: step / self.scale for name, step in steps.items()} if (self.scale) else {}
        )

    @property
    def input_rounding(self) -> float:
        """The error in t that corresponds to the rounding of x + t v, over all entries."""
        moved = [self.values[name].ravel() for name in self.direction]
        if not moved:
            return 0.0
        size = np.linalg.norm(np.concatenate(moved))
        step = np.linalg.norm(np.concatenate([step.ravel() for step in self.direction.values()]))
        return float(2.0**-53 * size / step)

    def call(self, moved: Mapping[str, Array]) -> Any:
        """Call f with `moved` in place of some arrays and copies of the others.

        Integer arrays (labels, indices) are passed unchanged, without a copy.
        """
        self.calls += 1
        arguments = {
            name: moved[name] if name in moved else _copy(value)
            for name, value in self.values.items()
        }
        return self.f(arguments if self.named else arguments[""])

    def at(self, t: float) -> Flat:
        """Return f(x + t v) as a flat vector; an exception of f propagates."""
        return self.evaluate(
            {name: self.values[name] + t * step for name, step in self.direction.items()}
        )

    def evaluate(self, moved: Mapping[str, Array]) -> Flat:
        """Return f with some arrays replaced as a flat vector; an exception of f propagates."""
        with np.errstate(all="ignore"):
            return self._flat(self.call(moved))

    def distant(self) -> list[Flat]:
        """Return f at four distant points, without those at which it raises.

        The last one has entries of about 1, whatever the scale of the point:
        (x³ + 1e6) - 1e6 is exactly 0 all around 1e-6.
        """
        largest = max(float(np.max(np.abs(step))) for step in self.direction.values())
        found = []
        for factor, t in ((-1.0, 0.0), (0.5, 0.0), (1.0, 1.0), (0.0, 1 / largest)):
            moved = {
                name: factor * self.values[name] + t * step for name, step in self.direction.items()
            }
            with contextlib.suppress(Exception):
                found.append(self.evaluate(moved))
        return found

    def _flat(self, output: Any) -> Flat:
        array = np.asarray(output)
        if array.dtype.kind not in "fiub":
            msg = (
                f"the function returned {type(output).__name__} of dtype {array.dtype}; "
                f"expected a real number or an array of real numbers"
            )
            raise GradlabError(msg)
        if self.shape is None:
            self.shape = array.shape
        elif array.shape != self.shape:
            msg = (
                f"the function returned shape {self.shape} and then shape {array.shape}; "
                f"expected the same shape at every call"
            )
            raise GradlabError(msg)
        return np.array(array, dtype=np.float64).ravel()


def _copy(value: Array) -> Array:
    return value.copy() if value.dtype.kind == "f" else value


def _as_float64(name: str, value: Any) -> Array:
    """Return `value` as the array that f is called with: floats in float64, integers unchanged."""
    array = np.asarray(value)
    where = f"array {name!r}" if name else "the point"
    if array.dtype.kind in "iub":
        return array if name else array.astype(np.float64)
    if array.dtype.kind != "f":
        msg = f"{where} has dtype {array.dtype}; expected real numbers"
        raise GradlabError(msg)
    if not np.all(np.isfinite(array)):
        msg = f"{where} holds NaN or infinity; expected a finite point"
        raise GradlabError(msg)
    return array.astype(np.float64)


def _checked_direction(
    values: Mapping[str, Any], direction: Any, *, named: bool
) -> dict[str, Flat]:
    """Return the direction by name, checked against the point, without arrays of zeros."""
    if named != isinstance(direction, Mapping):
        got, expected = ("an array", "a dict") if named else ("a dict", "an array")
        msg = f"the direction is {got}; expected {expected}, as x is"
        raise GradlabError(msg)
    given = dict(direction) if named else {"": direction}
    unknown = sorted(set(given) - set(values))
    if unknown:
        known = ", ".join(sorted(values))
        msg = f"the direction names {', '.join(unknown)}; expected names of x: {known}"
        raise GradlabError(msg)
    steps = {}
    for name, step in given.items():
        array = np.asarray(step, dtype=np.float64)
        shape = np.shape(values[name])
        if array.shape != shape:
            of = f"array {name!r}" if name else "x"
            msg = f"the direction has shape {array.shape}; expected {shape}, the shape of {of}"
            raise GradlabError(msg)
        if not np.all(np.isfinite(array)):
            msg = "the direction holds NaN or infinity; expected finite numbers"
            raise GradlabError(msg)
        if np.any(array):
            steps[name] = _check_float(name, values[name], array)
    return steps


def _check_float(name: str, value: Any, step: Flat) -> Flat:
    if name and np.asarray(value).dtype.kind in "iub":
        msg = f"array {name!r} holds integers and the direction moves it; expected floats"
        raise GradlabError(msg)
    return step


def _direction_scale(values: Mapping[str, Array], steps: Mapping[str, Flat]) -> float:
    """Return the power of two by which to divide the direction; 0 for a direction of zeros.

    The quotient has the scale of the point.  Where the point is zero everywhere there is
    no scale but the direction's own.
    """
    ratios = [
        float(np.max(np.abs(step) / entry_scales(values[name])))
        for name, step in steps.items()
        if np.any(values[name])
    ]
    if ratios:
        return float(2.0 ** np.floor(np.log2(max(ratios))))
    return 1.0 if steps else 0.0
