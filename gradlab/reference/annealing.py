"""Schedules that anneal the learning rate.

Source: the article's section 'Learning Rate', which describes the idea (start
high, reduce gradually) and gives no formula; these are the usual ones.

A schedule maps the number of updates already taken (0 for the first) to the
learning rate of the next.
"""

from __future__ import annotations

import math
from collections.abc import Callable

Schedule = Callable[[int], float]


def constant(rate: float) -> Schedule:
    """Return the schedule that never changes: `rate`."""
    return lambda _t: rate


def step_annealing(rate: float, factor: float, every: int) -> Schedule:
    """Return the schedule that multiplies by `factor` after each `every` updates.

    Examples
    --------
    >>> schedule = step_annealing(1.0, factor=0.5, every=2)
    >>> [schedule(t) for t in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """
    if every < 1:
        msg = f"`every` counts updates and must be at least 1; got {every}"
        raise ValueError(msg)
    return lambda t: rate * factor ** (t // every)


def exponential_annealing(rate: float, decay: float) -> Schedule:
    """Return the schedule rate·exp(-decay·t)."""
    return lambda t: rate * math.exp(-decay * t)


def inverse_annealing(rate: float, decay: float) -> Schedule:
    """Return the schedule rate/(1 + decay·t)."""
    return lambda t: rate / (1 + decay * t)


def cosine_annealing(rate: float, updates: int, final: float = 0.0) -> Schedule:
    """Return the schedule that falls from `rate` to `final` along half a cosine, then stays.

    Examples
    --------
    >>> schedule = cosine_annealing(1.0, updates=2)
    >>> [round(schedule(t), 3) for t in range(4)]
    [1.0, 0.5, 0.0, 0.0]
    """
    if updates < 1:
        msg = f"`updates` must be at least 1; got {updates}"
        raise ValueError(msg)
    return lambda t: (
        final + (rate - final) * (1 + math.cos(math.pi * min(t, updates) / updates)) / 2
    )
