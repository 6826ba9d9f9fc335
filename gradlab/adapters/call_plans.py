"""Which values are tried for the arguments of a constructor and a forward, and in which order."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters.argument_values import (
    NO_DEFAULT,
    ArgumentContext,
    argument_options,
    held_array_options,
)
from gradlab.adapters.hyperparameters import constructor_options, tanh_derivative
from gradlab.adapters.layer_calls import takes_context
from gradlab.adapters.reading import Call
from gradlab.adapters.source_facts import keys_read, strings_compared
from gradlab.adapters.target import Style, Target, arguments_of
from gradlab.adapters.templates import Setting, tensors_of
from gradlab.errors import GradlabError

if TYPE_CHECKING:
    import inspect
    from collections.abc import Iterator, Mapping, Sequence

    from gradlab.adapters.templates import Argument, Arguments

#: How many ways of filling a forward, a constructor, and both together are tried.
_FORWARDS, _CONSTRUCTORS, _TOGETHER = 160, 40, 400


def call_plans(target: Target) -> Iterator[Call]:
    """Yield ways to call a target, the likeliest first: by the sum of their ranks.

    Raises
    ------
    GradlabError
        If an argument has a name under which nothing is known.
    """
    forwards = forward_plans(target)
    axes_of = [_input_axes(plan) for plan in forwards]
    inits = {axes: constructor_plans(target, axes) for axes in dict.fromkeys(axes_of)}
    ranked = sorted(
        (i + j, i, j) for i, axes in enumerate(axes_of) for j in range(len(inits[axes]))
    )
    for _, i, j in ranked[:_TOGETHER]:
        yield Call(target, inits[axes_of[i]][j], forwards[i])


def _input_axes(plan: Arguments) -> tuple[int | str, ...]:
    return next((tensor.shape for tensor in tensors_of(plan).values()), ())


def forward_plans(target: Target) -> list[Arguments]:
    """Return ways to fill the arguments of the forward."""
    options = forward_options(target)
    _refuse_unknown(target.forward_title, options)
    plans = [
        tuple(zip(options, chosen, strict=True))
        for chosen in by_rank(list(options.values()), 4 * _FORWARDS)
    ]
    return [plan for plan in plans if _consistent(plan)][:_FORWARDS]


def forward_options(target: Target) -> dict[str, list[Argument]]:
    """Return what may be passed for each argument of the forward, the likeliest first."""
    function = target.forward_function
    arguments = arguments_of(function)
    if target.style is Style.STATIC and takes_context(target):
        del arguments[next(iter(arguments))]
    if target.style is Style.FLAG:
        del arguments[target.backward]
    strings = {**_strings(target.obj), **strings_compared(function)}
    context = ArgumentContext(
        f"{target.name} {getattr(function, '__name__', '')}".lower(),
        target.kind,
        target.is_loss,
        tuple(name.lower() for name in arguments),
        {name: keys for name, keys in keys_read(function).items() if name in arguments},
        strings,
    )
    return {
        name: argument_options(name, _default(parameter), context)
        for name, parameter in arguments.items()
    }


def constructor_plans(target: Target, axes: tuple[int | str, ...]) -> list[Arguments]:
    """Return ways to fill the arguments of the constructor; one empty way where there is none."""
    options = constructor_options_of(target, axes)
    _refuse_unknown(f"{target.name}()", options)
    return [
        tuple(zip(options, chosen, strict=True))
        for chosen in by_rank(list(options.values()), _CONSTRUCTORS)
    ]


def constructor_options_of(
    target: Target, axes: tuple[int | str, ...]
) -> dict[str, list[Argument]]:
    """Return what may be passed for each argument of the constructor, the likeliest first."""
    if not target.is_class or target.style is Style.STATIC:
        return {}
    strings = _strings(target.obj)
    found = {
        name: constructor_options(
            name,
            parameter.default,
            parameter.default is not parameter.empty,
            axes,
            strings.get(name, ()),
        )
        for name, parameter in _constructor_arguments(target.obj).items()
    }
    context = ArgumentContext(target.name.lower(), target.kind, False, tuple(found), {}, strings)
    for name, options in found.items():
        if any(isinstance(o, Setting) and o.value is tanh_derivative for o in options):
            partner = next(iter(found))
            if partner != name:
                found[partner] = [Setting(np.tanh)]
        if not options:
            found[name] = held_array_options(name, context)
    return found


def _constructor_arguments(cls: type) -> Mapping[str, inspect.Parameter]:
    try:
        return arguments_of(cls)
    except (TypeError, ValueError):
        return {}


def _strings(obj: Any) -> dict[str, tuple[str, ...]]:
    own = obj if isinstance(obj, type) else type(obj) if obj is not None else None
    if own is None or own.__module__ == "builtins":
        return {}
    return strings_compared(own)


def _default(parameter: inspect.Parameter) -> Any:
    return NO_DEFAULT if parameter.default is parameter.empty else parameter.default


def _refuse_unknown(title: str, options: Mapping[str, Sequence[Argument]]) -> None:
    for name, found in options.items():
        if not found:
            what = "check an instance instead" if title.endswith("()") else _WRAP
            msg = (
                f"{title}: no value is known for the argument {name!r}; give it a default, or "
                f"{what}"
            )
            raise GradlabError(msg)


_WRAP = "use gradlab.check_gradients(forward, backward, values) with values of your own"


def _consistent(plan: Arguments) -> bool:
    """Whether predictions and labels of one rank have one shape, as far as symbols say."""
    tensors = list(tensors_of(plan).values())
    known = {size for tensor in tensors for size in tensor.shape}
    if any(t.high == "classes" and t.high not in known for t in tensors):
        return False
    labels = [t for t in tensors if not t.differentiable and len(t.shape) == 2]
    others = [t for t in tensors if t.differentiable and len(t.shape) == 2]
    if len(labels) != 1 or len(others) != 1:
        return True
    return labels[0].shape == others[0].shape or labels[0].high != float("inf")


def by_rank(options: Sequence[Sequence[Any]], most: int) -> Iterator[tuple[Any, ...]]:
    """Yield choices of one of each, those of the lowest sum of positions first.

    Examples
    --------
    >>> list(by_rank([["a", "b"], ["x", "y"]], 3))
    [('a', 'x'), ('a', 'y'), ('b', 'x')]
    """
    counted = itertools.count()
    highest = sum(len(found) - 1 for found in options)
    for total in range(highest + 1):
        for ranks in _ranks([len(found) for found in options], total):
            if next(counted) >= most:
                return
            yield tuple(found[rank] for found, rank in zip(options, ranks, strict=True))


def _ranks(lengths: list[int], total: int) -> Iterator[tuple[int, ...]]:
    if not lengths:
        if total == 0:
            yield ()
        return
    for first in range(min(lengths[0] - 1, total) + 1):
        for rest in _ranks(lengths[1:], total - first):
            yield (first, *rest)
