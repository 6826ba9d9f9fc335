"""Evaluations on both sides of the point, over a geometric ladder of steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from gradlab.numdiff.line import Line

    Flat = NDArray[np.float64]

#: The steps are mantissa · 2^-e for these e.
LADDER = (4, 8, 12, 16, 20, 24)
FINER = (28, 32, 36, 40, 44)
#: A step with a full mantissa: with powers of two x + h v is exact, and rounding inside the
#: code, (x + 1e6) - 1e6, is the same at every step and stays unseen.
_MANTISSA = 1.18034


def mantissa(seed: int) -> float:
    """Return the steps' common mantissa: the usual one for seed 0, another for every other."""
    if seed == 0:
        return _MANTISSA
    return float(np.random.default_rng(seed).uniform(1.08, 1.45))


@dataclass
class Ladder:
    """The values at x ± h v, kept per step and side; a side that failed is None."""

    line: Line
    centre: Flat
    mantissa: float
    values: dict[int, tuple[Flat | None, Flat | None]] = field(default_factory=dict)
    trouble: str = ""

    def climb(self, exponents: Iterable[int]) -> None:
        """Evaluate both sides at these exponents, where that is not done yet."""
        for e in exponents:
            if e not in self.values:
                h = self.mantissa * 2.0**-e
                self.values[e] = (self._try(-h), self._try(h))

    def _try(self, t: float) -> Flat | None:
        try:
            there = self.line.at(t)
        except Exception as error:  # noqa: BLE001 - code under test may raise whatever it likes
            self.trouble = f"{type(error).__name__}: {error}"
            return None
        if not np.all(np.isfinite(there[np.isfinite(self.centre)])):
            self.trouble = "a value that is not finite"
            return None
        return there

    def run(self, side: int | None) -> list[int]:
        """Return the exponents finer than every failure, on one side (0, 1) or on both."""
        usable: list[int] = []
        for e in sorted(self.values):
            pair = self.values[e]
            sides = pair if side is None else (pair[side],)
            usable = [*usable, e] if all(value is not None for value in sides) else []
        return usable

    def steps(self, exponents: Iterable[int]) -> Flat:
        """Return the steps themselves, coarse to fine."""
        return np.array([self.mantissa * 2.0**-e for e in exponents])

    def stack(self, exponents: Iterable[int], side: int) -> Flat:
        """Return the (steps, outputs) values of one side."""
        return np.array([self.values[e][side] for e in exponents])
