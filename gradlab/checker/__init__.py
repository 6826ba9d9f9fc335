"""Compare claimed gradients with numerical ones, locate what is wrong, reach a verdict."""

from gradlab.checker.compare import judge
from gradlab.checker.hessian_symmetry import symmetry
from gradlab.checker.problem import Problem
from gradlab.checker.verdict import TOGETHER, Verdict

__all__ = ["TOGETHER", "Problem", "Verdict", "judge", "symmetry"]
