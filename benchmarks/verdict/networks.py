"""The NumPy networks on which cost and time are measured: forward, backward and a point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from correct import PLACES, Pair

if TYPE_CHECKING:
    from collections.abc import Callable

Rng = np.random.Generator


def _sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def _xor(rng: Rng) -> Pair:
    """The article's network for XOR: 2-3-1, sigmoid, binary cross-entropy; 13 parameters."""
    x = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]])
    y = np.array([[0.0, 1.0, 1.0, 0.0]])

    def run(v: Any) -> tuple[Any, Any]:
        hidden = _sigmoid(v["W1"] @ x + v["b1"])
        return hidden, _sigmoid(v["W2"] @ hidden + v["b2"])

    def forward(v: Any) -> Any:
        a = run(v)[1]
        return -np.sum(y * np.log(a) + (1 - y) * np.log(1 - a)) / 4

    def backward(v: Any, c: Any) -> Any:
        hidden, a = run(v)
        dz2 = c * (a - y) / 4
        dz1 = (v["W2"].T @ dz2) * hidden * (1 - hidden)
        return {
            "W1": dz1 @ x.T,
            "b1": np.sum(dz1, axis=1, keepdims=True),
            "W2": dz2 @ hidden.T,
            "b2": np.sum(dz2, axis=1, keepdims=True),
        }

    values = {
        "W1": rng.standard_normal((3, 2)),
        "b1": rng.standard_normal((3, 1)),
        "W2": rng.standard_normal((1, 3)),
        "b2": rng.standard_normal((1, 1)),
    }
    return Pair(forward, backward, values)


def _linear(rng: Rng) -> Pair:
    """A linear layer from 256 to 128 features, 16 examples."""
    x = rng.standard_normal((256, 16))
    return Pair(
        lambda v: v["W"] @ x + v["b"],
        lambda _v, c: {"W": c @ x.T, "b": np.sum(c, axis=1, keepdims=True)},
        {"W": rng.standard_normal((128, 256)) / 16, "b": rng.standard_normal((128, 1))},
    )


def _layers(rng: Rng, sizes: tuple[int, ...], examples: int) -> Pair:
    """A multi-layer perceptron with ReLU, softmax and cross-entropy."""
    x = rng.random((sizes[0], examples))
    labels, columns = rng.integers(0, sizes[-1], examples), np.arange(examples)
    depth = len(sizes) - 1

    def activations(v: Any) -> list[Any]:
        a = [x]
        for i in range(depth):
            z = v[f"W{i}"] @ a[-1] + v[f"b{i}"]
            a.append(np.maximum(z, 0) if i < depth - 1 else z)
        return a

    def forward(v: Any) -> Any:
        z = activations(v)[-1]
        z = z - np.max(z, axis=0)
        return np.sum(np.log(np.sum(np.exp(z), axis=0)) - z[labels, columns]) / examples

    def backward(v: Any, c: Any) -> Any:
        a = activations(v)
        p = np.exp(a[-1] - np.max(a[-1], axis=0))
        dz = p / np.sum(p, axis=0)
        dz[labels, columns] -= 1
        dz *= c / examples
        gradients = {}
        for i in reversed(range(depth)):
            gradients[f"W{i}"] = dz @ a[i].T
            gradients[f"b{i}"] = np.sum(dz, axis=1, keepdims=True)
            dz = (v[f"W{i}"].T @ dz) * (a[i] > 0)
        return gradients

    values = {}
    for i in range(depth):
        scale = np.sqrt(2 / sizes[i])
        values[f"W{i}"] = rng.standard_normal((sizes[i + 1], sizes[i])) * scale
        values[f"b{i}"] = 0.1 * rng.standard_normal((sizes[i + 1], 1))
    return Pair(forward, backward, values)


def _perceptron(rng: Rng) -> Pair:
    """784-128-64-10, 16 examples: 109,386 parameters."""
    return _layers(rng, (784, 128, 64, 10), 16)


def _convolution(rng: Rng) -> Pair:
    """A 3 x 3 convolution by im2col, 3 to 8 channels, two images of 12 x 12."""
    pair = PLACES["convolution, ordinary"].make(rng)
    x = rng.standard_normal((2, 3, 12, 12))
    return Pair(
        lambda v: pair.forward({**v, "x": x}),
        lambda v, c: {k: g for k, g in pair.backward({**v, "x": x}, c).items() if k != "x"},
        {"W": rng.standard_normal((8, 3, 3, 3)), "b": rng.standard_normal(8)},
    )


def _tanh(side: int) -> Callable[[Rng], Pair]:
    """A tanh layer with `side`² weights, two examples."""

    def make(rng: Rng) -> Pair:
        x = rng.standard_normal((side, 2))

        def backward(v: Any, c: Any) -> Any:
            return {"W": (c * (1 - np.tanh(v["W"] @ x) ** 2)) @ x.T}

        values = {"W": rng.standard_normal((side, side)) / np.sqrt(side)}
        return Pair(lambda v: np.tanh(v["W"] @ x), backward, values)

    return make


#: The four of the table of times.
WORKLOADS: dict[str, Callable[[Rng], Pair]] = {
    "XOR network": _xor,
    "linear 256 to 128": _linear,
    "perceptron 784-128-64-10": _perceptron,
    "convolution": _convolution,
}
#: Those of the table of costs: one layer at growing sizes besides.
NETWORKS = {
    **WORKLOADS,
    **{f"tanh layer, 10^{k} weights": _tanh(10 ** (k // 2)) for k in (2, 4, 6)},
}
