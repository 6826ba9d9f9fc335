"""Every correct thing, near miss and mutant, by name, with its domain.

The tests that measure power take them from here.  Nothing is listed twice: what
is correct comes from `gradlab.faults.targets`, what is broken from the
catalogue of faults.

Names are ``linear`` for what is correct, ``near-miss:NAME/TARGET`` for its
look-alikes and ``mutant:FAULT/TARGET`` for what is broken.

Examples
--------
>>> subject("mutant:bias-gradient-averaged/linear").domain.symbols
('n_in', 'm', 'n_out')
>>> len(names(standing=Standing.MUTANT)) >= 150
True
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gradlab.faults.catalogue import CATALOGUE
from gradlab.faults.fault import Evidence
from gradlab.faults.near_misses import NEAR_MISSES
from gradlab.faults.plant import no_such, plant_class, variant_class
from gradlab.faults.targets import TARGETS, subject_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradlab.domain import Domain
    from gradlab.faults.targets import Target
    from gradlab.kinds import Kind
    from gradlab.subject import Subject


class Standing(enum.StrEnum):
    """What an entry is known to be."""

    CORRECT = "correct"
    NEAR_MISS = "near miss"
    MUTANT = "mutant"


@dataclass(frozen=True)
class Entry:
    """One name of the registry.

    Attributes
    ----------
    variant
        The fault's or near miss's name; empty for what is correct.
    target
        The correct thing that it is, or is made of.
    """

    name: str
    standing: Standing
    target: Target
    variant: str = ""

    @property
    def kind(self) -> Kind:
        """What sort of thing it is."""
        return self.target.kind

    @property
    def domain(self) -> Domain:
        """What it accepts: the domain of the correct thing."""
        return self.target.domain

    @property
    def evidence(self) -> Evidence | None:
        """What is wrong with it; None where nothing is."""
        return CATALOGUE[self.variant].evidence if self.standing is Standing.MUTANT else None

    @property
    def has_subject(self) -> bool:
        """Whether it has a gradient of its own, in which its fault, if any, can be seen.

        A subject has a forward and a backward; a fault of `update_params` shows
        in neither.
        """
        return bool(self.domain.tensors) and self.evidence is not Evidence.UPDATE

    def __str__(self) -> str:
        return self.name


def _entries() -> dict[str, Entry]:
    entries = [Entry(name, Standing.CORRECT, target) for name, target in TARGETS.items()]
    for name, near in NEAR_MISSES.items():
        entries += [
            Entry(f"near-miss:{name}/{key}", Standing.NEAR_MISS, TARGETS[key], name)
            for key in near.variants
        ]
    for name, fault in CATALOGUE.items():
        entries += [
            Entry(f"mutant:{name}/{key}", Standing.MUTANT, TARGETS[key], name)
            for key in fault.plants
        ]
    return {entry.name: entry for entry in entries}


ENTRIES: Mapping[str, Entry] = _entries()


def entries(
    kind: Kind | None = None,
    standing: Standing | None = None,
    evidence: Evidence | None = None,
) -> tuple[Entry, ...]:
    """Return all entries, or those of one kind, standing or evidence of their fault, in order."""
    return tuple(
        entry
        for entry in ENTRIES.values()
        if (kind is None or entry.kind is kind)
        and (standing is None or entry.standing is standing)
        and (evidence is None or entry.evidence is evidence)
    )


def right(kind: Kind | None = None) -> tuple[Entry, ...]:
    """Return what must never be found fault with: everything correct, and the near misses."""
    return tuple(found for found in entries(kind) if found.standing is not Standing.MUTANT)


def names(kind: Kind | None = None, standing: Standing | None = None) -> tuple[str, ...]:
    """Return the names of `entries`."""
    return tuple(entry.name for entry in entries(kind, standing))


def entry(name: str) -> Entry:
    """Return what is known about a name.

    Raises
    ------
    GradlabError
        If there is none; the message lists close ones.
    """
    if name not in ENTRIES:
        raise no_such("entry", name, ENTRIES, "gradlab.faults.registry.names() lists all of them")
    return ENTRIES[name]


def build(name: str) -> Any:
    """Return the class or function of this name; a new one at each call where it is planted.

    Raises
    ------
    GradlabError
        If there is no such name.
    """
    found = entry(name)
    correct = found.target.correct
    match found.standing:
        case Standing.CORRECT:
            return correct
        case Standing.NEAR_MISS:
            return variant_class(found.variant, correct, target=found.target.name)
        case Standing.MUTANT:
            return plant_class(found.variant, correct, target=found.target.name)


def subject(name: str) -> Subject:
    """Return the `Subject` of this name, with its domain.

    Raises
    ------
    GradlabError
        If there is no such name, or it has no gradient of its own (an optimizer).
    """
    return subject_of(entry(name).target, build(name), name)
