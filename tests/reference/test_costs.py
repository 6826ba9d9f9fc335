from __future__ import annotations

import math

import numpy as np
import pytest

from gradlab.reference import (
    binary_cross_entropy,
    binary_cross_entropy_from_logits,
    compute_cost,
    l2_penalty,
    one_hot,
    softmax,
    softmax_cross_entropy,
    squared_error_loss,
)
from gradlab.reference.functions import sigmoid

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


def test_integer_labels_and_predictions_are_not_truncated():
    cost, gradient = compute_cost(np.array([[0, 1]]), np.array([[1, 0]]))
    assert cost == 0.5
    np.testing.assert_array_equal(gradient, [[0.5, -0.5]])


@pytest.mark.parametrize("shape", [(), (3,), (3, 1)])
def test_the_loss_of_one_example_is_its_cost_in_a_batch_of_one(shape, rng):
    y, y_hat = rng.normal(size=shape), rng.normal(size=shape)
    loss, gradient = squared_error_loss(y, y_hat)
    cost, cost_gradient = compute_cost(y.reshape(-1, 1), y_hat.reshape(-1, 1))
    np.testing.assert_allclose(loss, cost, rtol=1e-15)
    np.testing.assert_array_equal(gradient, cost_gradient.reshape(shape))


def test_a_loss_is_of_one_example():
    with pytest.raises(ValueError, match=r"a loss is of one example; got \(1, 2\): use compute_"):
        squared_error_loss([[0, 1]], [[0.5, 0.5]])
    with pytest.raises(ValueError, match=r"y_hat must have the shape of y, \(2,\); got \(\)"):
        squared_error_loss([0, 1], 0.5)


def test_binary_cross_entropy_at_certainty():
    right, gradient = binary_cross_entropy([[0, 1]], [[0.0, 1.0]])
    assert right == 0
    np.testing.assert_array_equal(gradient, [[0.5, -0.5]])
    wrong, gradient = binary_cross_entropy([[1, 0]], [[0.0, 1.0]])
    assert wrong == np.inf
    np.testing.assert_array_equal(gradient, [[-np.inf, np.inf]])
    tiny, _ = binary_cross_entropy([[1]], [[1e-310]])
    np.testing.assert_allclose(tiny, 310 * math.log(10), rtol=1e-13)


def test_probabilities_must_be_probabilities():
    with pytest.raises(ValueError, match=r"Y_hat must lie in \[0, 1\].*_from_logits.*got 1\.5"):
        binary_cross_entropy([[1]], [[1.5]])
    with pytest.raises(ValueError, match=r"Y must lie in \[0, 1\]: labels of 0 and 1; got -1"):
        binary_cross_entropy_from_logits([[-1]], [[0.5]])


def test_a_nan_is_seen_in_the_cost():
    for cost, *_ in COSTS.values():
        value, _ = cost([[1.0]], [[math.nan]])
        assert math.isnan(value)


def test_binary_cross_entropy_from_logits_agrees_with_the_two_steps(rng):
    Y, Z = binary((2, 50), rng), rng.normal(size=(2, 50)) * 3
    A = sigmoid(Z)
    cost, dZ = binary_cross_entropy_from_logits(Y, Z)
    two_steps, dA = binary_cross_entropy(Y, A)
    np.testing.assert_allclose(cost, two_steps, rtol=1e-12)
    np.testing.assert_allclose(dZ, dA * A * (1 - A), rtol=1e-11)


def test_binary_cross_entropy_from_large_logits():
    cost, dZ = binary_cross_entropy_from_logits([[1, 0, 1, 0]], [[1e4, -1e4, -1e4, 1e4]])
    assert cost == 5000
    np.testing.assert_array_equal(dZ, [[0, 0, -0.25, 0.25]])


@pytest.mark.parametrize(("label", "logit"), [(1, 50.0), (0, -50.0)])
def test_a_nearly_certain_logit_keeps_its_digits(label, logit):
    tail = math.exp(-50)  # log(1 + tail) and tail/(1 + tail), up to tail²
    cost, dZ = binary_cross_entropy_from_logits([[label]], [[logit]])
    np.testing.assert_allclose(cost, tail, rtol=1e-15)
    np.testing.assert_allclose(dZ, [[tail * (-1 if label else 1)]], rtol=1e-15)
    Y, Z = one_hot([label], 2), np.array([[0.0], [logit]])
    cost, dZ = softmax_cross_entropy(Y, Z)
    np.testing.assert_allclose(cost, tail, rtol=1e-15)
    np.testing.assert_allclose(dZ, (1 - 2 * Y) * tail, rtol=1e-15)


def test_softmax_cross_entropy_of_large_logits():
    cost, dZ = softmax_cross_entropy(one_hot([0, 1, 1], 2), [[1e4, 1e4, 0.0], [0.0, 0.0, 1e4]])
    np.testing.assert_allclose(cost, 1e4 / 3, rtol=1e-15)
    np.testing.assert_array_equal(dZ, np.array([[0, 1, 0], [0, -1, 0]]) / 3)


def test_softmax_cross_entropy_of_an_impossible_class():
    cost, dZ = softmax_cross_entropy([[1.0], [0.0]], [[2.0], [-np.inf]])
    assert cost == 0
    np.testing.assert_array_equal(dZ, [[0], [0]])


def test_softmax_cross_entropy_gradient_is_softmax_minus_labels(rng):
    Y, Z = classes((3, 20), rng), rng.normal(size=(3, 20))
    _, dZ = softmax_cross_entropy(Y, Z)
    np.testing.assert_allclose(dZ, (softmax(Z) - Y) / 20, rtol=1e-13)


def test_the_penalty_and_its_gradient(rng, gradient_of):
    weights = [rng.normal(size=(3, 2)), rng.normal(size=(1, 3))]
    penalty, gradients = l2_penalty(weights, m=5, lambda_=0.7)
    expected = 0.7 / 10 * sum(w * w for W in weights for w in W.ravel().tolist())
    np.testing.assert_allclose(penalty, expected, rtol=1e-14)
    first = gradient_of(lambda W: l2_penalty([W, weights[1]], 5, 0.7)[0], weights[0])
    second = gradient_of(lambda W: l2_penalty([weights[0], W], 5, 0.7)[0], weights[1])
    np.testing.assert_allclose(gradients[0], first, rtol=1e-14)
    np.testing.assert_allclose(gradients[1], second, rtol=1e-14)


def test_a_penalty_without_examples_or_below_zero():
    for m, lambda_ in [(0, 1.0), (1, -1.0)]:
        with pytest.raises(ValueError, match=f"got m={m}, lambda_={lambda_}"):
            l2_penalty([[[1.0]]], m, lambda_)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 3], r"labels must lie in \[0, 3\); got 0 to 3"),
        ([-1], r"labels must lie in \[0, 3\); got -1 to -1"),
        ([0.0], r"whole numbers in one dimension; got float64 \(1,\)"),
        ([[0]], r"whole numbers in one dimension; got int64 \(1, 1\)"),
    ],
)
def test_labels_that_are_no_class_numbers(labels, message):
    with pytest.raises(ValueError, match=message):
        one_hot(labels, 3)
