"""A cheap test of a reading: directional derivatives against the gradients that it finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from gradlab.adapters.reading_session import Execution

    Array = NDArray[Any]
    Values = Mapping[str, Array]

_DIRECTIONS = 3
_STEPS = (1e-6, 1e-4)
#: Steps and tolerance where the outputs have single precision.
_SINGLE_STEPS = (1e-2,)
TOLERANCE, _SINGLE_TOLERANCE = 2e-4, 3e-2


def weighted_sum(outputs: Sequence[Array], cotangents: Sequence[Array]) -> float:
    """Return ⟨cotangents, outputs⟩."""
    return float(sum(np.sum(c * out) for c, out in zip(cotangents, outputs, strict=True)))


@dataclass
class DirectionalCheck:
    """Derivatives of ⟨cotangents, outputs⟩ along random directions at one point."""

    execution: Execution
    values: Values
    cotangents: Sequence[Array]
    rng: np.random.Generator

    def ratios(self, gradients: Mapping[str, Array]) -> dict[str, tuple[bool, float]]:
        """Compare gradients with derivatives.

        Returns
        -------
        dict
            For each tensor whether they agree, and the ratio of gradient and
            derivative; NaN where the directions differ in their ratio.
        """
        outputs = self.execution.forward(self.values)
        single = any(np.asarray(out).dtype == np.float32 for out in outputs)
        steps, tolerance = (_SINGLE_STEPS, _SINGLE_TOLERANCE) if single else (_STEPS, TOLERANCE)
        return {
            name: self._compare(name, gradient, steps, tolerance)
            if gradient.shape == self.values[name].shape
            else (False, float("nan"))
            for name, gradient in gradients.items()
        }

    def _compare(
        self, name: str, gradient: Array, steps: Sequence[float], tolerance: float
    ) -> tuple[bool, float]:
        agrees, quotients = True, []
        scale = float(np.linalg.norm(gradient)) + 1e-300
        for _ in range(_DIRECTIONS):
            direction = self.rng.standard_normal(self.values[name].shape)
            claimed = float(np.sum(gradient * direction))
            numeric = [self._derivative(name, direction, step) for step in steps]
            error = min(abs(number - claimed) for number in numeric)
            size = max(scale, *(abs(number) for number in numeric))
            agrees &= bool(error <= tolerance * size)
            quotients.append(claimed / numeric[0] if numeric[0] else float("nan"))
        finite = bool(np.all(np.isfinite(quotients)))
        same = finite and np.ptp(quotients) <= 1e-3 * abs(quotients[0])
        return agrees, float(quotients[0]) if same else float("nan")

    def _derivative(self, name: str, direction: Array, step: float) -> float:
        ends = []
        for sign in (1, -1):
            moved = {key: np.array(value) for key, value in self.values.items()}
            moved[name] = moved[name] + sign * step * direction
            ends.append(weighted_sum(self.execution.forward(moved), self.cotangents))
        return (ends[0] - ends[1]) / (2 * step)
