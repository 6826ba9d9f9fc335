"""The inputs around a point that a rounding error could have produced."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.roundoff.ulp import perturb_by_ulp, relative_step, ulp_or_least

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from numpy.typing import NDArray

    from gradlab.roundoff.margins import Margin

    Array = NDArray[Any]
    Values = Mapping[str, Array]


@dataclass(frozen=True)
class Neighbourhood:
    """The inputs around a point at which a usage evaluates again.

    Attributes
    ----------
    point
        All inputs, by name.
    margin
        How many draws, and which steps.
    moving
        The names of the inputs that are perturbed; None for all that are floating.
    limits
        For an input with a range, its ends: an entry that would leave it stays.
    precision
        The format whose last place is moved; that of each input by default.
    """

    point: Values
    margin: Margin
    moving: Collection[str] | None = None
    limits: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    precision: str | None = None

    def ulp_moves(self, rng: np.random.Generator) -> Iterator[dict[str, Array]]:
        """Yield the point with every moving entry at a neighbouring number, `draws` times."""
        for _ in range(self.margin.draws):
            moves = {
                name: perturb_by_ulp(value, rng, ulps=self.margin.ulps, precision=self.precision)
                for name, value in self._moving()
            }
            yield self._moved_to(moves)

    def ulp_moves_to_one_side(self, rng: np.random.Generator) -> Iterator[dict[str, Array]]:
        """Yield the point with every moving entry 1, 2, … `draws` ulps away, always to one side.

        No two of these points lie on different sides of the point itself, so that a
        branch taken there, or on one side only, does not show among them.
        """
        steps = {
            name: ulp_or_least(value) * rng.choice([-1.0, 1.0], value.shape)
            for name, value in self._moving()
        }
        for ulps in range(1, self.margin.draws + 1):
            yield self._moved_to(
                {
                    name: np.asarray(value + ulps * steps[name]).astype(value.dtype)
                    for name, value in self._moving()
                }
            )

    def step_pairs(
        self, rng: np.random.Generator
    ) -> Iterator[tuple[dict[str, Array], dict[str, Array]]]:
        """Yield the two points of each relative step: ahead of the point, and behind it."""
        for step in self.margin.steps:
            by = {name: relative_step(value, step, rng) for name, value in self._moving()}
            ahead = {name: value + by[name] for name, value in self._moving()}
            behind = {name: value - by[name] for name, value in self._moving()}
            yield self._moved_to(ahead), self._moved_to(behind)

    def _moving(self) -> list[tuple[str, Array]]:
        return [
            (name, value)
            for name, value in self.point.items()
            if value.dtype.kind == "f" and (self.moving is None or name in self.moving)
        ]

    def _moved_to(self, moves: Mapping[str, Array]) -> dict[str, Array]:
        return {
            name: self._kept(name, moves[name], value) if name in moves else value
            for name, value in self.point.items()
        }

    def _kept(self, name: str, moved: Array, value: Array) -> Array:
        if name not in self.limits:
            return moved
        low, high = self.limits[name]
        return np.asarray(np.where((moved >= low) & (moved <= high), moved, value))
