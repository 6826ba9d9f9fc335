"""Every correct target, near miss and mutant, by name, labelled, with its domain.

The tests that measure power and false alarms take them from here.  Nothing is
listed twice: correct targets come from `gradlab.faults.targets`, mutants from the
catalogue of faults, near misses from `gradlab.faults.near_misses`.

Names are ``linear`` for a correct target, ``near-miss:NAME/TARGET`` for its
near misses and ``mutant:FAULT/TARGET`` for its mutants.

Examples
--------
>>> subject("mutant:bias-gradient-averaged/linear").domain.symbols
('n_in', 'm', 'n_out')
>>> len(names(label=Label.MUTANT)) >= 150
True
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gradlab.faults.catalogue import CATALOGUE
from gradlab.faults.fault import Evidence
from gradlab.faults.near_misses import NEAR_MISSES
from gradlab.faults.plant import near_miss_class, no_such, plant_class
from gradlab.faults.targets import TARGETS, subject_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradlab.domain import Domain
    from gradlab.faults.targets import ReferenceTarget
    from gradlab.kinds import Kind
    from gradlab.subject import Subject


class Label(enum.StrEnum):
    """Whether a variant is correct, by construction."""

    CORRECT = "correct"
    NEAR_MISS = "near miss"
    MUTANT = "mutant"


@dataclass(frozen=True)
class Variant:
    """A target, or a near miss or mutant of it.

    Attributes
    ----------
    made_by
        The name of the fault or near miss; empty for the correct target itself.
    target
        The correct target that it is, or is made from.
    """

    name: str
    label: Label
    target: ReferenceTarget
    made_by: str = ""

    @property
    def kind(self) -> Kind:
        """The kind of its target."""
        return self.target.kind

    @property
    def domain(self) -> Domain:
        """The domain of its target."""
        return self.target.domain

    @property
    def evidence(self) -> Evidence | None:
        """What is wrong with a mutant; None for a correct target and a near miss."""
        return CATALOGUE[self.made_by].evidence if self.label is Label.MUTANT else None

    @property
    def has_subject(self) -> bool:
        """Whether it is checked as a `Subject`, with a forward and a backward.

        A fault of `update_params` shows in neither of the two.
        """
        return bool(self.domain.tensors) and self.evidence is not Evidence.UPDATE

    def __str__(self) -> str:
        return self.name


def _all_variants() -> dict[str, Variant]:
    made = [Variant(name, Label.CORRECT, target) for name, target in TARGETS.items()]
    for name, near in NEAR_MISSES.items():
        made += [
            Variant(f"near-miss:{name}/{key}", Label.NEAR_MISS, TARGETS[key], name)
            for key in near.operators
        ]
    for name, fault in CATALOGUE.items():
        made += [
            Variant(f"mutant:{name}/{key}", Label.MUTANT, TARGETS[key], name)
            for key in fault.operators
        ]
    return {each.name: each for each in made}


VARIANTS: Mapping[str, Variant] = _all_variants()


def variants(
    kind: Kind | None = None,
    label: Label | None = None,
    evidence: Evidence | None = None,
) -> tuple[Variant, ...]:
    """Return all variants, or those of one kind, label or evidence of their fault, in order."""
    return tuple(
        found
        for found in VARIANTS.values()
        if (kind is None or found.kind is kind)
        and (label is None or found.label is label)
        and (evidence is None or found.evidence is evidence)
    )


def correct(kind: Kind | None = None) -> tuple[Variant, ...]:
    """Return what every law must pass: the correct targets and the near misses."""
    return tuple(found for found in variants(kind) if found.label is not Label.MUTANT)


def names(kind: Kind | None = None, label: Label | None = None) -> tuple[str, ...]:
    """Return the names of `variants`."""
    return tuple(found.name for found in variants(kind, label))


def variant(name: str) -> Variant:
    """Return the variant of this name.

    Raises
    ------
    GradlabError
        If there is none; the message lists close ones.
    """
    if name not in VARIANTS:
        raise no_such(
            "variant", name, VARIANTS, "gradlab.faults.registry.names() lists all of them"
        )
    return VARIANTS[name]


def build(name: str) -> Any:
    """Return the class or function of this name; mutants and near misses are made anew.

    Raises
    ------
    GradlabError
        If there is no such name.
    """
    found = variant(name)
    original = found.target.correct
    match found.label:
        case Label.CORRECT:
            return original
        case Label.NEAR_MISS:
            return near_miss_class(found.made_by, original, target=found.target.name)
        case Label.MUTANT:
            return plant_class(found.made_by, original, target=found.target.name)


def subject(name: str) -> Subject:
    """Return the `Subject` of this name, with its domain.

    Raises
    ------
    GradlabError
        If there is no such name, or it has no gradient of its own (an optimizer).
    """
    return subject_of(variant(name).target, build(name), name)
