"""Running the code where a baseline looks: values, results, and their spread."""

from __future__ import annotations

from decimal import ROUND_CEILING, Context
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.baseline.evaluate import Run, prepare, require_repeatable, same
from gradlab.baseline.fingerprint import Lens, digest, largest_of
from gradlab.baseline.model import TRAJECTORY, Input, Place, Result
from gradlab.domain import Sizes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from gradlab.baseline.evaluate import Key, Results
    from gradlab.baseline.recordable import Code

    Array = NDArray[Any]

#: How often the inputs are moved in the last place.
DRAWS = 8

_TWO_DIGITS_UP = Context(prec=2, rounding=ROUND_CEILING)
#: How many examples a network is trained on.
_EXAMPLES = 5


def places_of(code: Code, seed: int) -> Iterator[Place]:
    """Run everything that there is of the code, at each pattern of sizes once.

    Raises
    ------
    GradlabError
        When the code raises, or when it does not repeat itself.
    """
    if code.subject is not None:
        seen = set()
        for number, pattern in enumerate(Sizes):
            sizes = code.subject.domain.sizes(pattern, np.random.default_rng([seed, number]))
            if tuple(sizes.values()) not in seen:
                seen.add(tuple(sizes.values()))
                run = prepare(code, sizes, seed, number, training=False)
                yield _place(run, sizes, seed, number, _where(pattern, sizes))
    if code.training is not None:
        sizes = code.training.domain.sizes(Sizes.DISTINCT, np.random.default_rng([seed, 0]))
        sizes[code.training.domain.batch] = _EXAMPLES
        run = prepare(code, sizes, seed, 0, training=True)
        yield _place(run, sizes, seed, 0, f"training ({_listed(sizes)})")


def _where(pattern: Sizes, sizes: Mapping[str, int]) -> str:
    return f"{pattern.value} ({_listed(sizes)})" if sizes else pattern.value


def _listed(sizes: Mapping[str, int]) -> str:
    return ", ".join(f"{symbol}={size}" for symbol, size in sizes.items())


def inputs_of(run: Run) -> tuple[Input, ...]:
    """Describe the values of a run, so that they are known again."""
    return tuple(
        Input(name, value.shape, digest(value), name in run.moved)
        for name, value in run.values.items()
    )


def _place(run: Run, sizes: Mapping[str, int], seed: int, number: int, where: str) -> Place:
    results = run.results()
    require_repeatable(run, results)
    precision = _precision(results)
    rng = np.random.default_rng([seed, number, 7])
    nearby = list(_nearby(run, precision, rng))
    recorded = tuple(
        _recorded(key, array, [others[key] for others in nearby], seed)
        for key, array in results.items()
    )
    return Place(where, number, run.training, dict(sizes), precision, inputs_of(run), recorded)


def _precision(results: Results) -> str:
    """The coarsest format that holds every result exactly; whole numbers tell nothing."""
    floating = [array for array in results.values() if array.dtype.kind == "f"]
    digits = [a for a in floating if np.any(np.isfinite(a) & (a != np.round(a)))]
    for precision in ("float16", "float32"):
        with np.errstate(over="ignore"):
            held = all(same(a.astype(precision).astype(a.dtype), a) for a in floating)
        if digits and held:
            return precision
    return "float64"


def _nearby(run: Run, precision: str, rng: np.random.Generator) -> Iterator[Results]:
    """Run at values moved to a neighbouring number, up or down at random."""
    for _ in range(DRAWS):
        moved = {
            name: _moved(value, precision, rng) if name in run.moved else value
            for name, value in run.values.items()
        }
        yield run.results(moved)


def _moved(value: Array, precision: str, rng: np.random.Generator) -> Array:
    towards = rng.choice([-np.inf, np.inf], value.shape).astype(precision)
    return np.asarray(np.nextafter(value.astype(precision), towards)).astype(value.dtype)


def _recorded(key: Key, array: Array, nearby: list[Array], seed: int) -> Result:
    kind, tensor = key
    watched = look(kind, array, seed)
    spread = np.zeros(watched.shape)
    for other in nearby:
        seen = look(kind, other, seed) if other.shape == array.shape else np.nan
        spread = np.maximum(spread, apart(watched, seen))
    if kind == TRAJECTORY:
        # What is rounded at one step reaches the later ones, however little of it is seen there.
        spread = np.maximum.accumulate(spread, axis=0)
    return Result(
        kind,
        tensor,
        array.shape,
        array.dtype.name,
        digest(array),
        largest_of(array),
        watched,
        _rounded_up(spread),
    )


def _rounded_up(spread: Array) -> Array:
    """Round bounds up to two digits: the next ones say nothing, and would fill the file."""
    known = [
        float(_TWO_DIGITS_UP.create_decimal_from_float(float(s))) if np.isfinite(s) else s
        for s in spread.flat
    ]
    return np.array(known, np.float64).reshape(spread.shape)


def apart(then: Array, now: Array | float) -> Array:
    """Return how far numbers are apart: 0 from NaN to NaN, infinite from a number to a NaN.

    Examples
    --------
    >>> apart(np.array([1.0, np.nan, np.inf, 1.0]), np.array([3.0, np.nan, np.inf, np.nan]))
    array([ 2.,  0.,  0., inf])
    """
    with np.errstate(invalid="ignore"):
        distance = np.abs(np.subtract(now, then))
    alike = (then == now) | (np.isnan(then) & np.isnan(now))
    return np.where(alike, 0.0, np.where(np.isnan(distance), np.inf, distance))


def lens_for(kind: str, shape: tuple[int, ...], seed: int) -> Lens:
    """Return what chooses the numbers that are kept: for a trajectory, of each step."""
    return Lens(shape[1:] if kind == TRAJECTORY else shape, seed)


def look(kind: str, array: Array, seed: int) -> Array:
    """Return the numbers of an array that are kept, in a row; a trajectory has a row a step."""
    lens = lens_for(kind, array.shape, seed)
    if kind == TRAJECTORY:
        return np.array([lens.look(step) for step in array]).reshape(len(array), -1)
    return lens.look(array)
