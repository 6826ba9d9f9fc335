"""Faults of hand-written layers: a catalogue with explanations and mutation operators.

A mutation operator plants a fault in a correct layer and so makes a mutant; mutants
measure the power of a check.  Near misses, which are correct and look like a fault,
measure its false alarms.

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
from gradlab.faults.fault import Evidence, Fault, FiniteDifferences, NearMiss, Unplanted
from gradlab.faults.near_misses import NEAR_MISSES
from gradlab.faults.plant import fault, near_miss_class, plant, plant_class
from gradlab.faults.sized_errors import ERROR_PATTERNS, sized_error
from gradlab.faults.targets import TARGETS, ReferenceTarget
from gradlab.faults.text import COLUMNS, document, explain, listing
from gradlab.kinds import Kind

__all__ = [
    "CATALOGUE",
    "COLUMNS",
    "ERROR_PATTERNS",
    "NEAR_MISSES",
    "ROWS",
    "TARGETS",
    "UNPLANTED",
    "Evidence",
    "Fault",
    "FiniteDifferences",
    "Kind",
    "NearMiss",
    "ReferenceTarget",
    "Unplanted",
    "document",
    "explain",
    "fault",
    "listing",
    "near_miss_class",
    "plant",
    "plant_class",
    "sized_error",
]
