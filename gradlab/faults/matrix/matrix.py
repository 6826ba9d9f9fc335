"""What was answered, and the matrix that it makes: faults × laws."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from gradlab.faults import CATALOGUE, FiniteDifferences, Law, registry
from gradlab.faults.matrix.rooms import Room, laws_of, room_of

if TYPE_CHECKING:
    from gradlab.faults import Fault
    from gradlab.faults.registry import Entry
    from gradlab.records import Status


@dataclass(frozen=True)
class Answer:
    """What `check` said about one entry of the registry with one seed.

    Attributes
    ----------
    failed
        The laws that found fault.
    unsure
        The laws that could not be asked, or could not tell: each with its status.
    """

    name: str
    seed: int
    failed: tuple[str, ...]
    unsure: tuple[tuple[str, Status], ...] = ()


@dataclass(frozen=True)
class Mutant:
    """One fault in one place, over all seeds.

    Attributes
    ----------
    laws
        For each law that found it, with how many of the seeds.
    alone
        With how many of the seeds one law alone found it, and which.
    """

    entry: Entry
    seeds: int
    laws: Counter[str]
    alone: Counter[str]
    found: int

    @property
    def law(self) -> Law:
        """The law that the catalogue names."""
        return CATALOGUE[self.entry.variant].law

    @property
    def always(self) -> tuple[str, ...]:
        """The laws that found it with every seed."""
        return tuple(law for law, times in self.laws.items() if times == self.seeds)

    @property
    def survived(self) -> bool:
        """Whether it passed `check` with one of the seeds at least."""
        return self.found < self.seeds

    @property
    def needs_reference(self) -> bool:
        """Whether some seed leaves it unfound when the law *reference* is not asked."""
        return self.alone[Law.REFERENCE] > 0


@dataclass(frozen=True)
class Row:
    """One fault, in all the places where it is planted."""

    fault: Fault
    mutants: tuple[Mutant, ...]

    @property
    def survivors(self) -> tuple[Mutant, ...]:
        """Those that some seed did not find."""
        return tuple(mutant for mutant in self.mutants if mutant.survived)

    @property
    def missed_by_name(self) -> tuple[Mutant, ...]:
        """Those that the law which the catalogue names did not find with every seed."""
        return tuple(m for m in self.mutants if self.fault.law not in m.always)

    @property
    def laws(self) -> Counter[str]:
        """For each law, how many of the mutants it finds with every seed."""
        return Counter(law for mutant in self.mutants for law in mutant.always)


@dataclass(frozen=True)
class LawRow:
    """One law, in one room: how many mutants it finds, and how many nobody else does."""

    room: Room
    law: str
    finds: int
    alone: int
    on_request: bool


@dataclass(frozen=True)
class Matrix:
    """The answers about every mutant, with every seed."""

    seeds: tuple[int, ...]
    answers: tuple[Answer, ...]

    @cached_property
    def mutants(self) -> tuple[Mutant, ...]:
        """Every mutant, in the order of the answers."""
        by_name: dict[str, list[Answer]] = {}
        for answer in self.answers:
            by_name.setdefault(answer.name, []).append(answer)
        return tuple(
            Mutant(
                registry.entry(name),
                len(given),
                Counter(law for answer in given for law in answer.failed),
                Counter(answer.failed[0] for answer in given if len(answer.failed) == 1),
                sum(bool(answer.failed) for answer in given),
            )
            for name, given in by_name.items()
        )

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """One row for each fault, in the catalogue's order."""
        of: dict[str, list[Mutant]] = {}
        for mutant in self.mutants:
            of.setdefault(mutant.entry.variant, []).append(mutant)
        return tuple(Row(CATALOGUE[name], tuple(found)) for name, found in of.items())

    @cached_property
    def laws(self) -> tuple[LawRow, ...]:
        """One row for each law of each room."""
        finds: Counter[tuple[Room, str]] = Counter()
        alone: Counter[tuple[Room, str]] = Counter()
        for mutant in self.mutants:
            room = room_of(mutant.entry)
            finds.update((room, law) for law in mutant.always)
            alone.update((room, law) for law, n in mutant.alone.items() if n == mutant.seeds)
        return tuple(
            LawRow(room, law.name, finds[room, law.name], alone[room, law.name], law.on_request)
            for room in Room
            for law in laws_of(room)
        )

    @property
    def missed_by_textbook(self) -> tuple[Row, ...]:
        """The faults that a textbook gradient check does not catch, whatever the input."""
        return tuple(r for r in self.rows if r.fault.finite_differences is FiniteDifferences.MISSES)

    def unfound(self) -> tuple[str, ...]:
        """Say which mutant survives, or is not found by the law that the catalogue names.

        With the law *reference* left out each fault still has to be found by its
        law; where that is *reference* itself, nothing else can find it.
        """
        return tuple(said for mutant in self.mutants if (said := _complaint(mutant)))

    def idle(self) -> tuple[str, ...]:
        """Say which law finds nothing, those on request aside."""
        return tuple(
            f"the law {row.law!r} of {row.room} finds nothing"
            for row in self.laws
            if not row.finds and not row.on_request
        )

    def complaints(self) -> tuple[str, ...]:
        """Say everything that must not be."""
        return (*self.unfound(), *self.idle())


def _complaint(mutant: Mutant) -> str:
    if mutant.survived:
        times = f"with {mutant.seeds - mutant.found} of {mutant.seeds} seeds"
        return f"{mutant.entry} survives {times}"
    if mutant.law not in mutant.always:
        by = ", ".join(mutant.always) or "others"
        named = f"{mutant.laws[mutant.law]} of {mutant.seeds} times by {str(mutant.law)!r}, named"
        return f"{mutant.entry} is found by {by}; {named}"
    if mutant.needs_reference and mutant.law is not Law.REFERENCE:
        return f"{mutant.entry} survives without the law 'reference'"
    return ""
