"""Which lines and conditions of the code under test a check has exercised."""

from gradlab.coverage.explore import Exploration, explore
from gradlab.coverage.observe import Scope, observe, scope_of
from gradlab.coverage.records import Condition, Line, Observation, coverage_of

__all__ = [
    "Condition",
    "Exploration",
    "Line",
    "Observation",
    "Scope",
    "coverage_of",
    "explore",
    "observe",
    "scope_of",
]
