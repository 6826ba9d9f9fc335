"""Units exactly at their kinks, with slopes that are subgradients and slopes that are not.

A ReLU may take any slope from 0 to 1 at 0, an absolute value any from -1 to 1, and the
gradient of a maximum may be split among those that tie in any convex way.  A forward
says nothing of the slope, so the same forward is paired with many backwards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from correct import Pair

Array = np.ndarray[Any, np.dtype[Any]]
Rng = np.random.Generator
Slopes = Callable[[Rng, int], Array]


@dataclass(frozen=True)
class Choice:
    """What the backward does at a kink, and whether that is right."""

    name: str
    valid: bool
    draw: Slopes


def _constant(slope: float) -> Slopes:
    return lambda _rng, count: np.full(count, slope)


def _one_bad(slope: float) -> Slopes:
    """All of the kinked units take a slope of 0 but one."""

    def draw(rng: Rng, count: int) -> Array:
        slopes = np.zeros(count)
        slopes[rng.integers(count)] = slope
        return slopes

    return draw


def _one_double(rng: Rng, count: int) -> Array:
    """One maximum gives a tie's gradient to two in full, the others to the first."""
    shares = np.tile([1.0, 0.0, 0.0], (count, 1))
    shares[rng.integers(count), 1] = 1.0
    return shares


RELU = [
    Choice("0", True, _constant(0.0)),
    Choice("1", True, _constant(1.0)),
    Choice("1/2", True, _constant(0.5)),
    Choice("random in [0, 1]", True, lambda rng, count: rng.random(count)),
    Choice("1.01", False, _constant(1.01)),
    Choice("1.5", False, _constant(1.5)),
    Choice("-0.2", False, _constant(-0.2)),
    Choice("1.5 at one of them", False, _one_bad(1.5)),
    Choice("-0.2 at one of them", False, _one_bad(-0.2)),
]
ABSOLUTE = [
    Choice("0", True, _constant(0.0)),
    Choice("1", True, _constant(1.0)),
    Choice("-1", True, _constant(-1.0)),
    Choice("random in [-1, 1]", True, lambda rng, count: rng.uniform(-1, 1, count)),
    Choice("1.01", False, _constant(1.01)),
    Choice("-1.2", False, _constant(-1.2)),
]
#: For a maximum of three that tie: the share of each, one row for each maximum.
SHARES = [
    Choice("first", True, lambda _rng, count: np.tile([1.0, 0.0, 0.0], (count, 1))),
    Choice("last", True, lambda _rng, count: np.tile([0.0, 0.0, 1.0], (count, 1))),
    Choice("even", True, lambda _rng, count: np.full((count, 3), 1 / 3)),
    Choice("random convex", True, lambda rng, count: rng.dirichlet([1, 1, 1], count)),
    Choice("all of them in full", False, lambda _rng, count: np.ones((count, 3))),
    Choice("two of them in full", False, lambda _rng, count: np.tile([1.0, 1.0, 0.0], (count, 1))),
    Choice("two of them in full at one", False, _one_double),
    Choice("none", False, lambda _rng, count: np.zeros((count, 3))),
]  # fmt: skip


def _points(rng: Rng, kinked: int, size: int) -> tuple[Array, Array]:
    """Return `size` entries clear of 0, `kinked` of them put at 0, and where those are."""
    x = rng.uniform(0.5, 2, size) * rng.choice([-1.0, 1.0], size)
    where = np.sort(rng.choice(size, kinked, replace=False))
    x[where] = 0.0
    return x, where


def _slope(x: Array, below: float, where: Array, slopes: Array) -> Array:
    """Return the slope at each entry: 1 above 0, `below` below it, as chosen at it."""
    chosen = np.zeros(x.shape, dtype=x.dtype)
    chosen[where] = slopes
    return np.where(x > 0, 1.0, np.where(x < 0, below, chosen))


def relu(choice: Choice, kinked: int, size: int, rng: Rng) -> Pair:
    """Return `size` ReLUs, `kinked` of them exactly at 0."""
    x, where = _points(rng, kinked, size)
    slopes = choice.draw(rng, kinked)
    return Pair(
        lambda v: np.maximum(v["x"], 0),
        lambda v, c: {"x": c * _slope(v["x"], 0.0, where, slopes)},
        {"x": x},
    )


def near_relu(choice: Choice, kinked: int, size: int, rng: Rng) -> Pair:
    """Return ReLUs as `relu` does, but with the other arguments standard normal."""
    pair = relu(choice, kinked, size, rng)
    x = np.where(pair.values["x"] == 0, 0.0, rng.standard_normal(size))
    return Pair(pair.forward, pair.backward, {"x": x})


def absolute(choice: Choice, kinked: int, size: int, rng: Rng) -> Pair:
    """Return `size` absolute values, `kinked` of them exactly at 0."""
    x, where = _points(rng, kinked, size)
    slopes = choice.draw(rng, kinked)
    return Pair(
        lambda v: np.abs(v["x"]),
        lambda v, c: {"x": c * _slope(v["x"], -1.0, where, slopes)},
        {"x": x},
    )


def under_dense(choice: Choice, kinked: int, size: int, rng: Rng) -> Pair:
    """Return ReLUs under a dense layer: all kinks meet in each output, with both signs."""
    x, where = _points(rng, kinked, size)
    slopes = choice.draw(rng, kinked)
    weights = rng.standard_normal((3, size))
    return Pair(
        lambda v: weights @ np.maximum(v["x"], 0),
        lambda v, c: {"x": (weights.T @ c) * _slope(v["x"], 0.0, where, slopes)},
        {"x": x},
    )


def maximum(choice: Choice, kinked: int, size: int, rng: Rng) -> Pair:
    """Return the largest of each row of four; in `kinked` of the rows three of them tie."""
    rows = max(size, kinked)
    x = rng.uniform(-2, 0.5, (rows, 4))
    x[np.arange(rows), rng.integers(0, 4, rows)] = rng.uniform(0.75, 2, rows)
    where = np.sort(rng.choice(rows, kinked, replace=False))
    tied = np.argsort(rng.random((kinked, 4)), axis=1)[:, :3]
    x[where] = rng.uniform(-2, 0.5, (kinked, 4))
    x[where[:, None], tied] = rng.uniform(0.75, 2, (kinked, 1))
    shares = choice.draw(rng, kinked)

    def split(x: Array) -> Array:
        found = np.zeros(x.shape)
        found[np.arange(rows), np.argmax(x, axis=1)] = 1.0
        # A backward is asked beside the tie too, where there is nothing to share.
        tops = x[where[:, None], tied]
        still = np.all(tops == tops[:, :1], axis=1)
        found[where[still]] = 0.0
        found[where[still, None], tied[still]] = shares[still]
        return found

    return Pair(
        lambda v: np.max(v["x"], axis=1),
        lambda v, c: {"x": c[:, None] * split(v["x"])},
        {"x": x},
    )


@dataclass(frozen=True)
class Layer:
    """A kind of kinked unit, how many are kinked, of how many, and what they may choose."""

    name: str
    choices: list[Choice]
    make: Callable[[Choice, int, int, Rng], Pair]
    counts: tuple[tuple[int, int], ...]


FEW = ((1, 20), (2, 20), (8, 20), (64, 100))
LAYERS = [
    Layer("relu", RELU, relu, FEW),
    Layer("relu among 10^5", RELU, near_relu, ((3, 100_000),)),
    Layer("absolute value", ABSOLUTE, absolute, FEW),
    Layer("largest of a row", SHARES, maximum, FEW),
    Layer("relu under a dense layer", RELU, under_dense, ((1, 20), (2, 20), (8, 20))),
]


def draw(layer: Layer, choice: Choice, count: tuple[int, int], number: int, seed: int) -> Pair:
    """Return draw `number` of a layer with a choice, `count` = (kinked, units)."""
    rng = np.random.default_rng([seed, number, *count, len(layer.name), len(choice.name)])
    return layer.make(choice, *count, rng)
