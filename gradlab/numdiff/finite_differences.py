"""Extrapolated finite differences: the derivative of each output, its bound and its quality."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gradlab.numdiff.coarse_steps import with_coarse_steps
from gradlab.numdiff.one_sided import Slopes, estimate_slopes, one_sided_slope
from gradlab.numdiff.outcome import Outcome, failure, qualities
from gradlab.numdiff.records import Quality
from gradlab.numdiff.steps import EXPONENTS, FINER_EXPONENTS, StepSequence, mantissas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gradlab.numdiff.restriction import Restriction

    Flat = NDArray[np.float64]
    Mask = NDArray[np.bool_]

#: Bounds wider than this, relative to the derivative, justify finer steps.
_WIDE = 1e-7


def differences(line: Restriction, seed: int) -> Outcome:
    """Return the derivative along `line` from real evaluations only."""
    centre, again = line.at(0.0), line.at(0.0)
    if not np.array_equal(centre, again, equal_nan=True):
        reason = "two calls at the same point gave different results"
        return failure(centre.size, Quality.NOISY, reason)
    finite = np.isfinite(centre)
    if not np.any(finite) and centre.size:
        reason = "the function is not finite at the point itself"
        return failure(centre.size, Quality.NOT_FINITE, reason)
    sequence = StepSequence(line, centre, mantissas(seed))
    sequence.evaluate(EXPONENTS)
    for e in FINER_EXPONENTS:
        if len(sequence.usable(None)) >= 5:
            break
        sequence.evaluate((e,))
    with np.errstate(all="ignore"):
        if len(sequence.usable(None)) < 3:
            return _one_sided(sequence)
        outcome = with_coarse_steps(sequence, _two_sided(sequence), seed)
    if np.all(finite):
        return outcome
    nothing = failure(finite.size, Quality.NOT_FINITE, "")
    reason = "an output is not finite at the point itself"
    return replace(outcome.where(~finite, nothing), reason=reason)


def _one_sided(sequence: StepSequence) -> Outcome:
    """Return the derivative from the side on which the function has values, if there is one."""
    outputs = sequence.centre.size
    for side, name in ((1, "right"), (0, "left")):
        exponents = sequence.usable(side)
        if len(exponents) < 5:
            continue
        slope = one_sided_slope(sequence, exponents, side)
        fine = np.isfinite(slope.bound) & np.isfinite(sequence.centre)
        nothing = failure(outputs, Quality.UNRESOLVED, "")
        at = {name: slope.value, f"{name}_bound": slope.bound}
        known = replace(
            nothing,
            value=slope.value,
            noise=slope.noise,
            truncation=slope.truncation,
            quality=qualities(outputs, Quality.OK),
            method="one-sided differences",
            reason=f"the function's domain ends at the point: derivative from the {name} only",
            **at,
        )
        return known.where(~fine, nothing)
    reason = f"the function has no values on either side of the point ({sequence.last_error})"
    return failure(outputs, Quality.OUT_OF_DOMAIN, reason)


def _two_sided(sequence: StepSequence) -> Outcome:
    """Return the derivative from both sides, with finer steps where the bounds are wide."""
    exponents = sequence.usable(None)
    distant = _distant_values(sequence, exponents)
    first = estimate_slopes(sequence, exponents, distant)
    result = _outcome_of(first)
    known = np.where(np.isfinite(result.value), result.value, 0.0)
    given = int(np.count_nonzero(np.isfinite(result.value)))
    typical = float(np.linalg.norm(known)) / max(given, 1) ** 0.5
    poor = ~(result.bound <= _WIDE * np.maximum(np.abs(known), typical))
    if not np.any(poor & ~first.quantised):
        return result
    below_noise = np.any(result.quality[~first.quantised] == Quality.UNRESOLVED)
    second = _finer_slopes(
        sequence, FINER_EXPONENTS[:4] if below_noise else FINER_EXPONENTS[:2], distant
    )
    if second is None:
        return result
    finer = _outcome_of(second)
    against = (
        first.resolvable
        & (finer.quality == Quality.OK)
        & (np.abs(finer.value - first.central.value) > finer.bound + first.central.bound)
    )
    finer = finer.where(against, failure(against.size, Quality.UNRESOLVED, ""))
    result = _combine(result, finer, first.quantised | second.constant)
    if np.any(first.noisy & ~first.quantised & (result.quality == Quality.OK)):
        result = _check_finest_steps(sequence, result, first.sigma, distant)
    return _away_from_kink(sequence, result, distant)


def _away_from_kink(sequence: StepSequence, result: Outcome, distant: Flat) -> Outcome:
    """Return `result` with the derivative of those outputs whose kink is near the point, not at it.

    The finest steps then stay on one side of the kink, and give that side's derivative.
    """
    kinked = result.quality == Quality.KINK
    exponents = sequence.usable(None)[-4:]
    if not np.any(kinked) or len(exponents) < 4:
        return result
    slopes = estimate_slopes(sequence, exponents, distant)
    fine = _outcome_of(slopes)
    apart = np.minimum(
        np.abs(fine.value - result.left) - result.left_bound,
        np.abs(fine.value - result.right) - result.right_bound,
    )
    # An inactive ReLU that only coarse steps activate changes on one side only; an output
    # that changes on both sides at coarse steps and on none at fine ones is quantised.
    everything = [sequence.values_at(sequence.usable(None), side) for side in (0, 1)]
    both = np.all([np.any(side != sequence.centre, axis=0) for side in everything], axis=0)
    settled = ~slopes.quantised | (slopes.constant & ~both)
    take = kinked & settled & (fine.quality == Quality.OK) & (apart <= fine.bound)
    return _with_reason(result.where(take, fine))


def _finer_slopes(
    sequence: StepSequence, exponents: Sequence[int], distant: Flat, most: int = 6
) -> Slopes | None:
    """Return the slopes from the `most` finest steps after adding some; None if too few."""
    sequence.evaluate(exponents)
    finer = sequence.usable(None)[-most:]
    return estimate_slopes(sequence, finer, distant) if len(finer) >= 3 else None


def _check_finest_steps(
    sequence: StepSequence, result: Outcome, sigma: Flat, distant: Flat
) -> Outcome:
    """Return `result` without the outputs whose derivative at the finest steps contradicts it.

    sin(x) + 1e-6 sin(1e9 x) is noisy at every coarser step, and has another derivative
    at the finest; so has (1 - cos x) / x², where cos x is quantised.
    """
    deep = _finer_slopes(sequence, FINER_EXPONENTS, distant, most=4)
    if deep is None:
        return result
    below = _outcome_of(deep)
    clear = (deep.sigma * 1000 < sigma) & ~deep.constant & (below.quality == Quality.OK)
    apart = ~(np.abs(below.value - result.value) <= below.bound + result.bound)
    nothing = failure(apart.size, Quality.UNRESOLVED, "")
    return _with_reason(result.where(clear & apart, nothing))


def _distant_values(sequence: StepSequence, exponents: list[int]) -> Flat:
    """Return values at distant points, if some output is constant at the finest steps.

    log(1 + 1e-18) is exactly 0 at all steps; its error is that of rounding 1, which only
    values at other points reveal.
    """
    fine = exponents[-2:]
    both = np.concatenate([sequence.values_at(fine, 0), sequence.values_at(fine, 1)])
    flat = np.all(both == sequence.centre, axis=0)
    if not np.any(flat):
        return np.empty((0, sequence.centre.size))
    found = sequence.line.distant()
    return (
        np.where(flat & np.isfinite(found), found, sequence.centre)
        if found
        else (np.empty((0, sequence.centre.size)))
    )


def _outcome_of(slopes: Slopes) -> Outcome:
    """Return the outcome for each output: its derivative, or why there is none."""
    central, left, right = slopes.central, slopes.left, slopes.right
    kink, inconsistent = slopes.kink, slopes.inconsistent
    low = np.minimum(left.value - left.bound, right.value - right.bound)
    high = np.maximum(left.value + left.bound, right.value + right.bound)
    low = np.where(kink, low, np.minimum(low, central.value - central.bound))
    high = np.where(kink, high, np.maximum(high, central.value + central.bound))
    hull = kink | inconsistent
    value = np.where(hull, (low + high) / 2, central.value)
    truncation = np.where(hull, (high - low) / 2, central.truncation)
    noise = np.where(hull, 0.0, central.noise)
    bound = noise + truncation
    quality = qualities(value.size, Quality.OK)
    quality[kink] = Quality.KINK
    found = Outcome(
        value,
        noise,
        truncation,
        np.where(kink, left.value, value),
        np.where(kink, right.value, value),
        np.where(kink, left.bound, bound),
        np.where(kink, right.bound, bound),
        quality,
        "differences",
        "",
    )
    lost = slopes.below_noise(bound) | ~np.isfinite(bound)
    return _with_reason(found.where(lost, failure(value.size, Quality.UNRESOLVED, "")))


def _with_reason(outcome: Outcome) -> Outcome:
    reason = ""
    if np.any(outcome.quality == Quality.KINK):
        reason = "the derivatives from the left and from the right differ"
    if np.any(outcome.quality == Quality.UNRESOLVED):
        reason = "the noise of the function exceeds its change at every step"
    return replace(outcome, reason=reason)


def _combine(first: Outcome, second: Outcome, quantised: Mask) -> Outcome:
    """Return, output by output, the combination of two outcomes; the second has finer steps.

    Where they agree the smaller bound is used.  Where they disagree the finer one is used
    if the first found a kink or no value, or if it finds a kink that the first missed;
    two values that contradict each other leave the output unresolved.
    """
    unsure = (first.quality == Quality.UNRESOLVED) | (first.quality == Quality.KINK)
    apart = ~(np.abs(first.value - second.value) <= first.bound + second.bound)
    take = np.where(unsure, np.isfinite(second.bound), ~apart) & (second.bound < first.bound)
    both = (first.quality == Quality.OK) & (second.quality == Quality.OK)
    coarsest = np.maximum(np.abs(second.left - first.value), np.abs(second.right - first.value))
    corner = (second.quality == Quality.KINK) & (coarsest > first.bound)
    nothing = failure(apart.size, Quality.UNRESOLVED, "")
    result = first.where((take | corner) & ~quantised, second)
    return _with_reason(result.where(apart & both & ~quantised, nothing))
