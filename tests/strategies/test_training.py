"""Plans of mini-batches and optimizers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import find, given

from gradlab import reference
from gradlab.errors import GradlabError
from gradlab.strategies import BatchPlan, OptimizerSpec, Plan, batch_plans, optimizers
from gradlab.strategies._training import OPTIMIZERS

if TYPE_CHECKING:
    from collections.abc import Callable


@given(batch_plans())
def test_a_plan_uses_each_example_once_in_batches_of_the_sizes_it_names(plan: BatchPlan) -> None:
    X = np.arange(1.0, plan.m + 1)[None]
    batches = plan.batches(X, -X)
    assert tuple(x.shape[1] for x, _ in batches) == plan.sizes
    assert sorted(np.concatenate([x for x, _ in batches], axis=1)[0]) == list(X[0])
    assert all(np.array_equal(x, -y) for x, y in batches)
    if plan.seed is None:
        assert np.array_equal(np.concatenate([x for x, _ in batches], axis=1), X)


@given(batch_plans(max_examples=5))
def test_plans_keep_to_the_number_of_examples(plan: BatchPlan) -> None:
    assert 1 <= plan.m <= 5


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (BatchPlan(4), Plan.FULL),
        (BatchPlan(4, 5), Plan.FULL),
        (BatchPlan(1, 1), Plan.FULL),
        (BatchPlan(4, 1), Plan.STOCHASTIC),
        (BatchPlan(4, 2), Plan.EQUAL),
        (BatchPlan(4, 3), Plan.TAIL),
    ],
)
def test_a_plan_knows_how_it_divides_the_examples(plan: BatchPlan, expected: Plan) -> None:
    assert plan.plan is expected


@pytest.mark.parametrize(
    ("plan", "end"),
    [
        (Plan.FULL, BatchPlan(1)),
        (Plan.STOCHASTIC, BatchPlan(2, 1)),
        (Plan.EQUAL, BatchPlan(4, 2)),
        (Plan.TAIL, BatchPlan(3, 2)),
    ],
)
def test_plans_shrink_to_the_fewest_examples(
    plan: Plan, end: BatchPlan, smallest: Callable[..., Any]
) -> None:
    assert smallest(batch_plans(), lambda drawn: drawn.plan is plan) == end


def test_a_dropped_tail_shrinks_to_three_examples(smallest: Callable[..., Any]) -> None:
    def dropped(plan: BatchPlan) -> bool:
        size = plan.size or plan.m
        return plan.m > size and plan.m // size * size != plan.m

    assert smallest(batch_plans(), dropped) == BatchPlan(3, 2)


def test_a_plan_without_examples_is_refused() -> None:
    with pytest.raises(GradlabError, match="one example or more, got max_examples=0"):
        find(batch_plans(max_examples=0), lambda _: True)


def test_every_optimizer_of_the_reference_is_drawn() -> None:
    classes = {
        name
        for name in reference.__all__
        if isinstance(getattr(reference, name), type)
        and issubclass(getattr(reference, name), reference.Optimizer)
    }
    assert set(OPTIMIZERS) == classes - {"Optimizer"}


@given(optimizers())
def test_an_optimizer_descends_and_is_built_anew(spec: OptimizerSpec) -> None:
    first, second = spec.build(), spec.build()
    gradient = {"W": np.array([[1.0]])}
    for _ in range(2):
        moved = first.step({"W": np.zeros((1, 1))}, gradient)["W"]
        assert moved[0, 0] < 0
    assert second.steps == 0


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_optimizers_shrink_to_a_learning_rate_of_one(
    kind: str, smallest: Callable[..., Any]
) -> None:
    spec = smallest(optimizers(), lambda spec: spec.kind == kind)
    assert spec.arguments == {name: choices[0] for name, choices in OPTIMIZERS[kind].items()}


def test_an_unknown_optimizer_is_refused() -> None:
    message = "no optimizer is called 'SGD'; the optimizers are: GradientDescent, Momentum"
    with pytest.raises(GradlabError, match=message):
        find(optimizers(kinds=["SGD"]), lambda _: True)
    with pytest.raises(GradlabError, match=message):
        OptimizerSpec("SGD").build()
