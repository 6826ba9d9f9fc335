"""The derivative of any callable, with a bound on its own error.

Nothing here takes a step, a tolerance or an eps: steps are chosen, noise is
measured, and the bound says what is known.
"""

from gradlab.numdiff.analyticity import is_traced
from gradlab.numdiff.complex_step import Analytic, analytic
from gradlab.numdiff.derivative import derivative, random_direction
from gradlab.numdiff.error_curve import error_curve
from gradlab.numdiff.jacobians import dot, gradient, jacobian

__all__ = [
    "Analytic",
    "analytic",
    "derivative",
    "dot",
    "error_curve",
    "gradient",
    "is_traced",
    "jacobian",
    "random_direction",
]
