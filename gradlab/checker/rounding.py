"""The rounding of the claimed gradients, measured entry by entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.errors import GradlabError
from gradlab.roundoff import MARGINS, Neighbourhood, change, largest, spread_beside, unit_roundoff

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gradlab.checker.problem import Problem, Values

    Array = NDArray[Any]

_EXTENDED = np.finfo(np.longdouble).nmant > 60
_MARGIN = MARGINS["gradient claim"]
# Extended precision is 2048 times finer, so that what differs from it is the whole
# rounding of the claim; twice that covers the other direction of rounding.
_EXTENDED_FACTOR = 2
# A unit that saturates at z = ±40 changes over a fortieth of its input: its gradient, before
# anything cancels, is so much larger than |c||F| / |x|.
_STEEP = 40


class Rounding:
    """The rounding of a problem's claimed gradients, measured on first use.

    It belongs to one upstream gradient: where an output at a kink is left out,
    its unit must not flip from side to side in the measurement either.
    """

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._known: dict[tuple[str, bytes], dict[str, Array]] = {}

    def of(self, claims: Mapping[str, Array], weights: Array) -> dict[str, Array]:
        """Return, for each tensor of `claims`, a bound on the rounding error of each entry.

        The larger of two measurements, which miss different things: `ulp_rounding`
        (1 − A of a saturated sigmoid does not change there), and the backward in
        extended precision.  If the code does not support extended precision, a
        rounding error of a gradient of natural size takes its place.
        """
        key = (" ".join(claims), weights.tobytes())
        if key not in self._known:
            self._known[key] = _measured(self._problem, claims, weights)
        return self._known[key]


def _measured(problem: Problem, claims: Mapping[str, Array], weights: Array) -> dict[str, Array]:
    bounds = ulp_rounding(problem, claims, weights)
    extended = _extended(problem, weights)
    for name, claim in claims.items():
        scale = problem.own_gradient_scale(name)
        if name in extended:
            # What 1 − s of a saturated unit loses even there is a rounding of its terms.
            terms = scale * largest(problem.values[name])
            observed = np.maximum(
                _EXTENDED_FACTOR * change(extended[name], claim),
                _MARGIN.bound(0.0, terms, unit_roundoff(np.longdouble)),
            )
        else:
            observed = _MARGIN.bound(0.0, scale, unit_roundoff(problem.values[name]))
        bounds[name] = np.maximum(bounds[name], observed)
    return bounds


def ulp_rounding(problem: Problem, claims: Mapping[str, Array], weights: Array) -> dict[str, Array]:
    """Bound the rounding error of each entry by evaluating at neighbouring values.

    Only points beside the point are compared with each other: a gradient that is wrong
    exactly at the point (0 where a product has a zero factor) would otherwise measure
    its own error as rounding.

    A gradient in a lower precision than its tensor is allowed the rounding of its own.

    Parameters
    ----------
    claims
        The claimed gradients at the point, by tensor.
    weights
        The upstream gradient, all outputs in one vector.
    """
    units = {name: unit_roundoff(problem.values[name]) for name in claims}
    lower: dict[str, float] = {}

    def claimed(values: Values) -> dict[str, Array]:
        # Next to 0 the squares of neighbouring numbers underflow; that is no fault of the code.
        with np.errstate(all="ignore"):
            found = problem.claimed_gradients(values, weights)
        for name in units.keys() & found.keys():
            unit = unit_roundoff(found[name])
            if found[name].dtype.kind == "f" and unit > units[name]:
                lower[name] = unit
        return found

    near = Neighbourhood(problem.values, _MARGIN, moving=problem.differentiable)
    shapes = {name: np.shape(claim) for name, claim in claims.items()}
    spread = spread_beside(claimed, shapes, near, np.random.default_rng([problem.seed, 77]))
    bounds = {
        name: _MARGIN.bound(spread[name], np.abs(claim), units[name])
        for name, claim in claims.items()
    }
    for name, unit in lower.items():
        floor = rounding_floor(problem, name, np.asarray(claims[name]), unit)
        bounds[name] = np.maximum(bounds[name], floor)
    return bounds


def rounding_floor(problem: Problem, name: str, gradient: Array, unit: float) -> Array:
    """Return a bound on rounding that perturbing the inputs may not reveal.

    A few roundoff units of the entry, of a typical entry and of the gradient scale;
    and of terms as large as the outputs: 1 − s of a saturated layer has the rounding
    of 1, which can be all of its gradient.

    Parameters
    ----------
    problem
        The code under test and the point.
    name, gradient
        The tensor and its gradient, of the tensor's shape.
    unit
        The unit roundoff of the precision that the gradient was computed in.
    """
    scale = problem.gradient_scale(name)
    typical = np.abs(gradient) + np.sqrt(np.mean(gradient**2))
    terms = scale * largest(problem.values[name])
    return np.asarray(np.maximum(32 * unit * (typical + _STEEP * scale), 16 * unit * terms))


def _extended(problem: Problem, weights: Array) -> dict[str, Array]:
    """Return the claims in extended precision, of those tensors whose code supports it."""
    if not _EXTENDED:
        return {}
    values = {
        name: value.astype(np.longdouble) if value.dtype.kind == "f" else value
        for name, value in problem.values.items()
    }
    try:
        with np.errstate(all="ignore"):
            found = problem.claimed_gradients(values, weights)
    except GradlabError:
        return {}
    return {
        name: gradient
        for name, gradient in found.items()
        if gradient.dtype == np.longdouble and np.all(np.isfinite(gradient))
    }
