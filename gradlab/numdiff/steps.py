"""Evaluations on both sides of the point, over a geometric ladder of steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from gradlab.numdiff.restriction import Restriction

    Flat = NDArray[np.float64]

#: The steps are mantissa · 2^-e, for these e.
EXPONENTS = (4, 8, 12, 16, 20, 24)
FINER_EXPONENTS = (28, 32, 36, 40, 44)
#: Steps have full mantissas: with powers of two x + h v is exact, and rounding inside the
#: code, (x + 1e6) - 1e6, is the same at every step and stays unseen.  And each step has its
#: own: with equal ones quantised changes (3, 48, 768 quanta) can look exactly linear.
_MANTISSA = 1.18034
_SPREAD = 0.08


def mantissas(seed: int) -> dict[int, float]:
    """Return each step's mantissa: the usual ones for seed 0, others for every other seed."""
    rng = np.random.default_rng(seed)
    centre = _MANTISSA if seed == 0 else rng.uniform(1.1, 1.4)
    exponents = (*EXPONENTS, *FINER_EXPONENTS)
    return dict(
        zip(exponents, centre + rng.uniform(-_SPREAD, _SPREAD, len(exponents)), strict=True)
    )


@dataclass
class StepSequence:
    """The values at x ± h v, kept per step and side; a side that failed is None."""

    line: Restriction
    centre: Flat
    mantissas: dict[int, float]
    values: dict[int, tuple[Flat | None, Flat | None]] = field(default_factory=dict)
    last_error: str = ""

    def evaluate(self, exponents: Iterable[int]) -> None:
        """Evaluate both sides at these exponents, where that is not done yet."""
        for e in exponents:
            if e not in self.values:
                h = self.step(e)
                self.values[e] = (self._try(-h), self._try(h))

    def step(self, exponent: int) -> float:
        """Return the step with this exponent."""
        return float(self.mantissas[exponent] * 2.0**-exponent)

    def _try(self, t: float) -> Flat | None:
        try:
            there = self.line.at(t)
        except Exception as error:  # noqa: BLE001 - code under test may raise whatever it likes
            self.last_error = f"{type(error).__name__}: {error}"
            return None
        if not np.all(np.isfinite(there[np.isfinite(self.centre)])):
            self.last_error = "a value that is not finite"
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
        return np.array([self.step(e) for e in exponents])

    def values_at(self, exponents: Iterable[int], side: int) -> Flat:
        """Return the (steps, outputs) values of one side."""
        return np.array([self.values[e][side] for e in exponents])
