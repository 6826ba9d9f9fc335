"""The margins of every usage, each with its reason: draws, steps, factor and floor."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Array = NDArray[Any]


@dataclass(frozen=True)
class Margin:
    """How one usage turns observed changes into a bound.

    Attributes
    ----------
    reason
        Why these numbers.
    draws
        Evaluations at random neighbouring inputs.
    steps
        Relative steps at which to evaluate as well, one evaluation (or one pair) each.
    factor
        The bound is this many times the largest change that was observed.
    floor
        Rounding in any case, in unit roundoffs of a result's own size.
    floor_per_term
        The same for each term of the longest sum that may be inside.
    ulps
        The largest move of one draw, in units in the last place.
    """

    reason: str
    draws: int
    steps: tuple[float, ...] = ()
    factor: float = 8.0
    floor: float = 0.0
    floor_per_term: float = 0.0
    ulps: int = 1

    def bound(
        self, spread: Array | float, size: Array | float, unit: float, terms: int = 0
    ) -> Array:
        """Return the bound: `factor` · `spread`, and the floor of results as large as `size`.

        Parameters
        ----------
        spread
            The largest changes that were observed.
        size
            How large the results are, before anything cancels.
        unit
            The unit roundoff of their format.
        terms
            The number of terms of the longest sum that may be inside.
        """
        floor = (self.floor + self.floor_per_term * terms) * unit
        return np.asarray(self.factor * np.asarray(spread) + floor * np.asarray(size))


#: The margin of each usage, with its reason.
MARGINS: Mapping[str, Margin] = MappingProxyType(
    {
        "gradient claim": Margin(
            "five points beside the point, the point itself not among them, and a factor of 8 for "
            "what so few do not reach; no steps, since extended precision is the second "
            "measurement",
            draws=5,
            floor=4,
        ),
        "result": Margin(
            "one function alone: second differences over steps that show rounding in double "
            "precision (2⁻³⁶) and in single precision (2⁻²⁸, 2⁻²⁰)",
            draws=2,
            steps=(2.0**-36, 2.0**-28, 2.0**-20, 2.0**-20),
            floor=8,
        ),
        "equivalence": Margin(
            "two orders of one sum of n terms differ by at most 2·(n − 1)·u·Σ|terms| (Higham, "
            "§4.2); an output that is one float over many inputs shows its rounding over 8 ulps "
            "or a step only",
            draws=3,
            steps=(2.0**-44, 2.0**-36, 2.0**-28, 2.0**-20),
            floor=16,
            floor_per_term=2,
            ulps=8,
        ),
        "reference": Margin(
            "a saturated tanh keeps one float over many ulps of its input, so steps up to 2⁻¹⁴ "
            "show what single ulps do not; the reference adds up in a similar order, so that the "
            "floor need not grow with the number of terms",
            draws=2,
            steps=(2.0**-44, 2.0**-36, 2.0**-28, 2.0**-20, 2.0**-14),
            floor=8,
        ),
        "network": Margin(
            "parameters of generic size, where nothing saturates: four draws of single ulps reach "
            "most of the spread, and both sides round once each",
            draws=4,
            floor=4,
        ),
        "squared norm": Margin(
            "one number, a sum of squares over all parameters of a network: the floor covers the "
            "sums of the networks that are checked, and three draws the condition",
            draws=3,
            floor=64,
        ),
        "baseline": Margin(
            "2λ with λ = 4 of the probabilistic bound λ·√n·u·Σ|terms| on each of two orders of a "
            "sum (Higham and Mary, SIAM J. Sci. Comput. 41, 2019); the caller multiplies by √n. "
            "Eight draws, since the spread is recorded once and compared with for years",
            draws=8,
        ),
    }
)
