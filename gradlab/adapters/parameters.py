"""The parameters of an instance: the numbers that its forward depends on, whatever their names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters.attribute_tree import numbers_below
from gradlab.adapters.reading import Held

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from gradlab.adapters.attribute_tree import Path

    Array = NDArray[Any]

#: Names of what holds a parameter's value inside an object of its own.
_VALUE_NAMES = frozenset({"data", "value", "val", "array", "values", "_data", "param", "item"})
_MOST = 40


@dataclass(frozen=True)
class Number:
    """One number or array below an instance, with every way to it."""

    paths: tuple[Path, ...]
    value: Any

    @property
    def is_array(self) -> bool:
        """Whether it is an array, and no Python number."""
        return isinstance(self.value, np.ndarray)


def numbers_of(instance: Any) -> list[Number]:
    """Return the arrays and numbers below an instance; names of one array are put together."""
    by_identity: dict[Any, list[Path]] = {}
    values: dict[Any, Any] = {}
    for path, value in numbers_below(instance).items():
        key = id(value) if isinstance(value, np.ndarray) else path
        by_identity.setdefault(key, []).append(path)
        values[key] = value
    return [Number(tuple(paths), values[key]) for key, paths in by_identity.items()]


def key_of(path: Path) -> str:
    """Return the name that a parameter has where it is held.

    Examples
    --------
    >>> from gradlab.adapters.attribute_tree import Path
    >>> key_of(Path((("attribute", "W"), ("attribute", "data"))))
    'W'
    """
    names = [str(name) for kind, name in path.steps if kind != "index"]
    while len(names) > 1 and names[-1] in _VALUE_NAMES:
        names.pop()
    return names[-1] if names else str(path)


def draw_like(value: Array, rng: np.random.Generator) -> Array:
    """Draw random values of an array's size and sign; zeros and constants are filled."""
    size = float(np.sqrt(np.mean(value**2))) if value.size else 0.0
    constant = value.size == 0 or bool(np.ptp(value) == 0)
    if constant and size and np.all(value > 0):
        return np.asarray(size * rng.uniform(0.7, 1.3, value.shape), dtype=value.dtype)
    scale = size if 0.05 < size < 5.0 else 0.5
    drawn = scale * rng.standard_normal(value.shape)
    positive = value.size > 0 and bool(np.all(value >= 0)) and not constant
    return np.asarray(np.abs(drawn) + 0.1 if positive else drawn, dtype=value.dtype)


def moving(
    instance: Any,
    numbers: Iterable[Number],
    run: Callable[[], tuple[Array, ...]],
    rng: np.random.Generator,
) -> list[tuple[Number, Array]]:
    """Return the numbers on which the outputs of `run` depend, each with a random value.

    Arrays are held at random values meanwhile, since a factor of zero hides another.
    An array that the forward itself replaces is state, and no parameter.
    """
    chosen = list(numbers)[:_MOST]
    arrays = [number for number in chosen if number.is_array]
    base = {id(number): draw_like(number.value, rng) for number in arrays}
    for number in arrays:
        _put(instance, number, base[id(number)].copy())
    outputs = _finite(run)
    if outputs is None:
        for number in arrays:
            base[id(number)] = np.array(number.value)
            _put(instance, number, base[id(number)].copy())
        outputs = _finite(run)
        if outputs is None:
            return []
    found = []
    for number in chosen:
        held = base[id(number)] if number.is_array else number.value
        before = number.paths[0].get(instance)
        if number.is_array and not (
            np.shape(before) == held.shape and np.array_equal(before, held)
        ):
            continue  # the forward overwrote it
        _put(instance, number, _moved(held, rng))
        try:
            now = run()
        except Exception:  # noqa: BLE001 - code under test may raise whatever it likes
            now = None
        if now is not None and _differ(now, outputs):
            found.append((number, np.array(held)))
        _put(instance, number, held.copy() if number.is_array else held)
    return found


def _moved(held: Any, rng: np.random.Generator) -> Any:
    if isinstance(held, np.ndarray):
        factor = 1 + 0.1 * rng.uniform(0.5, 1.0, held.shape)
        return np.asarray(held * factor, dtype=held.dtype)
    return held * 1.07 + (0.0 if held else 0.07)


def _put(instance: Any, number: Number, value: Any) -> None:
    for path in number.paths:
        path.put(instance, value)


def _finite(run: Callable[[], tuple[Array, ...]]) -> tuple[Array, ...] | None:
    try:
        with np.errstate(all="ignore"):
            outputs = tuple(np.array(out) for out in run())
    except Exception:  # noqa: BLE001 - code under test may raise whatever it likes
        return None
    return outputs if all(np.all(np.isfinite(out)) for out in outputs) else None


def _differ(now: tuple[Array, ...], before: tuple[Array, ...]) -> bool:
    return len(now) == len(before) and any(
        a.shape != b.shape or not np.array_equal(a, b, equal_nan=True)
        for a, b in zip(now, before, strict=True)
    )


def as_held(numbers: Iterable[Number], taken: Iterable[str]) -> tuple[Held, ...]:
    """Name parameters by where they are held; a name that is taken already is written in full."""
    used = set(taken)
    found = []
    for number in numbers:
        key = key_of(number.paths[0])
        in_list = number.paths[0].steps[-1][0] == "index"
        name = str(number.paths[0]) if key in used or in_list else key
        used.add(name)
        shape = np.shape(number.value)
        found.append(Held(name, number.paths, shape, number=not number.is_array))
    return tuple(found)
