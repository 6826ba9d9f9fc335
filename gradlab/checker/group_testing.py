"""Several wrong entries, found by halving."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.checker.located import Localization, worst_first

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.checker.located import ComparedEntry
    from gradlab.checker.search import Search

    Array = NDArray[Any]

# So many wrong entries are named one by one; a derivative by differences costs
# fifteen times one by the complex step.
_MOST = {"complex step": 50, "differences": 5}


def find_by_bisection(search: Search) -> Localization:
    """Name wrong entries one by one, as far as the budget of 2 k log₂ N + 20 derivatives goes."""
    claim = search.claim
    most = _MOST[search.method.name]
    budget = search.derivatives + 2 * most * int(np.ceil(np.log2(claim.size))) + 20
    whole = search.whole
    # The second half is what the first leaves; the bounds of both add up.
    waiting = [(np.arange(claim.size), whole.value, whole.bound)]
    found: list[ComparedEntry] = []
    while waiting and search.derivatives < budget and len(found) < most:
        inside, value, bound = waiting.pop()
        if inside.size == 1:
            found += search.wrong_among(inside)
            continue
        waiting += _halves(search, inside, value, bound)
    complete = not waiting and _accounted(search, found)
    entries = worst_first(found)
    if not entries:
        return Localization((), complete)
    places = ", ".join(str(list(index)) for index in sorted(entry.index for entry in entries))
    verb = "is" if len(entries) == 1 else "are"
    if complete:
        pattern = f"{len(entries)} of {claim.size} entries {verb} wrong: {places}"
    else:
        pattern = f"at least {len(entries)} entries {verb} wrong, and the search ended: {places}"
    return Localization(entries, complete, pattern)


def _halves(
    search: Search, inside: Array, value: float, bound: float
) -> list[tuple[Array, float, float]]:
    """Return those halves in which something is wrong."""
    left, right = np.array_split(inside, 2)
    first = search.measure_subset(left)
    rest, slack = value - first.value, bound + first.bound
    # What is left over after subtracting is measured where its own bound would hide it.
    if not abs(rest) > 4 * slack:
        second = search.measure_subset(right)
        rest, slack = second.value, second.bound
    halves = [(left, first.value, first.bound), (right, rest, slack)]
    return [half for half in halves if abs(half[1]) > half[2]]


def _accounted(search: Search, found: list[ComparedEntry]) -> bool:
    """Whether the entries found explain the whole residual."""
    explained, slack = 0.0, search.whole.bound
    for entry in found:
        step = float(search.direction[entry.index])
        explained += (entry.got - entry.expected) * step
        slack += entry.bound * abs(step)
    return abs(search.whole.value - explained) <= slack
