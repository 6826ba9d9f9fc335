from __future__ import annotations

import math

import numpy as np
import pytest

from gradlab.reference import SoftmaxLayer, softmax

SHAPES = [(1, 1), (2, 1), (1, 4), (3, 4), (4, 3), (3, 3)]


def ran(Z):
    layer = SoftmaxLayer(np.shape(Z))
    layer.forward(Z)
    return layer


@pytest.mark.parametrize("shape", SHAPES)
def test_forward_column_by_column(shape, rng):
    Z = rng.normal(size=shape) * 3
    expected = np.empty(shape)
    for j in range(shape[1]):
        powers = [math.exp(z) for z in Z[:, j]]
        expected[:, j] = [power / math.fsum(powers) for power in powers]
    np.testing.assert_allclose(ran(Z).A, expected, rtol=2e-15)


@pytest.mark.parametrize("shape", SHAPES)
def test_backward_is_the_vector_jacobian_product(shape, rng, gradient_of):
    Z, upstream = rng.normal(size=shape) * 2, rng.normal(size=shape)
    expected = gradient_of(lambda z: np.sum(upstream * ran(z).A), Z)
    layer = ran(Z)
    layer.backward(upstream)
    np.testing.assert_allclose(layer.dZ, expected, rtol=1e-12, atol=1e-15)
    assert layer.value is layer.A
    assert layer.input_gradient is layer.dZ


def test_before_the_first_forward():
    layer = SoftmaxLayer((3, 4))
    np.testing.assert_array_equal(layer.A, np.zeros((3, 4)))
    with pytest.raises(RuntimeError, match=r"backward was called before SoftmaxLayer.forward"):
        layer.backward(np.ones((3, 4)))


def test_a_column_is_not_touched_by_the_size_of_another():
    Z = np.array([[1e4, 0.0, -1e4], [0.0, 1.0, -1e4 + 1]])
    np.testing.assert_array_equal(ran(Z).A[:, [1]], ran(Z[:, [1]]).A)
    np.testing.assert_array_equal(ran(Z).A[:, [2]], ran(Z[:, [1]]).A)


def test_large_logits_and_shift_invariance():
    np.testing.assert_array_equal(ran([[1e4, -1e4], [0.0, 1e4]]).A, [[1, 0], [0, 1]])
    Z = np.array([[1.0, 2.0], [3.0, -1.0], [0.5, 0.25]])
    np.testing.assert_array_equal(ran(Z + 1024.0).A, ran(Z).A)


def test_an_impossible_class_has_probability_zero():
    np.testing.assert_array_equal(ran([[-np.inf], [3.0]]).A, [[0], [1]])


def test_the_gradient_keeps_its_digits_when_a_class_is_certain():
    layer = ran([[50.0], [0.0]])
    layer.backward([[3.0], [1.0]])
    # p₁·p₂·(u₁ - u₂), where p₂ = exp(-50) up to its square
    exact = math.exp(-50) * 2.0
    np.testing.assert_allclose(layer.dZ, [[exact], [-exact]], rtol=1e-15)


def test_an_upstream_equal_in_all_classes_gives_nothing():
    layer = ran([[0.3, 5.0], [-1.0, 2.0], [2.0, 2.0]])
    layer.backward(np.full((3, 2), 7.0))
    np.testing.assert_array_equal(layer.dZ, np.zeros((3, 2)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_the_precision_that_comes_in_goes_out(dtype):
    Z = np.array([[0.5, -0.5], [2.0, -2.0]], dtype=dtype)
    layer = ran(Z)
    layer.backward(Z)
    assert (layer.A.dtype, layer.dZ.dtype) == (dtype, dtype)


def test_nothing_handed_in_is_written_to(rng, freeze):
    layer = ran(freeze(rng.normal(size=(3, 2))))
    layer.backward(freeze(rng.normal(size=(3, 2))))
    first = layer.dZ.copy()
    layer.backward(np.ones((3, 2)))
    assert not np.array_equal(layer.dZ, first)


def test_bad_shapes():
    with pytest.raises(ValueError, match=r"Z must have the shape \(features, examples\)"):
        softmax([1.0, 2.0])
    with pytest.raises(ValueError, match=r"at least one class in each column; got .*\(0, 3\)"):
        softmax(np.ones((0, 3)))
    with pytest.raises(ValueError, match=r"upstream_grad must have the shape of A"):
        ran([[1.0, 2.0]]).backward([1.0, 2.0])
