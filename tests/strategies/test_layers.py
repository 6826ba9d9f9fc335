"""Layers and costs: they run, they are built anew, and they shrink."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import find, given

from gradlab import reference
from gradlab.domain import Where
from gradlab.errors import GradlabError
from gradlab.strategies import CostCase, Feature, LayerCase, LayerSpec, costs, features, layers
from gradlab.strategies._layers import COSTS, LAYERS

if TYPE_CHECKING:
    from collections.abc import Callable


def test_every_layer_and_cost_of_the_reference_is_drawn() -> None:
    classes = {
        name
        for name in reference.__all__
        if isinstance(getattr(reference, name), type)
        and issubclass(getattr(reference, name), reference.Layer)
    }
    # the base class, and the one that needs a function and its derivative
    assert set(LAYERS) == classes - {"Layer", "ActivationLayer"}
    assert set(COSTS) <= set(reference.__all__)
    named = {
        name for name in reference.__all__ if "cost" in name or "loss" in name or "cross" in name
    }
    assert set(COSTS) == named - {"cost_jacobian"}


@pytest.mark.parametrize("kind", LAYERS)
def test_a_layer_runs_forward_and_backward_on_its_case(kind: str) -> None:
    @given(layers(kinds=[kind], memory=True))
    def runs(case: LayerCase) -> None:
        assert case.layer.kind == kind
        assert case.X.shape == case.layer.shape[:1] + case.X.shape[1:]
        layer = case.run()
        assert type(layer).__name__ == kind
        assert layer.value.shape == case.layer.output_shape == case.upstream.shape
        assert layer.input_gradient.shape == case.X.shape
        assert np.isfinite(layer.value).all()

    runs()


@pytest.mark.parametrize("kind", COSTS)
def test_a_cost_takes_its_case(kind: str) -> None:
    @given(costs(kinds=[kind]))
    def takes(case: CostCase) -> None:
        cost, gradient = case.evaluate()
        assert np.isfinite(cost)
        assert gradient.shape == case.prediction.shape

    takes()


@given(layers(kinds=["LinearLayer"]))
def test_building_again_starts_anew(case: LayerCase) -> None:
    first = case.run()
    first.params["W"] += 1
    assert np.array_equal(case.layer.build().params["W"], case.layer.params["W"])
    assert not hasattr(case.layer.build(), "dW")


@given(layers())
def test_building_leaves_numpy_s_global_stream_alone(case: LayerCase) -> None:
    before = np.random.get_state()[1].copy()  # type: ignore[index,union-attr]
    case.layer.build()
    assert np.array_equal(before, np.random.get_state()[1])  # type: ignore[index]


@given(layers(kinds=["ReLULayer"], where=Where.KINKS))
def test_a_relu_can_be_asked_for_at_its_kink(case: LayerCase) -> None:
    assert (case.X == 0).any()


@given(layers(kinds=["LeakyReLULayer"]))
def test_a_leaky_relu_gets_its_slope(case: LayerCase) -> None:
    layer = case.run()
    negative = case.X < 0
    slope = case.layer.arguments["slope"]
    expected = slope * case.upstream[negative]
    assert np.array_equal(layer.input_gradient[negative], expected)


@given(layers())
def test_memory_is_plain_unless_asked_for(case: LayerCase) -> None:
    for array in (case.X, case.upstream):
        unusual = {Feature.READ_ONLY, Feature.FORTRAN, Feature.NON_CONTIGUOUS}
        assert not features(array) & unusual


@pytest.mark.parametrize("kind", ["LinearLayer", "SoftmaxLayer", "LeakyReLULayer", "FlattenLayer"])
def test_layers_shrink_to_width_one_on_one_example(kind: str, smallest: Callable[..., Any]) -> None:
    case = smallest(layers(memory=True), lambda case: case.layer.kind == kind)
    assert case.X.size == 1
    assert case.X.flat[0] in (0.0, 1.0)
    assert case.upstream.tolist() == [[0.5]]
    assert case.X.flags.writeable


def test_a_mistake_that_two_examples_show_shrinks_to_two(smallest: Callable[..., Any]) -> None:
    def frozen_batch_size(case: LayerCase) -> bool:
        db = case.upstream[:, :1]  # the first example's only, where the sum belongs
        return case.layer.kind == "LinearLayer" and not np.array_equal(
            db, case.run().gradients["b"]
        )

    case = smallest(layers(), frozen_batch_size)
    assert case.X.tolist() == [[0.0, 1.0]]
    assert case.layer.params["W"].tolist() == [[0.0]]
    assert case.upstream.tolist() == [[0.5, 1.0]]


@pytest.mark.parametrize("kind", COSTS)
def test_costs_shrink_to_one_example(kind: str, smallest: Callable[..., Any]) -> None:
    case = smallest(costs(), lambda case: case.kind == kind)
    assert case.Y.shape[1] == 1
    assert case.Y.shape[0] == (2 if kind == "softmax_cross_entropy" else 1)
    assert case.prediction.flat[0] in (0.0, 0.5)


@pytest.mark.parametrize(
    ("strategy", "message"),
    [
        (lambda: layers(kinds=["Linear"]), "no layer is called 'Linear'; the layers are: Linear"),
        (lambda: costs(kinds=["mse"]), "no cost is called 'mse'; the costs are: compute_cost"),
        (lambda: layers(kinds=[]), "nothing to draw from: give kinds= at least one layer"),
    ],
)
def test_unknown_kinds_are_refused(strategy: Callable[[], Any], message: str) -> None:
    with pytest.raises(GradlabError, match=message):
        find(strategy(), lambda _: True)


def test_a_specification_of_no_layer_is_refused() -> None:
    with pytest.raises(GradlabError, match="no layer is called 'Dense'"):
        LayerSpec("Dense", (1, 1)).build()
