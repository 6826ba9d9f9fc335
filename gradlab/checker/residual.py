"""What is measured along one direction: how far the claim is from the derivative."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from gradlab.numdiff import derivative, dot
from gradlab.numdiff.records import Quality
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

_UNIT = unit_roundoff(float)


@dataclass(frozen=True)
class Residual:
    """⟨claimed gradient, v⟩ less the derivative of ⟨upstream gradient, forward⟩ along v.

    Attributes
    ----------
    value, bound
        The difference, and what the error of the derivative and the rounding of
        the claim together can explain of it.
    slope, claimed
        The derivative and the claim themselves.
    seen
        Which outputs have a derivative along v; the others are left out of both sides.
    estimate
        Each output's derivative; None where there is none.
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
        """Whether the bounds explain the difference; a NaN is never explained."""
        return abs(self.value) <= self.bound

    @property
    def known(self) -> bool:
        """Whether there is a derivative at all."""
        return bool(np.isfinite(self.derivative))


@dataclass(frozen=True)
class ComplexStep:
    """Residuals by the complex step, one evaluation each, once `code` is known to be analytic."""

    problem: Problem
    claims: Arrays
    code: Analytic
    rounding: Rounding
    name: str = "complex step"

    def measure(self, direction: Arrays, *, attempt: int = 0) -> Residual:
        """Measure along `direction`; there are no steps to vary."""
        del attempt
        return self.compare(direction, self.code.along(direction))

    def compare(self, direction: Arrays, estimate: Estimate | None) -> Residual:
        """Hold the claim against an estimate that is already there."""
        weights = self.problem.flat_cotangent
        if estimate is None:
            return unknown("the code is not analytic along this direction", weights.size)
        seen = np.ones(weights.size, dtype=bool)
        return _compare(self, direction, estimate, seen, self.claims)


@dataclass(frozen=True)
class Differences:
    """Residuals by real differences; outputs without a derivative get the cotangent 0."""

    problem: Problem
    claims: Arrays
    rounding: Rounding
    name: str = "differences"

    def measure(self, direction: Arrays, *, attempt: int = 0) -> Residual:
        """Measure along `direction`, and ask the backward again where an output is left out.

        Another number in `again` takes other steps.
        """
        problem, weights = self.problem, self.problem.flat_cotangent
        estimate = derivative(
            problem.output,
            {name: problem.values[name] for name in direction},
            direction,
            method="differences",
            seed=problem.seed + attempt,
        )
        # Next to the end of a domain a derivative from one side is hardly ever sharp.
        trusted = estimate.method != "one-sided differences"
        seen = np.isfinite(estimate.value) & (estimate.quality != Quality.KINK) & trusted
        if not seen.any():
            reason = estimate.reason or "the code has no outputs"
            return unknown(reason, weights.size, seen, estimate)
        claims = self.claims
        if not seen.all():
            kept = np.where(seen, weights, 0.0)
            claims = {name: problem.claimed_gradient(name, kept) for name in direction}
        return _compare(self, direction, estimate, seen, claims)


#: Two ways to measure the same.
DerivativeMethod: TypeAlias = ComplexStep | Differences


def unknown(
    reason: str, outputs: int, seen: Array | None = None, estimate: Estimate | None = None
) -> Residual:
    """Return the residual that nothing is known about."""
    none = np.zeros(outputs, dtype=bool) if seen is None else seen
    return Residual(np.nan, np.inf, np.nan, np.nan, none, reason, estimate)


def _compare(
    method: DerivativeMethod, direction: Arrays, estimate: Estimate, seen: Array, claims: Arrays
) -> Residual:
    """Hold claims against a derivative; their rounding is measured only where it matters."""
    weights = np.where(seen, method.problem.flat_cotangent, 0.0)
    slope, bound = dot(estimate, weights)
    terms = {name: claims[name] * step for name, step in direction.items()}
    claimed = sum(float(np.sum(each)) for each in terms.values())
    bound += 64 * _UNIT * _norm(terms)
    if not abs(claimed - slope) <= bound:
        rounding = method.rounding.of({name: claims[name] for name in direction}, weights)
        # Roundings of single entries do not know the direction's random signs, so that
        # they add up in squares; four standard deviations are allowed for.
        bound += 4 * _norm({name: rounding[name] * step for name, step in direction.items()})
    return Residual(claimed - slope, bound, slope, claimed, seen, estimate.reason, estimate)


def _norm(terms: Arrays) -> float:
    return float(np.sqrt(sum(float(np.sum(each**2)) for each in terms.values())))
