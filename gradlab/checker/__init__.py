"""Compare claimed gradients with numerical ones, locate what is wrong, reach a verdict."""

from gradlab.checker.compare import compare_gradients
from gradlab.checker.hessian_symmetry import check_hessian_symmetry
from gradlab.checker.problem import Problem
from gradlab.checker.verdict import JOINT_DETECTION_FACTOR, Verdict

__all__ = [
    "JOINT_DETECTION_FACTOR",
    "Problem",
    "Verdict",
    "check_hessian_symmetry",
    "compare_gradients",
]
