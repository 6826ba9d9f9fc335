from __future__ import annotations

import math

import numpy as np
import pytest

from gradlab.reference import Adam, GradientDescent, Momentum, RMSprop
from gradlab.reference.annealing import step_annealing

OPTIMIZERS = {
    "gradient descent": lambda: GradientDescent(0.1),
    "momentum": lambda: Momentum(0.1, beta=0.8),
    "momentum, averaged": lambda: Momentum(0.1, beta=0.8, dampening=0.8),
    "rmsprop": lambda: RMSprop(0.1, beta=0.8),
    "adam": lambda: Adam(0.1, beta1=0.8, beta2=0.9),
}
every_optimizer = pytest.mark.parametrize("name", OPTIMIZERS)

GRADIENTS = [0.5, -2.0, 0.25, 3.0, 0.0, -1.0]


def by_hand(name):
    """The trace of one number, by sums over the whole past instead of recurrences."""
    theta, trace = 1.0, []
    for t in range(len(GRADIENTS)):
        past = GRADIENTS[: t + 1]

        def decayed(beta, power, past=past):
            return math.fsum(beta ** (len(past) - 1 - k) * g**power for k, g in enumerate(past))

        if name == "gradient descent":
            step = past[-1]
        elif name == "momentum":
            step = decayed(0.8, 1)
        elif name == "momentum, averaged":
            step = 0.2 * decayed(0.8, 1)
        elif name == "rmsprop":
            step = past[-1] / (math.sqrt(0.2 * decayed(0.8, 2)) + 1e-8)
        else:
            mean = 0.2 * decayed(0.8, 1) / (1 - 0.8 ** (t + 1))
            square = 0.1 * decayed(0.9, 2) / (1 - 0.9 ** (t + 1))
            step = mean / (math.sqrt(square) + 1e-8)
        theta -= 0.1 * step
        trace.append(theta)
    return trace


@every_optimizer
def test_the_trace_of_a_few_steps(name):
    optimizer, theta, trace = OPTIMIZERS[name](), np.array([1.0]), []
    for gradient in GRADIENTS:
        theta = optimizer.step({"theta": theta}, {"theta": [gradient]})["theta"]
        trace.append(float(theta[0]))
    np.testing.assert_allclose(trace, by_hand(name), rtol=1e-13)
    assert optimizer.steps == len(GRADIENTS)


@every_optimizer
def test_nothing_handed_in_is_written_to_and_no_result_is_reused(name, rng, freeze):
    optimizer = OPTIMIZERS[name]()
    parameters = {"W": freeze(rng.normal(size=(2, 3)))}
    first = optimizer.step(parameters, {"W": freeze(rng.normal(size=(2, 3)))})
    kept = first["W"].copy()
    second = optimizer.step(first, {"W": freeze(rng.normal(size=(2, 3)))})
    np.testing.assert_array_equal(first["W"], kept)
    assert not np.shares_memory(first["W"], second["W"])


@every_optimizer
def test_parameters_do_not_influence_each_other(name, rng):
    together, apart = OPTIMIZERS[name](), {key: OPTIMIZERS[name]() for key in "Wb"}
    theta = {"W": rng.normal(size=(2, 3)), "b": rng.normal(size=(2, 1))}
    for _ in range(4):
        gradients = {key: rng.normal(size=value.shape) for key, value in theta.items()}
        expected = {
            key: apart[key].step({key: theta[key]}, {key: gradients[key]})[key] for key in theta
        }
        theta = together.step(theta, gradients)
        for key in theta:
            np.testing.assert_array_equal(theta[key], expected[key])


@every_optimizer
def test_two_optimizers_share_no_memory_of_the_past(name):
    first, second = OPTIMIZERS[name](), OPTIMIZERS[name]()
    once = first.step({"x": [0.0]}, {"x": [1.0]})["x"]
    first.step({"x": [0.0]}, {"x": [5.0]})
    np.testing.assert_array_equal(second.step({"x": [0.0]}, {"x": [1.0]})["x"], once)


@every_optimizer
def test_float32_stays_float32(name):
    x = np.ones(3, np.float32)
    assert OPTIMIZERS[name]().step({"x": x}, {"x": x})["x"].dtype == np.float32


@every_optimizer
def test_it_descends_a_bowl(name):
    optimizer, x = OPTIMIZERS[name](), np.array([3.0, -2.0])
    for _ in range(200):
        x = optimizer.step({"x": x}, {"x": x})["x"]
    assert np.abs(x).max() < 0.2


def test_the_first_step_of_adam_is_the_learning_rate_whatever_the_gradient():
    for gradient in (1e-3, 1.0, -1e6):
        moved = Adam(0.25).step({"x": [0.0]}, {"x": [gradient]})["x"][0]
        # ε = 1e-8 beside a gradient of 1e-3 costs 1e-5 of the step.
        assert moved == pytest.approx(-math.copysign(0.25, gradient), rel=2e-5)


def test_an_annealed_learning_rate():
    optimizer, x, moves = GradientDescent(step_annealing(1.0, 0.5, every=2)), np.zeros(1), []
    for _ in range(4):
        after = optimizer.step({"x": x}, {"x": [1.0]})["x"]
        moves.append(float(x[0] - after[0]))
        x = after
    assert moves == [1.0, 1.0, 0.5, 0.5]


def test_no_gradient_no_step():
    for name in OPTIMIZERS:
        moved = OPTIMIZERS[name]().step({"x": [1.0, 2.0]}, {"x": [0.0, 0.0]})["x"]
        np.testing.assert_array_equal(moved, [1.0, 2.0])


def test_errors():
    with pytest.raises(ValueError, match=r"same names; got \['W', 'b'\] and \['W'\]"):
        GradientDescent().step({"W": [1.0], "b": [1.0]}, {"W": [1.0]})
    with pytest.raises(ValueError, match=r"the gradient of W must have the shape of W, \(2, 1\)"):
        GradientDescent().step({"W": [[1.0], [1.0]]}, {"W": [1.0, 1.0]})
    with pytest.raises(ValueError, match=r"beta must lie in \[0, 1\); got 1"):
        Momentum(beta=1.0)
    with pytest.raises(ValueError, match=r"beta2 must lie in \[0, 1\); got -0.1"):
        Adam(beta2=-0.1)
