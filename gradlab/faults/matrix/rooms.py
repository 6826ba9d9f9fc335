"""Which laws are asked of which entry of the registry.

A law's name alone does not say which law it is: an optimizer, a dealing of
mini-batches and a layer each have a *purity* of their own.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

from gradlab.faults import Evidence
from gradlab.kinds import Kind
from gradlab.laws import LAWS

if TYPE_CHECKING:
    from gradlab.faults.registry import Entry
    from gradlab.laws import Law


class Room(enum.StrEnum):
    """Things of which the same laws are asked."""

    SUBJECT = "layers and costs"
    UPDATE = "updates of layers"
    OPTIMIZER = "optimizers"
    INITIALIZER = "initializers"
    MINIBATCHES = "mini-batches"
    NETWORK = "networks"
    TRAINING = "training loops"
    GRAPH = "graphs"


_OF_KIND = {Kind[room.name]: room for room in Room if room is not Room.SUBJECT}


def room_of(entry: Entry) -> Room:
    """Return the room whose laws have to find an entry's fault, or to leave the entry alone.

    Examples
    --------
    >>> from gradlab.faults import registry
    >>> print(room_of(registry.entry("linear")), room_of(registry.entry("adam")), sep=", ")
    layers and costs, optimizers
    """
    if entry.evidence is Evidence.UPDATE:
        return Room.UPDATE
    if entry.has_subject:
        return Room.SUBJECT
    return _OF_KIND[entry.kind]


def laws_of(room: Room) -> tuple[Law[Any], ...]:
    """Return the laws that are asked in a room, those on request included."""
    return LAWS[Kind.LAYER if room is Room.SUBJECT else Kind[room.name]]
