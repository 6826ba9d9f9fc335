"""The kill matrix, faults × laws, and the false alarms, from the outcomes of `check`."""

from __future__ import annotations

import enum
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gradlab.faults import CATALOGUE, Evidence, FiniteDifferences, registry
from gradlab.kinds import Kind
from gradlab.laws import LAWS
from gradlab.records import Status

if TYPE_CHECKING:
    from gradlab.faults import Fault
    from gradlab.faults.registry import Variant
    from gradlab.laws import Law


class LawScope(enum.StrEnum):
    """The variants that share a list of laws; two scopes may have laws of one name."""

    SUBJECT = "layers and costs"
    UPDATE = "updates of layers"
    OPTIMIZER = "optimizers"
    INITIALIZER = "initializers"
    MINIBATCHES = "mini-batches"
    NETWORK = "networks"
    TRAINING = "training loops"
    GRAPH = "graphs"


_OF_KIND = {Kind[scope.name]: scope for scope in LawScope if scope is not LawScope.SUBJECT}


def scope_of(variant: Variant) -> LawScope:
    """Return the scope whose laws must detect the fault of a variant, or pass it.

    Examples
    --------
    >>> from gradlab.faults import registry
    >>> print(scope_of(registry.variant("linear")), scope_of(registry.variant("adam")), sep=", ")
    layers and costs, optimizers
    """
    if variant.evidence is Evidence.UPDATE:
        return LawScope.UPDATE
    if variant.has_subject:
        return LawScope.SUBJECT
    return _OF_KIND[variant.kind]


def laws_of(scope: LawScope) -> tuple[Law[Any], ...]:
    """Return the laws of a scope, those that run on request only included."""
    return LAWS[Kind.LAYER if scope is LawScope.SUBJECT else Kind[scope.name]]


@dataclass(frozen=True)
class CheckOutcome:
    """The outcome of `check` for one variant of the registry with one seed.

    Attributes
    ----------
    failed
        The laws with the status fail.
    undecided
        The laws with the status error or inconclusive, each with its status.
    """

    name: str
    seed: int
    failed: tuple[str, ...]
    undecided: tuple[tuple[str, Status], ...] = ()


@dataclass(frozen=True)
class Mutant:
    """A mutant, over all seeds.

    Attributes
    ----------
    laws
        For each law, the number of seeds with which it detects the mutant.
    sole_laws
        For each law, the number of seeds with which it alone does.
    detected
        The number of seeds with which some law does.
    """

    variant: Variant
    seeds: int
    laws: Counter[str]
    sole_laws: Counter[str]
    detected: int

    @property
    def expected_law(self) -> str:
        """The law that must detect it, by the catalogue."""
        return CATALOGUE[self.variant.made_by].law

    @property
    def always(self) -> tuple[str, ...]:
        """The laws that detect it with every seed."""
        return tuple(law for law, times in self.laws.items() if times == self.seeds)

    @property
    def survived(self) -> bool:
        """Whether it passes `check` with one of the seeds at least."""
        return self.detected < self.seeds

    @property
    def needs_reference(self) -> bool:
        """Whether with some seed no law but *reference* detects it."""
        return self.sole_laws["reference"] > 0


@dataclass(frozen=True)
class Row:
    """One fault, with all its mutants."""

    fault: Fault
    mutants: tuple[Mutant, ...]

    @property
    def survivors(self) -> tuple[Mutant, ...]:
        """The mutants that survive with some seed."""
        return tuple(mutant for mutant in self.mutants if mutant.survived)

    @property
    def missed_by_expected_law(self) -> tuple[Mutant, ...]:
        """The mutants that the expected law does not detect with every seed."""
        return tuple(m for m in self.mutants if self.fault.law not in m.always)

    @property
    def laws(self) -> Counter[str]:
        """For each law, the number of mutants that it detects with every seed."""
        return Counter(law for mutant in self.mutants for law in mutant.always)


@dataclass(frozen=True)
class LawRow:
    """One law, in one scope: how many mutants it detects, and how many it alone does."""

    scope: LawScope
    law: str
    detects: int
    detects_alone: int
    on_request: bool


@dataclass(frozen=True)
class Matrix:
    """The outcomes of every mutant, with every seed."""

    seeds: tuple[int, ...]
    outcomes: tuple[CheckOutcome, ...]

    @cached_property
    def mutants(self) -> tuple[Mutant, ...]:
        """Every mutant, in the order of the outcomes."""
        by_name: dict[str, list[CheckOutcome]] = {}
        for outcome in self.outcomes:
            by_name.setdefault(outcome.name, []).append(outcome)
        return tuple(
            Mutant(
                registry.variant(name),
                len(given),
                Counter(law for outcome in given for law in outcome.failed),
                Counter(outcome.failed[0] for outcome in given if len(outcome.failed) == 1),
                sum(bool(outcome.failed) for outcome in given),
            )
            for name, given in by_name.items()
        )

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """One row for each fault, in the catalogue's order."""
        of: dict[str, list[Mutant]] = {}
        for mutant in self.mutants:
            of.setdefault(mutant.variant.made_by, []).append(mutant)
        return tuple(Row(CATALOGUE[name], tuple(found)) for name, found in of.items())

    @cached_property
    def laws(self) -> tuple[LawRow, ...]:
        """One row for each law of each scope."""
        detects: Counter[tuple[LawScope, str]] = Counter()
        alone: Counter[tuple[LawScope, str]] = Counter()
        for mutant in self.mutants:
            scope = scope_of(mutant.variant)
            detects.update((scope, law) for law in mutant.always)
            alone.update((scope, law) for law, n in mutant.sole_laws.items() if n == mutant.seeds)
        return tuple(
            LawRow(
                scope, law.name, detects[scope, law.name], alone[scope, law.name], law.on_request
            )
            for scope in LawScope
            for law in laws_of(scope)
        )

    @property
    def missed_by_textbook(self) -> tuple[Row, ...]:
        """The faults that a textbook gradient check does not detect, whatever the input."""
        return tuple(r for r in self.rows if r.fault.finite_differences is FiniteDifferences.MISSES)

    def undetected(self) -> tuple[str, ...]:
        """Return a sentence for each mutant that survives or that its expected law misses.

        Without the law *reference* each fault must still be detected, unless that is
        its expected law.
        """
        return tuple(problem for mutant in self.mutants if (problem := _problem(mutant)))

    def unused_laws(self) -> tuple[str, ...]:
        """Return a sentence for each law that detects nothing, those on request aside."""
        return tuple(
            f"the law {row.law!r} of {row.scope} detects no mutant"
            for row in self.laws
            if not row.detects and not row.on_request
        )

    def problems(self) -> tuple[str, ...]:
        """Return everything for which the command exits with 1."""
        return (*self.undetected(), *self.unused_laws())


def _problem(mutant: Mutant) -> str:
    if mutant.survived:
        times = f"with {mutant.seeds - mutant.detected} of {mutant.seeds} seeds"
        return f"{mutant.variant} survives {times}"
    if mutant.expected_law not in mutant.always:
        by = ", ".join(mutant.always) or "others"
        times = f"{mutant.laws[mutant.expected_law]} of {mutant.seeds} times"
        named = f"{times} by {mutant.expected_law!r}, the expected law"
        return f"{mutant.variant} is detected by {by}; {named}"
    if mutant.needs_reference and mutant.expected_law != "reference":
        return f"{mutant.variant} survives without the law 'reference'"
    return ""


@dataclass(frozen=True)
class FalseAlarms:
    """The outcomes of every correct target and near miss, with every seed."""

    seeds: tuple[int, ...]
    outcomes: tuple[CheckOutcome, ...]

    @property
    def variants(self) -> int:
        """The number of variants that were checked."""
        return len({outcome.name for outcome in self.outcomes})

    def false_alarms(self) -> tuple[str, ...]:
        """Return a line for each outcome with a law that fails or raises an error."""
        return tuple(
            f"{outcome.name}, seed {outcome.seed}: {', '.join(wrong)}"
            for outcome in self.outcomes
            if (wrong := (*outcome.failed, *_with(outcome, Status.ERROR)))
        )

    def inconclusive(self) -> tuple[str, ...]:
        """Return a line for each outcome with an inconclusive law."""
        return tuple(
            f"{outcome.name}, seed {outcome.seed}: {', '.join(undecided)}"
            for outcome in self.outcomes
            if (undecided := _with(outcome, Status.INCONCLUSIVE))
        )


def _with(outcome: CheckOutcome, status: Status) -> tuple[str, ...]:
    return tuple(law for law, found in outcome.undecided if found is status)
