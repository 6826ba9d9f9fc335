"""The derivative of any callable, with a bound on its own error.

Nothing here takes a step, a tolerance or an eps: steps are chosen, noise is
measured, and the bound says what is known.
"""

from gradlab.numdiff.complexstep import Analytic, analytic
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
from gradlab.numdiff.tracer import is_traced

__all__ = [
    "Analytic",
    "Structure",
    "analytic",
    "derivative",
    "dot",
    "elementwise_jacobian",
    "explain",
    "gradient",
    "is_traced",
    "jacobian",
    "per_example_jacobian",
    "probe_structure",
    "random_direction",
]
