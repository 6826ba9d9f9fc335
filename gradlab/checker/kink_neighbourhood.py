"""The gradients around a kink: which values are possible at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.errors import GradlabError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gradlab.checker.problem import Problem

    Array = NDArray[Any]

# So many points around the kink, and so many ways from one to another, each halved so often.
_POINTS, _WAYS, _HALVINGS = 16, 8, 12
# Gradients around the kink differ by curvature over the distance too.
_DISTANCE, _SMOOTH = 2.0**-20, 2.0**-14


@dataclass(frozen=True)
class KinkNeighbourhood:
    """One output's gradients at points all around a kink, and the ways there.

    `gradients` and `ways` have one row for each point, flat.
    """

    gradients: Array
    displacements: Array
    shape: tuple[int, ...]

    @staticmethod
    def of(problem: Problem, name: str, cotangent: Array) -> KinkNeighbourhood | None:
        """Ask the backward, which was found right beside the kink, at points around it.

        Points drawn at random may all lie where two units that nearly oppose each
        other flip together; on the way from one side to the other they do not.
        """
        rng = np.random.default_rng([problem.seed, 33])
        x = problem.values[name]

        def gradient(way: Array) -> Array:
            values = {**problem.values, name: x + way}
            return np.asarray(
                problem.claimed_gradients(values, cotangent)[name], dtype=float
            ).ravel()

        ways = [problem.perturb(name, _DISTANCE, rng) - x for _ in range(_POINTS)]
        try:
            gradients = [gradient(way) for way in ways]
            slack = _SMOOTH * float(np.max(np.abs(gradients), initial=0.0))
            for _ in range(_WAYS):
                ends = [int(i) for i in rng.choice(_POINTS, 2, replace=False)]
                between = _between(
                    [ways[i] for i in ends], [gradients[i] for i in ends], gradient, slack
                )
                ways += [way for way, _ in between]
                gradients += [found for _, found in between]
        except GradlabError:
            return None
        return KinkNeighbourhood(
            np.array(gradients), np.array([way.ravel() for way in ways]), x.shape
        )

    @property
    def slack(self) -> float:
        """How far curvature alone moves an entry of the gradient from point to point."""
        return float(_SMOOTH * np.max(np.abs(self.gradients), initial=0.0))

    @property
    def convex_or_concave(self) -> bool:
        """Whether the output is convex, or concave, around the kink.

        Then its values there are those between its one-sided derivatives, in every
        direction.  Several kinks of both signs in one output are neither: along
        some way the gradient of another point gives more, along some other less.
        """
        along = self.displacements @ self.gradients.T
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
    def tie_sums(self) -> Array:
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


def _between(
    ways: list[Array], gradients: list[Array], gradient: Callable[[Array], Array], slack: float
) -> list[tuple[Array, Array]]:
    """Return a point on the way between two whose gradient is neither's, if there is one."""
    (here, there), (first, last) = ways, gradients
    if np.all(np.abs(first - last) <= slack):
        return []
    for _ in range(_HALVINGS):
        middle = (here + there) / 2
        found = gradient(middle)
        if np.all(np.abs(found - first) <= slack):
            here = middle
        elif np.all(np.abs(found - last) <= slack):
            there = middle
        else:
            return [(middle, found)]
    return []
