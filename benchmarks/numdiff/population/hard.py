"""Hard but correct: offsets, cancellation, edges of a domain, saturation, oscillation, scales."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .layers import layer_norm, softmax
from .shapes import Array, Case, decades, fixed, made, normal, plain, uniform

if TYPE_CHECKING:
    from .shapes import Function, Rng

OFFSET = "offset"
CANCELLATION = "cancellation"
EDGE = "edge of a domain"
SATURATED = "saturated"
OSCILLATING = "oscillating"
SCALES = "mixed scales"
SCALED = "scaled by a power of ten"

plain("1e8 + tanh", OFFSET, lambda m, x: 1e8 + m.tanh(x), normal())
plain("tanh + 1e4 - 1e4", OFFSET, lambda m, x: m.tanh(x), normal(),
      code=lambda x: (np.tanh(x) + 1e4) - 1e4)  # fmt: skip
plain("shifted point", OFFSET, lambda m, x: m.sin(x), normal(),
      code=lambda x: np.sin((x + 1e6) - 1e6))  # fmt: skip
plain("1e10 + square", OFFSET, lambda m, x: m.sum(x * x) + 1e10, normal(), held_out=True)
plain("sin + 1e6 - 1e6", OFFSET, lambda m, x: m.sin(x), normal(), held_out=True,
      code=lambda x: (np.sin(x) + 1e6) - 1e6)  # fmt: skip

plain("(1 - cos x) / x^2", CANCELLATION, lambda m, x: (1 - m.cos(x)) / (x * x),
      decades(-3, 0, signed=True))  # fmt: skip
plain("exp(x) - 1 - x", CANCELLATION, lambda m, x: m.exp(x) - 1 - x, decades(-3, 0, signed=True))
plain("sqrt(x + 1) - sqrt(x)", CANCELLATION, lambda m, x: m.sqrt(x + 1) - m.sqrt(x), decades(0, 8))
plain("variance by moments", CANCELLATION,
      lambda m, x: m.sum(x * x) / len(x) - (m.sum(x) / len(x)) ** 2,
      lambda rng: 1e3 + rng.standard_normal(6))  # fmt: skip
plain("tanh by exponentials", CANCELLATION,
      lambda m, x: (m.exp(x) - m.exp(-x)) / (m.exp(x) + m.exp(-x)), normal())  # fmt: skip
plain("x - sin x", CANCELLATION, lambda m, x: x - m.sin(x), decades(-3, 0, signed=True),
      held_out=True)  # fmt: skip
plain("log of exp", CANCELLATION, lambda m, x: m.log(1 + m.exp(x)) - x, uniform(5, 25),
      held_out=True)  # fmt: skip
plain("sin cubed over x", CANCELLATION, lambda m, x: (m.sin(x) - x) / x**3,
      decades(-2, 0, signed=True), held_out=True)  # fmt: skip


def _bce(m: Any, p: Any) -> Any:
    return -m.log(p) - 2 * m.log(1 - p)


def _x_log_x(m: Any, x: Any) -> Any:
    return x * m.log(x)


plain("log near 0", EDGE, lambda m, x: m.log(x), decades(-9, -3))
plain("log among ordinary entries", EDGE, lambda m, x: m.log(x), decades(-9, 0))
plain("sqrt near 0", EDGE, lambda m, x: m.sqrt(x), decades(-12, -3))
plain("bce near 0", EDGE, _bce, decades(-9, -1))
plain("bce near 1", EDGE, _bce, lambda rng: 1 - 10.0 ** rng.uniform(-9, -1, 3))
plain("cube root near 0", EDGE, lambda m, x: m.cbrt(x), decades(-9, -3, signed=True))
plain("1/x near 0", EDGE, lambda _m, x: 1 / x, decades(-9, -2, signed=True))
plain("log(1 - x^2)", EDGE, lambda m, x: m.log(1 - x * x),
      lambda rng: 1 - 10.0 ** rng.uniform(-8, -1, 3))  # fmt: skip
plain("x^1.5 at 0", EDGE, lambda m, x: x * m.sqrt(x), lambda rng: rng.integers(0, 2, 1) * 0.0)
plain("x log x near 0", EDGE, _x_log_x, decades(-9, -1), held_out=True)
plain("arcsin near 1", EDGE, lambda m, x: m.arcsin(x),
      lambda rng: 1 - 10.0 ** rng.uniform(-8, -1, 3), held_out=True)  # fmt: skip
plain("arctanh near 1", EDGE, lambda m, x: m.arctanh(x),
      lambda rng: 1 - 10.0 ** rng.uniform(-8, -1, 3), held_out=True)  # fmt: skip
plain("(1 - x)^1.5 at 1", EDGE, lambda m, x: (1 - x) * m.sqrt(1 - x), lambda _rng: np.ones(1),
      held_out=True)  # fmt: skip


def _sigmoid(m: Any, x: Any) -> Any:
    return 1 / (1 + m.exp(-x))


def _saturated_cross_entropy(m: Any, x: Any) -> Any:
    return m.log(1 + m.sum(m.exp(x[1:] - x[0])))


plain("sigmoid, saturated", SATURATED, _sigmoid, uniform(-40, 40))
plain("tanh, saturated", SATURATED, lambda m, x: m.tanh(x), uniform(-25, 25))
plain("cross-entropy, saturated", SATURATED, _saturated_cross_entropy,
      lambda rng: np.append(rng.uniform(15, 45), rng.standard_normal(3)))  # fmt: skip
plain("softmax, saturated", SATURATED, softmax, fixed(5, 15.0))
plain("exp near its limit", SATURATED, lambda m, x: m.exp(x), uniform(700, 709))
plain("softplus, saturated", SATURATED, lambda m, x: m.log1p(m.exp(x)), uniform(-45, 45),
      held_out=True)  # fmt: skip
plain("layer norm of a constant", SATURATED, layer_norm,
      lambda rng: 10 + 1e-6 * rng.standard_normal(6), held_out=True)  # fmt: skip
plain("1 - exp(-x), saturated", SATURATED, lambda m, x: 1 - m.exp(-x), uniform(1, 45),
      held_out=True)  # fmt: skip

plain("sin(1e3 x)", OSCILLATING, lambda m, x: m.sin(1000 * x), normal())
plain("sin(1e5 x)", OSCILLATING, lambda m, x: m.sin(100000 * x), normal())
plain("sin(1/x)", OSCILLATING, lambda m, x: m.sin(1 / x), decades(-3, 0, signed=True))
plain("ripple", OSCILLATING, lambda m, x: x * x + 0.001 * m.sin(500 * x), normal())
plain("x cos(300 x)", OSCILLATING, lambda m, x: x * m.cos(300 * x), normal(), held_out=True)
plain("sin(x^2) far out", OSCILLATING, lambda m, x: m.sin(x * x), uniform(20, 200), held_out=True)
plain("narrow bump", OSCILLATING, lambda m, x: m.exp(-((x * 300) ** 2)) + x,
      lambda rng: rng.standard_normal(3) * 0.005, held_out=True)  # fmt: skip

plain("exp over 25 decades", SCALES, lambda m, x: m.exp(x), uniform(-40, 20))
plain("sum of scales", SCALES, lambda m, x: m.sum(m.sin(x)), decades(-12, 2, signed=True))
plain("squares over decades", SCALES, lambda _m, x: x * x, decades(-12, 12, signed=True))
plain("reciprocals over decades", SCALES, lambda _m, x: 1 / x, decades(-12, 12, signed=True))
plain("product of scales", SCALES, lambda m, x: m.prod(x), decades(-6, 6, signed=True),
      held_out=True)  # fmt: skip
plain("hypotenuse over decades", SCALES, lambda m, x: m.sqrt(m.sum(x * x)),
      decades(-8, 8, signed=True), held_out=True)  # fmt: skip
plain("cubes over decades", SCALES, lambda _m, x: x**3 + x, decades(-9, 9, signed=True),
      held_out=True)  # fmt: skip


def _scaled(name: str, f: Function, *, held_out: bool = False) -> None:
    """Enter 10^k f(x) and f(x / 10^k), k drawn from -12 to 12."""

    def make(rng: Rng) -> Case:
        factor = 10.0 ** int(rng.integers(-12, 13))
        x = np.asarray(rng.standard_normal(int(rng.integers(1, 5))))
        if rng.random() < 0.5:
            return _case(lambda m, x: factor * f(m, x), x)
        return _case(lambda m, x: f(m, x / factor), x * factor)

    made(name, SCALED, make, held_out=held_out)


def _case(f: Function, x: Array) -> Case:
    return Case(lambda x: f(np, x), f, x)


_scaled("tanh, scaled", lambda m, x: m.tanh(x))
_scaled("softmax, scaled", softmax)
_scaled("square and sine, scaled", lambda m, x: x * x + m.sin(x), held_out=True)
