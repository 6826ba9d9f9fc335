"""Compare a claimed gradient with the numerical one, locate what is wrong, reach a verdict."""

from gradlab.checker.problem import Problem
from gradlab.checker.verdict import Verdict, judge

__all__ = ["Problem", "Verdict", "judge"]
