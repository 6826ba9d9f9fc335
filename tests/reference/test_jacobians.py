from __future__ import annotations

import numpy as np
import pytest

from gradlab.reference import LinearLayer, compute_cost, cost_jacobian, dot_product_tensor

SHAPES = [(1, 2, 4), (3, 2, 4), (2, 2, 2), (1, 1, 1), (4, 3, 1)]  # n_out, n_in, m


@pytest.mark.parametrize("shape", [(1, 3), (2, 4)])
def test_each_entry_of_the_cost_jacobian_is_a_partial_derivative(shape, rng, gradient_of):
    Y, Y_hat = rng.normal(size=shape), rng.normal(size=shape)
    partials = gradient_of(lambda p: compute_cost(Y, p)[0], Y_hat)
    jacobian = cost_jacobian(Y, Y_hat)
    assert jacobian.shape == (1, Y.size)
    np.testing.assert_allclose(jacobian[0], partials.ravel(), rtol=1e-14)


@pytest.mark.parametrize(("n_out", "n_in", "m"), SHAPES)
def test_each_slice_is_the_derivative_of_one_entry_of_the_product(n_out, n_in, m, rng, gradient_of):
    W, X = rng.normal(size=(n_out, n_in)), rng.normal(size=(n_in, m))
    tensor = dot_product_tensor(W, X)
    assert tensor.shape == (n_out * m, n_out, n_in)
    for k, part in enumerate(tensor):
        derivative = gradient_of(lambda w, k=k: (w @ X).ravel()[k], W)
        np.testing.assert_allclose(part, derivative, rtol=1e-15)


@pytest.mark.parametrize(("n_out", "n_in", "m"), SHAPES)
def test_contracted_with_the_upstream_it_is_dW(n_out, n_in, m, rng):
    layer, X = LinearLayer((n_in, m), n_out, rng=rng), rng.normal(size=(n_in, m))
    upstream = rng.normal(size=(n_out, m))
    layer.forward(X)
    layer.backward(upstream)
    dW = np.tensordot(upstream.ravel(), dot_product_tensor(layer.params["W"], X), axes=1)
    np.testing.assert_allclose(dW, layer.dW, rtol=1e-13, atol=1e-15)


def test_shapes_that_do_not_fit():
    with pytest.raises(ValueError, match=r"X must have the shape \(2, examples\).*got \(3, 4\)"):
        dot_product_tensor(np.ones((1, 2)), np.ones((3, 4)))
    with pytest.raises(ValueError, match="Y_hat must have the shape of Y"):
        cost_jacobian([[1.0]], [[1.0, 2.0]])
