"""No single precision inside double precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.laws.case import AT_ONE_SIZE, Case, Law, entry_name, result_name
from gradlab.roundoff import gradient_scale, unit_roundoff

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
# Points, of which two have to agree.
_POINTS = 6
# Rounding of double precision is 2^-53 of a result, that of single precision 2^-24.
# This lies between: a million times the first, and 512 times below the second.
_SUSPICIOUS = 2.0**-33


def _check(case: Case) -> list[Finding]:
    again, results = case.run().named(), case.results.named()
    if not _same(again, results):
        return []  # what changes from call to call has its own law
    rng = case.rng(71)
    values, found = case.values, []
    for _ in range(_POINTS):
        found.append(_paths(case, values, rng))
        if all(_decided([paths[name] for paths in found if name in paths]) for name in found[0]):
            break
        values = case.subject.domain.sample(case.sizes, rng)
    return [
        _finding(case, name, [paths[name] for paths in found if name in paths]) for name in found[0]
    ]


def in_single_precision(case: Case) -> str:
    """Return which outputs are rounded to single precision at this point; empty if none is.

    For code that is called at one point only; the law itself needs a second one to agree.
    """
    if case.values and all(v.dtype == np.float64 for v in case.values.values() if v.ndim):
        paths = _paths(case, case.values, case.rng(71))
        names = [n for n, path in paths.items() if n.startswith("output") and path.rough]
        return ", ".join(result_name(name) for name in names)
    return ""


def _decided(paths: list[_Path]) -> bool:
    """Whether two points agree; a jump at a single one may be a kink close by."""
    return max(sum(path.rough for path in paths), sum(path.smooth for path in paths)) > 1


def _same(first: Named, second: Named) -> bool:
    return first.keys() == second.keys() and all(
        np.array_equal(first[name], second[name], equal_nan=True) for name in first
    )


@dataclass(frozen=True)
class _Path:
    """How a result moves over the steps: how uneven it is, at its worst entry.

    A result that does not move, such as a ReLU of only negative numbers, is neither
    rough nor smooth.
    """

    index: tuple[int, ...]
    height: float
    size: float
    moves: bool

    @property
    def rough(self) -> bool:
        """Whether it moves in jumps that double precision does not explain."""
        return self.moves and self.height > _SUSPICIOUS * self.size

    @property
    def smooth(self) -> bool:
        """Whether it moves as double precision does."""
        return self.moves and not self.rough


def _paths(case: Case, values: Named, rng: np.random.Generator) -> dict[str, _Path]:
    """Take short steps from `values` and follow each result."""
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
    natural = _natural_sizes(case, values, along[0])
    return {
        name: _path(
            [np.asarray(results[name], dtype=float) for results in along], natural.get(name, 0.0)
        )
        for name in names
        if all(name in results for results in along)
        and len({results[name].shape for results in along}) == 1
    }


def _signs(value: Array, rng: np.random.Generator) -> Array:
    return np.asarray(rng.choice([-1.0, 1.0], value.shape))


def _natural_sizes(case: Case, values: Named, results: Named) -> dict[str, float]:
    """Return how large each gradient is before anything cancels.

    The gradient of a saturated unit is nearly 0, and in double precision has the
    rounding of a gradient of natural size.
    """
    outputs = [out for name, out in results.items() if name.startswith("output")]
    weighted = [c * out for c, out in zip(case.cotangents, outputs, strict=True)]
    return {
        name: gradient_scale(weighted, values[name])
        for name in case.subject.checked
        if name in results
    }


def _path(along: list[Array], natural: float) -> _Path:
    size = max(float(np.max(np.abs(along[0]), initial=0.0)), natural)
    moves = bool(np.isfinite(along).all() and np.ptp(along, axis=0).any())
    if not moves:
        return _Path((), 0.0, size, moves)
    apart = np.max(np.abs(np.diff(along, n=_ORDER, axis=0)), axis=0) / _GROWTH
    index = tuple(int(i) for i in np.unravel_index(int(np.argmax(apart)), apart.shape))
    return _Path(index, float(apart[index]), size, moves)


def _finding(case: Case, name: str, paths: list[_Path]) -> Finding:
    what = result_name(name)
    rough = [path for path in paths if path.rough]
    if len(rough) < 2:
        return case.passed(LAW.name, name, f"{what} is not rounded to single precision")
    worst = rough[0]
    message = (
        f"{what}, {entry_name(worst.index)}, moves in jumps of {worst.height:.0e} while the "
        f"values move evenly by {_STEP:.0e} of their size: that is the rounding of single "
        f"precision (float32), somewhere inside; in double precision it should be about "
        f"{unit_roundoff(float) * worst.size:.0e}"
    )
    return case.failed(LAW.name, name, message, got=worst.height, index=worst.index)


LAW = Law(
    "precision",
    "what is given in double precision is not rounded to single precision on the way",
    _check,
    source="the roundoff of the two formats, 2^-53 and 2^-24, five hundred million times apart",
    applies_to="every layer and cost that gives the same twice",
    patterns=AT_ONE_SIZE,
)
