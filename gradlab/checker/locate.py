"""Which entries of a gradient are wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.numdiff import random_direction

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.checker.problem import Problem

    Array = NDArray[Any]

# Up to this many entries each is differentiated on its own; beyond, bisection.
_ONE_BY_ONE = 128


@dataclass(frozen=True)
class Entry:
    """One entry of a gradient that is wrong: |got − expected| exceeds `bound`."""

    index: tuple[int, ...]
    got: float
    expected: float
    bound: float

    @property
    def excess(self) -> float:
        """How many bounds the two are apart."""
        apart = abs(self.got - self.expected)
        return apart / self.bound if self.bound else np.inf


@dataclass(frozen=True)
class Located:
    """The wrong entries, worst first; `complete` when every entry was looked at."""

    entries: tuple[Entry, ...]
    complete: bool
    evaluations: int


def wrong_entries(problem: Problem, name: str, claimed: Array, rounding: Array) -> Located:
    """Find the entries of tensor `name` whose claimed gradient is wrong."""
    if claimed.size <= _ONE_BY_ONE:
        return _each(problem, name, claimed, rounding)
    return _bisect(problem, name, claimed, rounding)


def _each(problem: Problem, name: str, claimed: Array, rounding: Array) -> Located:
    wrong, spent = [], 0
    for index in np.ndindex(claimed.shape):
        entry, cost = _entry(problem, name, claimed, rounding, index)
        spent += cost
        if entry is not None:
            wrong.append(entry)
    wrong.sort(key=lambda entry: -abs(entry.got - entry.expected))
    return Located(tuple(wrong), True, spent)


def _entry(
    problem: Problem, name: str, claimed: Array, rounding: Array, index: tuple[int, ...]
) -> tuple[Entry | None, int]:
    """Differentiate one entry on its own; None when it is right or unresolved.

    An entry is wrong when two derivatives with different steps both say so, and
    agree with each other: a function that oscillates below the steps fools one.
    """
    x = np.abs(problem.values[name])
    step = float(x[index] or x.max() or 1.0)
    direction = np.zeros(claimed.shape)
    direction[index] = step
    spent, entries = 0, []
    for attempt in (1, 2):
        slope = problem.slope(name, direction, confirm=attempt)
        spent += slope.evaluations
        if not np.isfinite(slope.value):
            return None, spent
        got = float(problem.claimed_for(name, slope.seen, claimed)[index])
        entry = Entry(index, got, slope.value / step, slope.bound / step + float(rounding[index]))
        if abs(entry.got - entry.expected) <= entry.bound:
            return None, spent
        entries.append(entry)
    first, second = entries
    agree = abs(first.expected - second.expected) <= first.bound + second.bound
    return (first if agree else None), spent


def _bisect(problem: Problem, name: str, claimed: Array, rounding: Array) -> Located:
    """Follow the half that disagrees more, down to one entry."""
    rng = np.random.default_rng([problem.seed, 13])
    direction = random_direction(problem.values[name], rng).ravel()
    inside, spent = np.arange(claimed.size), 0
    while inside.size > 1:
        halves = np.array_split(inside, 2)
        excess = []
        for half in halves:
            masked = np.zeros(claimed.size)
            masked[half] = direction[half]
            along = masked.reshape(claimed.shape)
            slope = problem.slope(name, along, confirm=1)
            spent += slope.evaluations
            bound = slope.bound + float(np.linalg.norm(rounding * along))
            here = problem.claimed_for(name, slope.seen, claimed)
            excess.append(abs(float(np.sum(here * along)) - slope.value) / bound)
        inside = halves[int(np.argmax(excess))]
    index = tuple(int(i) for i in np.unravel_index(int(inside[0]), claimed.shape))
    entry, cost = _entry(problem, name, claimed, rounding, index)
    return Located(() if entry is None else (entry,), False, spent + cost)
