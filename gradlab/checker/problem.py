"""The code under test as the checker sees it: two callables and arrays, no convention."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.errors import GradlabError
from gradlab.numdiff import error_curve
from gradlab.records import ErrorCurve
from gradlab.roundoff import gradient_scale

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from numpy.typing import NDArray

    Array = NDArray[Any]
    Values = Mapping[str, Array]
    Outputs = tuple[Array, ...]

# The perturbation that leaves a kink, relative to the largest entry: most finite-difference
# steps then stay on one side of the kink.
_OFF_KINK = 2.0**-11
# Changes of an output below this share of its size are rounding.
_ROUNDED = 2.0**-46


@dataclass
class CallCounter:
    """The number of calls of the code under test; a forward and a backward count alike."""

    calls: int = 0


@dataclass(frozen=True)
class Problem:
    """A forward, its vector-Jacobian product, and the point at which to compare them.

    The claimed gradient of a tensor is what the vector-Jacobian product returns
    for it: the derivative of ⟨cotangents, forward⟩ if the code is correct.

    Parameters
    ----------
    forward
        Maps named arrays to a tuple of output arrays.  It receives
        extended-precision complex arrays during the complex step.
    vjp
        Maps named arrays and one cotangent for each output to the claimed
        gradients by tensor name, each of its tensor's shape.  One call runs the
        code's forward and its backward once.
    values
        The point: arrays of any shape by tensor name, integer arrays included.
    cotangents
        The upstream gradient, one array for each output and of its shape.
    differentiable
        Names of the tensors that may be perturbed; labels and indices may not.
    seed
        Seed of every random choice on the way to the verdict.
    check_kinks
        Whether outputs that have a kink at the point are checked for subgradients;
        False at a point that was perturbed off its kinks.
    counter
        Counts the calls of `forward` and `vjp`.

    Raises
    ------
    GradlabError
        By every method that evaluates the code, if the code under test refuses
        the values and the callables report that as a GradlabError.

    Examples
    --------
    >>> problem = Problem(
    ...     forward=lambda values: (values["x"] ** 2,),
    ...     vjp=lambda values, cotangents: {"x": 2 * values["x"] * cotangents[0]},
    ...     values={"x": np.array([3.0, -1.0])},
    ...     cotangents=(np.array([1.0, 10.0]),),
    ...     differentiable=frozenset({"x"}),
    ... )
    >>> print(problem.flat_output({}), problem.claimed_gradients(problem.values)["x"])
    [9. 1.] [  6. -20.]
    >>> problem.counter.calls
    3
    """

    forward: Callable[[Values], Outputs]
    vjp: Callable[[Values, Outputs], Mapping[str, Array]]
    values: Values
    cotangents: Outputs
    differentiable: frozenset[str]
    seed: int = 0
    check_kinks: bool = True
    counter: CallCounter = field(default_factory=CallCounter)

    def flat_output(self, replaced: Values) -> Array:
        """Evaluate the forward with some tensors replaced.

        Parameters
        ----------
        replaced
            Arrays by tensor name, in place of those in `values`.

        Returns
        -------
        array of shape (n,)
            All outputs, flattened and concatenated.
        """
        self.counter.calls += 1
        outputs = self.forward({**self.values, **replaced})
        return np.concatenate([np.ravel(out) for out in outputs])

    def claimed_gradients(self, values: Values, cotangent: Array | None = None) -> dict[str, Array]:
        """Evaluate the vector-Jacobian product.

        Parameters
        ----------
        values
            The point: every tensor by name.
        cotangent
            An upstream gradient of shape (n,), in the order of `flat_output`; None
            is the problem's own.

        Returns
        -------
        dict of arrays
            The claimed gradient of each tensor, of the tensor's shape.
        """
        self.counter.calls += 2
        cotangents = self.cotangents if cotangent is None else self.split_cotangent(cotangent)
        return dict(self.vjp(values, cotangents))

    def claimed_gradient(self, name: str, cotangent: Array) -> Array:
        """Return the claimed gradient of tensor `name` for a cotangent of shape (n,)."""
        return np.asarray(self.claimed_gradients(self.values, cotangent)[name], dtype=float)

    def split_cotangent(self, cotangent: Array) -> Outputs:
        """Split a cotangent of shape (n,) into one array for each output, of its shape."""
        parts, start = [], 0
        for each in self.cotangents:
            parts.append(cotangent[start : start + each.size].reshape(each.shape))
            start += each.size
        return tuple(parts)

    @property
    def flat_cotangent(self) -> Array:
        """The upstream gradient as one vector of shape (n,), in the order of `flat_output`."""
        return np.concatenate([np.ravel(c) for c in self.cotangents]).astype(float)

    def gradient_scale(self, name: str) -> float:
        """Return the size of a gradient entry before cancellation: max |c f| / max |x|.

        Evaluated at x and at −x, because a dead ReLU is 0 on one side only.  A
        saturated sigmoid's gradient is far smaller than this.
        """
        x = self.values[name]
        return max(gradient_scale([self._terms({name: at})], x) for at in (x, -x))

    def own_gradient_scale(self, name: str) -> float:
        """Return the same of what this tensor contributes to the outputs: max |c Δf| / max |x|.

        Δf is how far an output changes from x to −x, x/2, 2x and a random point as far away,
        as far as rounding does not explain it.  Where an output is dominated by another
        tensor this is far below `gradient_scale`.  If the code refuses all of these
        points, `gradient_scale` is returned.
        """
        x = self.values[name]
        rng = np.random.default_rng([self.seed, 36])
        here = self._terms({})
        changes: list[Array] = []
        with np.errstate(all="ignore"):
            for at in (-x, x / 2, 2 * x, self.perturb(name, 0.5, rng)):
                there = self._terms({name: at})
                if there.shape == here.shape and np.any(np.isfinite(there - here)):
                    change, size = np.abs(there - here), np.maximum(np.abs(there), np.abs(here))
                    changes.append(np.where(change > _ROUNDED * size, change, 0.0))
        return gradient_scale(changes, x) if changes else self.gradient_scale(name)

    def output_is_constant(self, names: Collection[str]) -> bool:
        """Return whether no output changes when these tensors move together, near and far.

        The points are x moved by 1/1000, 1, 10 and 1000 times the tensors' scales, −x, and
        standard normal numbers.  Points that the code refuses are left out.
        """
        rng = np.random.default_rng([self.seed, 37])
        here = self.flat_output({})
        for distance in (1e-3, 1.0, 10.0, 1e3, None, 0.0):
            moved = {
                name: -self.values[name]
                if distance is None
                else self.perturb(name, distance, rng)
                if distance
                else rng.standard_normal(self.values[name].shape)
                for name in names
            }
            try:
                with np.errstate(all="ignore"):
                    there = self.flat_output(moved)
            except GradlabError:
                continue
            if not np.array_equal(here, there, equal_nan=True):
                return False
        return True

    def _terms(self, replaced: Values) -> Array:
        """Return the terms of ⟨cotangents, forward⟩; none if the code refuses the values."""
        try:
            with np.errstate(all="ignore"):
                return np.asarray(self.flat_cotangent * self.flat_output(replaced))
        except GradlabError:
            return np.zeros(0)

    def perturbed_off_kink(self, rng: np.random.Generator, *, opposite: bool = False) -> Problem:
        """Return the problem at a nearby point, 2⁻¹¹ to 2⁻¹⁰ of each tensor's scale away.

        `opposite` returns the one on the other side.  The result has another seed and
        `check_kinks` False.
        """
        values = dict(self.values)
        for name in sorted(self.differentiable):
            moved = self.perturb(name, _OFF_KINK, rng)
            mirrored = opposite and moved.dtype.kind == "f"
            values[name] = 2 * self.values[name] - moved if mirrored else moved
        return replace(self, values=values, seed=self.seed + 1, check_kinks=False)

    def perturb(self, name: str, distance: float, rng: np.random.Generator) -> Array:
        """Return tensor `name` with each entry moved by 1 to 2 times `distance`, either way.

        Parameters
        ----------
        name
            The tensor; an integer array is copied unchanged.
        distance
            Relative to the tensor's largest entry in absolute value.
        rng
            Draws the signs and the sizes.

        Returns
        -------
        array
            Of the tensor's shape.
        """
        value = self.values[name]
        if value.dtype.kind != "f":
            return value.copy()
        signs = rng.choice([-1.0, 1.0], value.shape) * (1 + rng.random(value.shape))
        scale = float(np.max(np.abs(value), initial=0.0)) or 1.0
        return np.asarray(value + distance * scale * signs)

    def error_curve(self, name: str, index: tuple[int, ...]) -> ErrorCurve:
        """Return the error of plain differences against the step, for one entry's derivative.

        Parameters
        ----------
        name, index
            The tensor, and the entry in it.

        Returns
        -------
        ErrorCurve
            Steps and errors of the derivative of ⟨cotangents, forward⟩.
        """
        x = self.values[name]
        direction = np.zeros(x.shape)
        direction[index] = float(np.abs(x[index]) or np.abs(x).max(initial=0.0) or 1.0)
        cotangent = self.flat_cotangent
        steps, errors = error_curve(
            lambda replaced: float(np.sum(cotangent * self.flat_output({name: replaced}))),
            x,
            direction,
            method="differences",
            seed=self.seed,
        )
        known = (float(error) if np.isfinite(error) else None for error in errors)
        return ErrorCurve(tuple(steps.tolist()), tuple(known))
