"""How far the results of the code are from their record, and what rounding can explain.

Two ways of computing the same function differ by the rounding of their sums.  In a
sum of n terms the roundings add up to at most λ√n·u·Σ|terms| with probability
1 - 2·exp(-λ²/2), u the unit roundoff (Higham and Mary, 'A new approach to
probabilistic rounding error analysis', SIAM J. Sci. Comput. 41, 2019); two orders of
addition differ by twice that at most.  λ is 4.

u·Σ|terms| is not known of code that is run and not read.  What stands for it is
measured: the recorded spread (what moving every input to a neighbouring number, at
random, does to the result), and the last place of the tensor's largest entry at any of
the places, since numbers of that size are rounded on the way.  That is no theorem; the
worst that was measured, over rewritten layers and sums in other orders, is in
``docs/baselines.md``.

n is the number of entries of all inputs that were moved: no sum over inputs has more
terms.  At step t of a training it is t times that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.baseline.fingerprint import digest, ulps, unit_of
from gradlab.baseline.model import TRAJECTORY
from gradlab.baseline.sample import MARGIN, fingerprint_for, kept_numbers
from gradlab.roundoff import Mismatch, change, mismatch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.baseline.model import Baseline, Result, SampleSite

    Array = NDArray[Any]


_NOWHERE = Mismatch((), 0.0, 0.0)


@dataclass(frozen=True)
class Comparison:
    """How one array compares with its record.

    Attributes
    ----------
    same
        Whether every bit is the same.
    beyond
        How many of the numbers kept differ by more than rounding explains; of an
        array whose shape or dtype has changed, all.
    unclear
        How many differ where the recorded spread has no limit.
    step
        The first step, from 1, at which a trajectory is off; 0 where nothing is.
    worst
        The number that differs most beyond its bound, by its index among those that
        are kept; if none does, the one that differs by most ulps.
    entry, index
        What it is called, and its index in the array if it is a single entry.
    ulps
        How many numbers of the format lie between the two.
    sensitivity
        The smallest change of any entry that would be detected, relative to the
        largest entry.
    """

    place: SampleSite
    result: Result
    same: bool = False
    altered: str = ""
    beyond: int = 0
    unclear: int = 0
    step: int = 0
    worst: Mismatch = _NOWHERE
    entry: str = ""
    index: tuple[int, ...] | None = None
    ulps: float = 0.0
    sensitivity: float = 0.0


def compare_array(
    baseline: Baseline, place: SampleSite, result: Result, array: Array
) -> Comparison:
    """Compare an array with its record."""
    altered = _altered(result, array)
    if altered:
        return Comparison(place, result, altered=altered, beyond=max(array.size, 1), step=1)
    seed = baseline.seed
    then, now = result.watched, kept_numbers(result.kind, array, seed)
    allowed = _allowed(baseline, place, result)
    sensitivity = _sensitivity(then, allowed)
    if digest(array) == result.digest:
        return Comparison(place, result, same=True, sensitivity=sensitivity)
    distance = change(now, then, undefined=np.inf)
    off = ~(distance <= allowed)
    step = 0
    if result.kind == TRAJECTORY and off.any():
        step = int(np.argmax(off.any(axis=1))) + 1
        off[step:] = False
    ulps_apart = _in_ulps(now, then, result.dtype)
    worst = mismatch(np.where(off, now, then), then, allowed, relative=True)
    worst = worst or _most_ulps(now, then, allowed, ulps_apart)
    fingerprint = fingerprint_for(result.kind, result.shape, seed)
    *before, kept = worst.index
    entry = fingerprint.entry(kept)
    return Comparison(
        place,
        result,
        beyond=int(off.sum()),
        unclear=int(np.sum(np.isinf(allowed) & (distance > 0))),
        step=step,
        worst=worst,
        entry=fingerprint.name(kept),
        index=None if entry is None else (*before, *entry),
        ulps=float(ulps_apart[worst.index]),
        sensitivity=sensitivity,
    )


def _most_ulps(now: Array, then: Array, allowed: Array, ulps_apart: Array) -> Mismatch:
    """Return the number that differs by most ulps, though within its bound."""
    index = tuple(int(i) for i in np.unravel_index(int(np.argmax(ulps_apart)), then.shape))
    return Mismatch(index, float(now[index]), float(then[index]), float(allowed[index]))


def _altered(result: Result, array: Array) -> str:
    """Say how an array is of another kind than the recorded one; empty where it is not."""
    if array.shape != result.shape:
        return f"shape {array.shape}, recorded {result.shape}"
    if array.dtype.name != result.dtype:
        return f"dtype {array.dtype.name}, recorded {result.dtype}"
    return ""


def _allowed(baseline: Baseline, place: SampleSite, result: Result) -> Array:
    """Return the largest distance that rounding explains, for each number that is kept."""
    fingerprint = fingerprint_for(result.kind, result.shape, baseline.seed)
    rounding = fingerprint.rounding(
        unit_of(baseline.largest(result), result.dtype, place.precision)
    )
    steps = np.arange(1, result.shape[0] + 1).reshape(-1, 1) if result.kind == TRAJECTORY else 1
    return np.asarray(MARGIN.factor * np.sqrt(place.terms * steps) * (result.spread + rounding))


def _sensitivity(then: Array, allowed: Array) -> float:
    finite = np.isfinite(then) & np.isfinite(allowed)
    largest = float(np.max(np.abs(then[finite]), initial=0.0))
    return float(np.max(allowed[finite], initial=0.0)) / largest if largest else 0.0


def _in_ulps(now: Array, then: Array, dtype: str) -> Array:
    pairs = zip(now.flat, then.flat, strict=True)
    return np.array([ulps(float(a), float(b), dtype) for a, b in pairs]).reshape(then.shape)
