import inspect

import numpy as np
import pytest

import gradlab.numdiff
from gradlab import GradlabError
from gradlab.numdiff import derivative, random_direction
from gradlab.numdiff.complex_step import EXTENDED
from gradlab.numdiff.records import Quality


def test_nothing_public_takes_a_tolerance_or_a_step():
    forbidden = {"eps", "epsilon", "atol", "rtol", "tol", "tolerance", "step", "h", "threshold"}
    for name in gradlab.numdiff.__all__:
        parameters = inspect.signature(getattr(gradlab.numdiff, name)).parameters
        assert not forbidden & set(parameters), name


def test_a_scalar_output_keeps_its_shape():
    estimate = derivative(lambda x: float(np.sum(x**2)), np.array([1.0, 2.0]), np.ones(2))
    assert estimate.value.shape == estimate.quality.shape == ()
    assert abs(estimate.value - 6.0) <= estimate.bound


def test_named_arrays_with_labels_and_a_partial_direction():
    x = {"W": np.array([[1.0, 2.0]]), "b": np.array([0.5]), "y": np.array([1])}

    def f(d):
        return (d["W"] @ np.array([1.0, 3.0]) + d["b"] ** 2) * d["y"]

    estimate = derivative(f, x, {"b": np.array([1.0])})
    assert estimate.method == ("complex step" if EXTENDED else "differences")
    assert np.all(np.abs(estimate.value - 1.0) <= estimate.bound)


def test_a_zero_direction_gives_exactly_zero():
    estimate = derivative(np.sin, np.ones(3), np.zeros(3))
    assert estimate.value.tolist() == [0.0, 0.0, 0.0]
    assert estimate.bound.tolist() == [0.0, 0.0, 0.0]
    assert estimate.evaluations == 1


def test_an_unknown_method_raises():
    with pytest.raises(GradlabError, match="'central'; expected one of auto, differences"):
        derivative(np.sin, np.ones(1), np.ones(1), method="central")


def test_an_exception_at_the_point_propagates():
    def f(_x):
        msg = "always"
        raise KeyError(msg)

    with pytest.raises(KeyError, match="always"):
        derivative(f, np.ones(1), np.ones(1))


def test_the_same_call_gives_the_same_bits():
    for method in ("auto", "differences"):
        first, second = (derivative(np.exp, np.ones(2), np.ones(2), method=method)
                         for _ in range(2))  # fmt: skip
        assert first.value.tobytes() == second.value.tobytes()
        assert first.bound.tobytes() == second.bound.tobytes()


def test_global_random_streams_are_left_alone():
    before = np.random.get_state()[1].copy()
    derivative(np.abs, np.ones(2), np.ones(2))
    assert np.array_equal(before, np.random.get_state()[1])


def test_analytic_code_by_the_complex_step_or_not_at_all():
    estimate = derivative(np.tanh, np.array([0.3]), np.array([1.0]))
    assert estimate.status is Quality.OK
    if EXTENDED:
        assert (estimate.method, estimate.evaluations) == ("complex step", 4)
    real = derivative(np.tanh, np.array([0.3]), np.array([1.0]), method="differences")
    assert real.method == "differences"
    assert np.abs(estimate.value - real.value) <= estimate.bound + real.bound


def test_no_component_of_a_random_direction_is_small():
    x = np.array([5.0, 1e-12, 0.0, -0.3])
    for seed in range(50):
        v = np.abs(random_direction(x, np.random.default_rng(seed)))
        assert np.all(v >= 5.0 / 128)
        assert np.all(v <= 8.0)


def test_signs_and_sizes_of_a_random_direction_vary():
    draws = np.array([random_direction(np.ones(3), np.random.default_rng(s)) for s in range(200)])
    assert np.all(np.abs(draws.mean(axis=0)) < 0.5)
    assert len(np.unique(np.abs(draws))) == draws.size


def test_zeros_get_a_random_direction_too():
    assert np.all(np.abs(random_direction(np.zeros(4), np.random.default_rng(0))) >= 1)


def test_a_random_direction_leaves_integer_arrays_out():
    x = {"W": np.ones((2, 2)), "y": np.array([0, 1])}
    v = random_direction(x, np.random.default_rng(0))
    assert list(v) == ["W"]
    assert v["W"].shape == (2, 2)
