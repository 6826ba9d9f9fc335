"""Function values on both sides of the point, at a geometric sequence of steps."""

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
#: Steps have full mantissas: with powers of two x + h v is exact, and rounding inside f,
#: (x + 1e6) - 1e6, is the same at every step and is not detected.  Each step has a mantissa
#: of its own: with equal ones quantised changes (3, 48, 768 quanta) can be exactly linear.
_MANTISSA = 1.18034
_SPREAD = 0.08


def mantissas(seed: int) -> dict[int, float]:
    """Return the mantissa of each step, by its exponent; other seeds give other mantissas."""
    rng = np.random.default_rng(seed)
    centre = _MANTISSA if seed == 0 else rng.uniform(1.1, 1.4)
    exponents = (*EXPONENTS, *FINER_EXPONENTS)
    return dict(
        zip(exponents, centre + rng.uniform(-_SPREAD, _SPREAD, len(exponents)), strict=True)
    )


@dataclass
class StepSequence:
    """The values of f at x ± h v, by exponent of the step h.

    Attributes
    ----------
    line
        f restricted to the line.
    centre
        (outputs,): the values at the point.
    mantissas
        The mantissa of each step, by exponent.
    values
        The values left and right of the point, by exponent; None for a side on which
        f raised or was not finite.
    last_error
        What happened there, for the message.
    """

    line: Restriction
    centre: Flat
    mantissas: dict[int, float]
    values: dict[int, tuple[Flat | None, Flat | None]] = field(default_factory=dict)
    last_error: str = ""

    def evaluate(self, exponents: Iterable[int]) -> None:
        """Evaluate f on both sides at these exponents, unless that was done before."""
        for e in exponents:
            if e not in self.values:
                h = self.step(e)
                self.values[e] = (self._value_at(-h), self._value_at(h))

    def step(self, exponent: int) -> float:
        """Return the step with this exponent."""
        return float(self.mantissas[exponent] * 2.0**-exponent)

    def _value_at(self, t: float) -> Flat | None:
        try:
            there = self.line.at(t)
        except Exception as error:  # noqa: BLE001 - f may raise anything
            self.last_error = f"{type(error).__name__}: {error}"
            return None
        if not np.all(np.isfinite(there[np.isfinite(self.centre)])):
            self.last_error = "a value that is not finite"
            return None
        return there

    def usable(self, side: int | None) -> list[int]:
        """Return the exponents finer than every failure, on side 0 or 1, or on both (None)."""
        found: list[int] = []
        for e in sorted(self.values):
            pair = self.values[e]
            sides = pair if side is None else (pair[side],)
            found = [*found, e] if all(value is not None for value in sides) else []
        return found

    def steps(self, exponents: Iterable[int]) -> Flat:
        """Return the steps themselves, coarse to fine."""
        return np.array([self.step(e) for e in exponents])

    def values_at(self, exponents: Iterable[int], side: int) -> Flat:
        """Return the (steps, outputs) values of one side."""
        return np.array([self.values[e][side] for e in exponents])
