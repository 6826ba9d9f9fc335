"""The search for wrong entries of one tensor: residuals along parts of one direction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.checker.residual import scaled_direction, weighted_direction

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from gradlab.checker.residual import DerivativeMethod, Residual

    Array = NDArray[Any]


@dataclass(frozen=True)
class ComparedEntry:
    """One entry of a claimed gradient, compared with its derivative.

    Attributes
    ----------
    index
        The entry's place in the tensor.
    got, expected
        The claimed value and the derivative; NaN if there is no derivative.
    bound
        The largest difference that error bounds and rounding explain.
    """

    index: tuple[int, ...]
    got: float
    expected: float
    bound: float


@dataclass(frozen=True)
class Localization:
    """The wrong entries that a search located.

    Attributes
    ----------
    entries
        The wrong entries, the largest error first.
    complete
        Whether these are all wrong entries; if not, they are examples.
    pattern
        What the wrong entries have in common, as a sentence; empty if nothing is known.
    """

    entries: tuple[ComparedEntry, ...]
    complete: bool
    pattern: str = ""


class EntrySearch:
    """Residuals of one tensor along a fixed random direction with weighted components.

    The components' random sizes keep errors in several entries from cancelling,
    in the parts as in the whole.

    Parameters
    ----------
    method
        Measures the residuals.
    name
        The tensor.

    Attributes
    ----------
    claim, direction
        The claimed gradient and the direction, of the tensor's shape.
    derivatives
        Number of directional derivatives measured so far.
    whole
        The residual along the whole direction.
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

    def measure(self, weights: Array) -> Residual:
        """Return the residual with `weights`, one for each entry, on the components."""
        self.derivatives += 1
        direction = self.direction * weights.reshape(self.claim.shape)
        return self.method.measure({self.name: direction}, attempt=1)

    def measure_subset(self, flat: Array) -> Residual:
        """Return the residual along the components at these flat indices only."""
        weights = np.zeros(self.claim.size)
        weights[flat] = 1.0
        return self.measure(weights)

    def wrong_among(self, flat: Iterable[int]) -> list[ComparedEntry]:
        """Return the wrong ones of the entries at these flat indices, a derivative for each."""
        return [entry for entry in map(self._compare, flat) if is_wrong(entry)]

    def _compare(self, flat: int) -> ComparedEntry:
        self.derivatives += 1
        index = unravel(int(flat), self.claim.shape)
        return compare_entry(self.method, self.name, index, attempt=1)


def compare_entry(
    method: DerivativeMethod, name: str, index: tuple[int, ...], *, attempt: int
) -> ComparedEntry:
    """Compare one entry of the claimed gradient with its partial derivative.

    Parameters
    ----------
    method
        Measures the residual.
    name, index
        The tensor, and the entry in it.
    attempt
        Another number selects other steps: an independent confirmation.

    Returns
    -------
    ComparedEntry
        In the gradient's units.
    """
    x = np.abs(method.problem.values[name])
    step = float(x[index] or x.max() or 1.0)
    direction = np.zeros(x.shape)
    direction[index] = step
    residual = method.measure({name: direction}, attempt=attempt)
    return ComparedEntry(
        index, residual.claimed / step, residual.derivative / step, residual.bound / step
    )


def is_wrong(entry: ComparedEntry) -> bool:
    """Return whether the error exceeds the bound; False for an entry without a derivative.

    Examples
    --------
    >>> is_wrong(ComparedEntry((0, 1), got=0.5, expected=0.25, bound=1e-12))
    True
    >>> is_wrong(ComparedEntry((0, 1), got=0.5, expected=np.nan, bound=np.inf))
    False
    """
    return abs(entry.got - entry.expected) > entry.bound


def worst_first(entries: list[ComparedEntry]) -> tuple[ComparedEntry, ...]:
    """Return the entries by decreasing error; equal errors by index.

    Examples
    --------
    >>> small, large = ComparedEntry((0,), 1.0, 1.1, 0.0), ComparedEntry((1,), 1.0, 2.0, 0.0)
    >>> [entry.index for entry in worst_first([small, large])]
    [(1,), (0,)]
    """
    return tuple(sorted(entries, key=lambda entry: (-abs(entry.got - entry.expected), entry.index)))


def unravel(flat: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the index of an entry from its place in the flattened tensor.

    Examples
    --------
    >>> unravel(5, (2, 3))
    (1, 2)
    """
    return tuple(int(i) for i in np.unravel_index(flat, shape))
