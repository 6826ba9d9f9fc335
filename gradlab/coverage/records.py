"""What is observed of one forward and backward: lines, and the sides of conditions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, order=True)
class Line:
    """One executable line of a function under test.

    Attributes
    ----------
    phase
        ``"forward"`` or ``"backward"``: the pass that entered the function first.
    text
        The line's source, stripped.
    """

    file: str
    number: int
    function: str
    phase: str
    text: str

    def describe(self) -> str:
        """Return the line as a report prints it.

        Examples
        --------
        >>> Line("l.py", 14, "backward", "backward", "return 0").describe()
        'backward, line 14, `return 0`'
        """
        return f"{self.function}, line {self.number}, `{self.text}`"


@dataclass(frozen=True, order=True)
class Condition:
    """One operation on arrays that chooses between two sides entry by entry.

    Attributes
    ----------
    offset
        The position of the call in the function's bytecode, since a line may hold
        several conditions.
    operation
        NumPy's name: ``"greater"``, ``"maximum"``, ``"where"``, ``"clip"``, …
    """

    file: str
    number: int
    function: str
    offset: int
    operation: str
    text: str

    def describe(self) -> str:
        """Return the condition as a report prints it."""
        return f"{self.function}, line {self.number}, {self.operation} in `{self.text}`"


@dataclass(frozen=True)
class Observation:
    """The lines and conditions of one or more runs.

    Attributes
    ----------
    lines
        Every executable line of the functions that were entered, less lines that
        only raise.
    run
        Those of `lines` that were executed.
    sides
        For each condition, the sides on which some entry fell.
    unobserved
        Why lines or conditions could not be observed; empty where they were.
    finite
        Whether the code returned finite outputs and gradients.
    """

    lines: frozenset[Line] = frozenset()
    run: frozenset[Line] = frozenset()
    sides: Mapping[Condition, frozenset[str]] = field(default_factory=dict)
    unobserved: tuple[str, ...] = ()
    finite: bool = True

    def __or__(self, other: Observation) -> Observation:
        """Return what either observation has seen."""
        conditions = {**self.sides, **other.sides}
        return Observation(
            _once(self.lines | other.lines),
            _once(self.run | other.run),
            {
                condition: self.sides.get(condition, frozenset())
                | other.sides.get(condition, frozenset())
                for condition in conditions
            },
            tuple(dict.fromkeys((*self.unobserved, *other.unobserved))),
        )

    @property
    def not_run(self) -> tuple[Line, ...]:
        """The lines that were never executed, in the order of the file."""
        run = {(line.file, line.number) for line in self.run}
        return tuple(line for line in sorted(self.lines) if (line.file, line.number) not in run)

    @property
    def one_sided(self) -> tuple[Condition, ...]:
        """The conditions of which only one side was met, in the order of the file."""
        return tuple(c for c, sides in sorted(self.sides.items()) if len(sides) < 2)

    @property
    def complete(self) -> bool:
        """Whether every line was executed and both sides of every condition were met."""
        return not self.not_run and not self.one_sided

    def extends(self, other: Observation) -> bool:
        """Whether something was seen here that `other` has not seen."""
        both = self | other
        return len(both.run) > len(other.run) or any(
            len(sides) > len(other.sides.get(condition, frozenset()))
            for condition, sides in both.sides.items()
        )


def _once(lines: frozenset[Line]) -> frozenset[Line]:
    """Keep one of the lines that differ only in the pass that entered their function first."""
    kept = {(line.file, line.number, line.function): line for line in sorted(lines, reverse=True)}
    return frozenset(kept.values())
