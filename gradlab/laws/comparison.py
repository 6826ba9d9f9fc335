"""Comparing results that should be equal, up to a rounding that is measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.errors import GradlabError
from gradlab.laws.case import distance, most_different, result_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.laws.case import Case
    from gradlab.records import Finding

    Array = NDArray[Any]

#: A function of named arrays, with named arrays as its results.
Function = Callable[[Mapping[str, Any]], Mapping[str, Any]]

# Steps, relative to the entries, over which second differences are taken: rounding in
# double precision shows over the first, rounding in single precision over the second.
_STEPS = (2.0**-36, 2.0**-28, 2.0**-20, 2.0**-20)
_DRAWS = 2
# The largest of a few draws of a rounding error falls short of the largest possible one.
_MARGIN = 8


@dataclass(frozen=True)
class Difference:
    """The entry at which two arrays differ by more than rounding explains, worst first."""

    index: tuple[int, ...]
    got: float
    expected: float
    bound: float


def failure(case: Case, law: str, tensor: str, message: str, found: Difference) -> Finding:
    """Say that a law is broken at the entry where `found` was found."""
    return case.failed(
        law,
        tensor,
        message,
        got=found.got,
        expected=found.expected,
        bound=found.bound,
        index=found.index,
    )


def difference(got: Array, expected: Array, bound: Array | float = 0.0) -> Difference | None:
    """Return where two arrays of one shape differ by more than `bound`; None where nowhere.

    Examples
    --------
    >>> difference(np.array([1.0, 2.0]), np.array([1.0, 2.5]), 0.1)
    Difference(index=(1,), got=2.0, expected=2.5, bound=0.1)
    >>> difference(np.array([np.nan]), np.array([np.nan])) is None
    True
    """
    with np.errstate(invalid="ignore"):
        # Written so that a NaN on one side only is a difference.
        same = (distance(got, expected) <= bound) | (got == expected)
    same |= np.isnan(got) & np.isnan(expected)
    if same.all():
        return None
    index = most_different(np.where(same, expected, got), expected)
    room = np.broadcast_to(np.asarray(bound), np.shape(expected))
    # Plus 0, so that a negative zero prints as 0.
    is_, should = float(np.real(got[index])) + 0.0, float(np.real(expected[index])) + 0.0
    return Difference(index, is_, should, float(room[index]))


def same_results(
    case: Case,
    law: str,
    got: Mapping[str, Array],
    *,
    say: Callable[[str, Difference], str],
    expected: Mapping[str, Array] | None = None,
) -> list[Finding]:
    """Compare outputs and gradients with what they should be: those of `case`, unless given.

    The rounding is measured only where the two are not the same to the last bit.
    """
    expected = case.results.named() if expected is None else expected
    names = [name for name in expected if name.startswith("output") or name in case.subject.checked]
    close: dict[str, Array] | None = None
    findings = []
    for name in names:
        is_, should = got.get(name), expected[name]
        if is_ is None or is_.shape != should.shape:
            what = "missing" if is_ is None else f"of shape {is_.shape}"
            message = f"{result_name(name)} is {what}, and should be of shape {should.shape}"
            findings.append(case.failed(law, name, message))
            continue
        found = difference(is_, should)
        if found:
            close = _results_rounding(case) if close is None else close
            found = difference(is_, should, close.get(name, 0.0))
        findings.append(
            failure(case, law, name, say(name, found), found)
            if found
            else case.passed(law, name, f"{result_name(name)} is what it should be")
        )
    return findings


def _results_rounding(case: Case) -> dict[str, Array]:
    """Measure the rounding in a case's outputs and gradients."""
    moving = {name: case.values[name] for name in case.subject.checked}

    def results(moved: Mapping[str, Array]) -> dict[str, Array]:
        return case.run({**case.values, **moved}).named()

    return rounding(results, moving, case.rng(47))


def rounding(
    function: Function, point: Mapping[str, Array], rng: np.random.Generator
) -> dict[str, Array]:
    """Measure how much of each result of `function` at `point` may be rounding.

    The function is run at neighbouring points.  One unit in the last place of the
    arguments shows how errors of that size come out again, and second differences
    over short steps, to which a smooth function contributes next to nothing, show
    the rounding that does not depend on the arguments' last places: a large number
    added and taken away again, single precision inside.

    Returns
    -------
    dict
        A bound for each result, of its shape.
    """
    with np.errstate(all="ignore"):
        base = function(point)
        spread = {name: np.zeros(np.shape(result)) for name, result in base.items()}
        for _ in range(_DRAWS):
            moved = {name: _last_place(value, rng) for name, value in point.items()}
            _widen(spread, function, [moved], base)
        for step in _STEPS:
            ways = {name: _way(value, step, rng) for name, value in point.items()}
            ahead = {name: value + ways[name] for name, value in point.items()}
            back = {name: value - ways[name] for name, value in point.items()}
            _widen(spread, function, [ahead, back], base)
        # The largest of a tensor counts for all of it: of a number that is rounded to a
        # coarse grid every second neighbour or so happens to fall on the same point.
        return {
            name: _MARGIN * np.max(spread[name], initial=0.0) + 4 * unit(result) * np.abs(result)
            for name, result in base.items()
        }


def _widen(
    spread: dict[str, Array],
    function: Function,
    points: list[Mapping[str, Array]],
    base: Mapping[str, Array],
) -> None:
    """Let `spread` cover the difference between the results at `points` and those at `base`."""
    try:
        found = [function(moved) for moved in points]
    except GradlabError:
        return  # moved out of the domain: a probability beyond 1
    for name, result in base.items():
        if all(name in other and np.shape(other[name]) == np.shape(result) for other in found):
            apart = np.abs(sum(other[name] - 1.0 * result for other in found))
            spread[name] = np.fmax(spread[name], apart)


def _last_place(value: Array, rng: np.random.Generator) -> Array:
    """Move each entry to the next number up or down; what is no floating number stays."""
    if value.dtype.kind != "f":
        return value
    towards = rng.choice([-np.inf, np.inf], value.shape).astype(value.dtype)
    return np.asarray(np.nextafter(value, towards))


def _way(value: Array, step: float, rng: np.random.Generator) -> Array:
    if value.dtype.kind != "f":
        return np.zeros_like(value)
    return np.asarray(value * (step * rng.uniform(-1.0, 1.0, value.shape))).astype(value.dtype)


def numbered(arrays: Iterable[Array]) -> dict[str, Array]:
    """Name arrays that have no name of their own by their position."""
    return {str(position): array for position, array in enumerate(arrays)}


def unit(array: Array) -> float:
    """Return the unit roundoff of an array: a float32 result owes no float64 digits."""
    dtype = np.asarray(array).dtype
    return float(np.finfo(dtype if dtype.kind == "f" else np.float64).eps)
