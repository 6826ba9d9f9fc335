"""From other people's code to a `Subject`; the only room that knows a convention."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gradlab.adapters import article, cached_functions, costs
from gradlab.adapters.batch_reading import LAYOUTS, differs_from_itself, with_examples
from gradlab.adapters.calls import parameters_of
from gradlab.adapters.door import adapt_function, adapt_layer, adapt_pair
from gradlab.adapters.recognition import KINDS, recognise, update_of
from gradlab.adapters.reference_twin import NAMES as REFERENCES
from gradlab.adapters.reference_twin import attach, infer_reference
from gradlab.adapters.training_trajectory import trains
from gradlab.errors import GradlabError
from gradlab.random_state import draws_entropy, fixed_randomness, hold_randomness
from gradlab.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradlab.interfaces import Routine

#: The conventions that an adapter exists for, by name.
CONVENTIONS = (article.NAME, *(convention.name for convention in cached_functions.CONVENTIONS))

__all__ = [
    "CONVENTIONS",
    "KINDS",
    "LAYOUTS",
    "REFERENCES",
    "adapt",
    "adapt_any",
    "attach",
    "update_of",
]


def adapt(
    obj: object,
    *,
    convention: str | None = None,
    like: str | None = None,
    name: str | None = None,
    layout: str | None = None,
) -> Subject:
    """Make a `Subject` of a class, an instance, a pair of functions, or a cost.

    Parameters
    ----------
    obj
        What is to be checked; a `Subject` comes back as it is.
    convention
        One of `CONVENTIONS`; recognised when left out.
    like
        The name of the reference layer that `obj` is meant to be; left out, the
        object's own name decides, where it is plain (``LinearLayer``).
    name
        What the report calls it; the object's own name when left out.
    layout
        Where the examples are in the input: ``"rows"``, ``"columns"`` or ``"none"``;
        left out, the axis is found by trying.

    Raises
    ------
    GradlabError
        When no convention describes `obj`, or when more than one does and they
        would be judged differently.
    """
    if convention is not None and convention not in CONVENTIONS:
        msg = f"no convention is called {convention!r}; known are {', '.join(CONVENTIONS)}"
        raise GradlabError(msg)
    with fixed_randomness():
        if isinstance(obj, Subject):
            subject = obj
        else:
            subject = hold_randomness(_adapt(obj, convention, name), obj)
            random = draws_entropy(obj) and differs_from_itself(subject)
            subject = replace(subject, random=random)
        if layout is not None or not (convention or isinstance(obj, Subject)):
            named = (like or infer_reference(subject.name)) is not None
            subject = with_examples(subject, layout, named=named)
        return attach(subject, like)


def adapt_any(
    obj: object,
    *,
    convention: str | None = None,
    like: str | None = None,
    name: str | None = None,
    layout: str | None = None,
) -> Subject | Routine[Any]:
    """Make a `Subject` of a layer or cost, and a `Routine` of every other kind of subject.

    `like` may name a kind of routine too (``"adam"``, ``"network"``); the other
    arguments are those of `adapt`.

    Raises
    ------
    GradlabError
        As `adapt`, and when `like` names a routine and `obj` cannot be called as one.
    """
    if like in KINDS or not (like or _is_layer(obj)):
        routine = recognise(obj, like=like, convention=convention, name=name)
        if routine is not None:
            return routine
    return adapt(obj, convention=convention, like=like, name=name, layout=layout)


def _is_layer(obj: object) -> bool:
    """Whether it is a subject, a pair or has both methods: the recognizers need not be tried."""
    both = hasattr(obj, "forward") and hasattr(obj, "backward")
    return both or isinstance(obj, Subject | tuple)


def _adapt(obj: object, convention: str | None, name: str | None) -> Subject:
    if isinstance(obj, tuple):
        return _adapt_pair(obj, convention, name)
    if isinstance(obj, type) or hasattr(obj, "forward") or hasattr(obj, "backward"):
        return _adapt_layer(obj, convention, name)
    if trains(obj):
        msg = f"{name or _name(obj)} trains: it has no forward and backward, but it can be recorded"
        raise GradlabError(msg)
    if callable(obj):
        if convention is None:
            return adapt_function(obj, name or _name(obj))
        return costs.adapt(obj, convention, name or _name(obj))
    msg = (
        f"a {type(obj).__name__} is nothing that can be checked; give a class or an instance with "
        "forward and backward, a pair (forward, backward), or a cost function; say with like=… "
        "what it is meant to be where it is an optimizer, an initializer or the like"
    )
    raise GradlabError(msg)


def _name(obj: object) -> str:
    return str(getattr(obj, "__name__", type(obj).__name__))


def _adapt_layer(obj: object, convention: str | None, name: str | None) -> Subject:
    called = name or _name(obj)
    if convention not in (None, article.NAME):
        msg = f"{called} is a class; convention {convention} is written in pairs of functions"
        raise GradlabError(msg)
    return adapt_layer(obj, called)


def _adapt_pair(pair: tuple[Any, ...], convention: str | None, name: str | None) -> Subject:
    if len(pair) != 2 or not all(callable(function) for function in pair):
        msg = "a tuple is checked as (forward, backward), two functions; this one is not"
        raise GradlabError(msg)
    forward, backward = pair
    called = name or _name(forward)
    if convention is None and not _is_known(forward, backward):
        return adapt_pair(pair, called)
    if convention == article.NAME:
        msg = f"{called} is a pair of functions; convention article is written in classes"
        raise GradlabError(msg)
    known = _recognise(forward, convention, called)
    if known is cached_functions.CS231N:
        return adapt_pair(pair, called, known.name)
    return cached_functions.adapt(forward, backward, known, called)


def _is_known(forward: Callable[..., Any], backward: Callable[..., Any]) -> bool:
    """Whether the names of the arguments are those of one convention of function pairs."""
    arguments = parameters_of(forward)
    fitting = [known for known in cached_functions.CONVENTIONS if known.knows(arguments)]
    return len(fitting) == 1 and len(parameters_of(backward)) > 1


def _recognise(
    forward: Callable[..., Any], convention: str | None, name: str
) -> cached_functions.Convention:
    """Distinguish two conventions of function pairs by the names of the arguments."""
    arguments = parameters_of(forward)
    fitting = [
        known
        for known in cached_functions.CONVENTIONS
        if known.name == convention or (convention is None and known.knows(arguments))
    ]
    if len(fitting) == 1:
        return fitting[0]
    names = " and ".join(known.name for known in cached_functions.CONVENTIONS)
    msg = (
        f"{name}({', '.join(arguments)}): the arguments' names do not distinguish {names}, which "
        "differ in layout and in where 1/m sits; say which with convention=…"
    )
    raise GradlabError(msg)
