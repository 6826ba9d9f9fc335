"""The derivative of any callable, with a bound on its own error.

Nothing here takes a step, a tolerance or an eps: steps are chosen, noise is
measured, and the bound says what is known.
"""

from gradlab.numdiff.analyticity import is_traced
from gradlab.numdiff.complex_step import Analytic, analytic
from gradlab.numdiff.derivative import derivative, random_direction
from gradlab.numdiff.error_curve import error_curve
from gradlab.numdiff.jacobians import dot, gradient, jacobian
from gradlab.numdiff.sparsity import (
    Structure,
    elementwise_jacobian,
    per_example_jacobian,
    probe_structure,
)

__all__ = [
    "Analytic",
    "Structure",
    "analytic",
    "derivative",
    "dot",
    "elementwise_jacobian",
    "error_curve",
    "gradient",
    "is_traced",
    "jacobian",
    "per_example_jacobian",
    "probe_structure",
    "random_direction",
]
