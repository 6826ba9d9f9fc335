"""Group testing: locate wrong entries by residuals along groups of them.

If a single group holds every wrong entry, a direction whose components are weighted
by one digit of each group's number returns that group's digit: two to four residuals
identify one group of a million.  Bisection locates several wrong entries.

Source: Dorfman, The detection of defective members of large populations, Annals of
Mathematical Statistics 14 (1943), for the idea of testing groups.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.checker.search import Localization, worst_first

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.checker.residual import Residual
    from gradlab.checker.search import ComparedEntry, EntrySearch

    Array = NDArray[Any]

# More digits than this cost more than bisection.
_MOST_DIGITS = 6
# The largest error bound of a digit that still identifies a whole number.
_CLEAR = 0.45
# Bisection locates at most so many wrong entries; a derivative by differences costs
# fifteen times one by the complex step.
_MOST_ENTRIES = {"complex step": 50, "differences": 5}


def find_by_digits(search: EntrySearch, groups: Array) -> int | None:
    """Return the number of the single group that holds every wrong entry, else None.

    The ratio of the residual with digit weights to the whole residual is the digit.

    Parameters
    ----------
    search
        The tensor and its direction.
    groups
        Each entry's group number, flat, of shape (size,), counted from 0.

    Returns
    -------
    int or None
        None if several groups hold wrong entries, or the residual is too noisy.
    """
    count = int(groups.max()) + 1
    base, digits = _digits(count, search.whole)
    if not digits:
        return None
    number = 0
    for place in range(digits):
        digits_of_groups = groups // base**place % base
        digit = _digit(search.measure((1.0 + digits_of_groups) / base), search.whole, base)
        if digit is None:
            return None
        number += digit * base**place
    return number if number < count and _explains(search, groups == number) else None


def _digits(count: int, whole: Residual) -> tuple[int, int]:
    """Return the base and the number of digits; no digits if the residual is too noisy."""
    clear = _CLEAR * abs(whole.value) / (3 * whole.bound) if whole.bound else np.inf
    largest = min(clear, count)
    if largest < 2:
        return 0, 0
    digits = max(1, int(np.ceil(np.log(count) / np.log(min(largest, 101.0)) - 1e-9)))
    if digits > _MOST_DIGITS:
        return 0, 0
    return int(np.ceil(count ** (1 / digits) - 1e-9)), digits


def _digit(weighted: Residual, whole: Residual, base: int) -> int | None:
    """Return the digit from the ratio of two residuals; None if it is not a whole number."""
    ratio = base * weighted.value / whole.value - 1
    spread = weighted.bound + abs(weighted.value / whole.value) * whole.bound
    error = base * spread / abs(whole.value)
    digit = round(ratio) if np.isfinite(ratio) else -1
    clear = error < _CLEAR and abs(ratio - digit) <= error and 0 <= digit < base
    return digit if clear else None


def _explains(search: EntrySearch, inside: Array) -> bool:
    """Return whether the entries inside explain the whole residual, and the others none of it."""
    part = search.measure_subset(np.flatnonzero(inside))
    rest = abs(search.whole.value - part.value)
    return bool(abs(part.value) > part.bound and rest <= part.bound + search.whole.bound)


def find_by_bisection(search: EntrySearch) -> Localization:
    """Locate wrong entries by halving every group whose residual exceeds its bound.

    Ends after 2 k log₂ N + 20 derivatives, k = 50 wrong entries by the complex step
    and 5 by differences, N the tensor's size.

    Parameters
    ----------
    search
        The tensor and its direction, with a residual that exceeds its bound.

    Returns
    -------
    Localization
        Complete if the located entries explain the whole residual.
    """
    size = search.claim.size
    most = _MOST_ENTRIES[search.method.name]
    budget = search.derivatives + 2 * most * int(np.ceil(np.log2(size))) + 20
    waiting = [(np.arange(size), search.whole.value, search.whole.bound)]
    found: list[ComparedEntry] = []
    while waiting and search.derivatives < budget and len(found) < most:
        inside, value, bound = waiting.pop()
        if inside.size == 1:
            found += search.wrong_among(inside)
            continue
        waiting += _wrong_halves(search, inside, value, bound)
    complete = not waiting and _accounts_for_whole(search, found)
    entries = worst_first(found)
    if not entries:
        return Localization((), complete)
    places = ", ".join(str(list(index)) for index in sorted(entry.index for entry in entries))
    verb = "is" if len(entries) == 1 else "are"
    if complete:
        pattern = f"{len(entries)} of {size} entries {verb} wrong: {places}"
    else:
        pattern = (
            f"at least {len(entries)} of {size} entries {verb} wrong (search incomplete): {places}"
        )
    return Localization(entries, complete, pattern)


def _wrong_halves(
    search: EntrySearch, inside: Array, value: float, bound: float
) -> list[tuple[Array, float, float]]:
    """Return the halves whose residual exceeds its bound, each with residual and bound."""
    left, right = np.array_split(inside, 2)
    first = search.measure_subset(left)
    # The second residual is the difference, and its bound the sum of both bounds; it is
    # measured if that bound would hide it.
    rest, slack = value - first.value, bound + first.bound
    if not abs(rest) > 4 * slack:
        second = search.measure_subset(right)
        rest, slack = second.value, second.bound
    halves = [(left, first.value, first.bound), (right, rest, slack)]
    return [half for half in halves if abs(half[1]) > half[2]]


def _accounts_for_whole(search: EntrySearch, found: list[ComparedEntry]) -> bool:
    """Return whether the located entries explain the whole residual."""
    explained, slack = 0.0, search.whole.bound
    for entry in found:
        step = float(search.direction[entry.index])
        explained += (entry.got - entry.expected) * step
        slack += entry.bound * abs(step)
    return abs(search.whole.value - explained) <= slack
