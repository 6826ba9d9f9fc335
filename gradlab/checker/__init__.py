"""Compare claimed gradients with numerical ones, locate what is wrong, reach a verdict."""

from gradlab.checker.judge import judge
from gradlab.checker.problem import Problem
from gradlab.checker.second import symmetry
from gradlab.checker.verdict import TOGETHER, Verdict

__all__ = ["TOGETHER", "Problem", "Verdict", "judge", "symmetry"]
