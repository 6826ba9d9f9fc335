"""The population: functions x points x directions on which the estimator is measured.

Written before the estimator.  A third of the families is held out: they are
reported, and nothing is tuned on them.  A *draw* is one function, one point and
one direction; the function's weights, where it has any, are drawn with it.
"""

from __future__ import annotations

import importlib
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .ideal import one_sided

if TYPE_CHECKING:
    from collections.abc import Callable

Array = np.ndarray[Any, np.dtype[Any]]
DIRECTIONS = ("signs", "relative", "gaussian")


@dataclass(frozen=True)
class Case:
    """Code under test, the ideal function that it computes, and a point."""

    code: Callable[[Array], Any]
    ideal: Callable[[Any, Any], Any]
    x: Array


@dataclass(frozen=True)
class Family:
    """One row of the population.

    `expect` is what a perfect estimator can report: ``"value"``, ``"kink"``
    (the point is exactly on one, or too near to tell) or ``"status"`` (no
    derivative exists or none can be seen: a status is the right answer).
    """

    name: str
    kind: str
    make: Callable[[np.random.Generator], Case]
    held_out: bool = False
    expect: str = "value"


@dataclass(frozen=True)
class Draw:
    """One draw, whose true derivative is computed on request."""

    family: Family
    case: Case
    v: Array
    rng: np.random.Generator

    def truth(self) -> tuple[Any, Any]:
        """Return the left and right derivative, one mpmath number for each output."""
        return one_sided(self.case.ideal, self.case.x, self.v)


FAMILIES: dict[str, Family] = {}


def add(family: Family) -> None:
    """Enter one family; a name may be used once."""
    if family.name in FAMILIES:
        msg = f"the population already has a family called {family.name!r}"
        raise ValueError(msg)
    FAMILIES[family.name] = family


def direction(x: Array, way: str, rng: np.random.Generator) -> Array:
    """Draw a direction: signs with a floor on the scale, purely relative signs, or Gaussian."""
    if way == "gaussian":
        return np.asarray(rng.standard_normal(x.shape) * (np.max(np.abs(x), initial=0.0) or 1.0))
    largest = np.max(np.abs(x), initial=0.0)
    floor = largest * (2.0**-6 if way == "signs" else 2.0**-60) or 1.0
    scale = 2.0 ** np.floor(np.log2(np.maximum(np.abs(x), floor)))
    signs = rng.choice([-1.0, 1.0], x.shape)
    return np.asarray(signs * (1 + rng.random(x.shape)) * scale)


def draw(family: Family, number: int, seed: int) -> Draw:
    """Return draw `number` of `family`; the kinds of direction take turns."""
    rng = np.random.default_rng([seed, zlib.crc32(family.name.encode()), number])
    case = family.make(rng)
    v = direction(case.x, DIRECTIONS[number % len(DIRECTIONS)], rng)
    return Draw(family, case, v, rng)


for _module in ("smooth", "layers", "kinked", "hard", "precision", "hostile"):
    importlib.import_module(f"{__name__}.{_module}")
