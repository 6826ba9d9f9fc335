"""Extrapolated real differences: the derivative of each output with its bound and its quality."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gradlab.numdiff.ladder import FINER, LADDER, Ladder, mantissa
from gradlab.numdiff.sides import Reading, one_side, read
from gradlab.records import Quality

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.numdiff.line import Line

    Flat = NDArray[np.float64]

#: Bounds wider than this, relative to the derivative, are worth four more evaluations.
_WIDE = 1e-7


@dataclass(frozen=True)
class Outcome:
    """One derivative for each output, in the line's own units."""

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


def failure(outputs: int, quality: Quality, reason: str, method: str = "differences") -> Outcome:
    """Return the outcome that says nothing about any output but why."""
    nan, inf = np.full(outputs, np.nan), np.full(outputs, np.inf)
    return Outcome(
        nan, inf, inf, nan, nan, inf, inf, np.full(outputs, quality, object), method, reason
    )


def differences(line: Line, seed: int) -> Outcome:
    """Return the derivative along `line` from real evaluations alone."""
    centre, again = line.at(0.0), line.at(0.0)
    if not np.array_equal(centre, again, equal_nan=True):
        reason = "two calls at the same point gave different results"
        return failure(centre.size, Quality.NOISY, reason)
    finite = np.isfinite(centre)
    if not np.any(finite):
        reason = "the function is not finite at the point itself"
        return failure(centre.size, Quality.NOT_FINITE, reason)
    ladder = Ladder(line, centre, mantissa(seed))
    ladder.climb(LADDER)
    for e in FINER:
        if len(ladder.run(None)) >= 5:
            break
        ladder.climb((e,))
    if len(ladder.run(None)) < 3:
        return _from_one_side(ladder)
    with np.errstate(all="ignore"):
        return _mark_not_finite(_two_sided(ladder), finite)


def _mark_not_finite(outcome: Outcome, finite: NDArray[np.bool_]) -> Outcome:
    if np.all(finite):
        return outcome
    nothing = failure(finite.size, Quality.NOT_FINITE, "")
    kept = {
        name: np.where(finite, getattr(outcome, name), getattr(nothing, name))
        for name in (
            "value",
            "noise",
            "truncation",
            "left",
            "right",
            "left_bound",
            "right_bound",
            "quality",
        )  # fmt: skip
    }
    reason = "an output is not finite at the point itself"
    return replace(outcome, reason=reason, **kept)


def _from_one_side(ladder: Ladder) -> Outcome:
    """The domain ends at the point, or the function is defined nowhere near it."""
    outputs = ladder.centre.size
    for side, name in ((1, "right"), (0, "left")):
        exponents = ladder.run(side)
        if len(exponents) < 5:
            continue
        with np.errstate(all="ignore"):
            slope, _ = one_side(ladder, exponents, side)
        nan, inf = np.full(outputs, np.nan), np.full(outputs, np.inf)
        at = {"left": nan, "right": nan, "left_bound": inf, "right_bound": inf}
        at |= {name: slope.value, f"{name}_bound": slope.bound}
        fine = np.isfinite(slope.bound) & np.isfinite(ladder.centre)
        quality = np.where(fine, Quality.OK, Quality.OUT_OF_DOMAIN)
        return Outcome(
            np.where(fine, slope.value, np.nan),
            np.where(fine, slope.noise, np.inf),
            np.where(fine, slope.truncation, np.inf),
            quality=quality.astype(object),
            method="one-sided differences",
            reason=f"the function's domain ends at the point: derivative from the {name} alone",
            **at,
        )
    reason = f"the function has values on neither side of the point ({ladder.trouble})"
    return failure(outputs, Quality.OUT_OF_DOMAIN, reason)


def _two_sided(ladder: Ladder) -> Outcome:
    exponents = ladder.run(None)
    extra = _scale_elsewhere(ladder, exponents)
    first = read(ladder, exponents, extra)
    result = _conclude(first)
    poor = result.noise + result.truncation > _WIDE * np.abs(result.value)
    if np.any(first.buried & ~first.kink & ~_flat(ladder, exponents)):
        ladder.climb(FINER[:4])
        finer = ladder.run(None)[-6:]
        return _better(result, _conclude(read(ladder, finer, extra)))
    if np.any((poor | first.kink) & ~first.noisy) and max(exponents) < 32:
        ladder.climb(FINER[:2])
        finer = ladder.run(None)[-6:]
        return _better(result, _conclude(read(ladder, finer, extra)))
    return result


def _flat(ladder: Ladder, exponents: list[int]) -> NDArray[np.bool_]:
    """Return which outputs are exactly flat at the three finest steps: quantised, or constant."""
    fine = exponents[-3:]
    both = np.concatenate([ladder.stack(fine, 0), ladder.stack(fine, 1)])
    return np.asarray(np.all(both == ladder.centre, axis=0))


def _scale_elsewhere(ladder: Ladder, exponents: list[int]) -> Flat:
    """Return the size that outputs which never change have at other points.

    log(1 + 1e-18) is exactly 0 and stays so; its error is that of rounding 1.
    """
    both = np.concatenate([ladder.stack(exponents, 0), ladder.stack(exponents, 1)])
    still = np.all(both == ladder.centre, axis=0)
    extra = np.zeros(ladder.centre.shape)
    if np.any(still):
        for there in ladder.line.elsewhere():
            size = np.where(np.isfinite(there), np.abs(there), 0.0)
            extra = np.where(still, np.maximum(extra, size), extra)
    return extra


def _conclude(reading: Reading) -> Outcome:
    """Turn slopes into a verdict on each output."""
    central, left, right = reading.central, reading.left, reading.right
    low = np.minimum(left.value - left.bound, right.value - right.bound)
    high = np.maximum(left.value + left.bound, right.value + right.bound)
    kink, torn = reading.kink, reading.torn
    hull = kink | torn
    value = np.where(hull, (low + high) / 2, central.value)
    truncation = np.where(hull, (high - low) / 2, central.truncation)
    noise = np.where(hull, 0.0, central.noise)
    lost = (reading.buried & ~kink) | ~np.isfinite(noise + truncation)
    quality = np.full(value.shape, Quality.OK, dtype=object)
    quality[kink] = Quality.KINK
    quality[lost] = Quality.UNRESOLVED
    bound = noise + truncation
    return Outcome(
        np.where(lost, np.nan, value),
        np.where(lost, np.inf, noise),
        np.where(lost, np.inf, truncation),
        np.where(lost, np.nan, np.where(kink, left.value, value)),
        np.where(lost, np.nan, np.where(kink, right.value, value)),
        np.where(lost, np.inf, np.where(kink, left.bound, bound)),
        np.where(lost, np.inf, np.where(kink, right.bound, bound)),
        quality,
        "differences",
        _reason(quality),
    )


def _reason(quality: NDArray[np.object_]) -> str:
    if np.any(quality == Quality.UNRESOLVED):
        return "the function's noise hides how it changes, at every step that was tried"
    if np.any(quality == Quality.KINK):
        return "the derivatives from the left and from the right differ"
    return ""


def _better(first: Outcome, second: Outcome) -> Outcome:
    """Return, output by output, the tighter of two outcomes that agree; else the first."""
    width = first.noise + first.truncation
    narrow = second.noise + second.truncation
    apart = np.abs(first.value - second.value) > width + narrow
    unknown = first.quality == Quality.UNRESOLVED
    take = np.where(unknown, np.isfinite(narrow), (narrow < width) & ~apart)
    chosen = {
        name: np.where(take, getattr(second, name), getattr(first, name))
        for name in (
            "value",
            "noise",
            "truncation",
            "left",
            "right",
            "left_bound",
            "right_bound",
            "quality",
        )  # fmt: skip
    }
    return replace(first, reason=_reason(chosen["quality"]), **chosen)
