"""That the backwards of `correct` are right, established without gradlab.

80-bit long double is the judge.  The complex step on the ideal forward gives the
derivative to 1e-19 of its terms, on the branch that the backward takes where two
meet.  The backward run in long double must equal it (the formula is right), and the
backward run as it is must equal it to the rounding of its own arithmetic (its numerics
are right).  At an exact kink or tie, every output's gradient must besides lie between
the one-sided derivatives along every direction tried: that the branch is one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from correct import Cell, Pair

Array = np.ndarray[Any, np.dtype[Any]]
STEP = np.longdouble("1e-1000")
LEAST = np.longdouble("1e-400")  # below every float64: no relative statement holds there
MOST = 150  # entries that are differentiated one by one; of larger tensors, a sample


def floating(values: dict[str, Array]) -> list[str]:
    """Return the names of the tensors that have a gradient."""
    return [name for name, x in values.items() if x.dtype.kind == "f"]


def long(values: dict[str, Array]) -> dict[str, Array]:
    """Return the values in long double; integers as they are."""
    return {k: x.astype(np.longdouble) if x.dtype.kind == "f" else x for k, x in values.items()}


def parts(result: Any) -> tuple[Array, ...]:
    """Return the outputs as a tuple of arrays."""
    return tuple(map(np.asarray, result)) if isinstance(result, tuple) else (np.asarray(result),)


def like(result: Any, arrays: tuple[Array, ...]) -> Any:
    """Give cotangents the structure of a forward's result."""
    if isinstance(result, tuple):
        return arrays
    return arrays[0] if isinstance(result, np.ndarray) else arrays[0][()]


def cotangents(result: Any, rng: np.random.Generator) -> tuple[Array, ...]:
    """Draw one cotangent for each output, exact in float32."""
    return tuple(rng.integers(1, 64, p.shape) * rng.choice([-1, 1], p.shape) / 32
                 for p in parts(result))  # fmt: skip


def _positions(size: int, rng: np.random.Generator) -> Array:
    return np.arange(size) if size <= MOST else rng.choice(size, 12, replace=False)


def derivatives(
    pair: Pair, c: tuple[Array, ...], rng: np.random.Generator
) -> Iterator[tuple[str, Array, Array]]:
    """Yield, for each tensor, entries and the true derivatives of ⟨c, ideal⟩ there."""
    values = long(pair.values)
    for name in floating(values):
        x = values[name]
        positions = _positions(x.size, rng)
        found = np.zeros(positions.size, dtype=np.longdouble)
        for k, i in enumerate(positions):
            moved = x.astype(np.clongdouble).ravel()
            moved[i] += 1j * STEP
            outputs = parts(pair.truth({**values, name: moved.reshape(x.shape)}))
            found[k] = sum(np.sum(w * np.imag(y)) for w, y in zip(c, outputs, strict=True)) / STEP
        yield name, positions, found


def backward(
    pair: Pair, values: dict[str, Array], c: tuple[Array, ...], kind: Any
) -> dict[str, Array]:
    """Run the backward at `values`, cotangents in their own type."""
    result = pair.forward(pair.values)
    given = like(result, tuple(np.asarray(w, dtype=kind) for w in c))
    return {k: np.asarray(g) for k, g in pair.backward(values, given).items()}


def excess(cell: Cell, pair: Pair, rng: np.random.Generator) -> dict[str, tuple[float, float]]:
    """Return, for each tensor, the errors of the formula and of the run, in units of rounding.

    The first is that of the backward in long double, the second that of the backward
    as it is; both relative to the gradient's largest entry (an elementwise function's
    own entry) or to the largest term that the backward adds.
    """
    c = cotangents(pair.forward(pair.values), rng)
    largest = max((float(np.max(np.abs(w), initial=0)) for w in c), default=0.0)
    precise = backward(pair, long(pair.values), c, np.longdouble)
    plain = backward(pair, pair.values, c, float)
    inside = cell.modifier == "float32 inside"  # long double does not get past the cast
    found = {}
    for name, where, truth in derivatives(pair, c, rng):
        if precise[name].shape != pair.values[name].shape or plain[name].dtype.kind != "f":
            found[name] = (np.inf, np.inf)
            continue
        size = np.abs(truth) if cell.place.entrywise else np.max(np.abs(truth), initial=0)
        scale = size + pair.terms.get(name, 0.0) * largest
        wide = np.abs(precise[name].ravel()[where] - truth)
        here = np.abs(plain[name].ravel()[where].astype(np.longdouble) - truth)
        # Below the smallest normal number no relative statement holds.
        tiny = 1e-37 if cell.unit > 1e-10 else 1e-300
        found[name] = (
            0.0 if inside else _worst(wide, scale * 2.0**-64 + LEAST),
            _worst(here, scale * cell.unit + tiny * cell.unit),
        )
    return found


def _worst(error: Array, unit: Array | float) -> float:
    return float(np.max(error / unit, initial=0.0))


def between_sides(pair: Pair, rng: np.random.Generator) -> float:
    """Return how far, at most, an output's gradient leaves its one-sided derivatives.

    In units of the derivative along the direction; single entries, all ones and
    random directions.  Piecewise linear or smooth at the scale of 1e-9.
    """
    values = long(pair.values)
    result = pair.forward(values)
    outputs, worst = parts(result), 0.0
    names = floating(values)
    for direction in _directions(values, names, rng):
        left, right = (_one_sided(pair.forward, values, direction, side) for side in (-1, 1))
        for k, out in enumerate(outputs):
            for i in range(out.size):
                c = tuple(np.zeros(part.shape, dtype=np.longdouble) for part in outputs)
                c[k].flat[i] = 1
                g = pair.backward(values, like(result, c))
                along = sum(np.sum(np.asarray(g[n]) * direction[n]) for n in names)
                low, high = sorted((left[k].ravel()[i], right[k].ravel()[i]))
                size = sum(np.sum(np.abs(np.asarray(g[n]) * direction[n])) for n in names)
                outside = max(low - along, along - high)
                worst = max(worst, float(outside / (size + abs(low) + abs(high) + 1e-300)))
    return worst


def _directions(
    values: dict[str, Array], names: list[str], rng: np.random.Generator
) -> Iterator[dict[str, Array]]:
    zero = {n: np.zeros(values[n].shape, dtype=np.longdouble) for n in names}
    size = {n: float(np.max(np.abs(values[n]), initial=0)) or 1.0 for n in names}
    yield {n: zero[n] + size[n] for n in names}
    for _ in range(4):
        yield {n: zero[n] + size[n] * rng.standard_normal(values[n].shape) for n in names}
    for name in names:
        for i in rng.permutation(values[name].size)[:6]:
            one = zero[name].copy()
            one.flat[i] = size[name]
            yield {**zero, name: one}


def _one_sided(
    forward: Callable[[Any], Any], values: dict[str, Array], direction: dict[str, Array], side: int
) -> tuple[Array, ...]:
    t = np.longdouble(side) * 2.0**-31
    moved = {n: x + t * direction[n] if n in direction else x for n, x in values.items()}
    before, then = parts(forward(values)), parts(forward(moved))
    return tuple((b - a) / t for a, b in zip(before, then, strict=True))
