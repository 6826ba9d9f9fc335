"""Whole networks: they run, their gradients are real, and they shrink to one small layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import find, given, settings

from gradlab.errors import GradlabError
from gradlab.strategies import NetworkCase, networks
from gradlab.strategies._networks import ACTIVATIONS

if TYPE_CHECKING:
    from collections.abc import Callable

#: A network takes some thirty times the choices of an array.
SOME = settings(max_examples=max(20, settings.default.max_examples // 2))  # type: ignore[union-attr]


@SOME
@given(networks())
def test_a_network_gives_a_cost_and_a_gradient_for_every_parameter(case: NetworkCase) -> None:
    network = case.build()
    cost, gradients = network.cost_and_gradients(case.X, case.Y)
    assert np.isfinite(cost)
    assert gradients.keys() == network.parameters.keys()
    for name, value in network.parameters.items():
        assert gradients[name].shape == value.shape
        assert np.isfinite(gradients[name]).all()
    assert network.forward(case.X).shape == case.Y.shape


@SOME
@given(networks())
def test_layers_fit_each_other(case: NetworkCase) -> None:
    assert case.layers[0].shape == case.X.shape
    for one, after in zip(case.layers, case.layers[1:], strict=False):
        assert one.output_shape == after.shape
    assert case.layers[-1].output_shape == case.Y.shape


@SOME
@given(networks(max_depth=2, max_width=3, max_examples=2, images=False))
def test_networks_keep_to_their_limits(case: NetworkCase) -> None:
    kinds = [layer.kind for layer in case.layers]
    assert 1 <= kinds.count("LinearLayer") <= 2
    assert "FlattenLayer" not in kinds
    assert case.X.shape[1] <= 2
    for layer in case.layers:
        assert layer.output_shape[0] <= 3


@SOME
@given(networks())
def test_building_again_gives_the_same_network(case: NetworkCase) -> None:
    one, other = case.build(), case.build()
    for name, value in one.parameters.items():
        assert np.array_equal(value, other.parameters[name])
        assert not np.shares_memory(value, other.parameters[name])


@SOME
@given(networks())
def test_costs_get_what_they_ask_for(case: NetworkCase) -> None:
    last = case.layers[-1].kind
    expected = {
        "binary_cross_entropy": {"SigmoidLayer"},
        "binary_cross_entropy_from_logits": {"LinearLayer"},
        "softmax_cross_entropy": {"LinearLayer"},
    }
    assert last in expected.get(case.cost, set(ACTIVATIONS))


def central_difference(case: NetworkCase, name: str, index: tuple[int, ...], h: float) -> float:
    costs = []
    for step in (h, -h):
        network = case.build()
        moved = {key: value.copy() for key, value in network.parameters.items()}
        moved[name][index] += step
        network.parameters = moved
        costs.append(float(network.cost_and_gradients(case.X, case.Y)[0]))
    return (costs[0] - costs[1]) / (2 * h)


@SOME
@given(networks())
def test_a_drawn_gradient_is_the_derivative_of_the_cost(case: NetworkCase) -> None:
    kinked = {"ReLULayer", "LeakyReLULayer"}
    if kinked & {layer.kind for layer in case.layers}:
        return  # a drawn unit may sit at its kink, where a difference is no derivative
    network = case.build()
    cost, gradients = network.cost_and_gradients(case.X, case.Y)
    for name, value in network.parameters.items():
        index = (0,) * value.ndim
        # the error of a central difference: h²/6 of the third derivative, and rounding / h
        h = 1e-4
        close = 1e-5 * (1 + abs(float(cost)) + np.abs(gradients[name]).max())
        assert abs(central_difference(case, name, index, h) - gradients[name][index]) <= close


def test_networks_shrink_to_one_linear_layer_of_width_one(smallest: Callable[..., Any]) -> None:
    case = smallest(networks(), lambda case: case.cost == "compute_cost")
    assert [layer.kind for layer in case.layers] == ["LinearLayer", "IdentityLayer"]
    assert case.X.tolist() == case.Y.tolist() == [[0.0]]
    assert case.layers[0].params["W"].tolist() == [[0.0]]
    assert case.l2 == 0.0


@pytest.mark.parametrize("initializer", ["plain", "xavier", "he"])
def test_an_initializer_that_matters_is_kept(
    initializer: str, smallest: Callable[..., Any]
) -> None:
    case = smallest(
        networks(), lambda case: case.layers[0].arguments.get("ini_type") == initializer
    )
    assert case.layers[0].arguments == {"n_out": 1, "ini_type": initializer}
    assert case.layers[0].seed == 0


def test_a_deep_failure_shrinks_to_ones_and_twos(smallest: Callable[..., Any]) -> None:
    def deep(case: NetworkCase) -> bool:
        linear = [layer for layer in case.layers if layer.kind == "LinearLayer"]
        return len(linear) == 2 and len(linear[1].params.get("W", ())) == 2

    case = smallest(networks(), deep)
    shapes = [layer.shape for layer in case.layers if layer.kind == "LinearLayer"]
    assert shapes == [(1, 1), (1, 1)]
    assert case.X.shape == (1, 1)


@pytest.mark.parametrize("limits", [{"max_depth": 0}, {"max_width": 1}, {"max_examples": 0}])
def test_limits_without_room_are_refused(limits: dict[str, int]) -> None:
    with pytest.raises(GradlabError, match="from 1 on and max_width from 2 on"):
        find(networks(**limits), lambda _: True)  # type: ignore[arg-type]
