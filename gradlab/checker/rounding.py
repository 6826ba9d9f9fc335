"""How large the backward's own rounding is, entry by entry, measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.errors import GradlabError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gradlab.checker.problem import Problem

    Array = NDArray[Any]

_EXTENDED = np.finfo(np.longdouble).nmant > 60
# Three draws see two thirds of the spread or more in all but a few of a thousand
# cases; 8 leaves room for those.
_DRAWS, _ROOM = 3, 8


class Rounding:
    """The rounding of a problem's claims, measured when it is asked for, once.

    It belongs to one upstream gradient: where an output at a kink is left out,
    its unit must not flip from side to side in the measurement either.
    """

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._known: dict[tuple[str, bytes], dict[str, Array]] = {}

    def of(self, claims: Mapping[str, Array], weights: Array) -> dict[str, Array]:
        """Return, for each tensor of `claims`, how far rounding may have moved each entry.

        The larger of two measurements, which miss different things: `last_place`
        (1 − A of a saturated sigmoid does not move there), and the backward in
        extended precision.  Where the code does not follow that far, a rounding
        error of a gradient of natural size takes its place.
        """
        key = (" ".join(claims), weights.tobytes())
        if key not in self._known:
            self._known[key] = _measured(self._problem, claims, weights)
        return self._known[key]


def _measured(problem: Problem, claims: Mapping[str, Array], weights: Array) -> dict[str, Array]:
    moved = last_place(problem, claims, weights)
    finer = _extended(problem, weights)
    for name, claim in claims.items():
        natural = problem.gradient_scale(name)
        if name in finer:
            # What a saturated unit's 1 − s loses even there is a rounding of its terms.
            terms = natural * float(np.max(np.abs(problem.values[name]), initial=0.0))
            seen = np.maximum(2 * _apart(finer[name], claim), 4 * 2.0**-64 * terms)
        else:
            seen = np.full(claim.shape, 4 * _unit(problem.values[name]) * natural)
        moved[name] = np.maximum(moved[name], seen)
    return moved


def last_place(problem: Problem, claims: Mapping[str, Array], weights: Array) -> dict[str, Array]:
    """Return how far each entry moves when the values move by one unit in the last place.

    At least a few units of the entry.
    """
    moved = {name: np.zeros(claim.shape) for name, claim in claims.items()}
    rng = np.random.default_rng([problem.seed, 77])
    for _ in range(_DRAWS):
        again = problem.claimed_gradients(_jiggled(problem, rng), weights)
        for name, claim in claims.items():
            moved[name] = np.maximum(moved[name], _ROOM * _apart(again[name], claim))
    for name, claim in claims.items():
        floor = 4 * _unit(problem.values[name]) * np.abs(claim)
        moved[name] = np.maximum(moved[name], floor)
    return moved


def _extended(problem: Problem, weights: Array) -> dict[str, Array]:
    """Return the claims in extended precision; nothing where the code does not follow."""
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


def _apart(again: Array, claim: Array) -> Array:
    if again.shape != claim.shape:
        return np.zeros(claim.shape)
    apart = np.abs(np.asarray(again, dtype=np.longdouble) - claim).astype(float)
    return np.where(np.isfinite(apart), apart, 0.0)


def _jiggled(problem: Problem, rng: np.random.Generator) -> dict[str, Array]:
    """Move each entry one unit in the last place up or down; labels and integers stay."""
    return {
        name: _jiggle(value, rng)
        if name in problem.differentiable and value.dtype.kind == "f"
        else value
        for name, value in problem.values.items()
    }


def _jiggle(value: Array, rng: np.random.Generator) -> Array:
    towards = np.where(rng.random(value.shape) < 0.5, -np.inf, np.inf)
    return np.asarray(np.nextafter(value, towards.astype(value.dtype)))


def _unit(value: Array) -> float:
    """Return the unit roundoff of the tensor's own precision."""
    return float(np.finfo(value.dtype if value.dtype.kind == "f" else np.float64).eps) / 2
