"""What kinked outputs allow along one direction: the intervals between their one-sided slopes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.numdiff.records import Quality

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.numdiff.records import Estimate

    Array = NDArray[Any]


# Room for the rounding of ⟨claim, v⟩ itself, relative to its terms.
_SLACK = 2.0**-40


@dataclass(frozen=True)
class Intervals:
    """One direction, with the interval that each kinked output allows along it."""

    direction: Array
    low: Array
    high: Array
    mask: Array

    def aligned(self, weights: Array) -> Array:
        """Return the upstream gradient under which no two outputs' intervals cancel."""
        signs = np.where(self.low + self.high >= 0, 1.0, -1.0)
        return np.where(self.mask, np.abs(weights) * signs, 0.0)

    def excess(self, claim: Array, cotangent: Array) -> float:
        """Return by how much ⟨claim, v⟩ misses what the outputs allow; 0 where it does not."""
        got = float(np.sum(claim * self.direction))
        ends = np.stack([cotangent * self.low, cotangent * self.high])[:, self.mask]
        low, high = float(ends.min(axis=0).sum()), float(ends.max(axis=0).sum())
        slack = _SLACK * float(np.sum(np.abs(claim * self.direction)))
        return max(low - got - slack, got - high - slack, 0.0)


def intervals(direction: Array, estimate: Estimate | None, mask: Array) -> Intervals | None:
    """Return the intervals of the outputs in `mask` that have a kink or a value; None for none."""
    if estimate is None or estimate.method == "one-sided differences":
        return None
    known = (estimate.quality == Quality.KINK) | (estimate.quality == Quality.OK)
    inside = mask & known
    if not inside.any():
        return None
    left, right = estimate.left, estimate.right
    low = np.minimum(left - estimate.left_bound, right - estimate.right_bound)
    high = np.maximum(left + estimate.left_bound, right + estimate.right_bound)
    return Intervals(direction, np.where(inside, low, 0.0), np.where(inside, high, 0.0), inside)


def at_kink(estimate: Estimate | None, mask: Array) -> Array:
    """Return which outputs in `mask` have one derivative from the left, another from the right."""
    none = np.zeros(mask.shape, dtype=bool)
    return none if estimate is None else mask & (estimate.quality == Quality.KINK)
