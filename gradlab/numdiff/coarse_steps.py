"""Differences over steps as long as the point itself, for linear outputs in low precision.

Rounding in single precision leaves few digits of a difference over a sixteenth of the
point.  Where an output is linear over a line as long as the point, as that of a dense
layer is, the error falls with the length of the line.  Linearity is not assumed: the
changes at all steps, fine and coarse, have to lie on one line but for rounding.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gradlab.numdiff import noise
from gradlab.numdiff.outcome import qualities
from gradlab.numdiff.records import COARSE, Quality

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.numdiff.outcome import Outcome
    from gradlab.numdiff.steps import StepSequence

    Flat = NDArray[np.float64]

#: The coarse steps, each with a random mantissa from 1 to 1.4.
_STEPS = (2.0, 2.0, 1.0, 0.5)
#: Half an ulp of 1 in single precision, and the largest rounding, relative to the values, that
#: sums in it have.
_SINGLE, _MOST = 2.0**-24, 2.0**-18
#: How far a change may lie off the line, in units of the rounding that fine steps show.
_LINEAR = 16.0
#: Steps below this are fine: a curve that is off by d at a step of 1 is off by less than d/128.
_FINE = 2.0**-7
#: Safety factor on the largest residual.
_SAFETY = 3.0


def with_coarse_steps(sequence: StepSequence, outcome: Outcome, seed: int) -> Outcome:
    """Return `outcome` with the derivatives of linear outputs in low precision from coarse steps.

    Parameters
    ----------
    sequence
        The values at the usual steps.
    outcome
        The derivatives from these.
    seed
        Of the mantissas of the coarse steps.

    Returns
    -------
    Outcome
        Its method is `COARSE` if every output was estimated so.
    """
    exponents = sequence.usable(None)
    fine = np.concatenate([sequence.values_at(exponents, side) for side in (0, 1)])
    values = np.concatenate([sequence.centre[None], fine])
    half = noise.half_ulp(values)
    if half != _SINGLE:
        return outcome
    coarse = _steps(sequence, seed)
    found = [_odd_part(sequence, h) for h in coarse]
    if any(pair is None for pair in found):
        return outcome
    steps = np.concatenate([coarse, sequence.steps(exponents)])[:, None]
    minus, plus = sequence.values_at(exponents, 0), sequence.values_at(exponents, 1)
    odd = np.concatenate([*(pair[0][None] for pair in found if pair), (plus - minus) / 2])
    sizes = [*(pair[1][None] for pair in found if pair), np.maximum(np.abs(minus), np.abs(plus))]
    length = float(np.sum(steps**2))
    slope = np.sum(odd * steps, axis=0) / length
    off = np.abs(odd - steps * slope)
    largest = np.max(np.concatenate(sizes), axis=0)
    rounding = half * largest
    # What the sums inside of a layer add to that shows at fine steps, at which a curve is flat.
    seen = np.max(off[steps[:, 0] < _FINE], axis=0, initial=0.0)
    rounding = rounding + np.maximum(seen, np.median(seen))
    bound = _SAFETY * (np.max(off, axis=0) + rounding) / length**0.5
    # A rounded or quantised output has coarser values, and another derivative.
    quantum = noise.half_quantum(values, sequence.centre, np.ones(largest.shape, dtype=bool))
    known = outcome.quality == Quality.OK
    take = (
        np.all(off <= _LINEAR * rounding, axis=0)
        & (quantum <= 2 * half * largest)
        & (rounding <= _MOST * np.maximum(largest, np.median(largest)))
        & (known | (outcome.quality == Quality.UNRESOLVED))
        & ~(known & (bound >= outcome.bound))
        & ~(known & (np.abs(slope - outcome.value) > bound + outcome.bound))
    )
    linear = replace(
        outcome,
        value=slope,
        noise=bound,
        truncation=np.zeros_like(bound),
        left=slope,
        right=slope,
        left_bound=bound,
        right_bound=bound,
        quality=qualities(bound.size, Quality.OK),
    )
    result = outcome.where(take, linear)
    if not np.all(take):
        return result
    return replace(result, method=COARSE, reason="")


def _steps(sequence: StepSequence, seed: int) -> Flat:
    """Return the steps: as long as the point, wherever the usual ones are shorter.

    The usual ones are in units of the smallest entry that the direction moves far.
    """
    line = sequence.line
    ratios = [
        float(np.max(np.abs(line.values[name])) / np.max(np.abs(step)))
        for name, step in line.direction.items()
    ]
    rng = np.random.default_rng([seed, 1])
    length = max(1.0, min(ratios, default=1.0))
    return length * np.array(_STEPS) * rng.uniform(1.0, 1.4, len(_STEPS))


def _odd_part(sequence: StepSequence, h: float) -> tuple[Flat, Flat] | None:
    """Return half the difference of the values at both ends of a step, and their size.

    None if the function has no finite values there.
    """
    try:
        minus, plus = sequence.line.at(-h), sequence.line.at(h)
    except Exception:  # noqa: BLE001 - code under test may raise whatever it likes
        return None
    if not (np.all(np.isfinite(minus)) and np.all(np.isfinite(plus))):
        return None
    return (plus - minus) / 2, np.maximum(np.abs(minus), np.abs(plus))
