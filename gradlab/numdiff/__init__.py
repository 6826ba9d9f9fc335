"""The derivative of any callable, with a bound on its own error.

Nothing here takes a step, a tolerance or an eps: steps are chosen, noise is
measured, and the bound says what is known.
"""

from gradlab.numdiff.directions import random_direction
from gradlab.numdiff.estimate import derivative
from gradlab.numdiff.jacobians import dot, gradient, jacobian
from gradlab.numdiff.picture import explain
from gradlab.numdiff.structure import (
    Structure,
    elementwise_jacobian,
    per_example_jacobian,
    probe_structure,
)

__all__ = [
    "Structure",
    "derivative",
    "dot",
    "elementwise_jacobian",
    "explain",
    "gradient",
    "jacobian",
    "per_example_jacobian",
    "probe_structure",
    "random_direction",
]
