"""The kill matrix: what `check` finds in the catalogue's mutants, and which law finds it.

Beside it stands what is right: the reference and the near misses, in which no
law may find fault.
"""

from gradlab.matrix import text
from gradlab.matrix.alarms import Alarms
from gradlab.matrix.asking import answers, findings
from gradlab.matrix.record import Answer, LawRow, Matrix, Row
from gradlab.matrix.rooms import Room, laws_of, room_of

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
