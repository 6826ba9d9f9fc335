"""Central and one-sided derivatives of each output, from its values at a sequence of steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradlab.numdiff import noise
from gradlab.numdiff.richardson import Slope, extrapolate
from gradlab.numdiff.steps import EXPONENTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gradlab.numdiff.steps import StepSequence

    Flat = NDArray[np.float64]
    Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Slopes:
    """The derivatives of each output from one sequence of steps, and its noise.

    Attributes
    ----------
    central, left, right
        Extrapolated difference quotients.
    sigma, rounding
        The noise of one value, and the part of it that rounding explains.
    signal, magnitude
        The largest change of the output, and the size of its values.
    quantum
        Half the quantum of the values; 0 where none was found.
    constant
        Whether the output does not change at the two finest steps.
    quantised
        Whether it is constant, or its quantum is as large as the noise: finer steps
        then add no information.
    coarsest
        The coarsest step.
    """

    central: Slope
    left: Slope
    right: Slope
    sigma: Flat
    rounding: Flat
    signal: Flat
    magnitude: Flat
    quantum: Flat
    constant: Mask
    quantised: Mask
    coarsest: float

    @property
    def kink(self) -> Mask:
        """Where the one-sided derivatives differ by more than their bounds."""
        gap = np.abs(self.right.value - self.left.value)
        return np.asarray(gap > self.right.bound + self.left.bound)

    @property
    def inconsistent(self) -> Mask:
        """Where the central derivative disagrees with one of the sides."""
        apart = np.zeros(self.sigma.shape, dtype=bool)
        for side in (self.left, self.right):
            apart |= np.abs(self.central.value - side.value) > self.central.bound + side.bound
        return apart

    @property
    def noisy(self) -> Mask:
        """Where there is noise that rounding does not explain, or a quantum that is the change."""
        coarse = (self.quantum > 0.05 * self.signal) & (self.signal > 0)
        return np.asarray((self.sigma > 30 * self.rounding) | coarse)

    @property
    def resolvable(self) -> Mask:
        """Where the derivative exceeds the noise, though perhaps not by two digits.

        Finer steps that contradict it then sample a plateau ((1 + tanh x) x with 1 + tanh x
        quantised) rather than structure below the coarser steps.
        """
        central = self.central
        heard = (self.sigma < 0.05 * self.signal) & (central.bound < np.abs(central.value))
        return np.asarray(self.noisy & heard)

    def below_noise(self, bound: Flat) -> Mask:
        """Where noise that rounding does not explain leaves less than two digits.

        A kink has the same residuals as noise in central differences; there the bounds of
        the two sides are compared with the gap between them.  An output that changes by
        no more than rounding over the whole sequence (a saturated sigmoid) has a small
        derivative, which its bound limits.
        """
        size = np.maximum(np.abs(self.central.value), self.signal / self.coarsest)
        lost = (self.sigma > 0.05 * self.signal) | (bound > 0.02 * size)
        gap = np.abs(self.right.value - self.left.value)
        clear = self.kink & (self.left.bound + self.right.bound < 0.1 * gap)
        dead = self.signal <= 64 * 2.0**-53 * self.magnitude
        return np.asarray(self.noisy & lost & ~clear & ~dead)


def _noise_at(sigma: Flat, slope: Slope) -> Flat:
    """Return the largest noise from the finest step of the selected entry on."""
    last = len(sigma) - 2
    reversed_max = np.maximum.accumulate(sigma[::-1], axis=0)[::-1]
    index = np.minimum(slope.step, last)
    return np.asarray(reversed_max[index, np.arange(sigma.shape[1])])


def _binary_scale(values: Flat) -> Flat:
    """Return for each output the power of two that scales its values to about 1, exactly."""
    size = np.max(np.abs(values), axis=0)
    exponent = np.frexp(np.where(np.isfinite(size) & (size > 0), size, 1.0))[1]
    return np.asarray(np.ldexp(1.0, np.clip(exponent, -1000, 1000)))


@dataclass(frozen=True)
class _Samples:
    """The changes at each step, (steps, outputs), in units that scale the values to about 1.

    Attributes
    ----------
    minus, plus
        Changes from the centre on the left and on the right.
    odd
        Half the difference of the two.
    unit
        The unit of each output, a power of two.
    floor
        The least error of one value at each step.
    half
        Half an ulp of 1 in the coarsest format that holds the values.
    quantum
        Half the quantum of each output.
    """

    steps: Flat
    minus: Flat
    plus: Flat
    odd: Flat
    unit: Flat
    floor: Flat
    half: float
    quantum: Flat


def _samples(sequence: StepSequence, exponents: Sequence[int], distant: Flat) -> _Samples:
    steps = sequence.steps(exponents)
    minus, plus = sequence.values_at(exponents, 0), sequence.values_at(exponents, 1)
    values = np.concatenate([minus, sequence.centre[None], plus])
    half = noise.half_ulp(np.concatenate([values, distant]))
    unit = _binary_scale(np.concatenate([values, distant]))
    minus, plus, centre = minus / unit, plus / unit, sequence.centre / unit
    # An output that is constant on one side (an inactive ReLU) has gaps that are no quantum.
    both = np.any(minus != centre, axis=0) & np.any(plus != centre, axis=0)
    quantum = np.maximum(
        noise.half_quantum(values / unit, centre, both),
        noise.distant_half_quantum(distant / unit, centre),
    )
    here = np.max(np.abs(np.concatenate([centre[None], distant / unit])), axis=0)
    size = np.maximum(np.maximum(np.abs(plus), np.abs(minus)), here)
    moved = np.abs(plus - minus) / (2 * steps[:, None]) * sequence.line.input_rounding
    floor = noise.rounding_floor(size, half, quantum, moved)
    odd = (plus - minus) / 2
    return _Samples(steps, minus - centre, plus - centre, odd, unit, floor, half, quantum)


def estimate_slopes(sequence: StepSequence, exponents: Sequence[int], distant: Flat) -> Slopes:
    """Return the derivatives from the steps with these exponents.

    `distant` holds (points, outputs) values at distant points: for outputs that hardly
    change nearby, these determine the size of the rounding.
    """
    at = _samples(sequence, exponents, distant)
    steps, floor, unit = at.steps, at.floor, at.unit
    whole, safety = _noise_options(exponents)
    even = at.plus + at.minus
    samples = noise.central_samples(at.odd, even, steps, lower=whole)
    sigma = noise.carry_forward(noise.pooled(samples, floor))
    slopes = at.odd / steps[:, None]
    central = extrapolate(steps, slopes, sigma, floor, one_sided=False, safety=safety)
    sides = []
    for change, sign in ((at.minus, -1), (at.plus, 1)):
        own = noise.carry_forward(
            noise.pooled(noise.one_sided_samples(change, steps, lower=whole), floor)
        )
        slopes = sign * change / steps[:, None]
        sides.append(extrapolate(steps, slopes, own, floor, one_sided=True, safety=safety))
    quantised_change = _quantised_change(at.minus, at.plus)
    used = np.maximum(_noise_at(sigma, central), quantised_change)
    constant = np.all(at.plus[-2:] == 0, axis=0) & np.all(at.minus[-2:] == 0, axis=0)
    slack = 2 * quantised_change / _first_constant_step(steps, at.minus, at.plus)
    return Slopes(
        central=central.scaled(unit, slack),
        left=sides[0].scaled(unit, slack),
        right=sides[1].scaled(unit, slack),
        sigma=used * unit,
        rounding=floor.max(axis=0) / 3 * unit,
        signal=np.maximum(np.abs(at.odd), np.abs(even)).max(axis=0) * unit,
        magnitude=unit,
        quantum=at.quantum * unit,
        constant=np.asarray(constant),
        quantised=np.asarray((at.half > 2.0**-53) | (30 * at.quantum > used) | constant),
        coarsest=float(steps[0]),
    )


def _quantised_change(minus: Flat, plus: Flat) -> Flat:
    """Return the quantum of outputs that change on both sides, but not at the three finest steps.

    Quantised outputs do that, and so do outputs with a dead zone, which values cannot
    distinguish from them; 0 for all other outputs.
    """
    moved = np.maximum(np.abs(minus), np.abs(plus))
    both = np.any(minus != 0, axis=0) & np.any(plus != 0, axis=0)
    flat = np.all(moved[-3:] == 0, axis=0)
    least = np.min(np.where(moved > 0, moved, np.inf), axis=0)
    return np.where(both & flat, least, 0.0)


def _first_constant_step(steps: Flat, minus: Flat, plus: Flat) -> Flat:
    """Return the coarsest step from which on an output does not change; the finest otherwise."""
    moved = (minus != 0) | (plus != 0)
    last = len(steps) - 1 - np.argmax(moved[::-1], axis=0)
    return np.asarray(steps[np.minimum(last + 1, len(steps) - 1)])


def one_sided_slope(sequence: StepSequence, exponents: Sequence[int], side: int) -> Slope:
    """Return the derivative from one side; slopes that do not converge have an infinite bound."""
    steps, sign = sequence.steps(exponents), 1 if side else -1
    there = sequence.values_at(exponents, side)
    change = there - sequence.centre
    values = np.concatenate([sequence.centre[None], there])
    magnitude = np.maximum(np.abs(there), np.abs(sequence.centre))
    moved = np.abs(change) / steps[:, None] * sequence.line.input_rounding
    floor = noise.rounding_floor(
        magnitude,
        noise.half_ulp(values),
        noise.half_quantum(values, sequence.centre, np.ones(sequence.centre.shape, dtype=bool)),
        moved,
    )
    sigma = noise.carry_forward(noise.one_sided_samples(change, steps, lower=False))
    slopes = sign * change / steps[:, None]
    slope = extrapolate(steps, slopes, sigma, floor, one_sided=True, safety=2.0)
    last, before = np.abs(slopes[-1] - slopes[-2]), np.abs(slopes[-2] - slopes[-3])
    diverging = (last > 0.9 * before) & (last > slope.noise + 4 * floor[-1] / steps[-1])
    return slope.scaled(np.ones(floor.shape[1]), np.where(diverging, np.inf, 0.0))


def _noise_options(exponents: Sequence[int]) -> tuple[bool, float]:
    """Return whether lower eliminations may be used, and the safety factor on the noise.

    Other steps than the default ones are fewer or finer than the rules were made for:
    the samples of lower eliminations can then be far too small.
    """
    whole = tuple(exponents) == EXPONENTS
    return whole, 1.0 if whole else 2.0
