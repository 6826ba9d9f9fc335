"""Near misses: correct code that looks like a fault, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradlab.faults.near import layers, others

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradlab.faults.record import NearMiss

NEAR_MISSES: Mapping[str, NearMiss] = {
    near.name: near
    for near in (
        *layers.LINEAR,
        *layers.FORMULAS,
        *layers.STATE,
        *others.COSTS,
        *others.TRAINING,
    )
}

__all__ = ["NEAR_MISSES"]
