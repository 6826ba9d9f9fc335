"""Sample sites of a baseline: values, results, and their spread."""

from __future__ import annotations

from decimal import ROUND_CEILING, Context
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.baseline.evaluate import Evaluation, prepare, require_repeatable, same
from gradlab.baseline.fingerprint import Fingerprint, digest, largest_of
from gradlab.baseline.model import TRAJECTORY, RecordedInput, Result, SampleSite
from gradlab.domain import Sizes
from gradlab.roundoff import MARGINS, Neighbourhood, spread_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from gradlab.baseline.evaluate import Key, Results
    from gradlab.baseline.recordable import Code

    Array = NDArray[Any]

#: How the recorded spread is measured, and by what it is widened.
MARGIN = MARGINS["baseline"]

_TWO_DIGITS_UP = Context(prec=2, rounding=ROUND_CEILING)
#: How many examples a network is trained on.
_EXAMPLES = 5


def sample(code: Code, seed: int) -> Iterator[SampleSite]:
    """Evaluate the code at each pattern of sizes, and its training once.

    Raises
    ------
    GradlabError
        If the code raises, or is not deterministic.
    """
    if code.subject is not None:
        seen = set()
        for number, pattern in enumerate(Sizes):
            sizes = code.subject.domain.sizes(pattern, np.random.default_rng([seed, number]))
            if tuple(sizes.values()) not in seen:
                seen.add(tuple(sizes.values()))
                run = prepare(code, sizes, seed, number, training=False)
                yield _site(run, sizes, seed, number, _where(pattern, sizes))
    if code.training is not None:
        sizes = code.training.domain.sizes(Sizes.DISTINCT, np.random.default_rng([seed, 0]))
        sizes[code.training.domain.batch] = _EXAMPLES
        run = prepare(code, sizes, seed, 0, training=True)
        yield _site(run, sizes, seed, 0, f"training ({_listed(sizes)})")


def _where(pattern: Sizes, sizes: Mapping[str, int]) -> str:
    return f"{pattern.value} ({_listed(sizes)})" if sizes else pattern.value


def _listed(sizes: Mapping[str, int]) -> str:
    return ", ".join(f"{symbol}={size}" for symbol, size in sizes.items())


def inputs_of(run: Evaluation) -> tuple[RecordedInput, ...]:
    """Return the shapes and digests of the input values."""
    return tuple(
        RecordedInput(name, value.shape, digest(value), name in run.moved)
        for name, value in run.values.items()
    )


def _site(
    run: Evaluation, sizes: Mapping[str, int], seed: int, number: int, where: str
) -> SampleSite:
    results = run.results()
    require_repeatable(run, results)
    precision = _precision(results)
    spread = _spread(run, results, precision, np.random.default_rng([seed, number, 7]), seed)
    recorded = tuple(_recorded(key, array, spread[key], seed) for key, array in results.items())
    return SampleSite(where, number, run.training, dict(sizes), precision, inputs_of(run), recorded)


def _precision(results: Results) -> str:
    """Return the coarsest format that holds every result exactly; whole numbers fit any."""
    floating = [array for array in results.values() if array.dtype.kind == "f"]
    digits = [a for a in floating if np.any(np.isfinite(a) & (a != np.round(a)))]
    for precision in ("float16", "float32"):
        with np.errstate(over="ignore"):
            held = all(same(a.astype(precision).astype(a.dtype), a) for a in floating)
        if digits and held:
            return precision
    return "float64"


def _spread(
    run: Evaluation, results: Results, precision: str, rng: np.random.Generator, seed: int
) -> Results:
    """Measure how far the kept numbers of each result change over neighbouring inputs.

    Infinite where a neighbour has no finite value, or another shape.
    """

    def kept(values: Mapping[str, Array]) -> Results:
        return {
            key: kept_numbers(key[0], array, seed)
            for key, array in run.results(values).items()
            if key in results and array.shape == results[key].shape
        }

    base = {key: kept_numbers(key[0], array, seed) for key, array in results.items()}
    near = Neighbourhood(run.values, MARGIN, moving=run.moved, precision=precision)
    return spread_of(kept, base, near, rng, undefined=np.inf)


def _recorded(key: Key, array: Array, spread: Array, seed: int) -> Result:
    kind, tensor = key
    if kind == TRAJECTORY:
        # A rounding error of one step reaches the later ones, whatever its effect there.
        spread = np.maximum.accumulate(spread, axis=0)
    return Result(
        kind,
        tensor,
        array.shape,
        array.dtype.name,
        digest(array),
        largest_of(array),
        kept_numbers(kind, array, seed),
        _rounded_up(spread),
    )


def _rounded_up(spread: Array) -> Array:
    """Round bounds up to two digits: the next ones say nothing, and would fill the file."""
    known = [
        float(_TWO_DIGITS_UP.create_decimal_from_float(float(s))) if np.isfinite(s) else s
        for s in spread.flat
    ]
    return np.array(known, np.float64).reshape(spread.shape)


def fingerprint_for(kind: str, shape: tuple[int, ...], seed: int) -> Fingerprint:
    """Return the fingerprint of an array, or of each step of a trajectory."""
    return Fingerprint(shape[1:] if kind == TRAJECTORY else shape, seed)


def kept_numbers(kind: str, array: Array, seed: int) -> Array:
    """Return the kept numbers of an array as a vector; of a trajectory, a row for each step."""
    fingerprint = fingerprint_for(kind, array.shape, seed)
    if kind == TRAJECTORY:
        return np.array([fingerprint.kept(step) for step in array]).reshape(len(array), -1)
    return fingerprint.kept(array)
