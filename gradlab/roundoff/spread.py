"""How far results change over a neighbourhood of a point: the observed rounding."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from gradlab.errors import GradlabError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from gradlab.roundoff.neighbourhood import Neighbourhood

    Array = NDArray[Any]
    Values = Mapping[str, Array]
    #: A computation, and its results at the point.
    Pair = tuple[Callable[[Values], Mapping[str, Array]], Mapping[str, Array]]

Key = TypeVar("Key")


def change(after: Array | None, before: Array, *, undefined: float = 0.0) -> Array:
    """Return |after − before|, entry by entry: 0 for equal entries, NaN and ∞ included.

    Parameters
    ----------
    undefined
        What to return where there is no finite change: where one of the two is not
        finite, where the shapes differ, or where there is no `after`.

    Examples
    --------
    >>> change(np.array([3.0, np.nan, np.inf, np.nan]), np.array([1.0, np.nan, np.inf, 1.0]))
    array([2., 0., 0., 0.])
    """
    return _combined_change([after], before, undefined)


def _combined_change(after: list[Array | None], before: Array, undefined: float) -> Array:
    """Return |Σ (after − before)|: of a pair around a point, the second difference."""
    total = np.zeros(np.shape(before))
    for each in after:
        if each is None or np.shape(each) != np.shape(before):
            return np.full(np.shape(before), undefined)
        equal = (each == before) | (np.isnan(each) & np.isnan(before))
        wide = np.result_type(each, before, np.float64)
        with np.errstate(all="ignore"):
            total = total + np.where(equal, 0.0, np.subtract(each, before, dtype=wide))
    distance = np.abs(total).astype(np.float64)
    return np.asarray(np.where(np.isfinite(distance), distance, undefined))


def spread_of(
    function: Callable[[Values], Mapping[Key, Array]],
    base: Mapping[Key, Array],
    near: Neighbourhood,
    rng: np.random.Generator,
    *,
    refused: tuple[type[Exception], ...] = (),
    undefined: float = 0.0,
) -> dict[Key, Array]:
    """Return how far each result of a function changes, entry by entry, over a neighbourhood.

    Parameters
    ----------
    function
        Named inputs to named results.
    base
        Its results at the point itself.
    refused
        Exceptions that mean "not in the domain", as of a probability beyond 1: the
        point is left out.  Others propagate.
    undefined
        The change of an entry that has no finite one; see `change`.

    Returns
    -------
    dict
        For each result an array of its shape: the largest first difference over moves
        by an ulp and the largest second difference over relative steps.
    """
    spread = {name: np.zeros(np.shape(result)) for name, result in base.items()}
    groups = itertools.chain(((at,) for at in near.ulp_moves(rng)), near.step_pairs(rng))
    for points in groups:
        try:
            found = [function(at) for at in points]
        except refused:
            continue
        for name, result in base.items():
            seen = _combined_change([each.get(name) for each in found], result, undefined)
            spread[name] = np.maximum(spread[name], seen)
    return spread


def spread_beside(
    function: Callable[[Values], Mapping[Key, Array]],
    shapes: Mapping[Key, tuple[int, ...]],
    near: Neighbourhood,
    rng: np.random.Generator,
) -> dict[Key, Array]:
    """Return how far each result differs between points beside the point, entry by entry.

    The result at the point itself is not among them: a value that the code returns
    only there is no rounding.

    Parameters
    ----------
    function
        Named inputs to named results.
    shapes
        The results to observe, each with its shape.
    near
        The inputs to evaluate at; all lie to one side of the point.

    Returns
    -------
    dict
        For each result an array of its shape: its largest value less its smallest; 0 for
        an entry that is not finite at one of them.
    """
    found: dict[Key, list[Array]] = {name: [] for name in shapes}
    for at in near.ulp_moves_to_one_side(rng):
        results = function(at)
        for name, shape in shapes.items():
            if name in results and np.shape(results[name]) == shape:
                found[name].append(np.asarray(results[name]))
    spread = {}
    for name, shape in shapes.items():
        with np.errstate(all="ignore"):
            widest = np.ptp(found[name], axis=0) if found[name] else np.zeros(shape)
        spread[name] = np.where(np.isfinite(widest), widest, 0.0).astype(np.float64)
    return spread


def spread_between(
    got: Pair, expected: Pair, near: Neighbourhood, rng: np.random.Generator
) -> dict[str, Array]:
    """Return how far the difference of two computations changes over a neighbourhood.

    If both compute one function, their difference is rounding wherever it is taken,
    and its changes show how large rounding is.  If they do not, it changes by a share
    of itself no larger than the move, and the bound stays small beside it.  Over moves
    by an ulp the change of the expected side counts as well: two formulas of one
    function may differ by as much (sin(z + π/2) and cos(z) near a zero).

    Parameters
    ----------
    got, expected
        Each a computation and its results at the point; only results of one name and
        shape on both sides are observed.
    near
        The inputs to evaluate at.  A point that the code refuses (a `GradlabError`
        or `ValueError`) is left out.
    """
    (ours, ours_here), (theirs, theirs_here) = got, expected
    base = {name: _difference(ours_here.get(name), result) for name, result in theirs_here.items()}
    spread = {
        name: np.zeros(np.shape(before)) for name, before in base.items() if before is not None
    }
    groups = itertools.chain(
        ((at, True) for at in near.ulp_moves(rng)),
        ((ahead, False) for ahead, _ in near.step_pairs(rng)),
    )
    for at, by_ulp in groups:
        try:
            one, other = ours(at), theirs(at)
        except (GradlabError, ValueError):
            continue
        for name, widest in spread.items():
            now = _difference(one.get(name), other.get(name))
            seen = change(now, np.asarray(base[name]))
            if by_ulp:
                seen = np.maximum(seen, change(other.get(name), theirs_here[name]))
            spread[name] = np.maximum(widest, seen)
    return spread


def _difference(got: Array | None, expected: Array | None) -> Array | None:
    """Return got − expected; None if one is missing or the shapes differ."""
    if got is None or expected is None or np.shape(got) != np.shape(expected):
        return None
    wide = np.result_type(got, expected, np.float64)
    with np.errstate(all="ignore"):
        return np.asarray(np.subtract(got, expected, dtype=wide))
