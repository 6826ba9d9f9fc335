"""Which lines and conditions of the code under test a check has exercised."""

from gradlab.coverage.observe import Scope, observe
from gradlab.coverage.records import Condition, Line, Observation

__all__ = ["Condition", "Line", "Observation", "Scope", "observe"]
