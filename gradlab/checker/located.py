"""What was found out about where a gradient is wrong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class ComparedEntry:
    """One entry of a gradient that is wrong: |got − expected| exceeds `bound`."""

    index: tuple[int, ...]
    got: float
    expected: float
    bound: float

    @property
    def excess(self) -> float:
        """How many bounds the two are apart."""
        apart = abs(self.got - self.expected)
        return apart / self.bound if self.bound else np.inf


@dataclass(frozen=True)
class Localization:
    """The wrong entries, worst first.

    Attributes
    ----------
    complete
        Whether these are all of them; if not, `entries` are examples.
    pattern
        What the wrong entries have in common, as a sentence; empty where nothing is.
    """

    entries: tuple[ComparedEntry, ...]
    complete: bool
    pattern: str = ""


def worst_first(entries: list[ComparedEntry]) -> tuple[ComparedEntry, ...]:
    """Order entries by how far they are off."""
    return tuple(sorted(entries, key=lambda entry: (-abs(entry.got - entry.expected), entry.index)))
