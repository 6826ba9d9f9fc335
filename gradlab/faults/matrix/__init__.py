"""The kill matrix: what `check` finds in the catalogue's mutants, and which law finds it.

Beside it stands what is right: the reference and the near misses, in which no
law may find fault.
"""

from gradlab.faults.matrix import text
from gradlab.faults.matrix.alarms import Alarms
from gradlab.faults.matrix.matrix import Answer, LawRow, Matrix, Row
from gradlab.faults.matrix.rooms import Room, laws_of, room_of
from gradlab.faults.matrix.run import answers, findings

__all__ = [
    "Alarms",
    "Answer",
    "LawRow",
    "Matrix",
    "Room",
    "Row",
    "answers",
    "findings",
    "laws_of",
    "room_of",
    "text",
]
