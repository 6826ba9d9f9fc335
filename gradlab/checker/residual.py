"""The residual of a claimed gradient along one direction, and the choice of directions.

The residual is ⟨claimed gradient, v⟩ − d/dt ⟨upstream gradient, forward(x + t v)⟩ at
t = 0.  `ComplexStep` and `Differences` are the two methods that measure it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from gradlab.numdiff import derivative, dot, random_direction
from gradlab.numdiff.records import COARSE, Quality
from gradlab.roundoff import unit_roundoff

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gradlab.checker.problem import Problem
    from gradlab.checker.rounding import Rounding
    from gradlab.numdiff import Analytic
    from gradlab.numdiff.records import Estimate

    Array = NDArray[Any]
    Arrays = Mapping[str, Array]

_UNIT_ROUNDOFF = unit_roundoff(float)
# The range, in units of the root mean square, in which an entry's claim sets its weight.
_LEAST, _MOST = 1e-2, 2.0


@dataclass(frozen=True)
class Residual:
    """⟨claimed gradient, v⟩ less the directional derivative of ⟨upstream gradient, forward⟩.

    Attributes
    ----------
    value
        The difference; NaN if there is no derivative.
    bound
        The largest |value| that the derivative's error bound and the rounding of the
        claimed gradient explain together.
    derivative, claimed
        The two terms: the directional derivative, and ⟨claimed gradient, v⟩.
    has_derivative
        Boolean, of shape (n,): the outputs that have a derivative along v.  The
        others are left out of both terms.
    reason
        Why outputs have no derivative; empty if all have one.
    estimate
        The derivative of each output; None if none was computed.
    """

    value: float
    bound: float
    derivative: float
    claimed: float
    has_derivative: Array
    reason: str = ""
    estimate: Estimate | None = None

    @property
    def agrees(self) -> bool:
        """Whether the bound explains the difference; False for a NaN."""
        return abs(self.value) <= self.bound

    @property
    def known(self) -> bool:
        """Whether there is a directional derivative."""
        return bool(np.isfinite(self.derivative))


@dataclass(frozen=True)
class ComplexStep:
    """Residuals by the complex step: one evaluation each, for code that is analytic.

    Source: Squire and Trapp, Using complex variables to estimate derivatives of real
    functions, SIAM Review 40 (1998).

    Attributes
    ----------
    problem
        The code under test and the point.
    claims
        The claimed gradient of each tensor, of the tensor's shape.
    code
        The forward, after `gradlab.numdiff.analytic` has verified that it is analytic.
    rounding
        Measures the rounding of the claims.
    name
        The method's name in messages.
    """

    problem: Problem
    claims: Arrays
    code: Analytic
    rounding: Rounding
    name: str = "complex step"

    def measure(self, direction: Arrays, *, attempt: int = 0) -> Residual:
        """Return the residual along `direction`, arrays of the tensors' shapes by name.

        `attempt` has no effect: the complex step has no step to vary.
        """
        del attempt
        return self.from_estimate(direction, self.code.along(direction))

    def from_estimate(self, direction: Arrays, estimate: Estimate | None) -> Residual:
        """Return the residual for a derivative along `direction` that is already known."""
        size = self.problem.flat_cotangent.size
        if estimate is None:
            return unknown("the code is not analytic along this direction", size)
        return _residual(self, direction, estimate, np.ones(size, dtype=bool), self.claims)


@dataclass(frozen=True)
class Differences:
    """Residuals by extrapolated real differences.

    Outputs without a derivative along the direction are given the cotangent 0.

    Attributes
    ----------
    problem, claims, rounding, name
        As in `ComplexStep`.
    """

    problem: Problem
    claims: Arrays
    rounding: Rounding
    name: str = "differences"

    def measure(self, direction: Arrays, *, attempt: int = 0) -> Residual:
        """Return the residual along `direction`.

        Where an output has no derivative, the backward is evaluated again without it.

        Parameters
        ----------
        direction
            Arrays of the tensors' shapes, by name; tensors left out stay put.
        attempt
            Another number selects other steps: an independent confirmation.

        Returns
        -------
        Residual
            Unknown if no output has a derivative.
        """
        problem, cotangent = self.problem, self.problem.flat_cotangent
        estimate = derivative(
            problem.flat_output,
            {name: problem.values[name] for name in direction},
            direction,
            method="differences",
            seed=problem.seed + attempt,
        )
        # At the end of a domain a derivative from one side is hardly ever sharp.
        two_sided = estimate.method != "one-sided differences"
        smooth = np.isfinite(estimate.value) & (estimate.quality != Quality.KINK) & two_sided
        if not smooth.any():
            reason = estimate.reason or "the code has no outputs"
            return unknown(reason, cotangent.size, smooth, estimate)
        claims = self.claims
        if not smooth.all():
            kept = np.where(smooth, cotangent, 0.0)
            claims = {name: problem.claimed_gradient(name, kept) for name in direction}
        return _residual(self, direction, estimate, smooth, claims)


#: The two methods that measure a residual.
DerivativeMethod: TypeAlias = ComplexStep | Differences


def is_coarse(estimate: Estimate | None) -> bool:
    """Return whether all outputs are linear over steps as long as the point, in low precision."""
    return estimate is not None and estimate.method == COARSE


def unknown(
    reason: str, size: int, has_derivative: Array | None = None, estimate: Estimate | None = None
) -> Residual:
    """Return the residual of `size` outputs for which there is no directional derivative."""
    none = np.zeros(size, dtype=bool) if has_derivative is None else has_derivative
    return Residual(np.nan, np.inf, np.nan, np.nan, none, reason, estimate)


def _residual(
    method: DerivativeMethod,
    direction: Arrays,
    estimate: Estimate,
    has_derivative: Array,
    claims: Arrays,
) -> Residual:
    """Compare claims with a derivative; rounding is measured only if they disagree without it."""
    cotangent = np.where(has_derivative, method.problem.flat_cotangent, 0.0)
    slope, bound = dot(estimate, cotangent)
    terms = {name: claims[name] * step for name, step in direction.items()}
    claimed = sum(float(np.sum(each)) for each in terms.values())
    bound += 64 * _UNIT_ROUNDOFF * _norm(terms)
    if not abs(claimed - slope) <= bound:
        rounding = method.rounding.of({name: claims[name] for name in direction}, cotangent)
        # Rounding errors of single entries are independent of the direction's random signs,
        # so that they add in squares; four standard deviations are allowed for.
        bound += 4 * _norm({name: rounding[name] * step for name, step in direction.items()})
    value = claimed - slope
    return Residual(value, bound, slope, claimed, has_derivative, estimate.reason, estimate)


def _norm(terms: Arrays) -> float:
    return float(np.sqrt(sum(float(np.sum(each**2)) for each in terms.values())))


def weighted_direction(
    problem: Problem, claims: Arrays, rng: np.random.Generator
) -> dict[str, Array]:
    """Return a random direction along which every entry of every tensor has equal weight.

    Each component is a random sign times 1 to 2, over the entry's claimed size, so
    that no tensor dominates.  For the complex step only, which has no step that
    such sizes could spoil.  The claimed size is clipped to 1/100 and 2 times the
    tensor's root mean square: an entry claimed too small gets a large weight, and
    one claimed too large contributes a large term.

    Parameters
    ----------
    problem
        The point.
    claims
        The claimed gradients, by tensor name and of the tensors' shapes.
    rng
        Draws the signs and the sizes.

    Returns
    -------
    dict of arrays
        By tensor name, of the tensors' shapes.  A tensor whose claims are all 0, or
        not finite, gets a `scaled_direction`.
    """
    direction = {}
    for name, claim in claims.items():
        rms = float(np.sqrt(np.mean(claim**2)))
        if rms and np.isfinite(rms):
            signs = rng.choice([-1.0, 1.0], claim.shape) * (1 + rng.random(claim.shape))
            direction[name] = signs / (rms * np.clip(np.abs(claim) / rms, _LEAST, _MOST))
        else:
            direction[name] = scaled_direction(problem, name, rng)
    return direction


def scaled_direction(problem: Problem, name: str, rng: np.random.Generator) -> Array:
    """Return a random direction, of the tensor's shape, at the scale of each entry.

    Real differences need it: see `gradlab.numdiff.random_direction`.
    """
    direction: Array = random_direction(problem.values[name], rng)
    return direction


def even_direction(problem: Problem, name: str, rng: np.random.Generator) -> Array:
    """Return a random direction, of the tensor's shape, at the scale of its largest entry.

    Where outputs are linear in low precision, the step of an entry need not be small
    because the entry is.
    """
    x = problem.values[name]
    scale = float(np.max(np.abs(x), initial=0.0)) or 1.0
    return np.asarray(rng.choice([-scale, scale], x.shape) * (1 + rng.random(x.shape)))


def proportional_direction(problem: Problem, name: str, rng: np.random.Generator) -> Array:
    """Return a random direction, of the tensor's shape, in proportion to each entry.

    Coarse steps along it carry no entry near 0 across a kink at 0.  Entries that
    are exactly 0 get the component of a `scaled_direction`.
    """
    x = problem.values[name]
    direction = scaled_direction(problem, name, rng)
    proportional = rng.choice([-1.0, 1.0], x.shape) * x * (1 + rng.random(x.shape))
    return np.where(x == 0, direction, proportional)
