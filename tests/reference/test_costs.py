from __future__ import annotations

import math

import numpy as np
import pytest

from gradlab.reference import (
    binary_cross_entropy,
    binary_cross_entropy_from_logits,
    compute_cost,
    one_hot,
    softmax_cross_entropy,
)

SHAPES = [(1, 1), (1, 5), (3, 1), (2, 4), (3, 3)]


def binary(shape, rng):
    return (rng.random(shape) < 0.5).astype(float)


def classes(shape, rng):
    return one_hot(rng.integers(shape[0], size=shape[1]), shape[0])


# A cost, labels for it, predictions for it, and the loss of one example in plain Python.
COSTS = {
    "squared error": (
        compute_cost,
        lambda shape, rng: rng.normal(size=shape),
        lambda shape, rng: rng.normal(size=shape),
        lambda y, p: sum((a - b) ** 2 for a, b in zip(y, p, strict=True)) / 2,
    ),
    "binary cross-entropy": (
        binary_cross_entropy,
        binary,
        lambda shape, rng: rng.uniform(0.05, 0.95, size=shape),
        lambda y, p: -sum(math.log(b if a else 1 - b) for a, b in zip(y, p, strict=True)),
    ),
    "binary cross-entropy, soft labels": (
        binary_cross_entropy,
        lambda shape, rng: rng.random(shape),
        lambda shape, rng: rng.uniform(0.05, 0.95, size=shape),
        lambda y, p: (
            -sum(a * math.log(b) + (1 - a) * math.log(1 - b) for a, b in zip(y, p, strict=True))
        ),
    ),
    "binary cross-entropy from logits": (
        binary_cross_entropy_from_logits,
        binary,
        lambda shape, rng: rng.normal(size=shape) * 3,
        lambda y, z: sum(math.log(1 + math.exp(-b if a else b)) for a, b in zip(y, z, strict=True)),
    ),
    "softmax cross-entropy": (
        softmax_cross_entropy,
        classes,
        lambda shape, rng: rng.normal(size=shape) * 3,
        lambda y, z: math.log(sum(map(math.exp, z))) - z[y.index(1)],
    ),
    "softmax cross-entropy, weighted classes": (
        softmax_cross_entropy,
        lambda shape, rng: rng.random(shape) * 2,
        lambda shape, rng: rng.normal(size=shape) * 3,
        lambda y, z: sum(
            a * (math.log(sum(map(math.exp, z))) - b) for a, b in zip(y, z, strict=True)
        ),
    ),
}
every_cost = pytest.mark.parametrize("name", COSTS)


@every_cost
@pytest.mark.parametrize("shape", SHAPES)
def test_the_cost_is_the_average_of_the_losses(name, shape, rng):
    cost, draw_labels, draw_predictions, loss = COSTS[name]
    Y, P = draw_labels(shape, rng), draw_predictions(shape, rng)
    losses = [loss(Y[:, j].tolist(), P[:, j].tolist()) for j in range(shape[1])]
    value, _ = cost(Y, P)
    assert np.ndim(value) == 0
    np.testing.assert_allclose(value, math.fsum(losses) / shape[1], rtol=1e-13, atol=1e-15)


@every_cost
@pytest.mark.parametrize("shape", SHAPES)
def test_the_gradient_is_that_of_the_cost(name, shape, rng, gradient_of):
    cost, draw_labels, draw_predictions, _ = COSTS[name]
    Y, P = draw_labels(shape, rng), draw_predictions(shape, rng)
    expected = gradient_of(lambda p: cost(Y, p)[0], P)
    _, gradient = cost(Y, P)
    np.testing.assert_allclose(gradient, expected, rtol=1e-13, atol=1e-15)


@every_cost
def test_every_example_twice_costs_the_same(name, rng):
    cost, draw_labels, draw_predictions, _ = COSTS[name]
    Y, P = draw_labels((2, 3), rng), draw_predictions((2, 3), rng)
    value, gradient = cost(Y, P)
    twice, gradient_twice = cost(np.hstack([Y, Y]), np.hstack([P, P]))
    np.testing.assert_allclose(twice, value, rtol=1e-14)
    np.testing.assert_allclose(gradient_twice, np.hstack([gradient, gradient]) / 2, rtol=1e-14)


@every_cost
def test_float32_stays_and_nothing_is_written_to(name, rng, freeze):
    cost, draw_labels, draw_predictions, _ = COSTS[name]
    Y = freeze(draw_labels((2, 3), rng).astype(np.float32))
    P = freeze(draw_predictions((2, 3), rng).astype(np.float32))
    value, gradient = cost(Y, P)
    assert (np.asarray(value).dtype, gradient.dtype) == (np.float32, np.float32)


@every_cost
def test_shapes_that_do_not_fit(name):
    cost = COSTS[name][0]
    with pytest.raises(ValueError, match=r"must have the shape of Y, \(1, 4\); got \(4, 1\)"):
        cost(np.zeros((1, 4)), np.full((4, 1), 0.5))
    with pytest.raises(ValueError, match=r"Y must have the shape \(features, examples\)"):
        cost(np.zeros(4), np.full(4, 0.5))
    with pytest.raises(ValueError, match=r"at least one example and one output.*\(2, 0\)"):
        cost(np.zeros((2, 0)), np.zeros((2, 0)))


def test_a_nan_is_seen_in_the_cost():
    for cost, *_ in COSTS.values():
        value, _ = cost([[1.0]], [[math.nan]])
        assert math.isnan(value)
