"""Compare claimed gradients with numerical ones, and locate the entries that are wrong.

`compare_gradients` checks the first order, `check_hessian_symmetry` the second.  Both
take a `Problem` and return a `Verdict` for each tensor.  The room knows arrays and
callables only: no convention, and no reference implementation.
"""

from gradlab.checker.causes import Cause, CauseKind, recognise_cause
from gradlab.checker.compare import compare_gradients
from gradlab.checker.hessian_symmetry import check_hessian_symmetry
from gradlab.checker.problem import Problem
from gradlab.checker.verdict import JOINT_DETECTION_FACTOR, Verdict

__all__ = [
    "JOINT_DETECTION_FACTOR",
    "Cause",
    "CauseKind",
    "Problem",
    "Verdict",
    "check_hessian_symmetry",
    "compare_gradients",
    "recognise_cause",
]
