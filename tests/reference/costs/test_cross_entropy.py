from __future__ import annotations

import math

import numpy as np
import pytest

from gradlab.reference import (
    binary_cross_entropy,
    binary_cross_entropy_from_logits,
    one_hot,
    softmax,
    softmax_cross_entropy,
)
from gradlab.reference.functions import sigmoid


def test_binary_cross_entropy_at_certainty():
    right, gradient = binary_cross_entropy([[0, 1]], [[0.0, 1.0]])
    assert right == 0
    np.testing.assert_array_equal(gradient, [[0.5, -0.5]])
    wrong, gradient = binary_cross_entropy([[1, 0]], [[0.0, 1.0]])
    assert wrong == np.inf
    np.testing.assert_array_equal(gradient, [[-np.inf, np.inf]])
    tiny, _ = binary_cross_entropy([[1]], [[1e-310]])
    np.testing.assert_allclose(tiny, 310 * math.log(10), rtol=1e-13)
    nearly_right, _ = binary_cross_entropy([[0]], [[1e-20]])
    np.testing.assert_allclose(nearly_right, 1e-20, rtol=1e-15)


def test_probabilities_must_be_probabilities():
    with pytest.raises(ValueError, match=r"Y_hat must lie in \[0, 1\].*_from_logits.*got 1\.5"):
        binary_cross_entropy([[1]], [[1.5]])
    with pytest.raises(ValueError, match=r"Y must lie in \[0, 1\]: labels of 0 and 1; got -1"):
        binary_cross_entropy_from_logits([[-1]], [[0.5]])


def test_binary_cross_entropy_from_logits_agrees_with_the_two_steps(rng):
    Y, Z = (rng.random((2, 50)) < 0.5).astype(float), rng.normal(size=(2, 50)) * 3
    A = sigmoid(Z)
    cost, dZ = binary_cross_entropy_from_logits(Y, Z)
    two_steps, dA = binary_cross_entropy(Y, A)
    np.testing.assert_allclose(cost, two_steps, rtol=1e-12)
    np.testing.assert_allclose(dZ, dA * A * (1 - A), rtol=1e-11)


def test_binary_cross_entropy_from_large_logits():
    cost, dZ = binary_cross_entropy_from_logits([[1, 0, 1, 0]], [[1e4, -1e4, -1e4, 1e4]])
    assert cost == 5000
    np.testing.assert_array_equal(dZ, [[0, 0, -0.25, 0.25]])


def test_binary_cross_entropy_from_infinite_logits():
    cost, dZ = binary_cross_entropy_from_logits([[1, 0]], [[np.inf, -np.inf]])
    assert cost == 0
    np.testing.assert_array_equal(dZ, [[0, 0]])
    cost, dZ = binary_cross_entropy_from_logits([[1, 0]], [[-np.inf, np.inf]])
    assert cost == np.inf
    np.testing.assert_array_equal(dZ, [[-0.5, 0.5]])


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
    Y, Z = one_hot(rng.integers(3, size=20), 3), rng.normal(size=(3, 20))
    _, dZ = softmax_cross_entropy(Y, Z)
    np.testing.assert_allclose(dZ, (softmax(Z) - Y) / 20, rtol=1e-13)


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
