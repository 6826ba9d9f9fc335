"""What is done to a correct pair so that it becomes hard and stays correct."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from .base import Forward, Pair, Rng, Values


def each(f: Callable[[Any], Any], result: Any) -> Any:
    """Apply `f` to one output or to each of several."""
    return tuple(f(part) for part in result) if isinstance(result, tuple) else f(result)


def after(forward: Forward, f: Callable[[Any], Any]) -> Forward:
    """Apply `f` to what a forward returns."""
    return lambda v: each(f, forward(v))


def _floats(values: Values, change: Callable[[str, Any], Any]) -> dict[str, Any]:
    """Change the floating arrays and leave the others."""
    return {k: change(k, x) if x.dtype.kind in "fc" else x for k, x in values.items()}


def plain(pair: Pair, _rng: Rng) -> Pair:
    """Leave the pair as it is."""
    return pair


def scaled_output(pair: Pair, rng: Rng) -> Pair:
    """Multiply the outputs by 10^k, k from -12 to 12."""
    factor = 10.0 ** int(rng.integers(-12, 13))
    return replace(
        pair,
        forward=after(pair.forward, lambda y: factor * y),
        ideal=after(pair.truth, lambda y: factor * y),
        backward=lambda v, c: pair.backward(v, each(lambda part: factor * part, c)),
        terms={k: factor * size for k, size in pair.terms.items()},
    )


def scaled_input(pair: Pair, rng: Rng) -> Pair:
    """Give every tensor a scale of its own, 10^-12 to 10^12, to the nearest power of two.

    A power of two moves no entry onto a kink or off it.
    """
    factors = {k: 2.0 ** int(np.rint(rng.uniform(-12, 12) * np.log2(10))) for k in pair.values}

    def unscaled(v: Values) -> dict[str, Any]:
        return _floats(v, lambda k, x: x / factors[k])

    return replace(
        pair,
        forward=lambda v: pair.forward(unscaled(v)),
        ideal=lambda v: pair.truth(unscaled(v)),
        backward=lambda v, c: {k: g / factors[k] for k, g in pair.backward(unscaled(v), c).items()},
        values=_floats(pair.values, lambda k, x: x * factors[k]),
        terms={k: size / factors[k] for k, size in pair.terms.items()},
    )


def offset(pair: Pair, _rng: Rng) -> Pair:
    """Add 1e8 to the outputs."""
    return replace(pair, forward=after(pair.forward, lambda y: y + 1e8), ideal=pair.truth)


def cancelling(pair: Pair, _rng: Rng) -> Pair:
    """Add 1e6 to the outputs and take it off again."""
    forward = after(pair.forward, lambda y: (y + 1e6) - 1e6)
    return replace(pair, forward=forward, ideal=pair.truth)


def cast(pair: Pair, _rng: Rng) -> Pair:
    """Compute in float32 inside, forward and backward; take and return float64."""

    def single(v: Values) -> dict[str, Any]:
        return _floats(v, lambda _k, x: x.astype(np.float32))

    def down(y: Any) -> Any:
        return np.float32(y) if np.ndim(y) == 0 else np.asarray(y, dtype=np.float32)

    def backward(v: Values, c: Any) -> dict[str, Any]:
        gradients = pair.backward(single(v), each(down, c))
        return {k: np.asarray(g, dtype=float) for k, g in gradients.items()}

    def up(y: Any) -> Any:
        return float(y) if np.ndim(y) == 0 and not isinstance(y, np.ndarray) else y.astype(float)

    return replace(
        pair,
        forward=lambda v: each(up, pair.forward(single(v))),
        ideal=pair.truth,
        backward=lambda v, c: {
            k: np.asarray(g, dtype=float)
            for k, g in pair.backward(single(v), each(down, c)).items()
        },
        values=_rounded(pair, np.float32, float),
    )


def throughout(pair: Pair, _rng: Rng) -> Pair:
    """Give float32 values; the code keeps to the type of what it is given."""

    def backward(v: Values, c: Any) -> dict[str, Any]:
        kind = next(x.dtype for x in v.values() if x.dtype.kind == "f")
        return pair.backward(v, each(lambda y: np.asarray(y, dtype=kind)[()], c))

    return replace(pair, backward=backward, values=_rounded(pair, np.float32))


def _rounded(pair: Pair, *kinds: Any) -> dict[str, Any]:
    values = dict(pair.values)
    for kind in kinds:
        values = _floats(values, lambda _k, x, kind=kind: x.astype(kind))
    return values


def converted(pair: Pair, _rng: Rng) -> Pair:
    """Convert what comes in by ``np.asarray(x, dtype=float)``: complex numbers are cut down."""

    def real(v: Values) -> dict[str, Any]:
        return _floats(v, lambda _k, x: np.asarray(x, dtype=float))

    return replace(pair, forward=lambda v: pair.forward(real(v)), ideal=pair.truth)


def buffered(pair: Pair, _rng: Rng) -> Pair:
    """Write the outputs into a float64 array that was made beforehand."""

    def fill(y: Any) -> Any:
        if not isinstance(y, np.ndarray):
            return float(y)
        out = np.empty(y.shape)
        out[...] = y
        return out

    return replace(pair, forward=after(pair.forward, fill), ideal=pair.truth)


def scaled_output_single(pair: Pair, rng: Rng) -> Pair:
    """Multiply the outputs by 10^k and give float32 values."""
    return throughout(scaled_output(pair, rng), rng)


def scaled_input_single(pair: Pair, rng: Rng) -> Pair:
    """Give every tensor a scale of its own, and float32 values."""
    return throughout(scaled_input(pair, rng), rng)


#: By the name of their row in the tables.
MODIFIERS: dict[str, Callable[[Pair, Rng], Pair]] = {
    "as it is": plain,
    "10^k f": scaled_output,
    "10^k x": scaled_input,
    "+ 1e8": offset,
    "+ 1e6 - 1e6": cancelling,
    "asarray(float)": converted,
    "float64 buffer": buffered,
    "float32 inside": cast,
    "float32 throughout": throughout,
    "10^k f, float32": scaled_output_single,
    "10^k x, float32": scaled_input_single,
}
SINGLE = ("float32 inside", "float32 throughout", "10^k f, float32", "10^k x, float32")
LARGE = ("as it is", "float64 buffer", "float32 throughout")
