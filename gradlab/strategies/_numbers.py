"""Numbers that print briefly, the simplest first, because that is where shrinking ends."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from gradlab.domain import Content, TensorSpec
from gradlab.domain._draws import MARGIN


def simplicity(number: float) -> tuple[int, int, float, bool]:
    """Order numbers as a reader would: 0, 1, -1, 2, …, then halves, quarters, tenths, the rest.

    Examples
    --------
    >>> sorted([0.3, -1.0, 0.5, 1.0, 0.0, 0.25], key=simplicity)
    [0.0, 1.0, -1.0, 0.5, 0.25, 0.3]
    """
    size = abs(number)
    for rank, parts in enumerate((1, 2, 4, 10)):
        if size * parts == round(size * parts):
            return rank, 0, size, number < 0
    return 4, len(repr(size)), size, number < 0


def _ordered(numbers: set[float]) -> tuple[float, ...]:
    return tuple(sorted(numbers, key=simplicity))


#: Well scaled: at most 3, with two decimals.
WELL_SCALED = _ordered({k / 100 for k in range(-300, 301)})

#: For integer arrays.
WHOLE = tuple(range(10)) + tuple(range(-1, -10, -1))

#: The two bands of a cotangent's entries; neighbours come from different bands.
SMALL_COTANGENTS = _ordered({sign * k / 100 for k in range(50, 100) for sign in (1, -1)})
LARGE_COTANGENTS = _ordered({sign * k / 100 for k in range(100, 151) for sign in (1, -1)})

#: In the open interval (0, 1), well away from its ends.
PROBABILITIES = _ordered({k / 100 for k in range(5, 96)})

#: At 30 an exponential saturates, at 1e3 it overflows, at 1e8 a float32 loses the units.
LARGE = (30.0, -30.0, 1e3, -1e3, 1e8, -1e8)


@lru_cache(maxsize=256)
def inside(tensor: TensorSpec, low: float, high: float) -> tuple[float, ...]:
    """Return brief numbers in the range of a real or probability tensor, off its kinks.

    Examples
    --------
    >>> relu = TensorSpec("Z", ("n", "m"), kinks=(0.0,))
    >>> inside(relu, relu.low, relu.high)[:4]
    (1.0, -1.0, 2.0, -2.0)
    """
    if tensor.content is Content.PROBABILITY:
        candidates = {p for p in PROBABILITIES if low <= p <= high}
        low, high = max(low, 0.0), min(high, 1.0)
    else:
        candidates = {_brief(tensor.scale * number) for number in WELL_SCALED}
        candidates = {number for number in candidates if low <= number <= high}
    clear = {number for number in candidates if _off(number, tensor.kinks, tensor.scale)}
    if len(clear) < 20 and np.isfinite(low) and np.isfinite(high):
        grid = {_brief(low + (high - low) * k / 40) for k in range(2, 39)}
        clear |= {n for n in grid if low <= n <= high and _off(n, tensor.kinks, high - low)}
    return _ordered(clear) if clear else (_near(low, high, tensor.scale),)


def _brief(number: float) -> float:
    return float(f"{number:.3g}") + 0.0  # adding 0 takes the sign from a negative zero


def _off(number: float, kinks: tuple[float, ...], scale: float) -> bool:
    return all(abs(number - kink) >= MARGIN * scale for kink in kinks)


def _near(low: float, high: float, scale: float) -> float:
    """Return a number of a range that holds no brief one, or hardly anything but kinks."""
    if np.isfinite(low) and np.isfinite(high):
        return low + (high - low) / 2
    return low + scale if np.isfinite(low) else high - scale
