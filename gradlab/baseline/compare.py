"""How far what the code does now is from what was recorded, and what rounding can explain.

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
from gradlab.baseline.sample import apart, lens_for, look

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.baseline.model import Baseline, Place, Result

    Array = NDArray[Any]

#: 2λ of the derivation above.
MARGIN = 8


@dataclass(frozen=True)
class Difference:
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
    position
        The number that is most off, as an index into those that are kept; where none
        is, the one that is the most numbers of its format apart.
    entry, index
        What it is called, and its index in the array where it is a single entry.
    got, recorded, allowed
        There.
    ulps
        How many numbers of the format lie between them.
    seen
        The smallest change that would have been seen in any entry, relative to
        the largest entry.
    """

    place: Place
    result: Result
    same: bool = False
    altered: str = ""
    beyond: int = 0
    unclear: int = 0
    step: int = 0
    position: tuple[int, ...] = ()
    entry: str = ""
    index: tuple[int, ...] | None = None
    got: float = 0.0
    recorded: float = 0.0
    allowed: float = 0.0
    ulps: float = 0.0
    seen: float = 0.0


def difference(baseline: Baseline, place: Place, result: Result, array: Array) -> Difference:
    """Compare an array that came now with what was recorded of it."""
    altered = _altered(result, array)
    if altered:
        return Difference(place, result, altered=altered, beyond=max(array.size, 1), step=1)
    seed = baseline.seed
    then, now = result.watched, look(result.kind, array, seed)
    allowed = _allowed(baseline, place, result)
    seen = _seen(then, allowed)
    if digest(array) == result.digest:
        return Difference(place, result, same=True, seen=seen)
    distance = apart(then, now)
    off = ~(distance <= allowed)
    step = 0
    if result.kind == TRAJECTORY and off.any():
        step = int(np.argmax(off.any(axis=1))) + 1
        off[step:] = False
    apart_in_ulps = _in_ulps(now, then, result.dtype)
    worst = _times(distance, allowed, off) if off.any() else apart_in_ulps
    position = tuple(int(i) for i in np.unravel_index(int(np.argmax(worst)), worst.shape))
    got, recorded = float(now[position]), float(then[position])
    lens = lens_for(result.kind, result.shape, seed)
    entry = lens.entry(position[-1])
    return Difference(
        place,
        result,
        beyond=int(off.sum()),
        unclear=int(np.sum(np.isinf(allowed) & (distance > 0))),
        step=step,
        position=position,
        entry=lens.name(position[-1]),
        index=None if entry is None else (*position[:-1], *entry),
        got=got,
        recorded=recorded,
        allowed=float(allowed[position]),
        ulps=float(apart_in_ulps[position]),
        seen=seen,
    )


def _altered(result: Result, array: Array) -> str:
    """Say how an array is of another kind than the recorded one; empty where it is not."""
    if array.shape != result.shape:
        return f"shape {array.shape}, recorded {result.shape}"
    if array.dtype.name != result.dtype:
        return f"dtype {array.dtype.name}, recorded {result.dtype}"
    return ""


def _allowed(baseline: Baseline, place: Place, result: Result) -> Array:
    """Return the largest distance that rounding explains, for each number that is kept."""
    lens = lens_for(result.kind, result.shape, baseline.seed)
    rounding = lens.rounding(unit_of(baseline.largest(result), result.dtype, place.precision))
    steps = np.arange(1, result.shape[0] + 1).reshape(-1, 1) if result.kind == TRAJECTORY else 1
    return np.asarray(MARGIN * np.sqrt(place.terms * steps) * (result.spread + rounding))


def _seen(then: Array, allowed: Array) -> float:
    finite = np.isfinite(then) & np.isfinite(allowed)
    largest = float(np.max(np.abs(then[finite]), initial=0.0))
    return float(np.max(allowed[finite], initial=0.0)) / largest if largest else 0.0


def _in_ulps(now: Array, then: Array, dtype: str) -> Array:
    pairs = zip(now.flat, then.flat, strict=True)
    return np.array([ulps(float(a), float(b), dtype) for a, b in pairs]).reshape(then.shape)


def _times(distance: Array, allowed: Array, off: Array) -> Array:
    """Return what multiple of the allowed distance each is; below 0 where nothing is off."""
    with np.errstate(all="ignore"):
        times = distance / allowed
    return np.where(off, np.where(np.isnan(times), np.inf, times), -1.0)
