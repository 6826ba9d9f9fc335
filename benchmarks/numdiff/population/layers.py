"""The layers of a network, vector in and vector (or loss) out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .shapes import Array, fixed, plain, weighted

if TYPE_CHECKING:
    from .shapes import Rng

LAYER = "layer"


def gaussian(*shapes: tuple[int, ...]) -> Any:
    """Return a drawer of Gaussian weights of these shapes."""

    def weights(rng: Rng, _x: Array) -> tuple[Array, ...]:
        return tuple(rng.standard_normal(shape) for shape in shapes)

    return weights


def _one_hot(rng: Rng, _x: Array) -> tuple[Array, ...]:
    return (np.eye(5)[rng.integers(0, 5)],)


def _binary(rng: Rng, x: Array) -> tuple[Array, ...]:
    return (rng.integers(0, 2, x.shape).astype(float),)


def softmax(m: Any, x: Any) -> Any:
    """Return the softmax of a vector, shifted by its largest entry."""
    e = m.exp(x - m.max(x))
    return e / m.sum(e)


def layer_norm(m: Any, x: Any) -> Any:
    """Return a vector less its mean, over its standard deviation."""
    centred = x - m.sum(x) / len(x)
    return centred / m.sqrt(m.sum(centred * centred) / len(x) + 1e-5)


def _batch_norm(m: Any, x: Any, g: Any, b: Any) -> Any:
    a = x.reshape(4, 3)
    centred = a - m.sum(a, axis=0) / 4
    return g * centred / m.sqrt(m.sum(centred * centred, axis=0) / 4 + 1e-5) + b


def _cross_entropy(m: Any, x: Any, y: Any) -> Any:
    shifted = x - m.max(x)
    return m.log(m.sum(m.exp(shifted))) - m.sum(y * shifted)


def _binary_cross_entropy(m: Any, x: Any, y: Any) -> Any:
    p = 1 / (1 + m.exp(-x))
    return -m.sum(y * m.log(p) + (1 - y) * m.log(1 - p)) / len(x)


def _two_layers(m: Any, x: Any, w: Any, u: Any) -> Any:
    return u @ m.tanh(w @ x)


def _attention(m: Any, x: Any, k: Any, v: Any) -> Any:
    return softmax(m, k @ x / 2) @ v


def _convolution(_m: Any, x: Any, k: Any) -> Any:
    return k[0] * x[:-2] + k[1] * x[1:-1] + k[2] * x[2:]


def _gate(m: Any, x: Any, w: Any) -> Any:
    z = (w @ x).reshape(3, 3)
    forget, update = 1 / (1 + m.exp(-z[0])), 1 / (1 + m.exp(-z[1]))
    return forget * x[:3] + update * m.tanh(z[2])


def _rms_norm(m: Any, x: Any, g: Any) -> Any:
    return g * x / m.sqrt(m.sum(x * x) / len(x) + 1e-6)


weighted("linear", LAYER, lambda _m, x, w, b: w @ x + b, fixed(5), gaussian((3, 5), (3,)))
weighted(
    "dense tanh", LAYER, lambda m, x, w, b: m.tanh(w @ x + b), fixed(5), gaussian((3, 5), (3,))
)
weighted("two layers", LAYER, _two_layers, fixed(5), gaussian((4, 5), (2, 4)))
plain("softmax", LAYER, softmax, fixed(5, 2.0))
plain("layer norm", LAYER, layer_norm, fixed(6))
weighted("batch norm", LAYER, _batch_norm, fixed(12), gaussian((3,), (3,)))
weighted("cross-entropy", LAYER, _cross_entropy, fixed(5, 2.0), _one_hot)
weighted("binary cross-entropy", LAYER, _binary_cross_entropy, fixed(4, 2.0), _binary)
weighted("attention row", LAYER, _attention, fixed(4), gaussian((5, 4), (5, 2)), held_out=True)
weighted("convolution", LAYER, _convolution, fixed(8), gaussian((3,)), held_out=True)
weighted("gated cell", LAYER, _gate, fixed(5), gaussian((9, 5)), held_out=True)
weighted("rms norm", LAYER, _rms_norm, fixed(6), gaussian((6,)), held_out=True)
