"""At a kink, the gradient of a unit lies between its left and its right derivative."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gradlab.domain import Where
from gradlab.laws import gradient
from gradlab.laws.case import AT_ONE_SIZE, Case, Law

if TYPE_CHECKING:
    from gradlab.records import Finding

# At one point a wrong value may be a right one by chance: under a cotangent, beside others.
_POINTS = 2


def _check(case: Case) -> list[Finding]:
    findings = []
    rng = case.rng(73)
    for where in _places(case) * _POINTS:
        values = case.subject.domain.sample(case.sizes, rng, where)
        place = f"{case.where}, {where.value}"
        kinked = Case.at(case.subject, values, rng, where=place, seed=case.seed)
        findings += [replace(f, law=LAW.name) for f in gradient.LAW.check(kinked)]
    return findings


def _places(case: Case) -> list[Where]:
    """Return where the domain has kinks."""
    moved = [tensor for tensor in case.subject.domain if tensor.differentiable]
    places = []
    if any(tensor.kinks for tensor in moved):
        places.append(Where.KINKS)
    if any(tensor.ties for tensor in moved):
        places.append(Where.TIES)
    return places


LAW = Law(
    "subgradient",
    "at a kink the gradient of each unit lies between its left and its right derivative",
    _check,
    source="the subdifferential of a function of one variable: the slopes between the two sides",
    applies_to="every layer whose domain names kinks, or ties that are kinks",
    patterns=AT_ONE_SIZE,
)
