from __future__ import annotations

import math

import numpy as np
import pytest

from gradlab.reference import (
    ActivationLayer,
    CosLayer,
    IdentityLayer,
    LeakyReLULayer,
    ReLULayer,
    SigmoidLayer,
    SinLayer,
    TanhLayer,
)

LAYERS = {
    "sigmoid": SigmoidLayer,
    "tanh": TanhLayer,
    "relu": ReLULayer,
    "leaky relu": LeakyReLULayer,
    "leaky relu, slope 0.3": lambda shape: LeakyReLULayer(shape, slope=0.3),
    "sin": SinLayer,
    "cos": CosLayer,
    "identity": IdentityLayer,
    "any": lambda shape: ActivationLayer(shape, lambda Z: Z**3, lambda Z: 3 * Z**2),
}
FUNCTIONS = {
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
    "tanh": math.tanh,
    "relu": lambda z: max(z, 0.0),
    "leaky relu": lambda z: z if z > 0 else 0.01 * z,
    "leaky relu, slope 0.3": lambda z: z if z > 0 else 0.3 * z,
    "sin": math.sin,
    "cos": math.cos,
    "identity": lambda z: z,
    "any": lambda z: z**3,
}
every_layer = pytest.mark.parametrize("name", LAYERS)
SHAPES = [(1, 1), (1, 5), (4, 1), (3, 4), (3, 3)]


@every_layer
def test_A_is_zeros_before_the_first_forward(name):
    np.testing.assert_array_equal(LAYERS[name]((3, 4)).A, np.zeros((3, 4)))


@every_layer
@pytest.mark.parametrize("shape", SHAPES)
def test_forward_is_the_function_of_every_entry(name, shape, rng):
    Z = rng.normal(size=shape) * 3
    layer = LAYERS[name]((3, 4))
    assert layer.forward(Z) is None
    expected = [[FUNCTIONS[name](z) for z in row] for row in Z.tolist()]
    np.testing.assert_allclose(layer.A, expected, rtol=1e-15)
    assert layer.value is layer.A


@every_layer
@pytest.mark.parametrize("shape", SHAPES)
def test_backward_is_the_vector_jacobian_product(name, shape, rng, gradient_of):
    Z, upstream = rng.normal(size=shape) * 3, rng.normal(size=shape)
    layer = LAYERS[name]((3, 4))

    def paired(z):
        layer.forward(z)
        return np.sum(upstream * layer.A)

    expected = gradient_of(paired, Z)
    layer.forward(Z)
    assert layer.backward(upstream) is None
    np.testing.assert_allclose(layer.dZ, expected, rtol=1e-14)
    assert layer.input_gradient is layer.dZ


@every_layer
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_the_precision_that_comes_in_goes_out(name, dtype):
    layer = LAYERS[name]((2, 2))
    Z = np.array([[0.5, -0.5], [2.0, -2.0]], dtype=dtype)
    layer.forward(Z)
    layer.backward(Z)
    assert layer.A.dtype == dtype
    assert layer.dZ.dtype == dtype


@every_layer
def test_integers_are_not_truncated(name):
    layer, same = LAYERS[name]((1, 3)), LAYERS[name]((1, 3))
    layer.forward([[-1, 0, 2]])
    layer.backward(np.array([[1, 2, 3]]))
    same.forward(np.array([[-1.0, 0.0, 2.0]]))
    same.backward([[1.0, 2.0, 3.0]])
    np.testing.assert_array_equal(layer.A, same.A)
    np.testing.assert_array_equal(layer.dZ, same.dZ)


@every_layer
def test_nothing_handed_in_is_written_to_or_shared(name, rng, freeze):
    Z, upstream = freeze(rng.normal(size=(2, 3))), freeze(rng.normal(size=(2, 3)))
    layer = LAYERS[name]((2, 3))
    layer.forward(Z)
    layer.backward(upstream)
    assert not np.shares_memory(layer.A, Z)
    assert not np.shares_memory(layer.dZ, upstream)


@every_layer
def test_results_are_replaced_and_earlier_ones_stay(name, rng):
    layer = LAYERS[name]((2, 3))
    layer.forward(rng.normal(size=(2, 3)))
    layer.backward(np.ones((2, 3)))
    A, dZ = layer.A, layer.dZ
    A_before, dZ_before = A.copy(), dZ.copy()
    layer.backward(np.ones((2, 3)))
    np.testing.assert_array_equal(layer.dZ, dZ_before)
    layer.forward(rng.normal(size=(4, 1)))
    layer.backward(np.ones((4, 1)))
    np.testing.assert_array_equal(A, A_before)
    np.testing.assert_array_equal(dZ, dZ_before)


@every_layer
def test_nan_stays_nan(name):
    layer = LAYERS[name]((1, 1))
    layer.forward([[math.nan]])
    assert np.isnan(layer.A).all()


def test_sigmoid_has_the_right_limits_and_no_warning():
    layer = SigmoidLayer((1, 4))
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        layer.forward([[-1000.0, -np.inf, 1000.0, np.inf]])
        layer.backward(np.ones((1, 4)))
    np.testing.assert_array_equal(layer.A, [[0, 0, 1, 1]])
    np.testing.assert_array_equal(layer.dZ, [[0, 0, 0, 0]])


@pytest.mark.parametrize("z", [-700.0, -40.0, -30.0, 30.0, 40.0, 700.0])
def test_sigmoid_and_its_derivative_in_saturation(z):
    layer = SigmoidLayer((1, 1))
    layer.forward([[z]])
    layer.backward([[1.0]])
    # To first order both tails are exp(-|z|); the next term is exp(-2|z|).
    tail = math.exp(-abs(z))
    np.testing.assert_allclose(layer.dZ, [[tail * (1 - 2 * tail)]], rtol=1e-15)
    expected = tail * (1 - tail) if z < 0 else 1 - tail
    np.testing.assert_allclose(layer.A, [[expected]], rtol=1e-15)


def test_sigmoid_is_symmetric(rng):
    Z = rng.normal(size=(3, 50)) * 20
    layer, mirrored = SigmoidLayer(Z.shape), SigmoidLayer(Z.shape)
    layer.forward(Z)
    mirrored.forward(-Z)
    layer.backward(np.ones_like(Z))
    mirrored.backward(np.ones_like(Z))
    np.testing.assert_allclose(layer.A + mirrored.A, 1, rtol=3e-16)
    np.testing.assert_array_equal(layer.dZ, mirrored.dZ)


@pytest.mark.parametrize("z", [-1000.0, -300.0, -20.0, 20.0, 300.0, 1000.0])
def test_tanh_derivative_in_saturation(z):
    layer = TanhLayer((1, 1))
    layer.forward([[z]])
    layer.backward([[1.0]])
    tail = math.exp(-2 * abs(z))
    np.testing.assert_allclose(layer.dZ, [[4 * tail * (1 - 2 * tail)]], rtol=1e-14)


@pytest.mark.parametrize("large", [np.complex128(1000 + 1e-100j), np.complex128(-1000 + 1e-100j)])
@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu", "leaky relu", "identity"])
def test_a_complex_step_survives_the_extremes(name, large):
    layer = LAYERS[name]((1, 1))
    layer.forward([[large]])
    step = layer.A.imag / 1e-100
    layer.forward([[large.real]])
    layer.backward([[1.0]])
    np.testing.assert_allclose(step, layer.dZ, atol=0)


@pytest.mark.parametrize(("name", "chosen"), [("relu", 0.0), ("leaky relu, slope 0.3", 0.3)])
def test_the_subgradient_at_zero_is_the_documented_one(name, chosen):
    layer = LAYERS[name]((1, 2))
    layer.forward([[0.0, -0.0]])
    layer.backward([[1.0, 1.0]])
    np.testing.assert_array_equal(layer.dZ, [[chosen, chosen]])


def test_relu_has_no_nan_at_infinity():
    layer = ReLULayer((1, 2))
    layer.forward([[-np.inf, np.inf]])
    np.testing.assert_array_equal(layer.A, [[0.0, np.inf]])


@every_layer
def test_backward_before_forward(name):
    with pytest.raises(RuntimeError, match=r"was called before .*forward; call forward first"):
        LAYERS[name]((1, 1)).backward([[1.0]])


@every_layer
def test_an_upstream_of_another_shape(name):
    layer = LAYERS[name]((2, 3))
    layer.forward(np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"upstream_grad .* of A, \(2, 3\); got \(3, 2\)"):
        layer.backward(np.ones((3, 2)))


def test_a_vector_instead_of_columns():
    with pytest.raises(ValueError, match=r"Z must have the shape \(features, examples\).*\(3,\)"):
        SigmoidLayer((1, 3)).forward([1.0, 2.0, 3.0])


@pytest.mark.parametrize("shape", [3, (3,), (3, -1), (2.5, 1), "ab"])
def test_a_bad_shape_in_the_constructor(shape):
    with pytest.raises(ValueError, match="shape must be a tuple of 2 sizes; got"):
        SigmoidLayer(shape)


def test_a_function_that_changes_the_shape():
    layer = ActivationLayer((2, 3), np.sum, np.ones_like)
    with pytest.raises(ValueError, match=r"function\(Z\) must have the shape of Z"):
        layer.forward(np.ones((2, 3)))


def test_a_derivative_that_changes_the_shape():
    layer = ActivationLayer((2, 3), np.square, np.transpose)
    layer.forward(np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"derivative\(Z\) must have the shape of Z"):
        layer.backward(np.ones((2, 3)))
