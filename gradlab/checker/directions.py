"""The directions along which claims are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.numdiff import random_direction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gradlab.checker.problem import Problem

    Array = NDArray[Any]

# The range, in units of the root mean square, in which an entry's claim sets its weight.
_LEAST, _MOST = 1e-2, 2.0


def weighted_direction(
    problem: Problem, claims: Mapping[str, Array], rng: np.random.Generator
) -> dict[str, Array]:
    """Return a random direction along which every entry of every tensor counts alike.

    Each component is a random sign times 1 to 2 over the entry's claimed size, so
    that no tensor drowns another; the complex step has no step that this could
    spoil.  The claimed size is clipped to 1/100 and 2 times its tensor's root
    mean square: a claim that is wrongly small gets a large weight and glares, and
    one that is wrongly large is its own evidence.
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
    """Return a random direction at the scale of each entry: what real steps need."""
    direction: Array = random_direction(problem.values[name], rng)
    return direction


def proportional_direction(problem: Problem, name: str, rng: np.random.Generator) -> Array:
    """Return a random direction in proportion to each entry.

    None that is near 0 is carried across a kink there by the coarse steps.
    """
    x = problem.values[name]
    direction = scaled_direction(problem, name, rng)
    proportional = rng.choice([-1.0, 1.0], x.shape) * x * (1 + rng.random(x.shape))
    return np.where(x == 0, direction, proportional)
