import numpy as np
import pytest

from gradlab import GradlabError
from gradlab.numdiff import derivative, dot, gradient, jacobian, jacobians
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


WIDE = np.random.default_rng(1).standard_normal((5, 8))


def softmax(x):
    e = np.exp(x - x.max(axis=0))
    return e / e.sum(axis=0)


def within(found, truth):
    return np.all(np.abs(found.value - truth) <= found.bound)


def test_an_elementwise_jacobian_costs_two_derivatives_and_the_probes():
    found = jacobian(np.tanh, WIDE, method="differences")
    truth = np.diag((1 - np.tanh(WIDE) ** 2).ravel()).reshape(5, 8, 5, 8)
    assert within(found, truth)
    assert np.all(found.bound < 1e-9)
    assert np.count_nonzero(found.value) == 40
    assert found.evaluations < 80 < 40 * 14


@pytest.mark.parametrize("method", ["auto", "differences"])
def test_a_jacobian_by_example_costs_one_derivative_a_feature(method):
    found = jacobian(softmax, WIDE, method=method)
    s, truth = softmax(WIDE), np.zeros((5, 8, 5, 8))
    for i in range(8):
        truth[:, i, :, i] = np.diag(s[:, i]) - np.outer(s[:, i], s[:, i])
    assert within(found, truth)
    assert found.evaluations < 200 < 40 * 14


def test_named_arrays_are_grouped_too():
    w = np.random.default_rng(2).standard_normal((3, 5))
    found = jacobian(lambda d: d["W"] @ d["x"], {"W": w, "x": WIDE})
    assert within(found["x"], np.einsum("ij,kl->ikjl", w, np.eye(8)))
    assert found["W"].value.shape == (3, 8, 3, 5)


def test_entries_of_very_different_size_keep_their_digits():
    x = 10.0 ** np.linspace(-3, 1.5, 40)
    found = jacobian(np.sqrt, x, method="differences")
    diagonal, bound = np.diag(found.value), np.diag(found.bound)
    assert np.all(np.abs(diagonal - 0.5 / np.sqrt(x)) <= bound)
    assert np.all(bound < 1e-6 * diagonal)


def test_a_dependence_that_the_probes_miss_is_found_by_the_random_direction(monkeypatch):
    def examples(line, _name, _seed):
        line.evaluate({})
        return (1,)

    monkeypatch.setattr(jacobians, "independent_axes", examples)
    found = jacobian(lambda x: x - 1e-9 * x[:, :1], WIDE, method="differences")
    truth = np.zeros((5, 8, 5, 8))
    for i in range(5):
        truth[i, :, i, :] = np.eye(8)
        truth[i, :, i, 0] -= 1e-9
    assert within(found, truth)
    assert found.evaluations > 40 * 14


def test_an_output_without_a_value_leaves_the_others_to_single_entries():
    def f(x):
        return np.where(x > WIDE.max() - 1e-9, np.nan, np.tanh(x))

    found = jacobian(f, WIDE, method="differences")
    top = np.unravel_index(np.argmax(WIDE), WIDE.shape)
    assert np.all(np.isnan(found.value[top]))
    assert np.count_nonzero(np.isnan(found.value)) == 40
