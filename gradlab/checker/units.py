"""Single units at their kinks, where several of them meet in one output.

No direction tells such units apart, but a point does: with all other entries of
the tensor moved off their kinks, one entry that stays at its own is a function of
one variable with one kink, and the gradient there has to lie between its values
on either side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.checker.located import ComparedEntry
from gradlab.checker.search import unravel
from gradlab.checker.verdict import Verdict
from gradlab.errors import GradlabError
from gradlab.records import Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.checker.problem import Problem

    Array = NDArray[Any]

# Up to this many entries are looked at, drawn at random where more are at a kink.
_MOST = 24
# How far entries are moved, and how far curvature moves a gradient over that distance.
_DISTANCE, _SMOOTH = 2.0**-20, 2.0**-14
# How far the entry itself is moved, relative to the others.
_OWN = 2.0**-8


def single_kink_test(problem: Problem, name: str) -> Verdict | None:
    """Return the failure of an entry whose gradient lies outside its two sides; None if none does.

    The backward was found right beside the kink, so that its own values there are
    the sides.  What fails is asked again with the others moved elsewhere.
    """
    rng = np.random.default_rng([problem.seed, 34])
    try:
        candidates = _jumping(problem, name, rng)
        for index in candidates:
            first = _outside(problem, name, index, rng)
            if first is not None and _outside(problem, name, index, rng) is not None:
                return Verdict(
                    Status.FAIL,
                    entries=(first,),
                    complete=False,
                    pattern="this entry is at a kink, and its gradient is no value between those "
                    "on the two sides, seen with all other entries off their kinks",
                )
    except GradlabError:
        return None  # the code refuses values beside the point
    return None


def _jumping(problem: Problem, name: str, rng: np.random.Generator) -> list[tuple[int, ...]]:
    """Return entries whose gradient differs between two opposite ways off the point."""
    x = problem.values[name]
    way = problem.perturb(name, _DISTANCE, rng) - x
    one, other = (_claim(problem, name, x + sign * way) for sign in (1.0, -1.0))
    slack = _SMOOTH * max(float(np.max(np.abs(g), initial=0.0)) for g in (one, other))
    flat = np.flatnonzero(np.abs(one - other) > slack)
    if flat.size > _MOST:
        flat = np.sort(rng.choice(flat, _MOST, replace=False))
    return [unravel(int(i), x.shape) for i in flat]


def _outside(
    problem: Problem, name: str, index: tuple[int, ...], rng: np.random.Generator
) -> ComparedEntry | None:
    """Return the entry if it is still at its kink with the others off theirs, and outside."""
    x = problem.values[name]
    point = problem.perturb(name, _DISTANCE, rng)
    # Far less than the others are moved by, so as not to cross kinks of theirs.
    step = _OWN * (point[index] - x[index])
    values = []
    for along in (0.0, step, -step, step / 4, -step / 4):
        point[index] = x[index] + along
        values.append(float(_claim(problem, name, point)[index]))
    got, *sides, nearer_right, nearer_left = values
    low, high = min(sides), max(sides)
    slack = _SMOOTH * max(abs(low), abs(high))
    # Next to a pole the gradient differs from side to side too, and from step to step.
    level = abs(sides[0] - nearer_right) <= slack and abs(sides[1] - nearer_left) <= slack
    expected = float(np.clip(got, low, high))
    if not level or high - low <= slack or not abs(got - expected) > slack:
        return None
    return ComparedEntry(index, got, expected, slack)


def _claim(problem: Problem, name: str, moved: Array) -> Array:
    values = {**problem.values, name: moved}
    return np.asarray(problem.claimed_gradients(values)[name], dtype=float)
