"""Convolution, pooling and whatever else picks the largest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .base import Pair, add, dyadic

if TYPE_CHECKING:
    from collections.abc import Callable

    from .base import Array, Rng


def _columns(x: Any, k: int) -> Any:
    """Return the k x k windows of images: (N, H, W, C * k * k)."""
    windows = sliding_window_view(x, (k, k), axis=(2, 3))
    n, c, h, w, _, _ = windows.shape
    return windows.transpose(0, 2, 3, 1, 4, 5).reshape(n, h, w, c * k * k)


def _convolution(images: int, k: int) -> Callable[[Rng], Pair]:
    def forward(v: Any) -> Any:
        filters = v["W"].reshape(len(v["W"]), -1)
        return (_columns(v["x"], k) @ filters.T + v["b"]).transpose(0, 3, 1, 2)

    def backward(v: Any, c: Any) -> Any:
        upstream = c.transpose(0, 2, 3, 1)
        filters = v["W"].reshape(len(v["W"]), -1)
        n, h, w, f = upstream.shape
        flat = upstream.reshape(-1, f)
        columns = _columns(v["x"], k).reshape(-1, filters.shape[1])
        back = (flat @ filters).reshape(n, h, w, v["x"].shape[1], k, k)
        dx = np.zeros_like(v["x"])
        for i in range(k):
            for j in range(k):
                dx[:, :, i : i + h, j : j + w] += back[..., i, j].transpose(0, 3, 1, 2)
        return {"W": (flat.T @ columns).reshape(v["W"].shape), "b": flat.sum(axis=0), "x": dx}

    return lambda rng: Pair(
        forward,
        backward,
        {
            "W": rng.standard_normal((2, 2, k, k)),
            "b": rng.standard_normal(2),
            "x": rng.standard_normal((images, 2, 4, 4)),
        },
    )


add("convolution", "ordinary", _convolution(2, 3))
add("convolution", "batch of 1", _convolution(1, 2))
add("convolution", "empty", _convolution(0, 2))


def _blocks(x: Any) -> Any:
    """Return the 2 x 2 blocks of images as the last axis."""
    n, c, h, w = x.shape
    split = x.reshape(n, c, h // 2, 2, w // 2, 2).transpose(0, 1, 2, 4, 3, 5)
    return split.reshape(n, c, h // 2, w // 2, 4)


def _unblock(blocks: Any) -> Any:
    n, c, h, w, _ = blocks.shape
    whole = blocks.reshape(n, c, h, w, 2, 2).transpose(0, 1, 2, 4, 3, 5)
    return whole.reshape(n, c, 2 * h, 2 * w)


def _first(x: Any, axis: int = -1) -> Any:
    """Mark the first of the largest along an axis."""
    top = np.expand_dims(np.argmax(np.real(x), axis=axis), axis)
    marks = np.zeros(np.shape(x), dtype=bool)
    np.put_along_axis(marks, top, values=True, axis=axis)
    return marks


def _shared(x: Any, axis: int = -1) -> Any:
    """Share one among all of the largest, evenly."""
    top = np.real(x) == np.max(np.real(x), axis=axis, keepdims=True)
    return top / np.sum(top, axis=axis, keepdims=True).astype(np.real(x).dtype)


def _pool(split: Callable[[Any], Any], point: Callable[[Rng], Array]) -> Callable[[Rng], Pair]:
    return lambda rng: Pair(
        lambda v: np.max(_blocks(v["x"]), axis=-1),
        lambda v, c: {"x": _unblock(c[..., None] * split(_blocks(v["x"])))},
        {"x": point(rng)},
        lambda v: np.sum(split(_blocks(v["x"])) * _blocks(v["x"]), axis=-1),
    )


def _images(rng: Rng) -> Array:
    return np.asarray(rng.standard_normal((2, 2, 4, 4)))


def _few_levels(rng: Rng) -> Array:
    return dyadic(rng, (2, 1, 4, 4), bits=1, most=2)


def _near_ties(rng: Rng) -> Array:
    x = _few_levels(rng)
    return x + 10.0 ** rng.uniform(-12, -3) * rng.standard_normal(x.shape)


def _maps(rng: Rng) -> Array:
    """The rectified maps of a network: most entries are exactly 0."""
    return np.maximum(_images(rng), 0)


for _name, _split in (("max-pool, first", _first), ("max-pool, shared", _shared)):
    add(_name, "ordinary", _pool(_split, _images))
    add(_name, "ties", _pool(_split, _few_levels))
    add(_name, "near ties", _pool(_split, _near_ties))
    add(_name, "rectified maps", _pool(_split, _maps))
add("max-pool, first", "empty", _pool(_first, lambda _rng: np.zeros((0, 2, 4, 4))))
add("max-pool, first", "10^5 entries",
    _pool(_first, lambda rng: rng.standard_normal((4, 10, 50, 50))), large=True)  # fmt: skip


def _average(rng: Rng) -> Pair:
    return Pair(
        lambda v: np.sum(_blocks(v["x"]), axis=-1) / 4,
        lambda v, c: {"x": _unblock(c[..., None] + 0 * _blocks(v["x"])) / 4},
        {"x": _images(rng)},
    )


add("average pool", "ordinary", _average)


def _maximum(tied: bool) -> Callable[[Rng], Pair]:
    """The larger of two tensors, which may tie; the second gets a tie's gradient."""

    def ideal(v: Any) -> Any:
        return np.where(np.real(v["a"]) > np.real(v["b"]), v["a"], v["b"])

    def backward(v: Any, c: Any) -> Any:
        first = v["a"] > v["b"]
        return {"a": c * first, "b": c * ~first}

    def make(rng: Rng) -> Pair:
        a = rng.standard_normal((3, 4))
        b = np.where(rng.random((3, 4)) < 0.4, a, rng.standard_normal((3, 4)))
        values = {"a": a, "b": b if tied else rng.standard_normal((3, 4))}
        return Pair(lambda v: np.maximum(v["a"], v["b"]), backward, values, ideal)

    return make


add("larger of two", "ordinary", _maximum(tied=False))
add("larger of two", "ties", _maximum(tied=True))


def _top(tied: bool) -> Callable[[Rng], Pair]:
    """The two largest of a row, in order."""

    def order(x: Any) -> Any:
        return np.argsort(np.real(x), axis=1, kind="stable")[:, -2:]

    def forward(v: Any) -> Any:
        return np.sort(v["x"], axis=1)[:, -2:]

    def backward(v: Any, c: Any) -> Any:
        gradient = np.zeros_like(v["x"])
        np.put_along_axis(gradient, order(v["x"]), c, axis=1)
        return {"x": gradient}

    def ideal(v: Any) -> Any:
        return np.take_along_axis(v["x"], order(v["x"]), axis=1)

    def make(rng: Rng) -> Pair:
        x = dyadic(rng, (2, 4), bits=0, most=2) if tied else rng.standard_normal((2, 5))
        return Pair(forward, backward, {"x": x}, ideal)

    return make


add("two largest", "ordinary", _top(tied=False))
# The second of three that tie is neither convex nor concave.
add("two largest", "kinks of both signs, at", _top(tied=True), meeting=True)


def _global_max(tied: bool) -> Callable[[Rng], Pair]:
    def make(rng: Rng) -> Pair:
        x = dyadic(rng, (3, 5), bits=0, most=2) if tied else rng.standard_normal((3, 5))
        return Pair(
            lambda v: np.max(v["x"], axis=1),
            lambda v, c: {"x": c[:, None] * _shared(v["x"])},
            {"x": x},
            lambda v: np.sum(_shared(v["x"]) * v["x"], axis=1),
        )

    return make


add("largest of a row", "ordinary", _global_max(tied=False))
add("largest of a row", "ties", _global_max(tied=True))
