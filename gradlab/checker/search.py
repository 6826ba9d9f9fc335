"""One search for wrong entries of one tensor: directions that single out parts of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.checker.directions import scaled_direction, weighted_direction
from gradlab.checker.located import ComparedEntry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from gradlab.checker.residual import DerivativeMethod, Residual

    Array = NDArray[Any]


class Search:
    """Residuals along one random direction with weights put on its parts.

    The components' random sizes keep mistakes in several entries from cancelling
    in the parts as in the whole.
    """

    def __init__(self, method: DerivativeMethod, name: str) -> None:
        self.method, self.name = method, name
        self.claim = method.claims[name]
        rng = np.random.default_rng([method.problem.seed, 13])
        if method.name == "complex step":
            self.direction = weighted_direction(method.problem, {name: self.claim}, rng)[name]
        else:
            self.direction = scaled_direction(method.problem, name, rng)
        self.derivatives = 0
        self.whole = self.measure(np.ones(self.claim.shape))

    @property
    def point(self) -> Array:
        """The tensor's own values."""
        return self.method.problem.values[self.name]

    def measure(self, weights: Array) -> Residual:
        """Measure along the direction with these weights on its components."""
        self.derivatives += 1
        direction = self.direction * weights.reshape(self.claim.shape)
        return self.method.measure({self.name: direction}, attempt=1)

    def measure_subset(self, inside: Array) -> Residual:
        """Measure along the direction's components at these flat indices alone."""
        weights = np.zeros(self.claim.size)
        weights[inside] = 1.0
        return self.measure(weights)

    def entry(self, index: tuple[int, ...]) -> ComparedEntry:
        """Return what is claimed of one entry, and what its derivative is."""
        self.derivatives += 1
        return compare_entry(self.method, self.name, index, attempt=1)

    def wrong_among(self, flat: Iterable[int]) -> list[ComparedEntry]:
        """Return those of the entries at these flat indices that are wrong."""
        indices = [unravel(int(i), self.claim.shape) for i in flat]
        return [entry for entry in map(self.entry, indices) if is_wrong(entry)]


def compare_entry(
    method: DerivativeMethod, name: str, index: tuple[int, ...], *, attempt: int
) -> ComparedEntry:
    """Differentiate by one entry alone; another number in `again` takes other steps."""
    x = np.abs(method.problem.values[name])
    step = float(x[index] or x.max() or 1.0)
    direction = np.zeros(x.shape)
    direction[index] = step
    residual = method.measure({name: direction}, attempt=attempt)
    return ComparedEntry(
        index, residual.claimed / step, residual.derivative / step, residual.bound / step
    )


def is_wrong(entry: ComparedEntry) -> bool:
    """Whether an entry is off by more than the bounds explain; what is not known is not wrong."""
    return abs(entry.got - entry.expected) > entry.bound


def unravel(flat: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the index of an entry by its place in the flattened tensor."""
    return tuple(int(i) for i in np.unravel_index(flat, shape))
