"""What is right, and what `check` says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradlab.records import Status

if TYPE_CHECKING:
    from gradlab.faults.matrix.matrix import Answer


@dataclass(frozen=True)
class Alarms:
    """The answers about everything that is correct and every near miss, with every seed."""

    seeds: tuple[int, ...]
    answers: tuple[Answer, ...]

    @property
    def entries(self) -> int:
        """How many things were asked about."""
        return len({answer.name for answer in self.answers})

    def complaints(self) -> tuple[str, ...]:
        """Say where a law found fault, or could not be asked."""
        return tuple(
            f"{answer.name}, seed {answer.seed}: {', '.join(wrong)}"
            for answer in self.answers
            if (wrong := (*answer.failed, *_with(answer, Status.ERROR)))
        )

    def doubts(self) -> tuple[str, ...]:
        """Say where a law could not tell."""
        return tuple(
            f"{answer.name}, seed {answer.seed}: {', '.join(unsure)}"
            for answer in self.answers
            if (unsure := _with(answer, Status.INCONCLUSIVE))
        )


def _with(answer: Answer, status: Status) -> tuple[str, ...]:
    return tuple(law for law, found in answer.unsure if found is status)
