"""Costs: one number out, often near a limit of its domain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .base import Pair, add, dyadic, near

if TYPE_CHECKING:
    from collections.abc import Callable

    from .base import Array, Rng


def _sizes(rng: Rng) -> tuple[int, int]:
    return int(rng.integers(2, 6)), int(rng.integers(1, 6))


def _mean(x: Any) -> Any:
    return np.sum(x) / x.size


def _sign(x: Any) -> Any:
    return np.sign(np.real(x))


def _squared(y: Array, p: Array) -> Pair:
    return Pair(
        lambda v: _mean((v["p"] - y.astype(v["p"].dtype)) ** 2) / 2,
        lambda v, c: {"p": c * (v["p"] - y.astype(v["p"].dtype)) / y.size},
        {"p": p},
        terms={"p": 8.0 / y.size},
    )


def _squared_offset(rng: Rng) -> Pair:
    y = dyadic(rng, _sizes(rng)) + 1024.0
    return _squared(y, y + dyadic(rng, y.shape))


add("mean squared error", "ordinary", lambda rng: _squared(
    rng.standard_normal((3, 4)), rng.standard_normal((3, 4))))  # fmt: skip
add("mean squared error", "offset data", _squared_offset, doubles=True)
add("mean squared error", "batch of 1", lambda rng: _squared(
    rng.standard_normal((3, 1)), rng.standard_normal((3, 1))))  # fmt: skip


def _probabilities(low: float, high: float) -> Callable[[Rng], Pair]:
    """Binary cross-entropy of p and of labels; p is 10^low to 10^high from 0 or from 1."""

    def make(rng: Rng) -> Pair:
        y = rng.integers(0, 2, _sizes(rng))
        away = 10.0 ** rng.uniform(low, high, y.shape)
        p = np.where(rng.random(y.shape) < 0.7, np.where(y, 1 - away, away), 0.3)

        def forward(v: Any) -> Any:
            return -_mean(np.where(y == 1, np.log(v["p"]), np.log1p(-v["p"])))

        def backward(v: Any, c: Any) -> Any:
            return {"p": c * np.where(y == 1, -1 / v["p"], 1 / (1 - v["p"])) / y.size}

        def ideal(v: Any) -> Any:
            return -_mean(np.log(np.where(y == 1, v["p"], 1 - v["p"])))

        return Pair(forward, backward, {"p": p}, ideal)

    return make


add("cross-entropy of probabilities", "ordinary", _probabilities(-0.5, -0.31))
add("cross-entropy of probabilities", "edge", _probabilities(-12, -3), doubles=True)


def _logits(low: float, high: float, size: tuple[int, int] | None = None) -> Callable[[Rng], Pair]:
    """Binary cross-entropy from logits, the stable form; labels on the right side mostly."""

    def make(rng: Rng) -> Pair:
        y = rng.integers(0, 2, size or _sizes(rng))
        z = rng.uniform(low, high, y.shape) * np.where(y, 1, -1)

        def forward(v: Any) -> Any:
            z = v["z"]
            return _mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))

        def backward(v: Any, c: Any) -> Any:
            z = v["z"]
            small = np.exp(-np.abs(z))
            right = np.where(y == 1, z >= 0, z < 0)
            # The distance from the label, without subtracting it from a probability.
            return {"z": c * np.where(y, -1, 1) * np.where(right, small, 1) / (1 + small) / y.size}

        def ideal(v: Any) -> Any:
            return _mean(np.log(1 + np.exp(np.where(y == 1, -v["z"], v["z"]))))

        return Pair(forward, backward, {"z": z}, ideal)

    return make


add("cross-entropy from logits", "ordinary", _logits(-2, 2))
add("cross-entropy from logits", "saturation", _logits(20, 40))
add("cross-entropy from logits", "batch of 1", _logits(-2, 2, (1, 1)))


def _softmax(z: Any) -> Any:
    power = np.exp(z - np.max(np.real(z), axis=0))
    return power / np.sum(power, axis=0)


def _softmax_cost(scale: float, size: tuple[int, int] | None = None) -> Callable[[Rng], Pair]:
    """Softmax with cross-entropy, classes along the first axis, logits spread by `scale`."""

    def make(rng: Rng) -> Pair:
        classes, m = size or _sizes(rng)
        labels = rng.integers(0, classes, m)
        z = scale * rng.standard_normal((classes, m))

        def forward(v: Any) -> Any:
            z = v["z"] - np.max(v["z"], axis=0)
            return _mean(np.log(np.sum(np.exp(z), axis=0)) - z[labels, np.arange(m)])

        def backward(v: Any, c: Any) -> Any:
            gradient = _softmax(v["z"])
            gradient[labels, np.arange(m)] -= 1
            return {"z": c * gradient / m}

        return Pair(forward, backward, {"z": z}, terms={"z": max(scale, 1.0) / m})

    return make


add("softmax cross-entropy", "ordinary", _softmax_cost(1.0))
add("softmax cross-entropy", "saturation", _softmax_cost(30.0))
add("softmax cross-entropy", "logits over 1e3", _softmax_cost(1e3))
add("softmax cross-entropy", "batch of 1", _softmax_cost(1.0, (4, 1)))


def _log_sum_exp(scale: float) -> Callable[[Rng], Pair]:
    def forward(v: Any) -> Any:
        top = np.max(v["z"])
        return top + np.log(np.sum(np.exp(v["z"] - top)))

    return lambda rng: Pair(
        forward,
        lambda v, c: {"z": c * _softmax(v["z"].ravel()).reshape(v["z"].shape)},
        {"z": scale * rng.standard_normal(_sizes(rng))},
        terms={"z": scale},
    )


add("log-sum-exp", "ordinary", _log_sum_exp(1.0))
add("log-sum-exp", "saturation", _log_sum_exp(30.0))


def _hinge(exact: bool) -> Callable[[Rng], Pair]:
    """The mean of max(0, 1 - y s): scores exactly on the margin, beside it or elsewhere."""

    def make(rng: Rng) -> Pair:
        s = dyadic(rng, _sizes(rng), bits=1, most=4)
        y = rng.choice([-1.0, 1.0], s.shape)
        if not exact:
            s = s + 10.0 ** rng.uniform(-12, -3, s.shape)
        else:
            s.flat[0] = y.flat[0]

        def forward(v: Any) -> Any:
            return _mean(np.maximum(0, 1 - y.astype(v["s"].dtype) * v["s"]))

        def backward(v: Any, c: Any) -> Any:
            return {"s": c * -y * (y * v["s"] < 1) / y.size}

        def ideal(v: Any) -> Any:
            margin = 1 - y * v["s"]
            return _mean(np.where(np.real(margin) > 0, margin, 0 * margin))

        return Pair(forward, backward, {"s": s}, ideal)

    return make


add("hinge", "kink, at", _hinge(exact=True))
add("hinge", "kink, near", _hinge(exact=False))


def _multiclass_hinge(tied: bool) -> Callable[[Rng], Pair]:
    """Crammer and Singer's loss: the largest of the violated margins, which may tie."""

    def make(rng: Rng) -> Pair:
        classes, m = _sizes(rng)
        labels, columns = rng.integers(0, classes, m), np.arange(m)
        s = dyadic(rng, (classes, m), bits=0, most=2) if tied else rng.standard_normal((classes, m))
        other = (np.arange(classes)[:, None] != labels).astype(int)

        def worst(s: Any) -> Any:
            return np.argmax(np.real(s) - np.real(s[labels, columns]) + other, axis=0)

        def loss(s: Any) -> Any:
            top = worst(s)
            return np.sum(s[top, columns] - s[labels, columns] + other[top, columns])

        def forward(v: Any) -> Any:
            s = v["s"]
            return np.sum(np.max(s - s[labels, columns] + other.astype(s.dtype), axis=0))

        def backward(v: Any, c: Any) -> Any:
            gradient = np.zeros_like(v["s"])
            gradient[worst(v["s"]), columns] += c
            gradient[labels, columns] -= c
            return {"s": gradient}

        return Pair(forward, backward, {"s": s}, lambda v: loss(v["s"]))

    return make


add("multi-class hinge", "ordinary", _multiclass_hinge(tied=False))
add("multi-class hinge", "ties", _multiclass_hinge(tied=True))


def _l1(point: Callable[[Rng], Array]) -> Callable[[Rng], Pair]:
    return lambda rng: Pair(
        lambda v: np.sum(np.abs(v["x"])),
        lambda v, c: {"x": c * np.sign(v["x"])},
        {"x": point(rng)},
        lambda v: np.sum(_sign(v["x"]) * v["x"]),
    )


add("l1 norm", "ordinary", _l1(lambda rng: rng.standard_normal(_sizes(rng))))
add("l1 norm", "kink, at", _l1(lambda rng: dyadic(rng, _sizes(rng), most=2)))
add("l1 norm", "kink, near", _l1(near(0.0)))


def _l2(scale: float) -> Callable[[Rng], Pair]:
    return lambda rng: Pair(
        lambda v: np.sqrt(np.sum(v["x"] ** 2)),
        lambda v, c: {"x": c * v["x"] / np.sqrt(np.sum(v["x"] ** 2))},
        {"x": scale * rng.standard_normal(_sizes(rng))},
    )


add("l2 norm", "ordinary", _l2(1.0))
add("l2 norm", "edge", _l2(1e-9))


def _cosine(rng: Rng) -> Pair:
    n = int(rng.integers(2, 8))

    def norm(x: Any) -> Any:
        return np.sqrt(np.sum(x * x))

    def forward(v: Any) -> Any:
        return np.sum(v["a"] * v["b"]) / (norm(v["a"]) * norm(v["b"]))

    def backward(v: Any, c: Any) -> Any:
        a, b = v["a"] / norm(v["a"]), v["b"] / norm(v["b"])
        along = np.sum(a * b)
        return {
            "a": c * (b - along * a) / norm(v["a"]),
            "b": c * (a - along * b) / norm(v["b"]),
        }

    values = {"a": rng.standard_normal(n), "b": rng.standard_normal(n)}
    return Pair(forward, backward, values, terms={k: 1 / norm(x) for k, x in values.items()})


add("cosine similarity", "ordinary", _cosine)


def _divergence(low: float) -> Callable[[Rng], Pair]:
    """Kullback-Leibler divergence of a fixed distribution from exp(log q)."""

    def make(rng: Rng) -> Pair:
        p = rng.random(int(rng.integers(2, 7)))
        p /= p.sum()

        def forward(v: Any) -> Any:
            target = p.astype(v["q"].dtype)
            return np.sum(target * (np.log(target) - np.log(v["q"])))

        def backward(v: Any, c: Any) -> Any:
            return {"q": -c * p.astype(v["q"].dtype) / v["q"]}

        return Pair(forward, backward, {"q": 10.0 ** rng.uniform(low, 0, p.size)})

    return make


add("divergence", "ordinary", _divergence(-1))
add("divergence", "edge", _divergence(-12))
