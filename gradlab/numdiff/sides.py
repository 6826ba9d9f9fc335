"""From the values on a ladder to the derivative of each output, from both sides and from each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradlab.numdiff import noise
from gradlab.numdiff.extrapolate import Slope, select
from gradlab.numdiff.ladder import LADDER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gradlab.numdiff.ladder import Ladder

    Flat = NDArray[np.float64]
    Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Reading:
    """What one run of steps says, for each output.

    `central`, `left` and `right` are slopes; `sigma` is the noise of one value
    and `rounding` what of it rounding explains; `signal` is the largest change seen.
    """

    central: Slope
    left: Slope
    right: Slope
    sigma: Flat
    rounding: Flat
    signal: Flat
    reach: float

    @property
    def kink(self) -> Mask:
        """Where the one-sided derivatives differ by more than their bounds."""
        gap = np.abs(self.right.value - self.left.value)
        return np.asarray(gap > self.right.bound + self.left.bound)

    @property
    def torn(self) -> Mask:
        """Where the central derivative disagrees with one of the sides."""
        apart = np.zeros(self.sigma.shape, dtype=bool)
        for side in (self.left, self.right):
            apart |= np.abs(self.central.value - side.value) > self.central.bound + side.bound
        return apart

    @property
    def noisy(self) -> Mask:
        """Where there is noise that rounding does not explain."""
        return np.asarray(self.sigma > 30 * self.rounding)

    @property
    def buried(self) -> Mask:
        """Where noise and structure cannot be told apart, or leave less than two digits."""
        size = np.maximum(np.abs(self.central.value), self.signal / self.reach)
        coarse = self.central.bound > 0.02 * size
        return np.asarray(self.noisy & ((self.sigma > 0.05 * self.signal) | coarse))


def _chosen(sigma: Flat, slope: Slope) -> Flat:
    """Return the largest noise at the finest step of the chosen cell and beyond."""
    last = len(sigma) - 2
    reversed_max = np.maximum.accumulate(sigma[::-1], axis=0)[::-1]
    index = np.minimum(slope.step, last)
    return np.asarray(reversed_max[index, np.arange(sigma.shape[1])])


def read(ladder: Ladder, exponents: Sequence[int], extra: Flat) -> Reading:
    """Read the derivative off the steps with these exponents.

    `extra` is a magnitude that each output is known to have elsewhere (for
    outputs that do not change at all).
    """
    steps = ladder.steps(exponents)
    minus, plus = ladder.stack(exponents, 0), ladder.stack(exponents, 1)
    centre = ladder.centre
    change_plus, change_minus = plus - centre, minus - centre
    odd, even = (plus - minus) / 2, change_plus + change_minus
    values = np.concatenate([minus, centre[None], plus])
    half, quantum = noise.half_ulp(values), noise.grid(values)
    here = np.maximum(np.abs(centre), extra)
    floor = noise.floors(np.maximum(np.maximum(np.abs(plus), np.abs(minus)), here), half, quantum)
    whole, caution = _trust(exponents)

    samples = noise.pooled(noise.central_samples(odd, even, lower=whole), floor)
    sigma = noise.hold(samples)
    central = select(steps, odd / steps[:, None], sigma, floor, sided=False, caution=caution)
    sides = []
    for change, sign in ((change_minus, -1), (change_plus, 1)):
        own = noise.hold(noise.pooled(noise.sided_samples(change, lower=whole), floor))
        slopes = sign * change / steps[:, None]
        sides.append(select(steps, slopes, own, floor, sided=True, caution=caution))
    signal = np.maximum(np.abs(odd), np.abs(even)).max(axis=0)
    used = _chosen(sigma, central)
    return Reading(central, *sides, used, floor.max(axis=0) / 3, signal, float(steps[0]))


def one_side(ladder: Ladder, exponents: Sequence[int], side: int) -> tuple[Slope, Flat]:
    """Return the derivative from one side alone, and the noise of one value."""
    steps, sign = ladder.steps(exponents), 1 if side else -1
    there = ladder.stack(exponents, side)
    change = there - ladder.centre
    values = np.concatenate([ladder.centre[None], there])
    magnitude = np.maximum(np.abs(there), np.abs(ladder.centre))
    floor = noise.floors(magnitude, noise.half_ulp(values), noise.grid(values))
    sigma = noise.hold(noise.sided_samples(change, lower=False))
    slopes = sign * change / steps[:, None]
    slope = select(steps, slopes, sigma, floor, sided=True, caution=2.0)
    return slope, _chosen(sigma, slope)


def _trust(exponents: Sequence[int]) -> tuple[bool, float]:
    """Return whether lower eliminations may be used, and the caution on the noise.

    A ladder that had to move has fewer or other steps than the rules were made
    for: its lower-order samples can collapse.
    """
    whole = tuple(exponents) == LADDER
    return whole, 1.0 if whole else 2.0
