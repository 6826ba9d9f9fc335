"""Rounding errors, measured: perturb the inputs, observe the spread of the results, bound.

A tolerance that somebody chose is either too tight for code that cancels or too loose
for code that does not.  Here the code is evaluated again at inputs that a rounding
error could have produced, and what the results change by is rounding.  Two kinds of
perturbation show two kinds of rounding:

* Moves to a neighbouring floating-point number show how the code amplifies errors of
  that size (its condition).
* Moves by a relative step of 2⁻⁴⁴ to 2⁻¹⁴ show rounding that does not depend on the
  last places of the inputs: a large number added and subtracted again, single
  precision inside, the output of a saturated unit, which stays one and the same float
  over many neighbouring inputs.  So long a step changes a smooth function as well.
  What is observed is therefore a second difference, or the difference of two
  computations of one function, to which the function itself contributes next to nothing.

The largest of a few draws falls short of the largest possible error.  Each usage has an
entry in `MARGINS` for how many draws it takes, which steps, by what factor it widens
what was seen, and how much of a result's own size is rounding in any case.

References
----------
N. J. Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd ed., SIAM 2002,
§2.2 (unit roundoff) and §4.2 (sums).
D. S. Parker, *Monte Carlo Arithmetic*, UCLA CSD-970002, 1997 (random perturbation).
"""

from gradlab.roundoff.margins import MARGINS, Margin
from gradlab.roundoff.mismatch import Mismatch, distance, distinct, mismatch, worst_mismatch
from gradlab.roundoff.neighbourhood import Neighbourhood
from gradlab.roundoff.spread import change, spread_beside, spread_between, spread_of
from gradlab.roundoff.ulp import (
    gradient_scale,
    largest,
    machine_epsilon,
    perturb_by_ulp,
    relative_step,
    unit_roundoff,
)

__all__ = [
    "MARGINS",
    "Margin",
    "Mismatch",
    "Neighbourhood",
    "change",
    "distance",
    "distinct",
    "gradient_scale",
    "largest",
    "machine_epsilon",
    "mismatch",
    "perturb_by_ulp",
    "relative_step",
    "spread_beside",
    "spread_between",
    "spread_of",
    "unit_roundoff",
    "worst_mismatch",
]
