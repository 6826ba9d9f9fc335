"""A gradient has the shape of its tensor (the article's dimension analysis)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradlab.laws.case import Case, Law

if TYPE_CHECKING:
    from gradlab.records import Finding


def _check(case: Case) -> list[Finding]:
    return [
        _finding(case, name)
        for name in case.subject.checked
        if case.gradients.get(name) is not None
    ]


def _finding(case: Case, name: str) -> Finding:
    got, expected = case.gradients[name].shape, case.values[name].shape
    if got == expected:
        return case.passed(LAW.name, name, "the gradient has its tensor's shape")
    message = f"the gradient of {name} has shape {got}, {name} has shape {expected}"
    return case.failed(LAW.name, name, message)


LAW = Law(
    "shape",
    "a gradient has the shape of its tensor",
    _check,
    source="the article's dimension analysis: a step θ − lr·dθ needs both of one shape",
    applies_to="every layer and cost",
)
