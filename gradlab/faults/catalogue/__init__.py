"""The catalogue: every fault of the collection, by name, and the rows without an operator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradlab.faults.catalogue import (
    local,
    numerics,
    routines,
    scale,
    shape,
    state,
    training,
    unplanted,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradlab.faults.fault import Fault

#: The number of rows of the collection.
ROWS = 72

CATALOGUE: Mapping[str, Fault] = {
    fault.name: fault
    for fault in sorted(
        (
            *scale.FAULTS,
            *shape.FAULTS,
            *local.FAULTS,
            *state.FAULTS,
            *numerics.FAULTS,
            *training.FAULTS,
            *routines.FAULTS,
        ),
        key=lambda fault: fault.row,
    )
}

UNPLANTED = unplanted.ROWS

__all__ = ["CATALOGUE", "ROWS", "UNPLANTED"]
