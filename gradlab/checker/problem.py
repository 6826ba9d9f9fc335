"""The checker's view of code under test: callables and arrays, nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.errors import GradlabError
from gradlab.numdiff import error_curve
from gradlab.records import ErrorCurve
from gradlab.roundoff import gradient_scale

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Array = NDArray[Any]
    Values = Mapping[str, Array]
    Outputs = tuple[Array, ...]

#: How far a point is moved to get off a kink, relative to the largest entry: most of the
#: steps then stay on one side of it.
_OFF_KINK = 2.0**-11


@dataclass
class CallCounter:
    """Counts the calls of the code under test, forward and backward alike."""

    calls: int = 0


@dataclass(frozen=True)
class Problem:
    """A forward, a backward, the point and the upstream gradient at which to compare them.

    Attributes
    ----------
    forward
        Values to a tuple of output arrays; arrays that the complex step follows
        go through it.
    gradients
        Values and cotangents to the claimed gradients, each of its tensor's shape;
        one run of the forward and one of the backward.
    values, cotangents
        The point, and one upstream gradient for each output.
    moving
        The tensors that may be moved; labels may not.
    seed
        Of every random choice made on the way to the verdict.
    at_kinks
        Whether outputs at a kink are judged; beside one there should be none.
    """

    forward: Callable[[Values], Outputs]
    vjp: Callable[[Values, Outputs], Mapping[str, Array]]
    values: Values
    cotangents: Outputs
    differentiable: frozenset[str]
    seed: int = 0
    check_kinks: bool = True
    counter: CallCounter = field(default_factory=CallCounter)

    def output(self, moved: Values) -> Array:
        """Run the forward with `moved` in place of some tensors; its outputs as one vector."""
        self.counter.calls += 1
        outputs = self.forward({**self.values, **moved})
        return np.concatenate([np.ravel(out) for out in outputs])

    def claimed_gradients(self, values: Values, weights: Array | None = None) -> dict[str, Array]:
        """Run forward and backward at `values`; `weights` is an upstream gradient as one vector."""
        self.counter.calls += 2
        cotangents = self.cotangents if weights is None else self.split(weights)
        found = self.vjp(values, cotangents)
        return dict(found)

    def claimed_gradient(self, name: str, weights: Array) -> Array:
        """Return the gradient of one tensor that is claimed for another upstream gradient."""
        return np.asarray(self.claimed_gradients(self.values, weights)[name], dtype=float)

    def split(self, weights: Array) -> Outputs:
        """Cut an upstream gradient in one vector into one array for each output."""
        parts, start = [], 0
        for cotangent in self.cotangents:
            parts.append(weights[start : start + cotangent.size].reshape(cotangent.shape))
            start += cotangent.size
        return tuple(parts)

    @property
    def flat_cotangent(self) -> Array:
        """The cotangents as one vector, in the order of `output`."""
        return np.concatenate([np.ravel(c) for c in self.cotangents]).astype(float)

    def gradient_scale(self, name: str) -> float:
        """Return how large an entry of this gradient is before anything cancels: |c||F| / |x|.

        A saturated sigmoid has less; a dead ReLU is 0 here, and at −x is not.
        """
        x = self.values[name]
        return max(gradient_scale([self._weighted_output({name: at})], x) for at in (x, -x))

    def _weighted_output(self, moved: Values) -> Array:
        try:
            with np.errstate(all="ignore"):
                return np.asarray(self.flat_cotangent * self.output(moved))
        except GradlabError:
            return np.zeros(0)  # the code refuses such values

    def perturbed_off_kink(self, rng: np.random.Generator) -> Problem:
        """Return the same problem at a point next to this one, off whatever kink is here."""
        moved = dict(self.values)
        for name in sorted(self.differentiable):
            moved[name] = self.perturb(name, _OFF_KINK, rng)
        return replace(self, values=moved, seed=self.seed + 1, check_kinks=False)

    def perturb(self, name: str, distance: float, rng: np.random.Generator) -> Array:
        """Return one tensor with its entries moved by 1 to 2 times `distance`.

        The distance is relative to the tensor's largest entry.
        """
        value = self.values[name]
        if value.dtype.kind != "f":
            return value.copy()
        signs = rng.choice([-1.0, 1.0], value.shape) * (1 + rng.random(value.shape))
        scale = float(np.max(np.abs(value), initial=0.0)) or 1.0
        return np.asarray(value + distance * scale * signs)

    def error_curve(self, name: str, index: tuple[int, ...]) -> ErrorCurve:
        """Return the error of plain differences for the derivative by one entry of a tensor."""
        x = self.values[name]
        direction = np.zeros(x.shape)
        direction[index] = float(np.abs(x[index]) or np.abs(x).max(initial=0.0) or 1.0)
        weights = self.flat_cotangent
        steps, errors = error_curve(
            lambda moved: float(np.sum(weights * self.output({name: moved}))),
            x,
            direction,
            method="differences",
            seed=self.seed,
        )
        known = (float(error) if np.isfinite(error) else None for error in errors)
        return ErrorCurve(tuple(steps.tolist()), tuple(known))
