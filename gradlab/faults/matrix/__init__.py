"""The kill matrix: which law of `check` detects which mutant of the catalogue.

The correct targets and the near misses measure the false alarms: every law must pass them.
"""

from gradlab.faults.matrix import text
from gradlab.faults.matrix.matrix import (
    CheckOutcome,
    FalseAlarms,
    LawRow,
    LawScope,
    Matrix,
    Row,
    laws_of,
    scope_of,
)
from gradlab.faults.matrix.run import findings, run

__all__ = [
    "CheckOutcome",
    "FalseAlarms",
    "LawRow",
    "LawScope",
    "Matrix",
    "Row",
    "findings",
    "laws_of",
    "run",
    "scope_of",
    "text",
]
