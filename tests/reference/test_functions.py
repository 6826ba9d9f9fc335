from __future__ import annotations

import numpy as np
import pytest

from gradlab.reference import functions

PAIRS = {
    "sigmoid": (functions.sigmoid, functions.sigmoid_derivative),
    "tanh": (functions.tanh, functions.tanh_derivative),
    "relu": (functions.relu, functions.relu_derivative),
    "leaky relu": (functions.leaky_relu, functions.leaky_relu_derivative),
    "sin": (functions.sin, functions.cos),
    "cos": (functions.cos, functions.cos_derivative),
    "identity": (functions.identity, functions.identity_derivative),
}


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("shape", [(), (5,), (2, 3, 4)])
def test_any_shape_and_the_derivative_of_the_function(name, shape, rng):
    function, derivative = PAIRS[name]
    Z = rng.normal(size=shape) * 3
    assert np.shape(function(Z)) == shape
    np.testing.assert_allclose(derivative(Z), function(Z + 1e-100j).imag / 1e-100, rtol=1e-14)


@pytest.mark.parametrize("name", PAIRS)
def test_the_second_derivative_by_a_complex_step_through_the_first(name, rng):
    _, derivative = PAIRS[name]
    Z = rng.normal(size=20)
    h = 1e-5
    central = (derivative(Z + h) - derivative(Z - h)) / (2 * h)
    stepped = np.asarray(derivative(Z + 1e-100j)).imag / 1e-100
    # The central difference errs by h²/6 of the third derivative and by ε/h of the first.
    np.testing.assert_allclose(stepped, central, rtol=0, atol=1e-9)


def test_decay_never_overflows():
    Z = np.array([-1e308, -1000.0, 0.0, 1000.0, 1e308])
    np.testing.assert_array_equal(functions.decay(Z), [0, 0, 1, 0, 0])
