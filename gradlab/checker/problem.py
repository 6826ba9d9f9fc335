"""The checker's view of code under test: callables and arrays, nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.numdiff import derivative, dot, explain
from gradlab.records import Quality

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from gradlab.records import Explanation

    Array = NDArray[Any]
    Values = Mapping[str, Array]
    Outputs = tuple[Array, ...]

_UNIT = 2.0**-53


@dataclass(frozen=True)
class Problem:
    """A forward, a backward, the point and the upstream gradient at which to compare them.

    Attributes
    ----------
    forward
        Values to a tuple of output arrays.
    gradients
        Values and cotangents to the claimed gradients, each of its tensor's shape.
    values, cotangents
        The point, and one upstream gradient for each output.
    moving
        The tensors that may be moved by a rounding error; labels may not.
    seed
        Of every random choice made on the way to the verdict.
    """

    forward: Callable[[Values], Outputs]
    gradients: Callable[[Values, Outputs], Mapping[str, Array]]
    values: Values
    cotangents: Outputs
    moving: frozenset[str]
    seed: int = 0

    def output(self, name: str, x: Array) -> Array:
        """Run the forward with tensor `name` at `x`; every output, raveled into one vector."""
        outputs = self.forward({**self.values, name: x})
        return np.concatenate([np.ravel(out) for out in outputs])

    @property
    def weights(self) -> Array:
        """The cotangents as one vector, in the order of `output`."""
        return np.concatenate([np.ravel(c) for c in self.cotangents])

    def slope(self, name: str, direction: Array, *, confirm: int = 0) -> Slope:
        """Differentiate ⟨cotangent, forward⟩ along `direction` of tensor `name`.

        Another number in `confirm` takes other steps: an independent confirmation.
        """
        estimate = derivative(
            lambda x: self.output(name, x),
            self.values[name],
            direction,
            # The complex step is exact where a backward's own rounding is not (a·(1 − a)
            # at z = 40 is 0), and that rounding is not measured well enough to use it.
            method="differences",
            seed=self.seed + confirm,
        )
        # Next to the end of a domain a derivative from one side is hardly ever sharp.
        trusted = estimate.method != "one-sided differences"
        seen = np.isfinite(estimate.value) & (estimate.quality != Quality.KINK) & trusted
        if not seen.any():
            reason = estimate.reason or "the code has no outputs"
            return Slope(np.nan, np.inf, 0.0, estimate.evaluations, reason, seen)
        weights = np.where(seen, self.weights, 0.0)
        value, bound = dot(estimate, weights)
        size = float(np.sum(np.abs(weights[seen] * estimate.value[seen])))
        return Slope(value, bound, size, estimate.evaluations, estimate.reason, seen)

    def claimed_for(self, name: str, seen: Array, claimed: Array) -> Array:
        """Return the gradient that is claimed when only the outputs in `seen` count.

        Outputs without a derivative get the cotangent 0, and the backward is asked again.
        """
        if seen.all():
            return claimed
        masked, start = [], 0
        for cotangent in self.cotangents:
            kept = seen[start : start + cotangent.size].reshape(cotangent.shape)
            masked.append(np.where(kept, cotangent, 0.0))
            start += cotangent.size
        return np.asarray(self.gradients(self.values, tuple(masked))[name], dtype=float)

    def picture(self, name: str, index: tuple[int, ...]) -> Explanation:
        """Show how plain differences of one entry's derivative err, step by step."""
        x = self.values[name]
        direction = np.zeros(x.shape)
        direction[index] = float(np.abs(x[index]) or np.abs(x).max(initial=0.0) or 1.0)
        weights = self.weights
        return explain(
            lambda moved: float(np.sum(weights * self.output(name, moved))),
            x,
            direction,
            method="differences",
            seed=self.seed,
        )

    def rounding(self, name: str, claimed: Array) -> Array:
        """Measure the backward's own rounding, entry by entry of its gradient.

        The backward runs again at values moved by one unit in the last place;
        what moves in the gradient beyond that is rounding inside the backward
        (or true curvature over one ulp, which no comparison can resolve either).
        """
        rng = np.random.default_rng([self.seed, 77])
        moved = np.zeros(np.shape(claimed))
        for _ in range(3):
            jiggled = {
                key: _jiggle(value, rng) if key in self.moving else value
                for key, value in self.values.items()
            }
            again = self.gradients(jiggled, self.cotangents)[name]
            moved = np.maximum(moved, np.abs(np.asarray(again) - claimed))
        # Three draws see two thirds of the spread or more in all but a few of
        # a thousand cases; 8 leaves room for those.
        return np.asarray(8 * moved + 4 * _UNIT * np.abs(claimed))


@dataclass(frozen=True)
class Slope:
    """A directional derivative of ⟨cotangent, forward⟩, with its bound.

    `size` is Σ|cᵢTᵢ|: how large the terms were before they cancelled.  `seen`
    says which outputs have a derivative; the others are left out of the sum.
    """

    value: float
    bound: float
    size: float
    evaluations: int
    reason: str
    seen: Array


def _jiggle(value: Array, rng: np.random.Generator) -> Array:
    """Move each entry one unit in the last place up or down; integers stay."""
    if not np.issubdtype(value.dtype, np.floating):
        return value
    towards = np.where(rng.random(value.shape) < 0.5, -np.inf, np.inf)
    return np.asarray(np.nextafter(value, towards.astype(value.dtype)))
