"""Plant a fault in a correct class or function: the result is a mutant."""

from __future__ import annotations

import difflib
import functools
import inspect
from typing import TYPE_CHECKING, Any

from gradlab.errors import GradlabError
from gradlab.faults.catalogue import CATALOGUE
from gradlab.faults.near_misses import NEAR_MISSES
from gradlab.faults.targets import TARGETS, subject_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gradlab.faults.fault import Fault, MutationOperator
    from gradlab.faults.targets import ReferenceTarget
    from gradlab.subject import Subject


def no_such(what: str, name: str, known: Iterable[str], hint: str) -> GradlabError:
    """Return the error for an unknown name: close ones, and where to see all of them."""
    close = difflib.get_close_matches(name, list(known), n=3)
    suggestion = f"; did you mean {', '.join(close)}?" if close else ", and nothing comes close;"
    return GradlabError(f"no {what} is called {name!r}{suggestion} {hint}")


def fault(name: str) -> Fault:
    """Return the fault of this name.

    Raises
    ------
    GradlabError
        If there is none; the message lists close ones.

    Examples
    --------
    >>> fault("bias-averaged")
    Traceback (most recent call last):
        ...
    gradlab.errors.GradlabError: no fault is called 'bias-averaged'; did you mean \
bias-gradient-averaged, summed-not-averaged? `gradlab faults` lists all of them
    """
    if name not in CATALOGUE:
        raise no_such("fault", name, CATALOGUE, "`gradlab faults` lists all of them")
    return CATALOGUE[name]


def plant_class(name: str, obj: Any, *, target: str | None = None) -> Any:
    """MutationOperator a fault in a correct class or function.

    Parameters
    ----------
    name
        The name of the fault.
    obj
        A layer class of the article's convention, or a cost, initializer,
        optimizer class, batching function, … with the reference's interface.
    target
        What `obj` is, as `TARGETS` names it; recognised where it is the
        reference's own, a subclass of it, or has its name.

    Returns
    -------
    type or function
        Of the interface of `obj`, under its name and the fault's.

    Raises
    ------
    GradlabError
        If there is no such fault, `obj` is not recognised, or the fault cannot
        be planted in it.
    """
    return _make(name, fault(name).operators, obj, target)


def near_miss_class(name: str, obj: Any, *, target: str | None = None) -> Any:
    """Make the near miss of this name of a correct class or function; as `plant_class`.

    Raises
    ------
    GradlabError
        As `plant_class`.
    """
    if name not in NEAR_MISSES:
        raise no_such("near miss", name, NEAR_MISSES, "docs/faults.md lists all of them")
    return _make(name, NEAR_MISSES[name].operators, obj, target)


def plant(name: str, target: str) -> Subject:
    """MutationOperator a fault in a layer, a cost or the penalty of the reference, as a `Subject`.

    Raises
    ------
    GradlabError
        If there is no such fault or target, the one cannot be planted in the
        other, or the target is no subject (an optimizer, say).

    Examples
    --------
    >>> plant("bias-gradient-averaged", "linear").name
    'mutant:bias-gradient-averaged/linear'
    """
    if target not in TARGETS:
        raise no_such("target", target, TARGETS, f"known are {', '.join(TARGETS)}")
    found = TARGETS[target]
    planted = plant_class(name, found.correct, target=target)
    return subject_of(found, planted, f"mutant:{name}/{target}")


def _make(
    name: str, operators: Mapping[str, MutationOperator], obj: Any, target: str | None
) -> Any:
    chosen = target or _recognise(obj)
    if chosen not in operators:
        msg = f"{name} cannot be planted in {chosen}; it can in: {', '.join(operators)}"
        raise GradlabError(msg)
    made = operators[chosen](obj)
    original = getattr(obj, "__name__", chosen)
    made.__name__ = f"{original}_{name.replace('-', '_')}"
    made.__qualname__ = made.__name__
    made.__doc__ = f"{original} with the variant {name!r} of gradlab.faults."
    return made


def _recognise(obj: Any) -> str:
    """Return the name of the target that `obj` is, by identity, base class or name."""
    by_identity = [target.name for target in TARGETS.values() if _is_same_or_derived(obj, target)]
    if len(by_identity) == 1:
        return by_identity[0]
    called = getattr(obj, "__name__", None)
    by_name = [t.name for t in TARGETS.values() if getattr(t.correct, "__name__", "") == called]
    if len(by_name) == 1:
        return by_name[0]
    msg = (
        f"{called or repr(obj)} is not known as any of {', '.join(TARGETS)}; "
        "say which it is with target=…"
    )
    raise GradlabError(msg)


def _is_same_or_derived(obj: Any, target: ReferenceTarget) -> bool:
    correct = target.correct
    if isinstance(correct, functools.partial):
        return obj is correct
    if inspect.isclass(obj) and inspect.isclass(correct):
        return issubclass(obj, correct)
    return obj is correct
