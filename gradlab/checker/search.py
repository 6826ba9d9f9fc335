"""One search for wrong entries of one tensor: directions that single out parts of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.checker.directions import scaled, weighted
from gradlab.checker.located import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from gradlab.checker.residual import Residual, Ruler

    Array = NDArray[Any]


class Search:
    """Residuals along one random direction with weights put on its parts.

    The components' random sizes keep mistakes in several entries from cancelling
    in the parts as in the whole.
    """

    def __init__(self, ruler: Ruler, name: str) -> None:
        self.ruler, self.name = ruler, name
        self.claim = ruler.claims[name]
        rng = np.random.default_rng([ruler.problem.seed, 13])
        if ruler.method == "complex step":
            self.direction = weighted(ruler.problem, {name: self.claim}, rng)[name]
        else:
            self.direction = scaled(ruler.problem, name, rng)
        self.derivatives = 0
        self.whole = self.weigh(np.ones(self.claim.shape))

    @property
    def point(self) -> Array:
        """The tensor's own values."""
        return self.ruler.problem.values[self.name]

    def weigh(self, weights: Array) -> Residual:
        """Measure along the direction with these weights on its components."""
        self.derivatives += 1
        weighted_direction = self.direction * weights.reshape(self.claim.shape)
        return self.ruler.measure({self.name: weighted_direction}, again=1)

    def part(self, inside: Array) -> Residual:
        """Measure along the direction's components at these flat indices alone."""
        weights = np.zeros(self.claim.size)
        weights[inside] = 1.0
        return self.weigh(weights)

    def entry(self, index: tuple[int, ...]) -> Entry:
        """Return what is claimed of one entry, and what its derivative is."""
        self.derivatives += 1
        return one_entry(self.ruler, self.name, index, again=1)

    def examples(self, flat: Iterable[int]) -> list[Entry]:
        """Return those of the entries at these flat indices that are wrong."""
        indices = [unravel(int(i), self.claim.shape) for i in flat]
        return [entry for entry in map(self.entry, indices) if is_wrong(entry)]


def one_entry(ruler: Ruler, name: str, index: tuple[int, ...], *, again: int) -> Entry:
    """Differentiate by one entry alone; another number in `again` takes other steps."""
    x = np.abs(ruler.problem.values[name])
    step = float(x[index] or x.max() or 1.0)
    direction = np.zeros(x.shape)
    direction[index] = step
    residual = ruler.measure({name: direction}, again=again)
    return Entry(index, residual.claimed / step, residual.slope / step, residual.bound / step)


def is_wrong(entry: Entry) -> bool:
    """Whether an entry is off by more than the bounds explain; what is not known is not wrong."""
    return abs(entry.got - entry.expected) > entry.bound


def unravel(flat: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the index of an entry by its place in the flattened tensor."""
    return tuple(int(i) for i in np.unravel_index(flat, shape))
