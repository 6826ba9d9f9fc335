"""Claimed gradients around a kink, from which the subgradients at the kink follow.

`KinkNeighbourhood` samples one output's gradient at points around the kink.
`single_kink_test` handles several units whose kinks meet in one output, where no
direction separates them: with all other entries of the tensor perturbed off their
kinks, the output is a function of one entry with one kink, and the gradient there
has to lie between its values on either side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.checker.search import ComparedEntry, unravel
from gradlab.checker.verdict import Verdict
from gradlab.errors import GradlabError
from gradlab.records import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gradlab.checker.problem import Problem

    Array = NDArray[Any]

# Points around the kink, pairs of them whose connecting segment is bisected, and how often.
_POINTS, _PAIRS, _HALVINGS = 16, 8, 12
# The distance of the points relative to the tensor's largest entry, and how far curvature
# changes a gradient over that distance, relative to the largest gradient.
_DISTANCE, _SMOOTH = 2.0**-20, 2.0**-14
# Up to this many entries get a single-kink test, drawn at random if more are at a kink.
_MOST_ENTRIES = 24
# The displacement of the entry under test, relative to that of the others: far less, so that
# it crosses none of their kinks.
_OWN = 2.0**-8


@dataclass(frozen=True)
class KinkNeighbourhood:
    """The gradient of one output at points around a kink.

    Attributes
    ----------
    gradients
        Of shape (points, size): the claimed gradient at each point, flattened.
    displacements
        Of shape (points, size): each point less the kink, flattened.
    shape
        The tensor's shape.
    """

    gradients: Array
    displacements: Array
    shape: tuple[int, ...]

    @staticmethod
    def sample(problem: Problem, name: str, cotangent: Array) -> KinkNeighbourhood | None:
        """Evaluate the claimed gradient at random points around the kink, and between them.

        Random points may all lie where two units that nearly oppose each other
        change sides together; some point between two of them does not.

        Parameters
        ----------
        problem
            A problem whose claimed gradient is correct off the kink.
        name
            The tensor.
        cotangent
            The upstream gradient, of shape (n,), with one output alone.

        Returns
        -------
        KinkNeighbourhood or None
            None if the code refuses one of the points.
        """
        rng = np.random.default_rng([problem.seed, 33])
        x = problem.values[name]

        def gradient(displacement: Array) -> Array:
            values = {**problem.values, name: x + displacement}
            found = problem.claimed_gradients(values, cotangent)
            return np.asarray(found[name], dtype=float).ravel()

        displacements = [problem.perturb(name, _DISTANCE, rng) - x for _ in range(_POINTS)]
        try:
            gradients = [gradient(displacement) for displacement in displacements]
            slack = _SMOOTH * float(np.max(np.abs(gradients), initial=0.0))
            for _ in range(_PAIRS):
                ends = [int(i) for i in rng.choice(_POINTS, 2, replace=False)]
                between = _between(
                    [displacements[i] for i in ends],
                    [gradients[i] for i in ends],
                    gradient,
                    slack,
                )
                displacements += [displacement for displacement, _ in between]
                gradients += [found for _, found in between]
        except GradlabError:
            return None
        flat = np.array([displacement.ravel() for displacement in displacements])
        return KinkNeighbourhood(np.array(gradients), flat, x.shape)

    @property
    def slack(self) -> float:
        """How far curvature alone changes an entry of the gradient from point to point."""
        return float(_SMOOTH * np.max(np.abs(self.gradients), initial=0.0))

    @property
    def convex_or_concave(self) -> bool:
        """Whether the output varies at the kink, and is convex or concave around it.

        Then its subgradients are the values between its one-sided derivatives in
        every direction.  An output with kinks of both signs is neither: along some
        displacement the gradient of another point gives more, along another less.
        """
        along = self.displacements @ self.gradients.T
        own = np.diag(along)[:, None]
        slack = _SMOOTH * np.max(np.abs(along), initial=0.0)
        varies = np.ptp(self.gradients, axis=0).max(initial=0.0) > self.slack
        convex, concave = bool(np.all(along <= own + slack)), bool(np.all(along >= own - slack))
        return bool(varies) and (convex or concave)

    @property
    def varying(self) -> Array:
        """Boolean, of the tensor's shape: entries whose gradient differs from point to point."""
        return np.reshape(np.ptp(self.gradients, axis=0) > self.slack, self.shape)

    @property
    def tie_sums(self) -> Array:
        """The sum of the varying entries' gradients at each point, of shape (points,)."""
        return np.asarray(self.gradients[:, self.varying.ravel()].sum(axis=1))

    def interval(self, index: tuple[int, ...]) -> tuple[float, float]:
        """Return the smallest and the largest gradient of one entry around the kink."""
        flat = int(np.ravel_multi_index(index, self.shape)) if index else 0
        column = self.gradients[:, flat]
        return float(column.min()), float(column.max())

    def violation(self, claim: Array, output: int) -> tuple[tuple[int, ...], str]:
        """Return the entry that is most outside its interval, or else the first tied entry.

        Parameters
        ----------
        claim
            The claimed gradient at the kink, of the tensor's shape.
        output
            Number of the output, for the message.

        Returns
        -------
        tuple of index and str
            The entry, and a sentence that states the violation.
        """
        low, high = self.gradients.min(axis=0), self.gradients.max(axis=0)
        beyond = np.maximum(low - claim.ravel(), claim.ravel() - high)
        worst = int(np.argmax(beyond))
        if beyond[worst] > self.slack:
            message = (
                f"output {output} is at a kink, where the derivative by this entry is "
                f"{low[worst]:.6g} on one side and {high[worst]:.6g} on the other: the gradient "
                "has to lie between the two"
            )
            return unravel(worst, self.shape), message
        varying = np.flatnonzero(self.varying)
        places = [unravel(int(flat), self.shape) for flat in varying[:4]]
        listed = ", ".join(str(list(place)) for place in places)
        message = (
            f"output {output} is at a tie of {varying.size} entries "
            f"({listed}{', …' if varying.size > 4 else ''}): their gradients may share what one "
            "of them gets, but their sum is another"
        )
        return places[0], message


def _between(
    ends: list[Array], gradients: list[Array], gradient: Callable[[Array], Array], slack: float
) -> list[tuple[Array, Array]]:
    """Return a point between two whose gradient is that of neither, if bisection finds one."""
    (here, there), (first, last) = ends, gradients
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


def single_kink_test(problem: Problem, name: str) -> Verdict | None:
    """Return a failure for an entry whose gradient is not a subgradient, else None.

    The other entries are perturbed off their kinks; a violation has to show at two
    such perturbations.

    Parameters
    ----------
    problem
        A problem whose claimed gradient is correct off the kink, so that its values
        on either side bound the subgradients.
    name
        The tensor.

    Returns
    -------
    Verdict or None
        None also if the code refuses a perturbed point.
    """
    rng = np.random.default_rng([problem.seed, 34])
    try:
        for index in _discontinuous(problem, name, rng):
            first = _outside_sides(problem, name, index, rng)
            if first is not None and _outside_sides(problem, name, index, rng) is not None:
                pattern = (
                    "this entry is at a kink, and its gradient does not lie between those on "
                    "the two sides, with all other entries perturbed off their kinks"
                )
                return Verdict(Status.FAIL, entries=(first,), complete=False, pattern=pattern)
    except GradlabError:
        return None
    return None


def _discontinuous(problem: Problem, name: str, rng: np.random.Generator) -> list[tuple[int, ...]]:
    """Return entries whose gradient differs between two opposite displacements."""
    x = problem.values[name]
    displacement = problem.perturb(name, _DISTANCE, rng) - x
    one, other = (_gradient(problem, name, x + sign * displacement) for sign in (1.0, -1.0))
    slack = _SMOOTH * max(float(np.max(np.abs(g), initial=0.0)) for g in (one, other))
    flat = np.flatnonzero(np.abs(one - other) > slack)
    if flat.size > _MOST_ENTRIES:
        flat = np.sort(rng.choice(flat, _MOST_ENTRIES, replace=False))
    return [unravel(int(i), x.shape) for i in flat]


def _outside_sides(
    problem: Problem, name: str, index: tuple[int, ...], rng: np.random.Generator
) -> ComparedEntry | None:
    """Return the entry if it has a kink with the others off theirs, and is no subgradient."""
    x = problem.values[name]
    point = problem.perturb(name, _DISTANCE, rng)
    step = _OWN * (point[index] - x[index])
    values = []
    for along in (0.0, step, -step, step / 4, -step / 4):
        point[index] = x[index] + along
        values.append(float(_gradient(problem, name, point)[index]))
    got, *sides, nearer_right, nearer_left = values
    low, high = min(sides), max(sides)
    slack = _SMOOTH * max(abs(low), abs(high))
    # Next to a pole the gradient differs from side to side too, but also from step to step.
    level = abs(sides[0] - nearer_right) <= slack and abs(sides[1] - nearer_left) <= slack
    expected = float(np.clip(got, low, high))
    if not level or high - low <= slack or not abs(got - expected) > slack:
        return None
    return ComparedEntry(index, got, expected, slack)


def _gradient(problem: Problem, name: str, moved: Array) -> Array:
    values = {**problem.values, name: moved}
    return np.asarray(problem.claimed_gradients(values)[name], dtype=float)
