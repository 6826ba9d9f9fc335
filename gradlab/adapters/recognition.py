"""Recognition of optimizers, initializers, networks and the other kinds without a backward."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gradlab.adapters import (
    autograd_graph,
    initializers,
    minibatches,
    networks,
    optimizers,
    parameter_update,
    training_loop,
)
from gradlab.errors import GradlabError
from gradlab.kinds import Kind
from gradlab.subject import Subject

if TYPE_CHECKING:
    from gradlab.interfaces import Routine, UpdateInterface

# In the order in which an object is matched with them.
_ADAPTERS: dict[Kind, Any] = {
    Kind.OPTIMIZER: optimizers,
    Kind.NETWORK: networks,
    Kind.GRAPH: autograd_graph,
    Kind.TRAINING: training_loop,
    Kind.MINIBATCHES: minibatches,
    Kind.INITIALIZER: initializers,
}

#: What `like` may name besides layers and costs, and of what kind that is.
KINDS: dict[str, Kind] = {
    name: kind for kind, adapter in _ADAPTERS.items() for name in adapter.NAMES
}
NAMES: tuple[str, ...] = tuple(KINDS)

# A value of `like`, for those kinds of which some have laws of their own.
_EXAMPLES = {Kind.OPTIMIZER: "adam", Kind.INITIALIZER: "xavier"}

__all__ = ["KINDS", "NAMES", "kind_of", "recognise", "update_of"]


def recognise(
    obj: object, *, like: str | None = None, convention: str | None = None, name: str | None = None
) -> Routine[Any] | None:
    """Make a routine of what `like` names, or whose shape leaves no doubt; None for all else.

    Raises
    ------
    GradlabError
        If `like` names a routine and `obj` cannot be called as one, or a convention
        is given besides: conventions describe how layers and costs are written.
    """
    if convention is not None and like not in NAMES:
        return None
    if convention is not None:
        msg = f"convention is for layers and costs; with like={like!r} leave it out"
        raise GradlabError(msg)
    kind = kind_of(obj) if like is None else KINDS.get(like)
    if kind is None:
        return None
    routine: Routine[Any] = _ADAPTERS[kind].adapt(obj, like, name)
    return routine if routine.like or kind not in _EXAMPLES else _unspecified(routine)


def _unspecified(routine: Routine[Any]) -> Routine[Any]:
    """Note that laws about one optimizer or rule are left out, because it is not known which."""
    note = (
        f"which {routine.kind} it is meant to be is unknown; with like={_EXAMPLES[routine.kind]!r} "
        "more laws apply"
    )
    return replace(routine, notes=(*routine.notes, note))


def kind_of(obj: object) -> Kind | None:
    """Return the kind of routine that the shape of `obj` leaves no doubt of; nothing of it runs."""
    if isinstance(obj, Subject | tuple):
        return None
    fitting = (kind for kind, adapter in _ADAPTERS.items() if adapter.looks_like_one(obj))
    return next(fitting, None)


def update_of(obj: object) -> Routine[UpdateInterface] | None:
    """Make a routine of a layer's own update; None where it has none."""
    if not isinstance(obj, type) or not parameter_update.looks_like_one(obj):
        return None
    return parameter_update.adapt(obj)
