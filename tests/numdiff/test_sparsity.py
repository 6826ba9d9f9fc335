import numpy as np
import pytest

from gradlab import GradlabError
from gradlab.numdiff import (
    elementwise_jacobian,
    jacobian,
    per_example_jacobian,
    probe_structure,
)

RNG = np.random.default_rng(0)
X = RNG.standard_normal((3, 4))
W = RNG.standard_normal((2, 3))


def _softmax(x):
    e = np.exp(x - x.max(axis=0))
    return e / e.sum(axis=0)


@pytest.mark.parametrize(
    ("f", "elementwise", "axes"),
    [
        (np.tanh, True, (0, 1)),
        (lambda x: np.maximum(x, 0), True, (0, 1)),
        (_softmax, False, (1,)),
        (lambda x: W @ x, False, (1,)),
        (lambda x: x / x.sum(), False, ()),
        (lambda x: x - x.mean(axis=1, keepdims=True), False, (0,)),
        (lambda x: np.tanh(x) + 1e-9 * x.mean(axis=1, keepdims=True), False, (0,)),
        (lambda x: _softmax(x) + 1e-12 * x[:, :1], False, ()),
        (lambda x: np.tanh(x) + 1e-3 * np.roll(x, 1, axis=1), False, (0,)),
        (lambda x: np.where(x.sum() > 0, x, 2 * x), False, ()),
        (lambda x: x[:, ::-1] ** 2, False, (0,)),
        (np.sum, False, ()),
        (lambda x: x.sum(axis=0), False, ()),
    ],
)
def test_the_function_itself_shows_its_structure(f, elementwise, axes):
    found = probe_structure(f, X)
    assert found.elementwise == elementwise
    assert found.example_axes == axes


@pytest.mark.parametrize("seed", range(20))
def test_examples_that_mix_in_secret_are_seen_from_every_seed(seed):
    def f(x):
        y = _softmax(x)
        y[:, 2] += 1e-10 * x[0, 3]
        return y

    assert probe_structure(f, X, seed=seed).example_axes == ()
    assert per_example_jacobian(f, X, 1, seed=seed) is None


def test_an_elementwise_jacobian_costs_one_derivative():
    found = elementwise_jacobian(np.tanh, X, method="differences")
    full = jacobian(np.tanh, X, method="differences")
    diagonal = np.diag(full.value.reshape(12, 12))
    width = found.bound.ravel() + np.diag(full.bound.reshape(12, 12))
    assert np.all(np.abs(found.value.ravel() - diagonal) <= width)
    assert np.all(np.abs(found.value - (1 - np.tanh(X) ** 2)) <= found.bound)
    assert found.evaluations == probe_structure(np.tanh, X).evaluations + 14


def test_entries_of_very_different_size_keep_their_digits():
    x = np.array([1e-3, 1.0, 30.0])
    found = elementwise_jacobian(np.sqrt, x, method="differences")
    assert np.all(np.abs(found.value - 0.5 / np.sqrt(x)) <= found.bound)
    assert np.all(found.bound < 1e-6 * found.value)


def test_a_per_example_jacobian_costs_one_derivative_a_feature():
    found = per_example_jacobian(_softmax, X, 1, method="differences")
    s = _softmax(X)
    assert found.value.shape == (3, 4, 3)
    for i in range(4):
        truth = np.diag(s[:, i]) - np.outer(s[:, i], s[:, i])
        assert np.all(np.abs(found.value[:, i] - truth) <= found.bound[:, i])
    assert found.evaluations == probe_structure(_softmax, X).evaluations + 3 * 14


def test_what_is_not_there_is_not_offered():
    assert elementwise_jacobian(_softmax, X) is None
    assert per_example_jacobian(_softmax, X, 0) is None


def test_a_function_that_raises_at_the_point_is_named():
    def f(_x):
        msg = "no"
        raise ValueError(msg)

    with pytest.raises(GradlabError, match="raises at the point itself"):
        probe_structure(f, X)
