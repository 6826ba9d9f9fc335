"""The noise of a function at the scale of the steps, measured without further evaluations.

The odd and even parts of the differences over a geometric sequence of steps are
sums of powers of the step, plus noise.  Eliminating the leading powers leaves the
noise.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Flat = NDArray[np.float64]

#: Ratio of a step to the next coarser one, nearly.
RATIO = 1 / 16
#: A residual that falls by less than this from one step to the next is noise: that of a
#: smooth function falls by 256, that of a kink by 16.
_QUIET = 10.0
#: Rounding of a correctly rounded operation has a standard deviation of about 0.6 of u |F|;
#: six of those are the least noise that is assumed.
_FLOOR = 6 * 0.6
_HALF_ULP = {"double": 2.0**-53, "single": 2.0**-24, "half": 2.0**-11}


@lru_cache(maxsize=1024)
def _elimination_weights(steps: tuple[float, ...], powers: tuple[int, ...]) -> Flat:
    """Return weights on `steps`, 1 on the finest, that cancel these powers of the step."""
    scaled = np.asarray(steps) / steps[-1]
    matrix = np.array([scaled**power for power in powers])
    return np.append(-np.linalg.solve(matrix[:, :-1], matrix[:, -1]), 1.0)


def _residuals(
    sequence: Flat, steps: Flat, powers: tuple[int, ...], first: int, *, lower: bool
) -> Flat:
    """Return the residual at each step after the powers of the step are eliminated.

    The highest elimination available is used, unless a lower one leaves a tenth of
    its residual (a kink at a coarse step spoils the higher ones) and `lower` is true.
    Steps with fewer than `first` eliminations get zero.
    """
    best = np.zeros_like(sequence)
    for m in range(first, len(sequence)):
        for order in range(first, min(m, len(powers)) + 1):
            span = slice(m - order, m + 1)
            weights = _elimination_weights(tuple(steps[span]), powers[:order])
            left = np.abs(weights @ sequence[span])
            keep = (best[m] < left / 10) & (lower and order > first)
            best[m] = np.where(keep, best[m], left)
    return best


def central_samples(odd: Flat, even: Flat, steps: Flat, *, lower: bool) -> Flat:
    """Return a sample of the standard deviation of the noise at each step, from both parts."""
    of_even = _residuals(even, steps, (2, 4, 6), 1, lower=lower) / np.sqrt(6.0)
    of_odd = _residuals(odd, steps, (1, 3, 5, 7), 2, lower=lower) * np.sqrt(2.0)
    return np.asarray(np.maximum(of_even, of_odd))


def one_sided_samples(change: Flat, steps: Flat, *, lower: bool) -> Flat:
    """Return a sample of the standard deviation of the noise at each step, from one side."""
    return np.asarray(_residuals(change, steps, (1, 2, 3), 2, lower=lower) / np.sqrt(2.0))


def carry_forward(samples: Flat) -> Flat:
    """Carry noise forward to finer steps, unless three of those have a hundredth of it.

    The two finest residuals of a quantised function are sometimes zero by chance; its
    bound would then be far too small.
    """
    held = samples.copy()
    count = len(samples)
    for m in range(1, count - 1):
        level = samples[m + 1]
        noisy = level * _QUIET > samples[m]
        finer = samples[m + 2 :]
        if len(finer) >= 3:
            noisy &= ~(np.max(finer, axis=0) * 100 < level)
        for k in range(m + 2, count):
            held[k] = np.where(noisy, np.maximum(held[k], level), held[k])
    return held


def pooled(sigma: Flat, floor: Flat) -> Flat:
    """Return the noise, at least its median over the outputs relative to their rounding.

    That is done at steps where the outputs have similar noise.
    """
    if sigma.shape[1] < 4:
        return sigma
    ratio = np.divide(sigma, floor, out=np.zeros_like(sigma), where=floor > 0)
    low, middle, high = np.quantile(ratio, [0.25, 0.5, 0.75], axis=1)
    alike = (high < 10 * low)[:, None]
    return np.asarray(np.where(alike, np.maximum(sigma, middle[:, None] * floor), sigma))


def half_ulp(values: Flat) -> float:
    """Return half an ulp of the coarsest format that holds every output that changed."""
    changed = values[:, np.any(values != values[0], axis=0)]
    if changed.size == 0:
        return _HALF_ULP["double"]
    with np.errstate(over="ignore"):
        if np.array_equal(changed.astype(np.float16).astype(np.float64), changed):
            return _HALF_ULP["half"]
        if np.array_equal(changed.astype(np.float32).astype(np.float64), changed):
            return _HALF_ULP["single"]
    return _HALF_ULP["double"]


def _lowest_bit(values: Flat) -> tuple[Flat, NDArray[np.int64]]:
    """Return the value of the last bit that is set, and how many bits lie above it."""
    mantissa, exponent = np.frexp(values)
    digits = (mantissa * 2.0**53).astype(np.int64)
    lowest = np.frexp((digits & -digits).astype(np.float64))[1] - 1
    bit = np.ldexp(1.0, np.maximum(lowest + exponent - 53, -1000))
    return np.where(values == 0, np.inf, bit), np.where(values == 0, 0, 53 - lowest)


def half_quantum(values: Flat, centre: Flat, gapped: NDArray[np.bool_]) -> Flat:
    """Return half the quantum of each output's values, which are quantised in (f + 1e6) - 1e6.

    The quantum is the largest power of two that divides all values.  Fewer than four
    distinct values do not determine it: then it is their smallest gap where `gapped`
    is true, or the last bit of the value at the point unless that is a round number.
    """
    gaps = np.diff(np.sort(values, axis=0), axis=0)
    distinct = 1 + np.count_nonzero(gaps, axis=0)
    divisor = np.min(_lowest_bit(values)[0], axis=0)
    own, digits = _lowest_bit(centre)
    gap = np.where(gapped & (distinct > 1), np.min(np.where(gaps > 0, gaps, np.inf), axis=0), 0.0)
    few = np.maximum(gap, np.where(digits > 10, own, 0.0))
    quantum = np.where(distinct >= 4, divisor, few)
    return np.asarray(np.where(np.isfinite(quantum), quantum, 0.0) / 2)


def distant_half_quantum(distant: Flat, centre: Flat) -> Flat:
    """Return half the quantum of values at distant points, for outputs that are constant nearby.

    The quantum is the least last bit of those values, except of round numbers; for
    doubles it is their rounding, for (f + 1e6) - 1e6 it is larger.
    """
    if not len(distant):
        return np.zeros(centre.shape)
    bits, digits = _lowest_bit(distant)
    informative = (distant != centre) & (digits > 10)
    least = np.min(np.where(informative, bits, np.inf), axis=0)
    return np.where(np.isfinite(least), least, 0.0) / 2


def rounding_floor(magnitude: Flat, half: float, quantum: Flat, moved: Flat) -> Flat:
    """Return the least error of one value at each step.

    That is the rounding of the value, half the quantum, or twice `moved`, the change of
    the value by the rounding of the point x + h v.
    """
    return np.asarray(np.maximum(np.maximum(_FLOOR * half * magnitude, quantum), 2 * moved))
