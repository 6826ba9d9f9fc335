"""Laws of a layer's own step: what its ``update_params`` does to its parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradlab.laws.case import Law, copies, entry_name
from gradlab.laws.routine_case import (
    RoutineCase,
    ascent_entry,
    failed,
    largest_change,
    mismatched,
    passed,
)

if TYPE_CHECKING:
    from gradlab.interfaces import UpdateInterface
    from gradlab.records import Finding

    UpdateCase = RoutineCase[UpdateInterface]

_RATE = 0.125


def _descent(case: UpdateCase) -> list[Finding]:
    layer = case.interface.open(case.seed)
    before, gradients = copies(layer.parameters()), layer.gradients()
    layer.update(_RATE)
    after = copies(layer.parameters())
    findings = []
    for name, gradient in gradients.items():
        step = after[name] - before[name]
        index = ascent_entry(step, gradient)
        if index is None:
            findings += passed(DESCENT.name, name, "the update goes against the gradient")
            continue
        change, derivative = float(step[index]), float(gradient[index])
        message = (
            f"the update moves {name}, {entry_name(index)}, by {change:.3g}, where its gradient "
            f"is {derivative:.3g}: a step has to go against the gradient"
        )
        findings += failed(DESCENT.name, name, message, got=change, index=index)
    return findings


def _instances(case: UpdateCase) -> list[Finding]:
    layer, other = case.interface.open(case.seed), case.interface.open(case.seed + 1)
    before = copies(other.parameters())
    layer.update(_RATE)
    found = largest_change(before, copies(other.parameters()))
    if found is None:
        return passed(INSTANCES.name, "update", "a layer's update moves no other layer")
    hint = ("both layers hold one and the same array, which the update changes in place",)
    return mismatched(INSTANCES.name, "after the update of another layer, ", found, notes=hint)


DESCENT: Law[UpdateCase] = Law(
    "descent",
    "a layer's update moves every parameter against its gradient",
    _descent,
    source="the article, figures 27 to 29: θ ← θ − α·g",
    applies_to="layers with a method like update_params(learning_rate)",
)
INSTANCES: Law[UpdateCase] = Law(
    "two instances",
    "a layer's update moves no other layer's parameters",
    _instances,
    source="arrays of zeros that all layers share",
    applies_to="layers with a method like update_params(learning_rate)",
)
LAWS: tuple[Law[UpdateCase], ...] = (DESCENT, INSTANCES)
