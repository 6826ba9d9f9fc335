"""Laws of initial weights, the statistics behind them, and the rules of thumb themselves."""

import math

import mpmath
import numpy as np
import pytest

from gradlab import Status, check
from gradlab.laws import initializers
from gradlab.laws.concentration import ONE_TEST, TESTS, mean_bound, variance_range
from gradlab.reference import initialize_parameters

FAULTS = [
    ("initial variance", "initialize_parameters_he", ("np.sqrt(2 / n_in)", "np.sqrt(2 / n_out)")),
    ("initial variance", "initialize_parameters_he", ("np.sqrt(2 / n_in)", "np.sqrt(1 / n_in)")),
    (
        "initial mean",
        "init_weights_plain",
        ("randn(n_out, n_in) * 0.01", "rand(n_out, n_in) * 0.0173"),
    ),
    (
        "no initial symmetry",
        "initialize_parameters_he",
        ("np.random.randn(n_out, n_in)", "np.tile(np.random.randn(1, n_in), (n_out, 1))"),
    ),
    ("zero biases", "initialize_parameters_he", ("np.zeros((n_out, 1))", "np.ones((n_out, 1))")),
    ("zero biases", "xavier_init", ("np.zeros(fan_out)", "rng.standard_normal(fan_out)")),
    (
        "repeat",
        "glorot_truncated",
        (
            "W = np.random.randn(out_features, in_features)",
            "W = np.random.default_rng().standard_normal((out_features, in_features))",
        ),
    ),
]
ALIKE = [
    ("xavier_init", ("6 / (fan_in + fan_out)", "3 / fan_in")),
    (
        "init_weights_plain",
        ("randn(n_out, n_in) * 0.01", "uniform(-1, 1, (n_out, n_in)) * 0.01 * 3**0.5"),
    ),
    ("init_weights_plain", ("randn(n_out, n_in)", "choice([-1.0, 1.0], (n_out, n_in))")),
    ("initialize_parameters_he", ("np.zeros((n_out, 1))", "np.zeros(n_out)")),
    ("initialize_parameters_he", ("(n_out, n_in) *", "(n_in, n_out).T *")),
    ("glorot_truncated", ("np.sqrt(1 / in_features)", "np.sqrt(2 / (in_features + out_features))")),
]


@pytest.mark.parametrize(("law", "name", "change"), FAULTS)
def test_a_fault_breaks_its_law(broken_laws, law, name, change):
    assert law in broken_laws("initializers.py", name, change)


@pytest.mark.parametrize(("name", "change"), ALIKE)
def test_what_looks_like_a_fault_breaks_none(student, name, change):
    report = check(getattr(student("initializers.py", change), name))
    assert report.status is Status.PASS, str(report)


def test_every_law_has_its_fault():
    assert {fault[0] for fault in FAULTS} == {law.name for law in initializers.LAWS}


def test_a_wrong_variance_is_named(student):
    module = student("initializers.py", ("np.sqrt(2 / n_in)", "2 / n_in"))
    (finding,) = check(module.initialize_parameters_he).failures
    assert finding.notes == ("this is about (2/n_in)², the root of 2/n_in is missing",)
    assert finding.message.startswith("the variance of W1 (60 units of 240 inputs) is ")


def test_the_global_stream_is_left_where_it_was(student):
    module = student("initializers.py")
    np.random.seed(7)
    expected = np.random.RandomState(7).random_sample()
    assert check(module.initialize_parameters_he).passed
    assert np.random.random_sample() == expected


@pytest.mark.parametrize("count", [200, 4800, 14400])
def test_the_bounds_hold_for_normal_weights(count):
    low, high = variance_range(1.0, count)
    # The sum of squares is χ² with `count` degrees of freedom; its tails are exact here.
    above = mpmath.gammainc(count / 2, count * high / 2, mpmath.inf, regularized=True)
    below = mpmath.gammainc(count / 2, 0, count * low / 2, regularized=True)
    assert above <= ONE_TEST / 3
    assert below <= ONE_TEST / 3
    sigmas = mean_bound(1.0, count) * math.sqrt(count)
    assert mpmath.erfc(sigmas / mpmath.sqrt(2)) <= 2 * ONE_TEST / 3


def test_the_bounds_mean_something():
    low, high = variance_range(1.0, 14400)
    assert 1 / 1.2 < low < high < 1.2  # a factor of 1.5 between two rules shows
    assert pytest.approx(1e-12) == 100 * ONE_TEST
    assert TESTS == 100


def test_a_run_makes_fewer_tests_than_are_allowed_for():
    layers = max(2 * len(initializers._SIZES), len(initializers._DEEP) - 1)
    rules = max(map(len, initializers.RULES.values()))
    assert layers * (rules + 1) < TESTS


@pytest.mark.parametrize(
    ("density", "edge"),
    [
        (lambda w: 1 / (2 * mpmath.sqrt(3)), mpmath.sqrt(3)),  # uniform on ±√3
        (lambda w: mpmath.npdf(w * 0.8796) * 0.8796 / 0.9545, 2 / mpmath.mpf("0.8796")),
    ],
)
def test_what_is_assumed_of_a_weight_holds_for_other_distributions(density, edge):
    def expected(f):
        return mpmath.quad(lambda w: f(w) * density(w), [-edge, 0, edge])

    assert expected(lambda w: w**2) == pytest.approx(1, rel=2e-4)
    assert expected(lambda w: w**4) <= 3
    for t in (0.1, 0.5, 1, 2, 4):
        assert expected(lambda w, t=t: mpmath.exp(t * w)) <= mpmath.exp(t * t / 2) * (1 + 1e-4)
    for x in (0.1, 0.25, 0.4, 0.49):
        upper = (1 - 2 * x) ** mpmath.mpf("-0.5")
        assert expected(lambda w, x=x: mpmath.exp(x * w * w)) <= upper * (1 + 1e-3)


def kept(ini_type, before):
    """The mean square of W·before for many W's rows, by the reference's rule."""
    n_in, n_out = len(before), 20_000
    rng = np.random.default_rng(5)
    W = initialize_parameters(n_in, n_out, ini_type, rng=rng)["W"]
    return float(np.mean((W @ before) ** 2)), n_out


def test_xavier_keeps_the_variance_of_activations_in_the_linear_limit():
    # Each of W·a is N(0, |a|²/n_in): their mean square is that of a, up to a χ² mean.
    a = np.random.default_rng(1).standard_normal(300)
    got, count = kept("xavier", a)
    low, high = variance_range(float(np.mean(a**2)), count)
    assert low <= got <= high


def test_he_keeps_the_variance_of_pre_activations_in_expectation():
    # W·relu(z) has the variance (2/n_in)·|relu(z)|², and half of a symmetric z's squares
    # are in relu(z) in expectation: here exactly, with z and −z in turn.
    z = np.random.default_rng(1).standard_normal(300)
    squares, count = zip(*(kept("he", np.maximum(signed, 0)) for signed in (z, -z)), strict=True)
    low, high = variance_range(float(np.mean(z**2)), count[0])
    assert low <= np.mean(squares) <= high


def test_he_without_a_relu_doubles_the_variance():
    a = np.random.default_rng(1).standard_normal(300)
    got, count = kept("he", a)
    low, high = variance_range(2 * float(np.mean(a**2)), count)
    assert low <= got <= high
