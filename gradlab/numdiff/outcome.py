"""The derivative of each output in the units of the line, and its conversion to an estimate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gradlab.numdiff.records import Estimate, Quality

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.numdiff.restriction import Restriction

    Flat = NDArray[np.float64]

_ORDER = (
    Quality.OK,
    Quality.KINK,
    Quality.UNRESOLVED,
    Quality.OUT_OF_DOMAIN,
    Quality.NOT_FINITE,
    Quality.NOISY,
)
_PARTS = (
    "value", "noise", "truncation", "left", "right", "left_bound", "right_bound", "quality",
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """One derivative for each output, in the units of the line."""

    value: Flat
    noise: Flat
    truncation: Flat
    left: Flat
    right: Flat
    left_bound: Flat
    right_bound: Flat
    quality: NDArray[np.object_]
    method: str
    reason: str

    @property
    def bound(self) -> Flat:
        """The sum of both parts of the bound."""
        return np.asarray(self.noise + self.truncation)

    def where(self, take: NDArray[np.bool_], other: Outcome) -> Outcome:
        """Return `other` at the outputs where `take` is true, and this outcome at all others."""
        parts = {name: np.where(take, getattr(other, name), getattr(self, name)) for name in _PARTS}
        return replace(self, **parts)


def qualities(outputs: int, quality: Quality) -> NDArray[np.object_]:
    """Return the same quality for each output (`np.full` would make plain strings of it)."""
    array = np.empty(outputs, dtype=object)
    array.fill(quality)
    return array


def failure(outputs: int, quality: Quality, reason: str, method: str = "differences") -> Outcome:
    """Return an outcome without a derivative for any output, with the reason."""
    nan, inf = np.full(outputs, np.nan), np.full(outputs, np.inf)
    return Outcome(nan, inf, inf, nan, nan, inf, inf, qualities(outputs, quality), method, reason)


def differentiable(value: Flat, noise: Flat, truncation: Flat, method: str) -> Outcome:
    """Return the outcome of outputs that all have a derivative."""
    bound = noise + truncation
    quality = qualities(value.size, Quality.OK)
    return Outcome(value, noise, truncation, value, value, bound, bound, quality, method, reason="")


def worst(quality: NDArray[np.object_]) -> Quality:
    """Return the worst of the qualities; ok where there is no output."""
    return max(quality.ravel(), key=_ORDER.index, default=Quality.OK)


def to_estimate(outcome: Outcome, line: Restriction) -> Estimate:
    """Return the outcome in the units of the direction and in the shape of the output."""
    shape, s = line.shape or (), line.scale
    with np.errstate(over="ignore"):
        overflow = np.isinf(outcome.value * s)
    if np.any(overflow):
        reason = "the derivative is larger than the largest float64"
        nothing = failure(overflow.size, Quality.NOT_FINITE, "")
        outcome = replace(outcome.where(overflow, nothing), reason=reason)
    status = worst(outcome.quality)
    with np.errstate(over="ignore", invalid="ignore"):
        parts = {
            name: np.asarray(getattr(outcome, name) * s) for name in _PARTS if name != "quality"
        }
        bound = np.asarray(outcome.bound * s)
    return Estimate(
        **{name: part.reshape(shape) for name, part in parts.items()},
        bound=bound.reshape(shape),
        quality=outcome.quality.reshape(shape),
        evaluations=line.calls,
        method=outcome.method,
        status=status,
        reason=outcome.reason,
    )
