"""float32 and float16 inside, and code that is not analytic although its function is smooth."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .hard import _saturated_cross_entropy
from .layers import layer_norm, softmax
from .shapes import Array, fixed, normal, plain, weighted

SINGLE = "float32 inside"
HALF = "float16 inside"
TRAP = "not analytic"


def cast(dtype: type) -> Any:
    """Return a drawer of weights that `dtype` holds exactly."""

    def weights(rng: Any, _x: Array) -> tuple[Array, ...]:
        return (rng.standard_normal((3, 5)).astype(dtype).astype(float),)

    return weights


def _dense(m: Any, x: Any, w: Any) -> Any:
    return m.tanh(w @ x)


def _inside(dtype: type, f: Any) -> Any:
    return lambda x, *w: f(np, x.astype(dtype), *(a.astype(dtype) for a in w)).astype(float)


plain("tanh in float32", SINGLE, lambda m, x: m.tanh(x), normal(),
      code=_inside(np.float32, lambda m, x: m.tanh(x)))  # fmt: skip
plain("softmax in float32", SINGLE, softmax, fixed(5), code=_inside(np.float32, softmax))
weighted("dense in float32", SINGLE, _dense, fixed(5), cast(np.float32),
         code=_inside(np.float32, _dense))  # fmt: skip
plain("loss in float32", SINGLE, lambda m, x: m.sum(x * x), fixed(6),
      code=lambda x: float(np.sum((x * x).astype(np.float32))))  # fmt: skip
plain("float32 step in float64 code", SINGLE, lambda m, x: m.exp(m.sin(x)), normal(),
      code=lambda x: np.exp(np.sin(x).astype(np.float32).astype(float)))  # fmt: skip
plain("sigmoid in float32", SINGLE, lambda m, x: 1 / (1 + m.exp(-x)), normal(), held_out=True,
      code=_inside(np.float32, lambda m, x: 1 / (1 + m.exp(-x))))  # fmt: skip
plain("layer norm in float32", SINGLE, layer_norm, fixed(6), held_out=True,
      code=_inside(np.float32, layer_norm))  # fmt: skip

plain("tanh in float16", HALF, lambda m, x: m.tanh(x), normal(),
      code=_inside(np.float16, lambda m, x: m.tanh(x)))  # fmt: skip
weighted("dense in float16", HALF, _dense, fixed(5), cast(np.float16),
         code=_inside(np.float16, _dense))  # fmt: skip
plain("sin in float16", HALF, lambda m, x: m.sin(x), normal(), held_out=True,
      code=_inside(np.float16, lambda m, x: m.sin(x)))  # fmt: skip


def _stable_sigmoid(x: Array) -> Array:
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + e), e / (1 + e))


def _stable_bce(x: Array) -> Array:
    return np.maximum(x, 0) - x + np.log1p(np.exp(-np.abs(x)))


def _through_a_real_buffer(x: Array) -> Array:
    out = np.zeros(x.shape)
    for i in range(x.size):
        out[i] = x[i] ** 3 + math.sin(x[i])
    return out


def _norm_of_rows(x: Array) -> Array:
    return x / np.linalg.norm(x)


plain("stable sigmoid", TRAP, lambda m, x: 1 / (1 + m.exp(-x)), normal(3.0), code=_stable_sigmoid)
plain("stable cross-entropy", TRAP, lambda m, x: m.log1p(m.exp(-x)), normal(3.0), code=_stable_bce)
plain("through a real buffer", TRAP, lambda m, x: x**3 + m.sin(x), normal(),
      code=_through_a_real_buffer)  # fmt: skip
plain("over its norm", TRAP, lambda m, x: x / m.sqrt(m.sum(x * x)), fixed(5), code=_norm_of_rows)
plain("a small absolute value", TRAP, lambda m, x: m.sin(x) + 1e-7 * m.abs(x), normal(),
      code=lambda x: np.sin(np.asarray(x)) + 1e-7 * np.abs(np.asarray(x)))  # fmt: skip
plain("square by conjugate", TRAP, lambda m, x: m.sum(x * x), fixed(5), held_out=True,
      code=lambda x: np.real(np.vdot(x, x)))  # fmt: skip
plain("standard deviation", TRAP, lambda m, x: m.sqrt(m.sum((x - m.sum(x) / 6) ** 2) / 6), fixed(6),
      held_out=True, code=np.std)  # fmt: skip
plain("list and math", TRAP, lambda m, x: m.exp(x) - x, normal(), held_out=True,
      code=lambda x: np.array([math.exp(t) - t for t in x.tolist()]))  # fmt: skip
plain("saturated loss, real parts", TRAP, _saturated_cross_entropy,
      lambda rng: np.append(rng.uniform(1, 8), rng.standard_normal(3)), held_out=True,
      code=lambda x: math.log(1 + float(np.sum(np.exp(x[1:] - x[0])))))  # fmt: skip
