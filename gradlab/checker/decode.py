"""A single wrong entry, or a single wrong row, read off digit by digit.

Where one group of entries holds the whole mistake, a probe whose weights are a
digit of each group's number answers with that group's digit: two to four probes
name one of a million.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.checker.residual import Residual
    from gradlab.checker.search import Search

    Array = NDArray[Any]

# More digits than this cost more than bisection.
_MOST_DIGITS = 6
# A digit's distance from a whole number that its own error bound has to stay under.
_CLEAR = 0.45


def find_by_digits(search: Search, groups: Array) -> int | None:
    """Return the number of the one group that holds all of the mistake; None if there is none.

    `groups` holds each entry's group number, flat, counted from 0.
    """
    count = int(groups.max()) + 1
    base, digits = _digits(count, search.whole)
    if not digits:
        return None
    number = 0
    for place in range(digits):
        of_group = groups // base**place % base
        digit = _digit(search.measure((1.0 + of_group) / base), search.whole, base)
        if digit is None:
            return None
        number += digit * base**place
    return number if number < count and _explains(search, groups == number) else None


def _digits(count: int, whole: Residual) -> tuple[int, int]:
    """Choose the base, and how many digits to read; no digits where the residual is too noisy."""
    clear = _CLEAR * abs(whole.value) / (3 * whole.bound) if whole.bound else np.inf
    largest = min(clear, count)
    if largest < 2:
        return 0, 0
    digits = max(1, int(np.ceil(np.log(count) / np.log(min(largest, 101.0)) - 1e-9)))
    return (
        (int(np.ceil(count ** (1 / digits) - 1e-9)), digits) if digits <= _MOST_DIGITS else (0, 0)
    )


def _digit(probe: Residual, whole: Residual, base: int) -> int | None:
    """Read a digit off the ratio of two residuals; None where it is no whole number."""
    ratio = base * probe.value / whole.value - 1
    error = base * (probe.bound + abs(probe.value / whole.value) * whole.bound) / abs(whole.value)
    digit = round(ratio) if np.isfinite(ratio) else -1
    clear = error < _CLEAR and abs(ratio - digit) <= error and 0 <= digit < base
    return digit if clear else None


def _explains(search: Search, inside: Array) -> bool:
    """Whether the entries inside hold the whole residual, so that the others hold none."""
    part = search.measure_subset(np.flatnonzero(inside))
    left = abs(search.whole.value - part.value)
    return bool(abs(part.value) > part.bound and left <= part.bound + search.whole.bound)
