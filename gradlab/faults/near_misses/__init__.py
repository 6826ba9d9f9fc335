"""Near misses: correct code that looks like a fault, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradlab.faults.near_misses import costs_and_training, layers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradlab.faults.fault import NearMiss

NEAR_MISSES: Mapping[str, NearMiss] = {
    near.name: near
    for near in (
        *layers.LINEAR,
        *layers.FORMULAS,
        *layers.STATE,
        *costs_and_training.COSTS,
        *costs_and_training.TRAINING,
    )
}

__all__ = ["NEAR_MISSES"]
