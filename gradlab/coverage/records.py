"""What is observed of one forward and backward: lines, and the sides of conditions."""

from __future__ import annotations

from dataclasses import astuple, dataclass, field
from typing import TYPE_CHECKING, Any

from gradlab.records import Coverage

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


def coverage_of(seen: Observation) -> Coverage:
    """Return what a report states about an observation."""
    not_run = seen.not_run
    return Coverage(
        lines=len(seen.lines),
        lines_run=len(seen.lines) - len(not_run),
        conditions=len(seen.sides),
        conditions_met=len(seen.sides) - len(seen.one_sided),
        not_run=tuple(line.describe() for line in not_run),
        not_run_backward=tuple(line.describe() for line in not_run if line.phase == "backward"),
        one_sided=tuple(condition.describe() for condition in seen.one_sided),
        unobserved=seen.unobserved,
    )


def to_plain(seen: Observation) -> dict[str, Any]:
    """Return an observation as plain data, for another process."""
    return {
        "lines": [[*astuple(line), line in seen.run] for line in sorted(seen.lines)],
        "sides": [[*astuple(c), sorted(sides)] for c, sides in sorted(seen.sides.items())],
        "unobserved": list(seen.unobserved),
        "finite": seen.finite,
    }


def from_plain(plain: Mapping[str, Any]) -> Observation:
    """Return the observation that `to_plain` has written."""
    lines = [(Line(*map(_checked, fields)), bool(run)) for *fields, run in plain["lines"]]
    return Observation(
        frozenset(line for line, _ in lines),
        frozenset(line for line, run in lines if run),
        {
            Condition(*map(_checked, fields)): frozenset(map(str, sides))
            for *fields, sides in plain["sides"]
        },
        tuple(map(str, plain["unobserved"])),
        bool(plain["finite"]),
    )


def _checked(value: Any) -> Any:
    """Return a number or a string; what another process sends is not trusted."""
    if not isinstance(value, int | str):
        msg = f"expected a number or a string, got {type(value).__name__}"
        raise TypeError(msg)
    return value


def _once(lines: frozenset[Line]) -> frozenset[Line]:
    """Keep one of the lines that differ only in the pass that entered their function first."""
    kept = {(line.file, line.number, line.function): line for line in sorted(lines, reverse=True)}
    return frozenset(kept.values())
