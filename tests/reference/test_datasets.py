from __future__ import annotations

import numpy as np
import pytest

from gradlab.reference.datasets import (
    and_gate,
    feature_cross,
    or_gate,
    with_crosses,
    xor_gate,
    xor_quadrants,
)

GATES = {
    and_gate: lambda x, y: x and y,
    or_gate: lambda x, y: x or y,
    xor_gate: lambda x, y: x != y,
}


@pytest.mark.parametrize("gate", GATES)
def test_every_pair_of_bits_once_with_its_label(gate):
    X, Y = gate()
    assert (X.shape, Y.shape, X.dtype, Y.dtype) == ((2, 4), (1, 4), np.float64, np.float64)
    assert {tuple(column) for column in X.T} == {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert [bool(label) for label in Y[0]] == [bool(GATES[gate](*column)) for column in X.T]


def test_a_gate_is_new_each_time():
    X, Y = or_gate()
    X[:], Y[:] = 7, 7
    np.testing.assert_array_equal(or_gate()[1], [[0, 1, 1, 1]])
    assert or_gate()[0].max() == 1


def test_a_point_in_each_quadrant_labelled_by_the_sign_of_the_product():
    X, Y = xor_quadrants()
    assert {tuple(np.sign(column)) for column in X.T} == {(-1, -1), (-1, 1), (1, -1), (1, 1)}
    np.testing.assert_array_equal(Y, (feature_cross(X, (0, 1)) < 0).astype(float))
    np.testing.assert_array_equal(Y, xor_gate()[1])


@pytest.mark.parametrize(
    ("cross", "product"),
    [
        ((0, 1), lambda x: x[0] * x[1]),
        ((0, 0), lambda x: x[0] ** 2),
        ((1, 1, 1), lambda x: x[1] ** 3),
        ((0, 1, 2), lambda x: x[0] * x[1] * x[2]),
        ((0, 0, 1), lambda x: x[0] ** 2 * x[1]),
    ],
)
def test_a_cross_is_the_product(cross, product, rng):
    X = rng.normal(size=(3, 5))
    crossed = feature_cross(X, cross)
    assert crossed.shape == (1, 5)
    np.testing.assert_allclose(crossed[0], product(X), rtol=1e-15)


def test_crosses_are_added_below(rng):
    X = rng.normal(size=(2, 5))
    wider = with_crosses(X, (0, 1), (0, 0))
    np.testing.assert_array_equal(wider, np.vstack([X, [X[0] * X[1]], [X[0] ** 2]]))
    np.testing.assert_array_equal(with_crosses(X), X)


@pytest.mark.parametrize("features", [(), (2,), (-1, 0)])
def test_features_that_are_not_there(features):
    with pytest.raises(ValueError, match="a cross needs numbers of rows of X, 0 to 1; got"):
        feature_cross(np.ones((2, 3)), features)
