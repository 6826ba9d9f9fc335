"""Numerical differentiation of any callable, with a bound on the error.

No function takes a step or a tolerance: steps are chosen, the noise of the
function is measured, and the bound follows from both.
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
