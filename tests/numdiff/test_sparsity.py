import numpy as np
import pytest

from gradlab.numdiff.restriction import Restriction
from gradlab.numdiff.sparsity import group_columns, independent_axes

RNG = np.random.default_rng(0)
X = RNG.standard_normal((3, 4))
W = RNG.standard_normal((2, 3))


def softmax(x):
    e = np.exp(x - x.max(axis=0))
    return e / e.sum(axis=0)


def axes(f, seed=0):
    return independent_axes(Restriction(f, X, np.ones(X.shape)), "", seed)


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (np.tanh, (0, 1)),
        (lambda x: np.maximum(x, 0), (0, 1)),
        (softmax, (1,)),
        (lambda x: W @ x, (1,)),
        (lambda x: x / x.sum(), ()),
        (lambda x: x - x.mean(axis=1, keepdims=True), (0,)),
        (lambda x: np.tanh(x) + 1e-9 * x.mean(axis=1, keepdims=True), (0,)),
        (lambda x: softmax(x) + 1e-12 * x[:, :1], ()),
        (lambda x: np.tanh(x) + 1e-3 * np.roll(x, 1, axis=1), (0,)),
        (lambda x: np.where(x.sum() > 0, x, 2 * x), ()),
        (lambda x: x[:, ::-1] ** 2, (0,)),
        (np.sum, ()),
        (lambda x: x.sum(axis=0), ()),
    ],
)
def test_independent_axes_are_found_from_the_function(f, expected):
    assert axes(f) == expected


@pytest.mark.parametrize("seed", range(20))
def test_one_dependence_between_two_examples_is_found_with_every_seed(seed):
    def f(x):
        y = softmax(x)
        y[:, 2] += 1e-10 * x[0, 3]
        return y

    assert axes(f, seed) == ()


def test_a_function_that_raises_away_from_the_point_has_no_independent_axis():
    def f(x):
        if not np.array_equal(x, X):
            msg = "away from the point"
            raise ValueError(msg)
        return x

    assert axes(f) == ()


def test_entries_of_a_group_differ_in_their_example():
    groups = group_columns((3, 4), (2, 4), (1,))
    assert groups.members.shape == (4, 3)
    assert sorted(groups.members.ravel()) == list(range(12))
    assert np.array_equal(groups.members % 4, np.repeat(np.arange(4)[:, None], 3, axis=1))


def test_an_output_depends_on_the_entries_of_its_own_example():
    groups = group_columns((3, 4), (2, 4), (1,))
    examples = np.arange(8) % 4
    assert np.array_equal(groups.columns % 4, np.repeat(examples[:, None], 3, axis=1))
    assert np.array_equal(groups.columns // 4, np.tile(np.arange(3), (8, 1)))


def test_an_elementwise_function_has_one_group():
    groups = group_columns((3, 4), (3, 4), (0, 1))
    assert groups.columns.tolist() == [[i] for i in range(12)]
    assert sorted(groups.members.ravel()) == list(range(12))
