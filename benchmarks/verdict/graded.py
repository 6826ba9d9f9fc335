"""Wrong backwards of known size and place: what the power of the verdict is measured on.

A layer is large or small, smooth or rectified, and lets complex numbers through or
not (a buffer of float64, or ``np.asarray(x, dtype=float)`` at the door).  Its correct
backward is spoiled by a known relative amount of the gradient's root mean square, in
one entry, in k of them, or in a pattern that people's mistakes make.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from correct import MODIFIERS, Pair

if TYPE_CHECKING:
    from collections.abc import Callable

Array = np.ndarray[Any, np.dtype[Any]]
Rng = np.random.Generator

#: How a layer's forward takes what it is given: as it is, or cut down to real numbers.
WAYS = ("as it is", "float64 buffer", "asarray(float)")


@dataclass(frozen=True)
class Layer:
    """A correct layer with about N parameters in one tensor.

    `make` takes a generator and N; `tensor` is the one that is spoiled.
    """

    name: str
    kind: str
    make: Callable[[Rng, int], Pair]
    tensor: str = "W"

    def draw(self, rng: Rng, size: int, way: str = "as it is") -> Pair:
        """Draw weights and a point, and let the forward take them in one of `WAYS`."""
        return MODIFIERS[way](self.make(rng, size), rng)


def _shape(size: int) -> tuple[int, int]:
    """Return rows and columns of a matrix with `size` entries, as near a square as divides it."""
    rows = int(np.sqrt(size))
    while size % rows:
        rows -= 1
    return rows, size // rows


def _dense(rng: Rng, size: int, examples: int) -> dict[str, Array]:
    rows, columns = _shape(size)
    return {
        "W": rng.standard_normal((rows, columns)) / np.sqrt(columns),
        "x": rng.standard_normal((columns, examples)),
    }


def _tanh(rng: Rng, size: int) -> Pair:
    def backward(v: Any, c: Any) -> Any:
        dz = c * (1 - np.tanh(v["W"] @ v["x"]) ** 2)
        return {"W": dz @ v["x"].T, "x": v["W"].T @ dz}

    return Pair(lambda v: np.tanh(v["W"] @ v["x"]), backward, _dense(rng, size, 2))


def _sigmoid_cost(rng: Rng, size: int) -> Pair:
    """A sigmoid layer under a mean squared error: one number out."""
    values = _dense(rng, size, 2)
    y = rng.random((len(values["W"]), 2))

    def activation(v: Any) -> Any:
        return 1 / (1 + np.exp(-(v["W"] @ v["x"])))

    def backward(v: Any, c: Any) -> Any:
        a = activation(v)
        dz = c * 2 * (a - y) / y.size * a * (1 - a)
        return {"W": dz @ v["x"].T, "x": v["W"].T @ dz}

    return Pair(lambda v: np.sum((activation(v) - y) ** 2) / y.size, backward, values)


def _softmax_cost(rng: Rng, size: int) -> Pair:
    """A linear layer under softmax and cross-entropy: one number out."""
    values = _dense(rng, size, 2)
    labels = rng.integers(0, len(values["W"]), 2)
    columns = np.arange(2)

    def forward(v: Any) -> Any:
        z = v["W"] @ v["x"]
        z = z - np.max(z, axis=0)
        return np.sum(np.log(np.sum(np.exp(z), axis=0)) - z[labels, columns]) / 2

    def backward(v: Any, c: Any) -> Any:
        z = v["W"] @ v["x"]
        p = np.exp(z - np.max(z, axis=0))
        p /= np.sum(p, axis=0)
        p[labels, columns] -= 1
        dz = c * p / 2
        return {"W": dz @ v["x"].T, "x": v["W"].T @ dz}

    return Pair(forward, backward, values)


def _relu(rng: Rng, size: int) -> Pair:
    def backward(v: Any, c: Any) -> Any:
        dz = c * (v["W"] @ v["x"] > 0)
        return {"W": dz @ v["x"].T, "x": v["W"].T @ dz}

    return Pair(lambda v: np.maximum(v["W"] @ v["x"], 0), backward, _dense(rng, size, 2))


def _relu_net(rng: Rng, size: int) -> Pair:
    """A rectified layer under a linear one with ten outputs."""
    values = _dense(rng, size, 2)
    values["U"] = rng.standard_normal((10, len(values["W"]))) / np.sqrt(len(values["W"]))

    def backward(v: Any, c: Any) -> Any:
        z = v["W"] @ v["x"]
        dz = (v["U"].T @ c) * (z > 0)
        return {"W": dz @ v["x"].T, "U": c @ np.maximum(z, 0).T, "x": v["W"].T @ dz}

    return Pair(lambda v: v["U"] @ np.maximum(v["W"] @ v["x"], 0), backward, values)


def _elementwise(rng: Rng, size: int) -> Pair:
    """`size` ReLUs on their own."""
    return Pair(
        lambda v: np.maximum(v["x"], 0),
        lambda v, c: {"x": c * (v["x"] > 0)},
        {"x": rng.standard_normal(_shape(size))},
    )


LAYERS = {
    layer.name: layer
    for layer in (
        Layer("tanh layer", "smooth", _tanh),
        Layer("sigmoid layer and squared error", "smooth", _sigmoid_cost),
        Layer("softmax and cross-entropy", "smooth", _softmax_cost),
        Layer("relu layer", "relu", _relu),
        Layer("relu net, ten outputs", "relu", _relu_net),
        Layer("relu, elementwise", "relu", _elementwise, "x"),
    )
}


def rms(gradient: Array) -> float:
    """Return the root mean square of a gradient."""
    return float(np.sqrt(np.mean(np.square(gradient))))


def spoiled(pair: Pair, tensor: str, entries: Array, size: float, rng: Rng) -> Pair:
    """Return `pair` with ±size·rms(g) added to some entries of one gradient.

    `entries` are positions in the raveled tensor.
    """
    signs = rng.choice([-1.0, 1.0], len(entries))

    def backward(v: Any, c: Any) -> Any:
        gradients = dict(pair.backward(v, c))
        wrong = np.array(gradients[tensor])
        wrong.flat[entries] += signs * size * rms(wrong)
        return {**gradients, tensor: wrong}

    return replace(pair, backward=backward)


@dataclass(frozen=True)
class Error:
    """`count` entries of N = `entries`, each wrong by `size` times rms(g)."""

    entries: int
    count: int
    size: float


def planted(layer: Layer, error: Error, way: str, seed: int) -> tuple[Pair, Array]:
    """Return a draw of `layer` with an error planted in it, and which entries are wrong.

    In a rectified layer some entries have a gradient of exactly 0; those count too.
    """
    rng = np.random.default_rng([seed, error.entries, error.count])
    pair = layer.draw(rng, error.entries, way)
    chosen = np.sort(rng.choice(pair.values[layer.tensor].size, error.count, replace=False))
    return spoiled(pair, layer.tensor, chosen, error.size, rng), chosen


@dataclass(frozen=True)
class Pattern:
    """A mistake with a shape: the wrong tensor, a mask of its wrong entries, and its name."""

    name: str
    pair: Pair
    tensor: str
    wrong: Array


def _changed(pair: Pair, tensor: str, change: Callable[[Array, Any, Any], Array]) -> Pair:
    """Return `pair` with one gradient passed through ``change(gradient, values, c)``."""

    def backward(v: Any, c: Any) -> Any:
        gradients = dict(pair.backward(v, c))
        return {**gradients, tensor: change(np.array(gradients[tensor]), v, c)}

    return replace(pair, backward=backward)


def _line(rng: Rng, n: int, axis: int) -> Pattern:
    pair = _tanh(rng, n * n)
    index = int(rng.integers(n))
    where = np.zeros((n, n), dtype=bool)
    where[(slice(None),) * axis + (index,)] = True
    wrong = _changed(pair, "W", lambda g, _v, _c: np.where(where, 2 * g, g))
    return Pattern(f"{'row' if axis == 0 else 'column'} {index}", wrong, "W", where)


def _all(rng: Rng, n: int) -> Pattern:
    pair = _changed(_tanh(rng, n * n), "W", lambda g, _v, _c: g / 2)
    return Pattern("all entries", pair, "W", np.ones((n, n), dtype=bool))


def _negative(rng: Rng, n: int) -> Pattern:
    """A leaky ReLU whose backward forgot the slope below 0."""
    x = rng.standard_normal((n, n))
    pair = Pair(
        lambda v: np.where(v["x"] > 0, v["x"], 0.1 * v["x"]),
        lambda v, c: {"x": c * (v["x"] > 0)},
        {"x": x},
    )
    return Pattern("wherever x < 0", pair, "x", x < 0)


def _repeated(rng: Rng, n: int) -> Pattern:
    """A look-up whose backward assigns where it should add."""
    chosen = rng.integers(0, n, 2 * n)
    table = rng.standard_normal((n, 3))

    def backward(v: Any, c: Any) -> Any:
        gradient = np.zeros_like(v["E"])
        gradient[v["i"]] = c
        return {"E": gradient}

    pair = Pair(lambda v: v["E"][v["i"]], backward, {"E": table, "i": chosen})
    often = np.bincount(chosen, minlength=n) > 1
    return Pattern("repeated indices", pair, "E", np.broadcast_to(often[:, None], (n, 3)))


def _transposed(rng: Rng, n: int) -> Pattern:
    pair = _changed(_tanh(rng, n * n), "W", lambda g, _v, _c: g.T.copy())
    return Pattern("the transpose", pair, "W", ~np.eye(n, dtype=bool))


#: The patterns, by what a report should call them; each takes a generator and a side length.
PATTERNS: dict[str, Callable[[Rng, int], Pattern]] = {
    "all entries": _all,
    "one row": lambda rng, n: _line(rng, n, 0),
    "one column": lambda rng, n: _line(rng, n, 1),
    "wherever x < 0": _negative,
    "repeated indices": _repeated,
    "the transpose": _transposed,
}
