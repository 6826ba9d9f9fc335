"""The function along a line: what every estimate is made from.

A `Line` turns a callable of one array, or of named arrays, into t → f(x + t v),
with the direction brought to the scale of the point, the outputs in one flat
vector, and every call counted.
"""

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

#: An entry this much smaller than the largest one is moved as if it were this large.
_FLOOR = 2.0**-6


def entry_scales(x: Array) -> Flat:
    """Return the scale of each entry: a power of two, with a floor; 1 where all of `x` is zero."""
    largest = float(np.max(np.abs(x), initial=0.0))
    if largest == 0:
        return np.ones(x.shape)
    return np.asarray(2.0 ** np.floor(np.log2(np.maximum(np.abs(x), _FLOOR * largest))))


class Restriction:
    """t → f(x + t v / s) as a flat vector, where s = `stretch` brings v to the scale of x."""

    def __init__(self, f: Callable[..., Any], x: Any, direction: Any) -> None:
        self.f = f
        self.named = isinstance(x, Mapping)
        self.calls = 0
        self.shape: tuple[int, ...] | None = None
        values = dict(x) if self.named else {"": x}
        steps = _steps(values, direction, named=self.named)
        self.values = {name: _as_float64(name, value) for name, value in values.items()}
        self.scale = _direction_scale(self.values, steps)
        self.direction = (
            {name: step / self.scale for name, step in steps.items()} if (self.scale) else {}
        )

    @property
    def input_rounding(self) -> float:
        """The error in t that rounding x + t v amounts to, entries taken together."""
        moved = [self.values[name].ravel() for name in self.direction]
        if not moved:
            return 0.0
        size = np.linalg.norm(np.concatenate(moved))
        step = np.linalg.norm(np.concatenate([step.ravel() for step in self.direction.values()]))
        return float(2.0**-53 * size / step)

    def call(self, moved: Mapping[str, Array]) -> Any:
        """Call f with `moved` in place of some of the arrays; the others are handed in as copies.

        Integer arrays (labels, indices) are handed in as they came.
        """
        self.calls += 1
        arguments = {
            name: moved[name] if name in moved else _copy(value)
            for name, value in self.values.items()
        }
        return self.f(arguments if self.named else arguments[""])

    def at(self, t: float) -> Flat:
        """Return f(x + t v) as a flat vector; what f raises comes through."""
        return self.evaluate(
            {name: self.values[name] + t * step for name, step in self.direction.items()}
        )

    def evaluate(self, moved: Mapping[str, Array]) -> Flat:
        """Return f with some arrays replaced as a flat vector; an exception of f propagates."""
        with np.errstate(all="ignore"):
            return self._flat(self.call(moved))

    def distant(self) -> list[Flat]:
        """Return f at four points far away, where it can be computed there.

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
                f"the function has to return real numbers, one or an array of them; "
                f"it returned {type(output).__name__} of dtype {array.dtype}"
            )
            raise GradlabError(msg)
        if self.shape is None:
            self.shape = array.shape
        elif array.shape != self.shape:
            msg = f"the function returned shape {self.shape} and then shape {array.shape}"
            raise GradlabError(msg)
        return np.array(array, dtype=np.float64).ravel()


def _copy(value: Array) -> Array:
    return value.copy() if value.dtype.kind == "f" else value


def _as_float64(name: str, value: Any) -> Array:
    """Return `value` as the array that f gets: floats in float64, the rest as it came."""
    array = np.asarray(value)
    where = f"array {name!r}" if name else "the point"
    if array.dtype.kind in "iub":
        return array if name else array.astype(np.float64)
    if array.dtype.kind != "f":
        msg = f"{where} has dtype {array.dtype}; real numbers are expected"
        raise GradlabError(msg)
    if not np.all(np.isfinite(array)):
        msg = f"{where} holds NaN or infinity; a derivative is asked for at a finite point"
        raise GradlabError(msg)
    return array.astype(np.float64)


def _steps(values: Mapping[str, Any], direction: Any, *, named: bool) -> dict[str, Flat]:
    """Check the direction against the point, and drop what it does not move."""
    if named != isinstance(direction, Mapping):
        msg = "the direction has to be an array where x is one, and a dict where x is a dict"
        raise GradlabError(msg)
    given = dict(direction) if named else {"": direction}
    unknown = sorted(set(given) - set(values))
    if unknown:
        msg = f"the direction names {', '.join(unknown)}; x has {', '.join(sorted(values))}"
        raise GradlabError(msg)
    steps = {}
    for name, step in given.items():
        array = np.asarray(step, dtype=np.float64)
        shape = np.shape(values[name])
        if array.shape != shape:
            msg = f"the direction has shape {array.shape}; x {name!r} has shape {shape}"
            raise GradlabError(msg)
        if not np.all(np.isfinite(array)):
            msg = "the direction holds NaN or infinity"
            raise GradlabError(msg)
        if np.any(array):
            steps[name] = _check_float(name, values[name], array)
    return steps


def _check_float(name: str, value: Any, step: Flat) -> Flat:
    if name and np.asarray(value).dtype.kind in "iub":
        msg = f"array {name!r} holds integers, which have no direction; give it as floats"
        raise GradlabError(msg)
    return step


def _direction_scale(values: Mapping[str, Array], steps: Mapping[str, Flat]) -> float:
    """Return the power of two that brings the direction to the scale of the point; 0 for none.

    Where all of an array is zero the direction's own size is the only scale there is.
    """
    ratios = [
        float(np.max(np.abs(step) / entry_scales(values[name])))
        for name, step in steps.items()
        if np.any(values[name])
    ]
    if ratios:
        return float(2.0 ** np.floor(np.log2(max(ratios))))
    return 1.0 if steps else 0.0
