"""From people's optimizers, initializers, networks and training loops to a `Routine`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradlab.adapters.routines import (
    batching,
    graphs,
    initializers,
    networks,
    optimizers,
    training,
    updates,
)
from gradlab.records import GradlabError
from gradlab.subject import Subject

if TYPE_CHECKING:
    from gradlab.routine import Routine, UpdateFace

# In the order in which an object's shape is held against them.
_ADAPTERS: tuple[Any, ...] = (optimizers, networks, graphs, training, batching, initializers)

#: What `like` may name besides layers and costs.
NAMES: tuple[str, ...] = tuple(name for adapter in _ADAPTERS for name in adapter.NAMES)

__all__ = ["NAMES", "recognise", "update_of"]


def recognise(
    obj: object, *, like: str | None = None, convention: str | None = None, name: str | None = None
) -> Routine[Any] | None:
    """Make a routine of what `like` names, or whose shape leaves no doubt; None for all else.

    Raises
    ------
    GradlabError
        If `like` names a routine and `obj` cannot be called as one, or a convention
        is given besides: it says how layers and costs are written.
    """
    if convention is not None and like not in NAMES:
        return None
    if convention is not None:
        msg = f"convention is for layers and costs; with like={like!r} leave it out"
        raise GradlabError(msg)
    if like is not None:
        chosen = next((adapter for adapter in _ADAPTERS if like in adapter.NAMES), None)
        return None if chosen is None else chosen.adapt(obj, like, name)
    if isinstance(obj, Subject | tuple):
        return None
    chosen = next((adapter for adapter in _ADAPTERS if adapter.looks_like_one(obj)), None)
    return None if chosen is None else chosen.adapt(obj, None, name)


def update_of(obj: object) -> Routine[UpdateFace] | None:
    """Make a routine of a layer's own update; None where it has none."""
    if not isinstance(obj, type) or not updates.looks_like_one(obj):
        return None
    return updates.adapt(obj)
