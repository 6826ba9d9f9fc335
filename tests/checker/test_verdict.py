"""The checker on plain callables: passes, failures, doubts."""

import numpy as np
import pytest

from gradlab.checker import Problem, compare_gradients
from gradlab.errors import GradlabError
from gradlab.records import Status

RNG = np.random.default_rng(3)
X = RNG.standard_normal((3, 4))


def problem(f, g, x=X, seed=0):
    c = np.random.default_rng(9).uniform(0.5, 1.5, np.shape(f(x)))
    return Problem(
        lambda v: (np.asarray(f(v["x"])),),
        lambda v, cs: {"x": g(v["x"], *cs)},
        {"x": x},
        (c,),
        frozenset({"x"}),
        seed,
    )


def verdict(f, g, x=X, seed=0):
    asked = problem(f, g, x, seed)
    return compare_gradients(
        asked, {"x": np.asarray(asked.claimed_gradients(asked.values)["x"], dtype=float)}
    )["x"]


RIGHT = {
    "sine": (np.sin, lambda x, c: c * np.cos(x)),
    "square": (lambda x: x * x, lambda x, c: 2 * c * x),
    "sum": (lambda x: x.sum(), lambda x, c: c * np.ones_like(x)),
    "exp": (np.exp, lambda x, c: c * np.exp(x)),
    "relu": (lambda x: np.maximum(x, 0), lambda x, c: c * (x > 0)),
    "scaled": (lambda x: 1e12 * np.sin(x), lambda x, c: 1e12 * c * np.cos(x)),
    "tiny": (lambda x: 1e-12 * np.sin(x), lambda x, c: 1e-12 * c * np.cos(x)),
}


@pytest.mark.parametrize("name", RIGHT)
@pytest.mark.parametrize("seed", range(10))
def test_right_gradients_pass(name, seed):
    said = verdict(*RIGHT[name], seed=seed)
    assert said.status is Status.PASS
    assert said.relative_limit < 1e-3


@pytest.mark.parametrize("name", RIGHT)
@pytest.mark.parametrize("factor", [1.001, -1.0, 0.0])
def test_wrong_gradients_fail_and_every_wrong_entry_is_named(name, factor):
    f, g = RIGHT[name]
    said = verdict(f, lambda x, c: factor * g(x, c))
    assert said.status is Status.FAIL
    expected = {i for i in np.ndindex(X.shape) if g(X, np.ones(np.shape(f(X))))[i]}
    assert {entry.index for entry in said.entries} == expected


@pytest.mark.parametrize("name", RIGHT)
def test_a_near_miss_at_rounding_level_passes(name):
    f, g = RIGHT[name]
    assert verdict(f, lambda x, c: g(x, c) * (1 + 4e-16)).status is Status.PASS


def test_a_pass_states_a_sensitivity_that_holds():
    f, g = RIGHT["sine"]
    seen = verdict(f, g).detection_limit
    spoiled = np.zeros_like(X)
    spoiled[1, 2] = 3 * seen
    assert verdict(f, lambda x, c: g(x, c) + spoiled).status is Status.FAIL


def test_noise_above_the_derivative_is_no_verdict():
    rng = np.random.default_rng(0)

    def noisy(x):
        return np.sin(x) + 0.1 * rng.standard_normal(x.shape)

    assert verdict(noisy, lambda x, c: c * np.cos(x)).status is Status.INCONCLUSIVE


def test_a_function_that_is_nowhere_finite_is_no_verdict():
    said = verdict(lambda x: np.full_like(x, np.nan), lambda x, c: np.zeros_like(x))
    assert said.status is Status.INCONCLUSIVE


def test_infinite_gradient_and_infinite_slope_are_no_failure():
    said = verdict(lambda x: np.full_like(x, np.inf), lambda x, c: np.full_like(x, np.inf))
    assert said.status is Status.INCONCLUSIVE


def test_one_wrong_entry_of_many_is_found_by_halving():
    x = RNG.standard_normal(1000)
    spoiled = np.zeros(1000)
    spoiled[321] = 0.5
    said = verdict(np.sin, lambda x, c: c * np.cos(x) + spoiled, x)
    assert [entry.index for entry in said.entries] == [(321,)]
    assert said.complete


WEIGHTS = np.array([[1.0, -2.0], [0.5, 1.0]])
BESIDE = np.array([[2.0, 1.5], [1.0, -0.4]])


def dense_relu(x):
    return np.maximum(WEIGHTS @ x, 0)


def dense_relu_gradient(x, c):
    return WEIGHTS.T @ (c * (WEIGHTS @ x > 0))


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        (0.02, {Status.PASS}),
        (-0.02, {Status.PASS}),
        (1e-4, {Status.PASS, Status.INCONCLUSIVE}),
        (-1e-4, {Status.PASS, Status.INCONCLUSIVE}),
        (0.0, {Status.PASS}),
    ],
)
def test_a_unit_beside_its_kink_does_not_sink_the_others(gap, expected):
    x = BESIDE.copy()
    x[1, 0] = (x[0, 0] - gap) / 2  # puts the first unit at `gap`
    assert verdict(dense_relu, dense_relu_gradient, x).status in expected
    said = verdict(dense_relu, lambda x, c: 1.01 * dense_relu_gradient(x, c), x)
    assert said.status is Status.FAIL


def test_next_to_the_end_of_a_domain_the_gradient_is_compared_a_little_inside():
    x = np.array([0.999999999999, 0.25])

    def loss(p):
        if np.any(p > 1):
            raise GradlabError("no probability")
        return -np.log1p(-p)

    for seed in range(5):
        said = verdict(loss, lambda p, c: c / (1 - p), x, seed)
        assert said.status in {Status.PASS, Status.INCONCLUSIVE}
        assert "next to" in said.reason or said.status is Status.INCONCLUSIVE
        wrong = verdict(loss, lambda p, c: 1.01 * c / (1 - p), x, seed)
        assert wrong.status in {Status.FAIL, Status.INCONCLUSIVE}
