"""A reading that ran, and how its gradients compare with directional derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters.reference_twin import infer_reference
from gradlab.adapters.templates import tensors_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.adapters.reading import Reading

    Array = NDArray[Any]


@dataclass
class Attempt:
    """A reading that ran, at the values where it ran, and how its gradients compare.

    `ratios` holds for each tensor whether its gradient agrees with directional
    derivatives, and the ratio of the two.
    """

    reading: Reading
    values: dict[str, Array]
    ratios: dict[str, tuple[bool, float]]

    @property
    def agreeing(self) -> int:
        """How many gradients agree."""
        return sum(agrees for agrees, _ in self.ratios.values())

    @property
    def passes(self) -> bool:
        """Whether every gradient agrees."""
        return bool(self.ratios) and self.agreeing == len(self.ratios)

    @property
    def evidence(self) -> float:
        """How much shows that this is the right reading although its gradients disagree."""
        reading = self.reading
        if reading.guesses:
            return 0.0
        named = all(at.by == "name" for at in reading.gradients.values())
        given = tensors_of(reading.call.forward).values()
        wanted = len(reading.held) + sum(tensor.differentiable for tensor in given)
        by_shape = any(at.by == "shape" for at in reading.gradients.values())
        points = 2.0 if named or len(reading.gradients) == wanted else 1.5
        points -= 1.5 * by_shape
        if any(np.isfinite(ratio) for _, ratio in self.ratios.values()):
            points += 1.0
        if reading.call.target.loose and infer_reference(reading.call.target.name) is None:
            points -= 1.0
        if reading.outputs.reduction:
            points -= 0.5
        return points + 2.0 * self.agreeing
