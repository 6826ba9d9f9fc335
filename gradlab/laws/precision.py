"""No single precision inside double precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.laws.case import AT_ONE_SIZE, Case, Law, entry_name, result_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gradlab.records import Finding

    Array = NDArray[Any]
    Named = Mapping[str, Array]

# A step is as long as eight spacings of float32 numbers at 1, so that what is rounded to
# them moves unevenly; fourth differences leave nothing of a smooth result over such steps.
_STEPS, _STEP, _ORDER = 8, 2.0**-20, 4
# Independent errors of one size come out of a fourth difference this much larger:
# the root of 1 + 16 + 36 + 16 + 1.
_GROWTH = np.sqrt(70.0)
# Rounding of double precision is 2^-53 of a result, that of single precision 2^-24.
# This lies between: a million times the first, and 512 times below the second.
_SUSPICIOUS = 2.0**-33


def _check(case: Case) -> list[Finding]:
    again, results = case.run().named(), case.results.named()
    if not _same(again, results):
        return []  # what changes from call to call has its own law
    rng = case.rng(71)
    points = [case.values, case.drawn_again(rng), case.drawn_again(rng)]
    found = [_jumps(case, values, rng) for values in points[:2]]
    if any(bool(found[0][name]) != bool(found[1].get(name)) for name in found[0]):
        found.append(_jumps(case, points[2], rng))
    return [
        _finding(case, name, _at_two_points([each.get(name) for each in found]))
        for name in found[0]
    ]


def _same(first: Named, second: Named) -> bool:
    return first.keys() == second.keys() and all(
        np.array_equal(first[name], second[name], equal_nan=True) for name in first
    )


def _at_two_points(found: list[_Jump | None]) -> _Jump | None:
    """Return a jump that is seen at two points: at one of them it may be a kink close by."""
    seen = [jump for jump in found if jump]
    return seen[0] if len(seen) > 1 else None


@dataclass(frozen=True)
class _Jump:
    """How uneven a result is over the steps, at its worst entry, and how large it is."""

    index: tuple[int, ...]
    height: float
    size: float


def _jumps(case: Case, values: Named, rng: np.random.Generator) -> dict[str, _Jump | None]:
    """Take short steps and look for results that move in jumps."""
    ways = {name: _signs(values[name], rng) for name in case.subject.checked}
    upstream = [_signs(c, rng) for c in case.cotangents]
    along = []
    for number in range(_STEPS + 1):
        moved = {name: values[name] * (1 + number * _STEP * way) for name, way in ways.items()}
        pairs = zip(case.cotangents, upstream, strict=True)
        cotangents = tuple(c * (1 + number * _STEP * way) for c, way in pairs)
        # A cost's upstream gradient is 1, and no argument of it.
        given = cotangents if case.subject.upstream else case.cotangents
        along.append(case.run({**values, **moved}, given).named())
    names = [n for n in along[0] if n.startswith("output") or n in case.subject.checked]
    return {
        name: _jump([np.asarray(results[name], dtype=float) for results in along])
        for name in names
        if all(name in results for results in along)
        and len({results[name].shape for results in along}) == 1
    }


def _signs(value: Array, rng: np.random.Generator) -> Array:
    return np.asarray(rng.choice([-1.0, 1.0], value.shape))


def _jump(along: list[Array]) -> _Jump | None:
    size = float(np.max(np.abs(along[0]), initial=0.0))
    if not np.isfinite(along).all() or not size:
        return None
    apart = np.max(np.abs(np.diff(along, n=_ORDER, axis=0)), axis=0) / _GROWTH
    index = tuple(int(i) for i in np.unravel_index(int(np.argmax(apart)), apart.shape))
    height = float(apart[index])
    return _Jump(index, height, size) if height > _SUSPICIOUS * size else None


def _finding(case: Case, name: str, jump: _Jump | None) -> Finding:
    what = result_name(name)
    if jump is None:
        return case.passed(LAW.name, name, f"{what} is not rounded to single precision")
    message = (
        f"{what}, {entry_name(jump.index)}, moves in jumps of {jump.height:.0e} while the values "
        f"move evenly by {_STEP:.0e} of their size: that is the rounding of single precision "
        f"(float32), somewhere inside; in double precision it should be about "
        f"{2.0**-53 * jump.size:.0e}"
    )
    return case.failed(LAW.name, name, message, got=jump.height, index=jump.index)


LAW = Law(
    "precision",
    "what is given in double precision is not rounded to single precision on the way",
    _check,
    source="the roundoff of the two formats, 2^-53 and 2^-24, five hundred million times apart",
    applies_to="every layer and cost that gives the same twice",
    patterns=AT_ONE_SIZE,
)
