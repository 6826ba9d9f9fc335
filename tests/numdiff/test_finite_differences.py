import numpy as np
import pytest

from gradlab.numdiff import derivative
from gradlab.numdiff.records import Quality

X = np.array([0.6, -1.4, 2.2])
V = np.array([1.0, -1.5, 1.25])


def _by_differences(f, x, v, **options):
    return derivative(f, x, v, method="differences", **options)


def _holds(estimate, truth):
    return bool(np.all(np.abs(estimate.value - truth) <= estimate.bound))


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (np.sin, np.cos),
        (np.exp, np.exp),
        (lambda x: x**3, lambda x: 3 * x**2),
        (lambda x: 1e8 + np.tanh(x), lambda x: 1 - np.tanh(x) ** 2),
        (lambda x: np.sin((x + 1e6) - 1e6), np.cos),
        (lambda x: np.sin(1000 * x), lambda x: 1000 * np.cos(1000 * x)),
        (lambda x: np.sin(1e5 * x), lambda x: 1e5 * np.cos(1e5 * x)),
        (lambda x: np.tanh(x.astype(np.float32)).astype(float), lambda x: 1 - np.tanh(x) ** 2),
    ],
)
def test_the_bound_holds_and_says_something(f, slope):
    estimate = _by_differences(f, X, V)
    assert estimate.status is Quality.OK
    assert _holds(estimate, slope(X) * V)
    assert np.all(estimate.bound < 2e-3 * np.abs(slope(X) * V))


def test_smooth_code_costs_fourteen_evaluations():
    estimate = _by_differences(np.sin, X, V)
    assert estimate.evaluations == 14
    assert np.all(np.abs(estimate.value - np.cos(X) * V) < 1e-10)


def test_another_seed_confirms_with_other_steps():
    first, second = (_by_differences(np.exp, X, V, seed=seed) for seed in (0, 1))
    assert np.all(first.value != second.value)
    assert np.all(np.abs(first.value - second.value) <= first.bound + second.bound)


@pytest.mark.parametrize("distance", [0.0, 1e-12, 1e-9, 1e-6, 1e-5, 1e-4, 1e-3])
@pytest.mark.parametrize("side", [-1, 1])
def test_one_sided_derivatives_at_and_near_a_kink(distance, side):
    x = np.array([side * distance, 1.0])
    estimate = _by_differences(lambda x: np.maximum(x, 0) * 3 + np.sin(x), x, np.array([1.0, 1.0]))
    true_left = 3.0 * (side * distance > 0) + np.cos(x[0])
    true_right = 3.0 * (side * distance > 0 or distance == 0) + np.cos(x[0])
    low = min(
        estimate.left[0] - estimate.left_bound[0], estimate.right[0] - estimate.right_bound[0]
    )
    high = max(
        estimate.left[0] + estimate.left_bound[0], estimate.right[0] + estimate.right_bound[0]
    )
    assert low <= true_left <= true_right <= high
    if distance == 0:
        assert estimate.quality[0] is Quality.KINK
        assert abs(estimate.left[0] - true_left) <= estimate.left_bound[0] < 1e-6
        assert abs(estimate.right[0] - true_right) <= estimate.right_bound[0] < 1e-6
    if distance >= 1e-6:
        assert estimate.quality[0] is Quality.OK
    assert abs(estimate.value[1] - (3 + np.cos(1.0))) <= estimate.bound[1]


def test_the_domain_may_end_at_the_point():
    estimate = _by_differences(lambda x: x * np.sqrt(x) + 2 * x, np.zeros(1), np.ones(1))
    assert estimate.method == "one-sided differences"
    assert estimate.status is Quality.OK
    assert "right only" in estimate.reason
    assert _holds(estimate, 2.0)
    assert np.isnan(estimate.left[0])


def test_the_domain_may_end_beside_the_point():
    x = np.array([1e-7, 1.0])
    assert _holds(_by_differences(np.log, x, np.array([1.0, 1.0])), 1 / x)


@pytest.mark.parametrize("k", range(-12, 13))
@pytest.mark.parametrize(
    ("f", "x"),
    [
        (np.tanh, X),
        (lambda x: np.maximum(x, 0), np.array([0.0, 1.0])),
        (lambda x: np.exp(x) / np.sum(np.exp(x)), X),
        (lambda x: np.sin(1000 * x), X),
        (lambda x: np.where(x > 0.6, x + 1, x), X),
    ],
)
def test_scale_does_not_change_the_status(f, x, k):
    usual = _by_differences(f, x, V[: x.size]).quality.tolist()
    factor = 10.0**k
    assert _by_differences(lambda x: factor * f(x), x, V[: x.size]).quality.tolist() == usual
    inner = _by_differences(lambda y: f(y / factor), x * factor, V[: x.size] * factor)
    assert inner.quality.tolist() == usual


def _raises_when_moved(x):
    if not np.array_equal(x, X):
        msg = "another point"
        raise ValueError(msg)
    return x


@pytest.mark.parametrize(
    ("f", "x", "status", "reason"),
    [
        (lambda x: x * np.nan, X, Quality.NOT_FINITE, "not finite at the point itself"),
        (lambda x: np.where(x > 2, np.inf, x), X, Quality.NOT_FINITE, "an output is not finite"),
        (lambda x: x + np.random.default_rng().random(3), X, Quality.NOISY, "two calls"),
        (_raises_when_moved, X, Quality.OUT_OF_DOMAIN, "ValueError: another point"),
        (
            lambda x: np.where(x >= 0.6, x + 1, x),
            X,
            Quality.UNRESOLVED,
            "noise of the function exceeds",
        ),
        (
            lambda x: np.sqrt(np.abs(x)),
            np.zeros(2),
            Quality.UNRESOLVED,
            "noise of the function exceeds",
        ),
        (np.cbrt, np.zeros(2), Quality.UNRESOLVED, "noise of the function exceeds"),
        (np.sign, np.zeros(2), Quality.UNRESOLVED, "noise of the function exceeds"),
        (np.sqrt, np.zeros(2), Quality.UNRESOLVED, ""),
        (
            lambda x: np.sin(x) + 1e-6 * np.sin(1e9 * x),
            X,
            Quality.UNRESOLVED,
            "noise of the function exceeds",
        ),
    ],
)
def test_hostile_functions_end_in_a_status(f, x, status, reason):
    estimate = _by_differences(f, x, np.ones(x.size))
    assert status in estimate.quality
    assert reason in estimate.reason
    hidden = np.array([each not in ("ok", "kink") for each in estimate.quality])
    assert np.all(np.isnan(estimate.value[hidden]))
    assert np.all(np.isinf(estimate.bound[hidden]))


def test_an_output_without_value_does_not_sink_the_others():
    estimate = _by_differences(lambda x: np.array([x[0] ** 2, np.nan, x[2]]), X, V)
    assert estimate.quality.tolist() == ["ok", "not_finite", "ok"]
    assert abs(estimate.value[0] - 2 * X[0] * V[0]) <= estimate.bound[0]


def test_a_constant_output_gets_its_rounding_from_distant_points():
    estimate = _by_differences(lambda x: np.log(1 + np.exp(-x)), np.array([40.0]), np.array([1.0]))
    assert abs(estimate.value[0] + np.exp(-40.0)) <= estimate.bound[0] < 1e-10


def test_an_output_that_does_not_depend_on_the_entry_has_derivative_zero():
    w = np.array([[1.1, -2.3], [0.7, 1.9]])
    estimate = _by_differences(lambda x: w @ x + np.array([x[0], 0]), X[:2], np.array([1.0, 0.0]))
    blind = _by_differences(lambda x: w[:, 1:] @ x[1:], X[:2], np.array([1.0, 0.0]))
    assert estimate.status is Quality.OK
    assert blind.status is Quality.OK
    assert blind.value.tolist() == [0.0, 0.0]
    assert np.all(blind.bound < 1e-12)


def test_a_huge_derivative_is_not_finite():
    estimate = _by_differences(lambda x: 1e300 * x, np.array([1.0]), np.array([1e30]))
    assert estimate.status is Quality.NOT_FINITE
    assert "largest float64" in estimate.reason


def test_half_precision_inside_leaves_no_digit():
    x = X * 1e-3
    estimate = derivative(lambda x: x.astype(np.float16).astype(float) ** 2, x, x)
    lost = ~np.isfinite(estimate.value) | (estimate.bound > np.abs(estimate.value))
    assert np.all(lost)
    assert np.all(
        (np.abs(estimate.value - 2 * x**2) <= estimate.bound)[np.isfinite(estimate.value)]
    )
