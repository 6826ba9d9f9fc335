"""Correct but hard pairs of forward and backward, on which false alarms are counted.

Written before the verdict that they measure.  A *draw* is one family at one sort of
point (`Place`), changed by one modifier (scales, offsets, casts); the weights and the
point are drawn.  A third of the families is held out: of their names in alphabetical
order every third one, the third first.  They are reported, and nothing is tuned on them.

Every backward is the derivative worked out by hand.  That it is right is established
without gradlab: 80-bit long double follows the ideal forward by the complex step (the
branch that the backward takes, where two meet), and the backward itself.
tests/checker/test_population.py holds each family to that.
"""

from __future__ import annotations

import importlib
import zlib
from dataclasses import dataclass

import numpy as np

from .base import PLACES, Pair, Place
from .modifiers import LARGE, MODIFIERS, SINGLE

__all__ = ["CELLS", "HELD_OUT", "MODIFIERS", "PLACES", "Cell", "Pair", "Place", "draw"]

for _module in ("elementwise", "losses", "layers", "windows", "sequences"):
    importlib.import_module(f"{__name__}.{_module}")

#: Every third family, by name.
HELD_OUT = frozenset(sorted({place.family for place in PLACES.values()})[2::3])


@dataclass(frozen=True)
class Cell:
    """One family at one sort of point under one modifier: what is drawn evenly."""

    place: Place
    modifier: str

    @property
    def name(self) -> str:
        """Place and modifier."""
        return f"{self.place.name}, {self.modifier}"

    @property
    def held_out(self) -> bool:
        """Whether nothing may be tuned on it."""
        return self.place.family in HELD_OUT

    @property
    def arithmetic(self) -> str:
        """In what the code computes: "float64", "float32 inside" (of float64) or "float32"."""
        if self.modifier == "float32 inside":
            return self.modifier
        return "float32" if self.modifier in SINGLE else "float64"

    @property
    def unit(self) -> float:
        """The relative rounding of the arithmetic in which the code computes."""
        return 2.0**-24 if self.modifier in SINGLE else 2.0**-53


def _cells() -> dict[str, Cell]:
    cells = [
        Cell(place, modifier)
        for place in PLACES.values()
        for modifier in MODIFIERS
        if not (place.large and modifier not in LARGE)
        and not (place.doubles and modifier in SINGLE)
    ]
    return {cell.name: cell for cell in cells}


CELLS = _cells()


def draw(cell: Cell, number: int, seed: int) -> Pair:
    """Return draw `number` of a cell."""
    rng = np.random.default_rng([seed, zlib.crc32(cell.name.encode()), number])
    return MODIFIERS[cell.modifier](cell.place.make(rng), rng)
