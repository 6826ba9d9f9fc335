"""Layers with parameters and layers that move entries about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .base import Pair, add, dyadic

if TYPE_CHECKING:
    from collections.abc import Callable

    from .base import Rng


def _linear(n: int, m: int, k: int) -> Callable[[Rng], Pair]:
    return lambda rng: Pair(
        lambda v: v["W"] @ v["x"] + v["b"],
        lambda v, c: {"W": c @ v["x"].T, "x": v["W"].T @ c, "b": np.sum(c, axis=1, keepdims=True)},
        {
            "W": rng.standard_normal((n, m)),
            "b": rng.standard_normal((n, 1)),
            "x": rng.standard_normal((m, k)),
        },
    )


add("linear", "ordinary", _linear(3, 4, 5))
add("linear", "batch of 1", _linear(3, 2, 1))
add("linear", "empty", _linear(3, 2, 0))
add("linear", "empty features", _linear(3, 0, 2))


def _relu_net(z: str) -> Callable[[Rng], Pair]:
    """Two dense layers with a ReLU between; hidden units exactly at 0, beside it or anywhere."""

    def make(rng: Rng) -> Pair:
        n, hidden, out, m = 4, int(rng.integers(2, 7)), 3, int(rng.integers(1, 5))
        values = {
            "W": dyadic(rng, (hidden, n)),
            "b": dyadic(rng, (hidden, 1)),
            "x": dyadic(rng, (n, m)),
            "U": dyadic(rng, (out, hidden)),
        }
        if z == "generic":
            values = {key: rng.standard_normal(value.shape) for key, value in values.items()}
        else:
            # The first unit's argument, or that of all, is exactly 0 for the first example.
            units = slice(None) if z == "several" else slice(1)
            values["b"][units] = -(values["W"] @ values["x"])[units, :1]
        if z == "near":
            values["b"][0] += 10.0 ** rng.uniform(-12, -3)

        def forward(v: Any) -> Any:
            return v["U"] @ np.maximum(v["W"] @ v["x"] + v["b"], 0)

        def ideal(v: Any) -> Any:
            z = v["W"] @ v["x"] + v["b"]
            return v["U"] @ np.where(np.real(z) > 0, z, 0 * z)

        def backward(v: Any, c: Any) -> Any:
            z = v["W"] @ v["x"] + v["b"]
            dz = (v["U"].T @ c) * (z > 0)
            return {
                "W": dz @ v["x"].T,
                "b": np.sum(dz, axis=1, keepdims=True),
                "x": v["W"].T @ dz,
                "U": c @ np.maximum(z, 0).T,
            }

        # Sums of a few products of such numbers, which may cancel.
        return Pair(forward, backward, values, ideal, dict.fromkeys(values, 4.0))

    return make


add("relu net", "ordinary", _relu_net("generic"))
add("relu net", "kink, at", _relu_net("at"))
add("relu net", "kinks of both signs, at", _relu_net("several"), meeting=True)
add("relu net", "kink, near", _relu_net("near"), doubles=True)


def _weighted(rng: Rng) -> Pair:
    """The sum of w |x| with weights of both signs, some x exactly 0."""
    w, x = dyadic(rng, 6), dyadic(rng, 6, most=1)
    return Pair(
        lambda v: np.sum(w.astype(v["x"].dtype) * np.abs(v["x"])),
        lambda v, c: {"x": c * w.astype(v["x"].dtype) * np.sign(v["x"])},
        {"x": x},
        lambda v: np.sum(w * np.sign(np.real(v["x"])) * v["x"]),
    )


add("weighted absolute values", "kinks of both signs, at", _weighted, meeting=True)


def _wide_relu_net(rng: Rng) -> Pair:
    """10⁵ hidden units under a sum: hundreds of kinks within every coarse step."""
    u = rng.standard_normal(100_000) / 300

    def forward(v: Any) -> Any:
        z = v["W"] * v["x"] + v["b"]
        return np.array([np.sum(u.astype(z.dtype) * np.maximum(z, 0)), np.sum(np.maximum(z, 0))])

    def ideal(v: Any) -> Any:
        z = v["W"] * v["x"] + v["b"]
        a = np.where(np.real(z) > 0, z, 0 * z)
        return np.array([np.sum(u * a), np.sum(a)])

    def backward(v: Any, c: Any) -> Any:
        z = v["W"] * v["x"] + v["b"]
        dz = (c[0] * u.astype(z.dtype) + c[1]) * (z > 0)
        return {"W": dz * v["x"], "b": dz, "x": np.sum(dz * v["W"])[None]}

    values = {
        "W": rng.standard_normal(100_000),
        "b": rng.standard_normal(100_000),
        "x": np.array([0.75]),
    }
    return Pair(forward, backward, values, ideal, {"x": 1e3})


add("relu net of one input", "10^5 entries", _wide_relu_net, large=True)


def _tanh_stack(depth: int, scale: float) -> Callable[[Rng], Pair]:
    """Dense layers with tanh, several deep."""

    def make(rng: Rng) -> Pair:
        n, m = int(rng.integers(2, 5)), int(rng.integers(1, 5))
        names = [f"W{i}" for i in range(depth)]
        values = {name: scale * rng.standard_normal((n, n)) / n**0.5 for name in names}
        values["x"] = rng.standard_normal((n, m))

        def activations(v: Any) -> list[Any]:
            a = [v["x"]]
            for name in names:
                a.append(np.tanh(v[name] @ a[-1]))
            return a

        def backward(v: Any, c: Any) -> Any:
            a, gradients = activations(v), {}
            for i in reversed(range(depth)):
                c = c * (1 - a[i + 1] ** 2)
                gradients[names[i]] = c @ a[i].T
                c = v[names[i]].T @ c
            return {**gradients, "x": c}

        terms = dict.fromkeys(values, 10 * scale**depth)
        return Pair(lambda v: activations(v)[-1], backward, values, terms=terms)

    return make


add("dense stack", "ordinary", _tanh_stack(3, 1.0))
add("dense stack", "deep", _tanh_stack(8, 1.0))
add("dense stack", "saturation", _tanh_stack(2, 10.0), doubles=True)


def _embedding(repeats: bool) -> Callable[[Rng], Pair]:
    def make(rng: Rng) -> Pair:
        rows = int(rng.integers(2, 7))
        size = (3, 4) if repeats else (2,)
        chosen = rng.integers(0, rows, size)

        def backward(v: Any, c: Any) -> Any:
            gradient = np.zeros_like(v["E"])
            np.add.at(gradient, v["i"], c)
            return {"E": gradient}

        table = rng.standard_normal((rows, 3))
        return Pair(lambda v: v["E"][v["i"]], backward, {"E": table, "i": chosen})

    return make


add("embedding", "ordinary", _embedding(repeats=False))
add("embedding", "repeated indices", _embedding(repeats=True))


def _bilinear(rng: Rng) -> Pair:
    return Pair(
        lambda v: np.sum((v["a"] @ v["B"]) * v["c"], axis=1),
        lambda v, c: {
            "a": c[:, None] * (v["c"] @ v["B"].T),
            "B": v["a"].T @ (c[:, None] * v["c"]),
            "c": c[:, None] * (v["a"] @ v["B"]),
        },
        {
            "a": rng.standard_normal((4, 2)),
            "B": rng.standard_normal((2, 3)),
            "c": rng.standard_normal((4, 3)),
        },
    )


add("bilinear form", "ordinary", _bilinear)


def _broadcast(rng: Rng) -> Pair:
    return Pair(
        lambda v: v["a"] * v["b"],
        lambda v, c: {
            "a": np.sum(c * v["b"], axis=1, keepdims=True),
            "b": np.sum(c * v["a"], axis=0, keepdims=True),
        },
        {"a": rng.standard_normal((4, 1)), "b": rng.standard_normal((1, 3))},
    )


add("outer product by broadcasting", "ordinary", _broadcast)


def _running_sum(rng: Rng) -> Pair:
    return Pair(
        lambda v: np.cumsum(v["x"], axis=1),
        lambda _v, c: {"x": np.cumsum(c[:, ::-1], axis=1)[:, ::-1]},
        {"x": rng.standard_normal((2, int(rng.integers(1, 9))))},
    )


add("running sum", "ordinary", _running_sum)


def _reshuffled(rng: Rng) -> Pair:
    order = rng.permutation(6)
    return Pair(
        lambda v: v["x"].T.reshape(2, 6)[:, order],
        lambda _v, c: {"x": c[:, np.argsort(order)].reshape(4, 3).T},
        {"x": rng.standard_normal((3, 4))},
    )


add("transpose and permutation", "ordinary", _reshuffled)


def _dropout(rng: Rng) -> Pair:
    kept = rng.random((3, 5)) < 0.5
    return Pair(
        lambda v: v["x"] * kept / v["x"].dtype.type(0.5),
        lambda _v, c: {"x": c * kept / c.dtype.type(0.5)},
        {"x": rng.standard_normal((3, 5))},
    )


add("dropout with a fixed mask", "ordinary", _dropout)


def _residual(rng: Rng) -> Pair:
    def backward(v: Any, c: Any) -> Any:
        dz = c * (1 - np.tanh(v["W"] @ v["x"]) ** 2)
        return {"W": dz @ v["x"].T, "x": c + v["W"].T @ dz}

    return Pair(
        lambda v: v["x"] + np.tanh(v["W"] @ v["x"]),
        backward,
        {"W": rng.standard_normal((3, 3)), "x": rng.standard_normal((3, 2))},
        terms={"W": 4.0, "x": 4.0},
    )


add("residual block", "ordinary", _residual)
