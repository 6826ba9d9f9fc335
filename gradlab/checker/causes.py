"""Recognise what a wrong gradient is instead: weight decay, a straight-through estimator, …

Each cause predicts the whole claimed gradient, and is accepted only if the prediction
holds along several random directions or in every entry.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.checker.residual import scaled_direction
from gradlab.errors import GradlabError
from gradlab.numdiff import derivative, dot

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.checker.problem import Problem

    Array = NDArray[Any]

# Directions along which a prediction has to hold.
_DIRECTIONS = 3
# How far a prediction may be off besides the derivative's own bound, relative to its terms;
# and how far above that a recognised term has to be.
_SLACK, _CLEAR = 1e-9, 100.0
# The distance over which a quantised output stays the same, relative to the tensor's scale.
_NEAR = 2.0**-30


class CauseKind(Enum):
    """What a wrong gradient is instead of the derivative.

    Members
    -------
    WEIGHT_DECAY
        The derivative plus `factor` times the tensor itself.
    COTANGENT_IGNORED
        The same whatever the upstream gradient is.
    COTANGENT_AS_OUTPUT
        The derivative of the sum of the outputs, if the backward is given the output
        where it is given the upstream gradient.
    STRAIGHT_THROUGH
        The upstream gradient itself, where the output is piecewise constant.
    STOPPED
        0, or the derivative of the output with a factor or an offset held constant.
    """

    WEIGHT_DECAY = "weight decay"
    COTANGENT_IGNORED = "upstream gradient ignored"
    COTANGENT_AS_OUTPUT = "upstream gradient taken for the output"
    STRAIGHT_THROUGH = "straight-through estimator"
    STOPPED = "stopped gradient"


@dataclass(frozen=True)
class Cause:
    """A recognised cause.

    Attributes
    ----------
    kind
        The cause.
    factor
        The coefficient of weight decay; NaN for the others.
    """

    kind: CauseKind
    factor: float = np.nan


def recognise_cause(
    problem: Problem, name: str, claim: Array, *, upstream: bool = True
) -> Cause | None:
    """Return what a gradient that is known to be wrong is instead of the derivative.

    Parameters
    ----------
    problem
        The code under test and the point.
    name, claim
        The tensor and its claimed gradient, of the tensor's shape.
    upstream
        Whether the backward is given an upstream gradient at all.

    Returns
    -------
    Cause or None
        None if no known cause predicts the whole gradient.

    Examples
    --------
    >>> from gradlab.checker import Problem
    >>> W, c = np.array([1.0, -2.0, 0.5]), np.array([1.0, 1.2, -0.7])
    >>> problem = Problem(
    ...     forward=lambda v: (np.tanh(v["W"]),),
    ...     vjp=lambda v, cs: {"W": cs[0] * (1 - np.tanh(v["W"]) ** 2) + 0.3 * v["W"]},
    ...     values={"W": W},
    ...     cotangents=(c,),
    ...     differentiable=frozenset({"W"}),
    ... )
    >>> cause = recognise_cause(problem, "W", problem.claimed_gradients(problem.values)["W"])
    >>> print(cause.kind.value, round(cause.factor, 6))
    weight decay 0.3
    """
    if not claim.size or not problem.flat_cotangent.size or not np.all(np.isfinite(claim)):
        return None
    case = _Recognition(problem, name, claim)
    try:
        return (
            (case.ignored() or case.as_output() if upstream else None)
            or case.straight_through()
            or case.stopped()
            or case.weight_decay(upstream=upstream)
        )
    except GradlabError:
        return None


class _Recognition:
    """The claimed gradient of one tensor, and the derivatives to compare predictions with."""

    def __init__(self, problem: Problem, name: str, claim: Array) -> None:
        self.problem, self.name, self.claim = problem, name, claim
        self.x, self.cotangent = problem.values[name], problem.flat_cotangent
        rng = np.random.default_rng([problem.seed, 38])
        self.directions = [scaled_direction(problem, name, rng) for _ in range(_DIRECTIONS)]
        self._slopes: list[tuple[Any, bool]] | None = None

    def slopes(self, cotangent: Array) -> list[tuple[float, float]] | None:
        """Return ⟨cotangent, derivative⟩ and its bound by direction; None if one is unknown."""
        if self._slopes is None:
            estimates = [
                derivative(self.problem.flat_output, {self.name: self.x}, {self.name: v})
                for v in self.directions
            ]
            self._slopes = [(each, bool(np.all(np.isfinite(each.bound)))) for each in estimates]
        if not all(known for _, known in self._slopes):
            return None
        return [dot(estimate, cotangent) for estimate, _ in self._slopes]

    def off(self, gradient: Array, cotangent: Array) -> list[tuple[float, float]] | None:
        """Return ⟨gradient, v⟩ less the derivative, and the tolerance, by direction."""
        slopes = self.slopes(cotangent)
        if slopes is None:
            return None
        found = []
        for v, (slope, bound) in zip(self.directions, slopes, strict=True):
            terms = gradient * v
            slack = _SLACK * (float(np.linalg.norm(terms)) + abs(slope))
            found.append((float(terms.sum()) - slope, bound + slack))
        return found

    def predicts(self, gradient: Array, cotangent: Array) -> bool:
        """Return whether `gradient` is the derivative of ⟨cotangent, outputs⟩."""
        found = self.off(gradient, cotangent)
        return found is not None and all(abs(off) <= allowed for off, allowed in found)

    def claimed(self, cotangent: Array) -> Array:
        return self.problem.claimed_gradient(self.name, cotangent)

    def ignored(self) -> Cause | None:
        rng = np.random.default_rng([self.problem.seed, 39])
        if not np.any(self.claim):
            return None
        for other in (-2.0 * self.cotangent, rng.standard_normal(self.cotangent.size)):
            if not np.array_equal(self.claimed(other), self.claim):
                return None
        return Cause(CauseKind.COTANGENT_IGNORED)

    def as_output(self) -> Cause | None:
        outputs = np.asarray(self.problem.flat_output({}), dtype=float)
        if not np.all(np.isfinite(outputs)):
            return None
        given = self.claimed(outputs)
        as_output = np.any(given) and self.predicts(given, np.ones(outputs.size))
        return Cause(CauseKind.COTANGENT_AS_OUTPUT) if as_output else None

    def straight_through(self) -> Cause | None:
        passed = np.any(self.claim) and any(
            c.shape == self.claim.shape and np.all((self.claim == c) | (self.claim == 0))
            for c in self.problem.cotangents
        )
        return Cause(CauseKind.STRAIGHT_THROUGH) if passed and self._is_quantised() else None

    def _is_quantised(self) -> bool:
        """Return whether no output changes next to the point, though it does far away."""
        rng = np.random.default_rng([self.problem.seed, 40])
        here = self.problem.flat_output({})
        unchanged = [
            np.array_equal(
                here, self.problem.flat_output({self.name: self.problem.perturb(self.name, h, rng)})
            )
            for h in (_NEAR, _NEAR, _NEAR / 64, _NEAR / 64)
        ]
        return all(unchanged) and not self.problem.output_is_constant([self.name])

    def stopped(self) -> Cause | None:
        if not np.any(self.claim):
            return Cause(CauseKind.STOPPED)
        start = 0
        for c in self.problem.cotangents:
            outputs = self.problem.flat_output({})[start : start + c.size]
            start += c.size
            if c.shape == self.claim.shape and self._holds_constant(outputs.reshape(c.shape), c):
                return Cause(CauseKind.STOPPED)
        return None

    def _holds_constant(self, output: Array, cotangent: Array) -> bool:
        """Return whether the output is s·x or x + s, and the gradient that at a constant s.

        s is the same along some axis, as a scale or a mean is.
        """
        if np.any(self.x == 0):
            return False
        scale = output / self.x
        claims: list[tuple[Array, Array]] = [
            (scale, cotangent * scale),
            (output - self.x, cotangent),
        ]
        return any(
            _same_along_an_axis(s)
            and np.allclose(self.claim, claim, rtol=_SLACK, atol=_SLACK * np.max(np.abs(claim)))
            for s, claim in claims
        )

    def weight_decay(self, *, upstream: bool) -> Cause | None:
        found = self.off(self.claim, self.cotangent)
        if found is None:
            return None
        off = np.array([each for each, _ in found])
        allowed = np.array([each for _, each in found])
        along = np.array([float(np.sum(self.x * v)) for v in self.directions])
        if not np.any(along):
            return None
        factor = float(off @ along / (along @ along))
        fits = np.all(np.abs(off - factor * along) <= allowed)
        clear = np.max(np.abs(factor * along) / allowed) > _CLEAR
        if not fits or not clear:
            return None
        if not upstream:
            return Cause(CauseKind.WEIGHT_DECAY, factor)
        # Weight decay does not depend on the upstream gradient; a wrong formula does.
        constant = 2 * self.claim - self.claimed(2 * self.cotangent)
        close = _SLACK * (float(np.max(np.abs(self.claim))) + abs(factor) * np.abs(self.x).max())
        if np.all(np.abs(constant - factor * self.x) <= close + 2 * np.max(allowed / abs(along))):
            return Cause(CauseKind.WEIGHT_DECAY, factor)
        if self.cotangent.size == 1 and not self._is_multiple():
            return Cause(CauseKind.WEIGHT_DECAY, factor / float(self.cotangent[0]))
        return None

    def _is_multiple(self) -> bool:
        """Return whether the claim is a multiple of the derivative."""
        slopes = self.slopes(self.cotangent)
        if slopes is None:
            return True
        truth = np.array([slope for slope, _ in slopes])
        claimed = np.array([float(np.sum(self.claim * v)) for v in self.directions])
        ratio = float(claimed @ truth / (truth @ truth)) if np.any(truth) else 0.0
        return bool(np.allclose(claimed, ratio * truth, rtol=1e-6))


def _same_along_an_axis(array: Array) -> bool:
    """Return whether an array repeats one slice along some axis of two entries or more."""
    size = float(np.max(np.abs(array), initial=0.0))
    return any(
        length > 1 and bool(np.max(np.ptp(array, axis=axis)) <= _SLACK * size)
        for axis, length in enumerate(array.shape)
    )
