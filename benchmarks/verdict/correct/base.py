"""A correct pair, the register of families, and the points that several families share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
Rng = np.random.Generator
Values = Mapping[str, Array]
Forward = Callable[[Values], Any]
Backward = Callable[[Values, Any], dict[str, Any]]


@dataclass(frozen=True)
class Pair:
    """A forward, its analytic backward, and a point.

    Attributes
    ----------
    ideal
        What `forward` computes, written so that complex long double can follow it,
        and with the branch that `backward` takes wherever two meet; the forward
        itself where that already holds.
    terms
        For each tensor, the size of the largest term that the backward adds or
        subtracts for a cotangent of 1, where that is larger than the gradient:
        a(1 − a) has the rounding of a term of 1, whatever its value.
    """

    forward: Forward
    backward: Backward
    values: dict[str, Array]
    ideal: Forward | None = None
    terms: Mapping[str, float] = field(default_factory=dict)

    @property
    def truth(self) -> Forward:
        """The function that long double differentiates."""
        return self.forward if self.ideal is None else self.ideal


@dataclass(frozen=True)
class Place:
    """One family at one sort of point.

    `condition` is the row of the tables under which it counts.  `doubles` keeps the
    place from float32, where its own conditioning uses up all digits; `meeting` says
    that kinks of both signs meet in one output, so that
    its one-sided derivatives need not enclose a right gradient, `large` that there are 10⁵ entries,
    `entrywise` that the function is elementwise.
    """

    family: str
    condition: str
    make: Callable[[Rng], Pair]
    doubles: bool = False
    meeting: bool = False
    large: bool = False
    entrywise: bool = False

    @property
    def name(self) -> str:
        """Family and condition."""
        return f"{self.family}, {self.condition}"


PLACES: dict[str, Place] = {}


def add(family: str, condition: str, make: Callable[[Rng], Pair], **marks: bool) -> None:
    """Enter one family at one sort of point; a name may be used once."""
    place = Place(family, condition, make, **marks)
    if place.name in PLACES:
        msg = f"the population already has {place.name!r}"
        raise ValueError(msg)
    PLACES[place.name] = place


def shape(rng: Rng) -> tuple[int, ...]:
    """Draw a shape of one to three axes and at most 60 entries."""
    return tuple(int(n) for n in rng.integers(1, 5, int(rng.integers(1, 4))))


def ordinary(rng: Rng) -> Array:
    """Return standard normal entries."""
    return np.asarray(rng.standard_normal(shape(rng)))


def dyadic(rng: Rng, size: Any, *, bits: int = 3, most: int = 16) -> Array:
    """Return multiples of 2^-bits: their sums and products are exact in float32 too."""
    return np.asarray(rng.integers(-most, most + 1, size) * 2.0**-bits)


def some(rng: Rng, x: Array, replacement: Array | float) -> Array:
    """Put `replacement` in place of about a third of the entries, one at least."""
    chosen = rng.random(x.shape) < 0.33
    chosen.flat[rng.integers(x.size)] = True
    return np.where(chosen, replacement, x)


def at(*corners: float) -> Callable[[Rng], Array]:
    """Return points with entries exactly at a corner."""

    def point(rng: Rng) -> Array:
        x = ordinary(rng)
        return some(rng, x, rng.choice(corners, x.shape))

    return point


def near(*corners: float) -> Callable[[Rng], Array]:
    """Return points with entries 1e-12 to 1e-3 beside a corner."""

    def point(rng: Rng) -> Array:
        x = ordinary(rng)
        beside = rng.choice([-1.0, 1.0], x.shape) * 10.0 ** rng.uniform(-12, -3, x.shape)
        return some(rng, x, rng.choice(corners, x.shape) + beside)

    return point


def spread(low: float, high: float, *, signs: bool = False) -> Callable[[Rng], Array]:
    """Return sizes from 10^low to 10^high."""

    def point(rng: Rng) -> Array:
        size = 10.0 ** rng.uniform(low, high, shape(rng))
        return size * rng.choice([-1.0, 1.0], size.shape) if signs else size

    return point


def between(low: float, high: float) -> Callable[[Rng], Array]:
    """Return points uniform between two limits."""
    return lambda rng: np.asarray(rng.uniform(low, high, shape(rng)))


def saturated(rng: Rng) -> Array:
    """Return entries at ±20 to ±40, some of them exactly at ±40."""
    x = rng.uniform(20, 40, shape(rng)) * rng.choice([-1.0, 1.0])
    return some(rng, x, rng.choice([-40.0, 40.0], x.shape))


def empty(rng: Rng) -> Array:
    """Return no entries at all."""
    return np.zeros([(0,), (3, 0), (0, 2)][int(rng.integers(3))])


def one_example(rng: Rng) -> Array:
    """Return a batch of 1, or a single number."""
    return np.asarray(rng.standard_normal([(1,), (4, 1), (1, 1), ()][int(rng.integers(4))]))


def many(rng: Rng) -> Array:
    """Return 10⁵ entries, 30 or so of them within 1e-4 of 0."""
    return np.asarray(rng.standard_normal((100, 1000)))
