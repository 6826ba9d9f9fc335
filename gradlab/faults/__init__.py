"""Faults that people make in hand-written layers: explained, and planted on purpose.

Planting a fault in a correct layer gives a mutant, with which the power of a
check is measured; near misses, which are correct and look wrong, measure its
false alarms.

Examples
--------
>>> from gradlab.reference import LinearLayer
>>> Broken = plant_class("bias-gradient-averaged", LinearLayer)
>>> layer = Broken((2, 4), n_out=1)
>>> layer.forward([[0, 0, 1, 1], [0, 1, 0, 1]])
>>> layer.backward([[1.0, 1.0, 1.0, 1.0]])
>>> print(layer.db)
[[1.]]
"""

from gradlab.faults.catalogue import CATALOGUE, ROWS, UNPLANTED
from gradlab.faults.fault import Evidence, Fault, FiniteDifferences, Law, NearMiss, Unplanted
from gradlab.faults.near_misses import NEAR_MISSES
from gradlab.faults.plant import fault, plant, plant_class, variant_class
from gradlab.faults.sized_errors import ERRORS, graded
from gradlab.faults.targets import TARGETS, Target
from gradlab.faults.text import COLUMNS, document, explain, listing
from gradlab.kinds import Kind

__all__ = [
    "CATALOGUE",
    "COLUMNS",
    "ERRORS",
    "NEAR_MISSES",
    "ROWS",
    "TARGETS",
    "UNPLANTED",
    "Evidence",
    "Fault",
    "FiniteDifferences",
    "Kind",
    "Law",
    "NearMiss",
    "Target",
    "Unplanted",
    "document",
    "explain",
    "fault",
    "graded",
    "listing",
    "plant",
    "plant_class",
    "variant_class",
]
