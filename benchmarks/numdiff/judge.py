"""One draw judged: what was reported, and whether the truth lies in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from population.ideal import CONTEXT

from gradlab.numdiff import derivative

if TYPE_CHECKING:
    from population import Draw

    from gradlab import Estimate

REFUSALS = ("unresolved", "noisy", "out_of_domain", "not_finite")
ULP = 2.0**-52


@dataclass(frozen=True)
class Verdict:
    """What one draw showed.

    `excess` is the largest error over its bound among the outputs that have a
    value (a violation is more than 1); `width` the bounds' size relative to the
    derivative's, in the Euclidean norm; `ratio` the median bound over true
    error, the error floored at one ulp; `error` the error relative to the
    derivative, in the Euclidean norm.
    """

    family: str
    method: str
    status: str
    excess: float
    width: float
    ratio: float
    error: float
    evaluations: int
    kinked: bool


def judge(draw: Draw, method: str = "auto") -> Verdict:
    """Estimate one draw's derivative and hold it against the truth."""
    estimate = derivative(draw.case.code, draw.case.x, draw.v, method=method)
    left, right = draw.truth()
    return compare(draw.family.name, estimate, left, right)


def compare(family: str, estimate: Estimate, left: Any, right: Any) -> Verdict:
    """Hold an estimate against the one-sided derivatives of the ideal function."""
    errors, bounds, sizes, ratios, kinked = [], [], [], [], False
    flat = [
        np.ravel(a)
        for a in (estimate.left, estimate.left_bound, estimate.right, estimate.right_bound)
    ]
    for i, given in enumerate(zip(*flat, strict=True)):
        if estimate.quality.ravel()[i] in REFUSALS:
            continue
        ends = [t for t in (left[i], right[i]) if not CONTEXT.isnan(t)] or [CONTEXT.nan]
        kinked |= abs(ends[0] - ends[-1]) > CONTEXT.mpf(2) ** -60 * abs(ends[0])
        error, bound = _distance(given, ends)
        size = float(max(abs(t) for t in ends))
        errors.append(error)
        bounds.append(bound)
        sizes.append(size)
        if size:
            ratios.append(bound / max(error, ULP * size))
    with np.errstate(all="ignore"):
        excess = [
            e / b if b else (np.inf if e else 0.0) for e, b in zip(errors, bounds, strict=True)
        ]
        size = float(np.linalg.norm(sizes))
        width = float(np.linalg.norm(bounds)) / size if size else np.inf
    return Verdict(
        family,
        estimate.method,
        str(estimate.status),
        max(excess, default=0.0),
        width,
        float(np.median(ratios)) if ratios else np.nan,
        float(np.linalg.norm(errors)) / size if size else np.nan,
        estimate.evaluations,
        kinked,
    )


def _distance(given: tuple[float, ...], ends: list[Any]) -> tuple[float, float]:
    """Return how far the truth reaches beyond what is reported, as an error and its bound.

    What is reported is an interval: from the lower one-sided derivative less its
    bound to the upper one plus its bound.  Its half-width is the bound, and the
    error is the distance of the farther true end from its middle.
    """
    pairs = [(v, b) for v, b in zip(given[::2], given[1::2], strict=True) if np.isfinite(b)]
    if not pairs:
        return np.nan, np.inf
    exact = [(CONTEXT.mpf(float(v)), CONTEXT.mpf(float(b))) for v, b in pairs]
    low, high = min(v - b for v, b in exact), max(v + b for v, b in exact)
    middle = (low + high) / 2
    return float(max(abs(t - middle) for t in ends)), float((high - low) / 2)
