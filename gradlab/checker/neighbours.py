"""The gradients around a kink: which values are possible at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.records import GradlabError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.checker.problem import Problem

    Array = NDArray[Any]

# So many points around the kink; a unit among n others shows in all but 2^-15 of draws.
_POINTS = 16
# Gradients around the kink differ by curvature over the distance too.
_DISTANCE, _SMOOTH = 2.0**-20, 2.0**-14


@dataclass(frozen=True)
class Neighbours:
    """One output's gradients at points all around a kink, and the ways there.

    `gradients` and `ways` have one row for each point, flat.
    """

    gradients: Array
    ways: Array
    shape: tuple[int, ...]

    @staticmethod
    def of(problem: Problem, name: str, cotangent: Array) -> Neighbours | None:
        """Ask the backward, which was found right beside the kink, at points around it."""
        rng = np.random.default_rng([problem.seed, 33])
        gradients, ways = [], []
        x = problem.values[name]
        for _ in range(_POINTS):
            moved = problem.nudged(name, _DISTANCE, rng)
            try:
                claim = problem.claims(moved, cotangent)[name]
            except GradlabError:
                return None
            gradients.append(np.asarray(claim, dtype=float).ravel())
            ways.append((moved[name] - x).ravel())
        return Neighbours(np.array(gradients), np.array(ways), x.shape)

    @property
    def slack(self) -> float:
        """How far curvature alone moves an entry of the gradient from point to point."""
        return float(_SMOOTH * np.max(np.abs(self.gradients), initial=0.0))

    @property
    def simple(self) -> bool:
        """Whether the output is convex, or concave, around the kink.

        Then its values there are those between its one-sided derivatives, in every
        direction.  Several kinks of both signs in one output are neither: along
        some way the gradient of another point gives more, along some other less.
        """
        along = self.ways @ self.gradients.T
        own = np.diag(along)[:, None]
        slack = _SMOOTH * np.max(np.abs(along), initial=0.0)
        varies = np.ptp(self.gradients, axis=0).max(initial=0.0) > self.slack
        convex, concave = bool(np.all(along <= own + slack)), bool(np.all(along >= own - slack))
        return bool(varies) and (convex or concave)

    @property
    def varying(self) -> Array:
        """The entries whose gradient depends on the side from which the kink is reached."""
        return np.reshape(np.ptp(self.gradients, axis=0) > self.slack, self.shape)

    @property
    def sums(self) -> Array:
        """The sum of the varying entries' gradients, at each point."""
        return np.asarray(self.gradients[:, self.varying.ravel()].sum(axis=1))

    def interval(self, index: tuple[int, ...]) -> tuple[float, float]:
        """Return the least and the largest gradient of one entry around the kink."""
        flat = int(np.ravel_multi_index(index, self.shape)) if index else 0
        column = self.gradients[:, flat]
        return float(column.min()), float(column.max())

    def outside(self, claim: Array, output: int) -> tuple[tuple[int, ...], str]:
        """Return the entry that is no value between its sides, or else the first of those tied."""
        low, high = self.gradients.min(axis=0), self.gradients.max(axis=0)
        beyond = np.maximum(low - claim.ravel(), claim.ravel() - high)
        worst = int(np.argmax(beyond))
        varying = np.flatnonzero(self.varying)
        if beyond[worst] > self.slack:
            index = tuple(int(i) for i in np.unravel_index(worst, self.shape))
            said = (
                f"output {output} is at a kink, where the derivative by this entry is "
                f"{low[worst]:.6g} on one side and {high[worst]:.6g} on the other: the gradient "
                "may lie between the two, and does not"
            )
            return index, said
        places = [[int(i) for i in np.unravel_index(flat, self.shape)] for flat in varying[:4]]
        said = (
            f"output {output} is at a tie of {varying.size} entries "
            f"({', '.join(map(str, places))}{', …' if varying.size > 4 else ''}): "
            "their gradients may share what one of them gets, and add up to another sum"
        )
        return tuple(places[0]), said
