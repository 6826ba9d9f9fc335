"""Richardson extrapolation of difference quotients to step 0, with a bound on the error.

The extrapolated values form a Neville tableau.  Its entries are accepted from the
finest step to the coarsest while their intervals meet those of all finer ones
(Lepski's method); the accepted entry with the smallest bound is returned.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from gradlab.numdiff.noise import RATIO

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Flat = NDArray[np.float64]

#: Safety factor on the truncation estimate, by the number of eliminations.
_TRUNCATION_SAFETY = {1: 8.0, 2: 2.0, 3: 1.0}
#: Safety factor on the noise, by the number of its samples (the last for more).
_CENTRAL_SAFETY = (200.0, 40.0, 20.0, 14.0, 7.0)
_ONE_SIDED_SAFETY = (60.0, 30.0, 20.0, 7.0)


@dataclass(frozen=True)
class Slope:
    """The derivative of each output, both parts of its bound, and the index of its finest step."""

    value: Flat
    noise: Flat
    truncation: Flat
    step: NDArray[np.int64]

    @property
    def bound(self) -> Flat:
        """The sum of both parts of the bound."""
        return self.noise + self.truncation

    def scaled(self, unit: Flat, slack: Flat) -> Slope:
        """Return the slope in units of `unit`, with `slack` added to the truncation."""
        truncation = (self.truncation + slack) * unit
        return Slope(self.value * unit, self.noise * unit, truncation, self.step)


@lru_cache(maxsize=256)
def _noise_amplification(steps: tuple[float, ...], power: int) -> dict[tuple[int, int], float]:
    """Return the noise amplification sqrt(Σ (w_m/h_m)² / 2) of every entry (first step, order)."""
    rows = np.diag(1 / np.asarray(steps))
    amplification = {}
    for order in (1, 2, 3):
        if len(rows) == 1:
            break
        rows = rows[1:] + (rows[1:] - rows[:-1]) * _neville_factors(steps, power, order)
        for k, row in enumerate(rows):
            amplification[k, order] = float(np.sqrt(np.sum(row**2) / 2))
    return amplification


def _neville_factors(steps: Sequence[float], power: int, order: int) -> Flat:
    """Return Neville's factors for the next column: 1 / ((h_k / h_{k+order})^power − 1)."""
    h = np.asarray(steps)
    return np.asarray(1 / ((h[:-order] / h[order:]) ** power - 1))[:, None]


def _neville_tableau(slopes: Flat, steps: Flat, power: int) -> list[Flat]:
    """Return the columns of the tableau: the slopes, then one elimination after another."""
    columns = [slopes]
    for order in (1, 2, 3):
        if len(columns[-1]) == 1:
            break
        last = columns[-1]
        columns.append(
            last[1:] + (last[1:] - last[:-1]) * _neville_factors(tuple(steps), power, order)
        )
    return columns


def _slow_convergence(slopes: Flat, steps: Flat, noise: Flat, power: int) -> Flat:
    """Return, for each finest step, the truncation error that slow convergence makes likely.

    Where the slopes converge more slowly than those of a smooth function (a jump in the
    second derivative, x^1.5 at 0), their differences are continued as a geometric
    series with the measured ratio.
    """
    least = np.zeros_like(slopes)
    change = np.abs(np.diff(slopes, axis=0))
    for f in range(2, len(slopes)):
        now, before = change[f - 1], change[f - 2]
        slow = now > 4 * RATIO**power * before + noise[f] / steps[f]
        ratio = np.divide(now, before, out=np.ones_like(now), where=before > 0)
        ratio = np.clip(ratio, RATIO, 0.8)
        least[f] = np.where(slow, 2 * now * ratio / (1 - ratio), 0.0)
    return least


def _noise_safety(samples: int, *, one_sided: bool) -> float:
    table = _ONE_SIDED_SAFETY if one_sided else _CENTRAL_SAFETY
    return table[min(samples, len(table)) - 1]


def extrapolate(
    steps: Flat, slopes: Flat, sigma: Flat, floor: Flat, *, one_sided: bool, safety: float
) -> Slope:
    """Return the slopes extrapolated to step 0, with their bounds, one for each output.

    Parameters
    ----------
    steps
        The S steps, coarse to fine.
    slopes
        (S, outputs): difference quotients.
    sigma, floor
        (S, outputs): measured noise, and the least error of one value.
    sided
        One-sided slopes (powers h, h², h³) in place of central ones (h², h⁴, h⁶).
    caution
        A further safety factor on the measured noise.
    """
    count, power = len(steps), 1 if one_sided else 2
    per_step = 1 if one_sided else 2
    noise = np.empty_like(slopes)
    for f in range(count):
        first = min(f, count - 2)
        k = safety * _noise_safety(per_step * (count - first), one_sided=one_sided)
        least = floor[f] * (1.5 if one_sided else 1.0)
        noise[f] = np.maximum(k * sigma[first:].max(axis=0), least)
    if one_sided:
        noise = 2 * noise
    slow = _slow_convergence(slopes, steps, noise, power)
    amplification = _noise_amplification(tuple(steps), power)
    columns = _neville_tableau(slopes, steps, power)
    return _lepski_selection(columns, amplification, noise, slow)


def _lepski_selection(
    columns: list[Flat], amplification: dict[tuple[int, int], float], noise: Flat, slow: Flat
) -> Slope:
    """Return the accepted entry with the smallest bound, output by output."""
    outputs = noise.shape[1]
    low, high = np.full(outputs, -np.inf), np.full(outputs, np.inf)
    accepted = np.ones(outputs, dtype=bool)
    value, least_noise, least_truncation = (
        np.zeros(outputs),
        np.full(outputs, np.inf),
        np.full(outputs, np.inf),
    )
    step = np.zeros(outputs, dtype=np.int64)
    for (k, order), gain in sorted(amplification.items(), key=lambda entry: -entry[1]):
        f = k + order
        here = columns[order][k]
        truncation = np.abs(here - columns[order - 1][k + 1]) * _TRUNCATION_SAFETY[order]
        truncation = np.maximum(truncation, slow[f])
        measured = noise[f] * gain
        bound = measured + truncation
        accepted &= (here - bound <= high) & (here + bound >= low)
        low = np.where(accepted, np.maximum(low, here - bound), low)
        high = np.where(accepted, np.minimum(high, here + bound), high)
        better = accepted & (bound < least_noise + least_truncation)
        value, step = np.where(better, here, value), np.where(better, f, step)
        least_noise = np.where(better, measured, least_noise)
        least_truncation = np.where(better, truncation, least_truncation)
    return Slope(value, least_noise, least_truncation, step)
