"""Numbers that print briefly, the simplest first, because that is where shrinking ends.

They stand in rows: a row has one sign and one whole part, and starts with its
simplest number.  Hypothesis draws the row and the place in it, and shrinks the
two apart from each other: to the simplest whole part that fails, then to a
half, a quarter, …  From one long list it would not find its way out of the
hundredths: a failure of all x > 2 used to end at 2.01.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from gradlab.domain import Content, TensorSpec
from gradlab.domain._draws import MARGIN

if TYPE_CHECKING:
    from collections.abc import Iterable

    Rows = tuple[tuple[float, ...], ...]

#: A row with fewer numbers than this joins the first one: each row is drawn as often as any other.
_SHORT = 20


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


def in_rows(numbers: Iterable[float], unit: float = 1.0) -> Rows:
    """Put numbers of one sign and one whole part (in units of `unit`) into a row.

    Examples
    --------
    >>> [row[:3] for row in in_rows([k / 100 for k in range(-199, 200)])]
    [(0.0, 0.5, 0.25), (1.0, 1.5, 1.25), (-1.0, -1.5, -1.25), (-0.5, -0.25, -0.75)]
    """

    def row_of(number: float) -> tuple[int, bool]:
        return int(abs(number) / unit), number < 0

    ordered = sorted(sorted(set(numbers), key=simplicity), key=row_of)
    rows = [tuple(row) for _, row in groupby(ordered, key=row_of)]
    rows.sort(key=lambda row: simplicity(row[0]))
    long = [row for row in rows if len(row) >= _SHORT]
    short = [number for row in rows if len(row) < _SHORT for number in row]
    if short:
        long[:1] = [tuple(sorted([*short, *(long[0] if long else ())], key=simplicity))]
    return tuple(long)


def _signed(low: int, high: int) -> list[float]:
    return [sign * k / 100 for k in range(low, high) for sign in (1, -1)]


#: Well scaled: below 3, with two decimals.
WELL_SCALED = in_rows(number + 0.0 for number in _signed(0, 300))

#: For integer arrays; in several rows too, or integers would be the draw with fewer choices,
#: which Hypothesis takes for the simpler one.
WHOLE = (tuple(range(10)), tuple(range(-1, -10, -1)))

#: The two bands of a cotangent's entries; neighbours come from different bands.
SMALL_COTANGENTS = in_rows(_signed(50, 100))
LARGE_COTANGENTS = in_rows(_signed(100, 150))

#: In the open interval (0, 1), well away from its ends.
PROBABILITIES = tuple(k / 100 for k in range(5, 96))

#: At 30 an exponential saturates, at 1e3 it overflows, at 1e8 a float32 loses the units.
LARGE = (30.0, -30.0, 1e3, -1e3, 1e8, -1e8)


@lru_cache(maxsize=256)
def inside(tensor: TensorSpec, low: float, high: float) -> Rows:
    """Return brief numbers in the range of a real or probability tensor, off its kinks.

    Examples
    --------
    >>> relu = TensorSpec("Z", ("n", "m"), kinks=(0.0,))
    >>> [row[0] for row in inside(relu, relu.low, relu.high)]
    [1.0, -1.0, 2.0, -2.0, 0.5, -0.5]
    """
    if tensor.content is Content.PROBABILITY:
        # the next numbers after 0 and before 1: the interval is open
        low, high = max(low, np.nextafter(0.0, 1.0)), min(high, np.nextafter(1.0, 0.0))
        candidates = set(PROBABILITIES)
    else:
        candidates = {_brief(tensor.scale * number) for row in WELL_SCALED for number in row}
    clear = {n for n in candidates if low <= n <= high and _off(n, tensor.kinks, tensor.scale)}
    if len(clear) < _SHORT and np.isfinite(low) and np.isfinite(high):
        grid = {float(f"{low + (high - low) * k / 40:.6g}") for k in range(2, 39)}
        clear |= {n for n in grid if low <= n <= high and _off(n, tensor.kinks, high - low)}
    return in_rows(clear or {_near(low, high, tensor.scale)}, tensor.scale)


def _brief(number: float) -> float:
    return float(f"{number:.3g}") + 0.0  # adding 0 takes the sign from a negative zero


def _off(number: float, kinks: tuple[float, ...], scale: float) -> bool:
    return all(abs(number - kink) >= MARGIN * scale for kink in kinks)


def _near(low: float, high: float, scale: float) -> float:
    """Return a number of a range that holds no brief one, or hardly anything but kinks."""
    if np.isfinite(low) and np.isfinite(high):
        return low + (high - low) / 2
    return low + scale if np.isfinite(low) else high - scale
