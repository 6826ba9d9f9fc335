import numpy as np
import pytest

from gradlab import GradlabError
from gradlab.numdiff import derivative, dot, gradient, jacobian
from gradlab.numdiff.complex_step import EXTENDED

W = np.array([[1.0, -2.0, 0.5], [0.3, 4.0, -1.0]])
X = np.array([0.2, -0.7, 1.1])


@pytest.mark.parametrize("method", ["auto", "differences"])
def test_a_jacobian_has_the_shape_of_the_output_then_of_the_input(method):
    estimate = jacobian(lambda x: np.tanh(W @ x), X, method=method)
    truth = (1 / np.cosh(W @ X) ** 2)[:, None] * W
    assert estimate.value.shape == (2, 3)
    assert np.all(np.abs(estimate.value - truth) <= estimate.bound + 1e-15 * np.abs(truth))
    assert np.all(estimate.bound < 1e-7)
    assert estimate.evaluations == 3 * (4 if method == "auto" and EXTENDED else 14)


def test_a_jacobian_of_named_arrays_has_one_estimate_each():
    x = {"W": W, "x": X, "labels": np.array([0, 1])}
    found = jacobian(lambda d: d["W"] @ d["x"], x)
    assert sorted(found) == ["W", "x"]
    assert found["W"].value.shape == (2, 2, 3)
    assert np.all(np.abs(found["x"].value - W) <= found["x"].bound)
    assert np.all(np.abs(found["W"].value[0, 0] - X) <= found["W"].bound[0, 0])
    assert np.all(found["W"].value[0, 1] == 0)


def test_a_gradient_has_the_shape_of_the_input():
    estimate = gradient(lambda x: np.sum(x**3), X.reshape(3, 1))
    assert estimate.value.shape == (3, 1)
    assert np.all(np.abs(estimate.value[:, 0] - 3 * X**2) <= estimate.bound[:, 0])


def test_a_gradient_takes_an_output_with_one_entry():
    estimate = gradient(lambda x: np.sum(x**2, keepdims=True), X)
    assert np.all(np.abs(estimate.value - 2 * X) <= estimate.bound)


def test_a_gradient_of_several_outputs_is_refused():
    with pytest.raises(GradlabError, match=r"returned shape \(3,\). Use jacobian"):
        gradient(np.tanh, X)


def test_an_empty_array_is_refused():
    with pytest.raises(GradlabError, match="is empty"):
        jacobian(np.sum, np.zeros(0))


def test_a_kink_shows_in_its_own_entries_alone():
    estimate = jacobian(lambda x: np.maximum(x, 0), np.array([0.0, 1.0]))
    assert estimate.quality.tolist() == [["kink", "ok"], ["ok", "ok"]]
    assert estimate.status == "kink"
    assert abs(estimate.right[0, 0] - 1) <= estimate.right_bound[0, 0]
    assert abs(estimate.left[0, 0]) <= estimate.left_bound[0, 0]


def test_a_weighted_sum_with_random_signs_adds_noise_in_squares():
    x = np.linspace(0.1, 2, 100)
    estimate = derivative(np.exp, x, np.ones(100), method="differences")
    c = np.random.default_rng(0).choice([-1.0, 1.0], 100)
    value, bound = dot(estimate, c)
    assert abs(value - np.sum(c * np.exp(x))) <= bound
    assert bound < float(np.sum(estimate.bound)) / 4
    assert bound >= float(np.sum(estimate.truncation))


def test_outputs_that_err_together_add_up():
    estimate = derivative(np.exp, np.full(100, 0.5), np.ones(100), method="differences")
    value, bound = dot(estimate, np.ones(100))
    assert abs(value - 100 * np.exp(0.5)) <= bound
    assert bound >= float(np.sum(estimate.noise))


def test_outputs_without_weight_are_left_out():
    estimate = derivative(lambda x: np.array([x[0] ** 2, np.nan]), np.array([3.0]), np.ones(1))
    value, bound = dot(estimate, [0.5, 0.0])
    assert abs(value - 3.0) <= bound < 1e-8
    assert np.isnan(dot(estimate, [0.5, 1.0])[0])


def test_weights_of_another_shape_are_named():
    estimate = derivative(np.sin, X, np.ones(3))
    with pytest.raises(GradlabError, match=r"weights have shape \(2,\); the outputs have \(3,\)"):
        dot(estimate, [1.0, 2.0])
