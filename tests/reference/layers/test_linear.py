from __future__ import annotations

import numpy as np
import pytest

from gradlab.reference import LinearLayer

SHAPES = [(1, 1, 1), (2, 4, 1), (3, 5, 4), (3, 3, 3), (4, 1, 2), (1, 4, 3)]  # n_in, m, n_out


def made(n_in, m, n_out, rng):
    layer = LinearLayer((n_in, m), n_out, rng=rng)
    layer.params = {"W": rng.normal(size=(n_out, n_in)), "b": rng.normal(size=(n_out, 1))}
    return layer


def test_what_is_there_before_the_first_forward():
    layer = LinearLayer(input_shape=(2, 4), n_out=3, ini_type="xavier")
    assert layer.m == 4
    assert layer.params["W"].shape == (3, 2)
    np.testing.assert_array_equal(layer.params["b"], np.zeros((3, 1)))
    np.testing.assert_array_equal(layer.Z, np.zeros((3, 4)))


@pytest.mark.parametrize(("n_in", "m", "n_out"), SHAPES)
def test_forward_is_the_sum_over_the_inputs(n_in, m, n_out, rng):
    layer, A_prev = made(n_in, m, n_out, rng), rng.normal(size=(n_in, m))
    assert layer.forward(A_prev) is None
    W, b = layer.params["W"], layer.params["b"]
    expected = np.array(
        [
            [sum(W[i, k] * A_prev[k, j] for k in range(n_in)) + b[i, 0] for j in range(m)]
            for i in range(n_out)
        ]
    )
    np.testing.assert_allclose(layer.Z, expected, rtol=0, atol=1e-14)
    assert layer.A_prev is A_prev
    assert layer.value is layer.Z


@pytest.mark.parametrize(("n_in", "m", "n_out"), SHAPES)
def test_backward_is_the_vector_jacobian_product(n_in, m, n_out, rng, gradient_of):
    layer = made(n_in, m, n_out, rng)
    A_prev, upstream = rng.normal(size=(n_in, m)), rng.normal(size=(n_out, m))
    params = layer.params

    def paired(W=params["W"], b=params["b"], A=A_prev):
        layer.params = {"W": W, "b": b}
        layer.forward(A)
        return np.sum(upstream * layer.Z)

    dW = gradient_of(lambda W: paired(W=W), params["W"])
    db = gradient_of(lambda b: paired(b=b), params["b"])
    dA_prev = gradient_of(lambda A: paired(A=A), A_prev)
    paired()
    assert layer.backward(upstream) is None
    np.testing.assert_allclose(layer.dW, dW, rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(layer.db, db, rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(layer.dA_prev, dA_prev, rtol=1e-13, atol=1e-14)
    assert layer.gradients == {"W": layer.dW, "b": layer.db}
    assert layer.input_gradient is layer.dA_prev


def test_stacked_linear_layers_are_one_linear_layer(rng):
    first, second, X = made(3, 4, 5, rng), made(5, 4, 2, rng), rng.normal(size=(3, 4))
    first.forward(X)
    second.forward(first.Z)
    one = LinearLayer((3, 4), 2)
    W1, W2 = first.params["W"], second.params["W"]
    one.params = {"W": W2 @ W1, "b": W2 @ first.params["b"] + second.params["b"]}
    one.forward(X)
    np.testing.assert_allclose(second.Z, one.Z, rtol=1e-12, atol=1e-13)


def test_another_number_of_examples_than_the_constructors(rng):
    layer = made(2, 4, 3, rng)
    for m in (1, 7, 0):
        layer.forward(np.ones((2, m)))
        layer.backward(np.ones((3, m)))
        assert layer.m == m
        assert layer.Z.shape == (3, m)
        assert layer.dW.shape == (3, 2)
        assert layer.db.shape == (3, 1)
        assert layer.dA_prev.shape == (2, m)


def test_update_takes_a_step_downhill_and_replaces_the_arrays(rng):
    layer = made(2, 4, 1, rng)
    before = dict(layer.params)
    copies = {name: value.copy() for name, value in before.items()}
    layer.forward(rng.normal(size=(2, 4)))
    layer.backward(rng.normal(size=(1, 4)))
    layer.update_params()
    for name, gradient in layer.gradients.items():
        np.testing.assert_array_equal(before[name], copies[name])
        np.testing.assert_allclose(layer.params[name], copies[name] - 0.1 * gradient, rtol=1e-15)
    layer.update_params(learning_rate=2.0)
    np.testing.assert_allclose(layer.params["W"], copies["W"] - 2.1 * layer.dW, rtol=1e-14)


def test_gradients_are_replaced_and_do_not_depend_on_earlier_calls(rng):
    layer, A_prev, upstream = made(2, 3, 2, rng), rng.normal(size=(2, 3)), np.ones((2, 3))
    layer.forward(rng.normal(size=(2, 3)))
    layer.backward(upstream)
    layer.forward(A_prev)
    layer.backward(upstream)
    once = {name: value.copy() for name, value in layer.gradients.items()}
    layer.backward(upstream)
    for name, value in layer.gradients.items():
        np.testing.assert_array_equal(value, once[name])


def test_nothing_handed_in_is_written_to(rng, freeze):
    layer = made(2, 3, 2, rng)
    layer.params = {name: freeze(value) for name, value in layer.params.items()}
    layer.forward(freeze(rng.normal(size=(2, 3))))
    layer.backward(freeze(rng.normal(size=(2, 3))))
    layer.update_params(0.5)
    assert layer.params["W"].shape == (2, 2)


@pytest.mark.parametrize("dtype", [np.float32, np.complex128])
def test_the_precision_is_that_of_data_and_parameters(dtype, rng):
    layer = made(2, 3, 2, rng)
    layer.params = {name: value.astype(dtype) for name, value in layer.params.items()}
    layer.forward(np.ones((2, 3), dtype))
    layer.backward(np.ones((2, 3), dtype))
    layer.update_params(0.1)
    results = [layer.Z, layer.dW, layer.db, layer.dA_prev, *layer.params.values()]
    assert {result.dtype for result in results} == {np.dtype(dtype)}


def test_integers_are_not_truncated():
    layer = LinearLayer((2, 1), 1)
    layer.params = {"W": np.array([[1, 2]]), "b": np.array([[0.5]])}
    layer.forward([[1], [1]])
    layer.backward([[1]])
    layer.update_params(0.25)
    np.testing.assert_array_equal(layer.Z, [[3.5]])
    np.testing.assert_array_equal(layer.params["W"], [[0.75, 1.75]])


def test_the_transposed_data_is_refused_with_a_hint():
    layer = LinearLayer((2, 4), 1)
    message = r"A_prev must have the shape \(2, examples\).* got \(4, 2\); A_prev.T would fit"
    with pytest.raises(ValueError, match=message):
        layer.forward(np.ones((4, 2)))


def test_a_flat_bias_is_refused_instead_of_broadcast():
    layer = LinearLayer((2, 3), 3)
    layer.params = {"W": np.ones((3, 2)), "b": np.ones(3)}
    with pytest.raises(ValueError, match=r"b must have the shape \(3, 1\).* got \(3,\)"):
        layer.forward(np.ones((2, 3)))


def test_an_upstream_of_another_shape():
    layer = LinearLayer((2, 3), 1)
    layer.forward(np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"upstream_grad .* of Z, \(1, 3\); got \(3,\)"):
        layer.backward(np.ones(3))


def test_text_is_refused():
    with pytest.raises(ValueError, match="A_prev must hold numbers; got an array of dtype <U1"):
        LinearLayer((1, 1), 1).forward([["a"]])


def test_calls_out_of_order():
    layer = LinearLayer((2, 3), 1)
    with pytest.raises(RuntimeError, match=r"backward was called before LinearLayer.forward"):
        layer.backward(np.ones((1, 3)))
    with pytest.raises(RuntimeError, match=r"update_params was called before LinearLayer.backward"):
        layer.update_params()
    with pytest.raises(RuntimeError, match=r"gradients was called before LinearLayer.backward"):
        _ = layer.gradients
