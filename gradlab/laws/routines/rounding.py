"""Whether two computations are of one function: what rounding can explain is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradlab.laws.routine_case import UNIT, widest_gap

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gradlab.laws.routine_case import Array, Gap

    Values = Mapping[str, Array]
    Computation = Callable[[dict[str, Array]], Values]

# Four draws see most of what moves by the last place moves; 8 leaves room for the rest.
_DRAWS, _MARGIN = 4, 8


def moved(values: Values, rng: np.random.Generator) -> dict[str, Array]:
    """Move every entry by one unit in the last place, up or down."""
    return {
        name: np.asarray(np.nextafter(value, rng.choice([-np.inf, np.inf], value.shape)))
        for name, value in values.items()
    }


def apart(
    ours: Computation, theirs: Computation, values: Values, rng: np.random.Generator
) -> Gap | None:
    """Return where `ours` is not what `theirs` is; None where it is throughout.

    Both are computed again at values moved in the last place.  If they are one
    function, their difference is rounding wherever it is taken, and its changes
    show how large rounding is; if they are not, the difference hardly changes
    over so small a move, and the bound stays small beside it.
    """
    got, expected = ours(dict(values)), theirs(dict(values))
    spread = {name: np.zeros(np.shape(value)) for name, value in expected.items()}
    for _ in range(_DRAWS):
        at = moved(values, rng)
        one, other = ours(at), theirs(at)
        for name, before in expected.items():
            change = np.abs((one[name] - other[name]) - (got[name] - before))
            spread[name] = np.maximum(spread[name], change)
            spread[name] = np.maximum(spread[name], np.abs(other[name] - before))
    bounds = {
        name: _MARGIN * spread[name] + 4 * UNIT * (np.abs(got[name]) + np.abs(expected[name]))
        for name in expected
    }
    return widest_gap(got, expected, bounds)
