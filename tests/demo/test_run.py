from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from gradlab.demo import EXAMPLES, run
from gradlab.errors import GradlabError
from gradlab.golden import article, derived
from gradlab.reference import compute_cost
from gradlab.reference.functions import sigmoid

NAMES = [example.name for example in EXAMPLES]


def test_the_demos_are_the_articles_examples() -> None:
    assert NAMES == ["or", "xor", "xor-cross"]


@pytest.mark.parametrize(("name", "section"), [("or", "or_first_step"), ("xor-cross", "xor_cross")])
def test_the_first_iteration_is_the_derived_one(name: str, section: str) -> None:
    outcome = run(name, epochs=0)
    (layer,) = outcome.layers
    expected = derived()[section]
    got = {
        "Z": layer.Z,
        "Y_hat": layer.A,
        "cost": outcome.cost,
        "dY_hat": layer.dA,
        "sigmoid_derivative": layer.slope,
        "dZ": layer.dZ,
        "dW": layer.dW,
        "db": layer.db,
        "W": layer.W_after,
        "b": layer.b_after,
    }
    for key, value in got.items():
        texts = np.array(expected[key], dtype=np.float64)
        np.testing.assert_allclose(np.ravel(value), texts.ravel(), rtol=1e-14, atol=1e-17)


def test_the_cost_after_the_first_update_is_the_articles() -> None:
    assert f"{run('or', epochs=0).cost_after:.3f}" == article().values["or.cost_after"].printed[0]


@pytest.mark.parametrize("name", NAMES)
def test_the_gradients_are_those_of_the_cost(name: str) -> None:
    """Central differences of the cost, computed here and not by the layers."""
    outcome = run(name, epochs=0, seed=3)
    X, Y = outcome.example.features(outcome.example.points), outcome.example.Y

    def cost(parameters: list[np.ndarray]) -> float:
        value = X
        for W, b in zip(parameters[::2], parameters[1::2], strict=True):
            value = sigmoid(W @ value + b)
        return float(compute_cost(Y, value)[0])

    parameters = [array for layer in outcome.layers for array in (layer.W, layer.b)]
    gradients = [array for layer in outcome.layers for array in (layer.dW, layer.db)]
    step = 1e-5  # truncation 1e-11, rounding 1e-12
    for place, gradient in enumerate(gradients):
        for entry in np.ndindex(gradient.shape):
            shifted = []
            for sign in (step, -step):
                moved = [array.copy() for array in parameters]
                moved[place][entry] += sign
                shifted.append(cost(moved))
            difference = (shifted[0] - shifted[1]) / (2 * step)
            assert abs(difference - gradient[entry]) < 1e-10


@pytest.mark.parametrize("name", NAMES)
def test_the_flows_through_the_layers_fit_together(name: str) -> None:
    layers = run(name, epochs=0).layers
    for layer in layers:
        np.testing.assert_array_equal(layer.dZ, layer.dA * layer.slope)
    for before, after in pairwise(layers):
        np.testing.assert_array_equal(before.dA, after.dA_prev)
        np.testing.assert_array_equal(before.A, after.A_prev)


def test_the_learning_rate_changes_the_update_and_nothing_before_it() -> None:
    one, two = run("or", 1.0, epochs=1), run("or", 2.0, epochs=1)
    assert one.cost == two.cost
    np.testing.assert_array_equal(one.layers[0].dW, two.layers[0].dW)
    np.testing.assert_allclose(
        two.layers[0].W_after - two.layers[0].W, 2 * (one.layers[0].W_after - one.layers[0].W)
    )
    assert two.cost_after < one.cost_after


def test_training_starts_with_the_iteration_that_is_shown() -> None:
    outcome = run("xor", epochs=3)
    assert outcome.costs[:2] == (outcome.cost, outcome.cost_after)
    assert len(outcome.costs) == 4


def test_no_epochs_leave_the_network_untrained() -> None:
    outcome = run("or", epochs=0)
    assert outcome.costs == (outcome.cost,)
    np.testing.assert_array_equal(outcome.network.parameters["W1"], [[0.1, 0.6]])


def test_xor_trains_to_the_printed_cost() -> None:
    outcome = run("xor")
    printed = article().values["xor.printed_costs"].printed
    for epoch, text in zip((4600, 4700, 4800, 4900), printed, strict=True):
        assert math.isclose(outcome.costs[epoch], float(text), rel_tol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_gives_other_weights_and_the_same_ones_again(name: str) -> None:
    first, again, other = (run(name, epochs=2, seed=seed) for seed in (5, 5, 6))
    assert first.costs == again.costs
    assert first.costs != other.costs
    assert first.costs != run(name, epochs=2).costs


def test_the_articles_seed_is_the_default_of_xor() -> None:
    assert run("xor", epochs=2).costs == run("xor", epochs=2, seed=48).costs


def test_the_global_stream_is_left_alone() -> None:
    np.random.seed(7)
    run("xor", epochs=1)
    after = np.random.random_sample()
    np.random.seed(7)
    assert after == np.random.random_sample()


def test_on_epoch_hears_of_every_epoch() -> None:
    heard: list[tuple[int, float]] = []
    outcome = run("or", epochs=4, on_epoch=lambda epoch, cost: heard.append((epoch, cost)))
    assert heard == list(enumerate(outcome.costs[:-1]))


def test_the_largest_learning_rate_runs_without_a_warning() -> None:
    assert run("xor", learning_rate=1.7e308, epochs=20).costs[-1] == 0.25


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "nand"}, "there is no demo called 'nand'; choose one of or, xor, xor-cross"),
        ({"learning_rate": 0.0}, "the learning rate must be a positive number; got 0.0"),
        ({"learning_rate": -1}, "the learning rate must be a positive number; got -1"),
        ({"learning_rate": math.nan}, "the learning rate must be a positive number; got nan"),
        ({"learning_rate": math.inf}, "the learning rate must be a positive number; got inf"),
        ({"learning_rate": "1"}, "the learning rate must be a positive number; got '1'"),
        ({"epochs": -1}, "the number of epochs must be a whole number from 0 on; got -1"),
        ({"epochs": 2.0}, "the number of epochs must be a whole number from 0 on; got 2.0"),
        ({"epochs": True}, "the number of epochs must be a whole number from 0 on; got True"),
        ({"seed": -1}, "the seed must be a whole number from 0 to 4294967295; got -1"),
        ({"seed": 2**32}, "the seed must be a whole number from 0 to 4294967295; got 4294967296"),
        ({"seed": 1.5}, "the seed must be a whole number from 0 to 4294967295; got 1.5"),
    ],
)
def test_bad_arguments_are_told(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(GradlabError) as caught:
        run(**({"name": "or"} | arguments))  # type: ignore[arg-type]
    assert str(caught.value) == message
