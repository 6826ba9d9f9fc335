"""What a backward is called with: each argument by its name, and what is left by trying."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters import hyperparameters
from gradlab.adapters.layer_calls import takes_context
from gradlab.adapters.names import CACHES, COTANGENTS, LABELS, OUTPUTS, RATES
from gradlab.adapters.reading import BackwardArgument, Source
from gradlab.adapters.target import Style, arguments_of
from gradlab.adapters.templates import tensors_of

if TYPE_CHECKING:
    import inspect

    from gradlab.adapters.layer_calls import Run
    from gradlab.adapters.reading import Call

    Fillings = list[tuple[BackwardArgument, ...]]

_MOST = 6
#: Methods and functions of these names return a derivative and take no upstream gradient.
_DERIVATIVES = ("grad", "deriv", "prime", "df", "delta", "diff")


def backward_fillings(call: Call, run: Run) -> Fillings:
    """Return ways to fill the backward's arguments, the likeliest first."""
    target = call.target
    function = target.backward_function
    if function is None:
        return [()]
    arguments = dict(arguments_of(function))
    fixed: list[tuple[BackwardArgument, ...]] = []
    if target.style is Style.STATIC and takes_context(target):
        context = next(iter(arguments))
        del arguments[context]
        fixed.append((BackwardArgument(context, Source.CONTEXT),))
    open_ones = [
        name
        for name, p in arguments.items()
        if p.default is p.empty and name not in run.arguments
        if not CACHES.fullmatch(name.lower().strip("_")) and name != "node"
    ]
    alone = len(open_ones) == 1
    options = [
        _options(_Argument(name, call, run, p.default is not p.empty, _is_switch(p), alone))
        for name, p in arguments.items()
    ]
    wanted = [found for found in options if found]
    chosen = itertools.islice(itertools.product(*fixed, *wanted), _MOST)
    return [_numbered(filling) for filling in chosen]


def _is_switch(parameter: inspect.Parameter) -> bool:
    return isinstance(parameter.default, bool)


@dataclass(frozen=True)
class _Argument:
    """One argument of a backward, and what may be passed for it."""

    name: str
    call: Call
    run: Run
    optional: bool
    switch: bool
    alone: bool

    @property
    def lower(self) -> str:
        return self.name.lower().strip("_")

    @property
    def tensors(self) -> list[str]:
        given = tensors_of(self.call.forward)
        return [name for name, tensor in given.items() if tensor.differentiable]

    @property
    def labels(self) -> list[str]:
        given = tensors_of(self.call.forward)
        return [name for name, tensor in given.items() if not tensor.differentiable]

    @property
    def structure_returned(self) -> bool:
        """Whether the forward returns last what is no output: a tuple, list or dictionary."""
        result = self.run.result
        several = isinstance(result, tuple | list) and len(result) > 1
        return several and isinstance(result[-1], tuple | list | dict)

    @property
    def is_derivative(self) -> bool:
        """Whether the backward has a name of functions that take no upstream gradient."""
        title = self.call.target.backward_title.split(".")[-1].lower()
        return any(word in title for word in _DERIVATIVES)

    def of(self, source: Source, which: Any = None, *, guess: bool = False) -> BackwardArgument:
        return BackwardArgument(self.name, source, which, guess)

    def inputs(self, *, guess: bool = False) -> list[BackwardArgument]:
        return [self.of(Source.ARGUMENT, name, guess=guess) for name in self.tensors[:1]]


def _options(argument: _Argument) -> tuple[BackwardArgument, ...]:
    """Return what an argument may be; nothing where its default is left."""
    if CACHES.fullmatch(argument.lower) and isinstance(argument.run.result, tuple | list):
        return (argument.of(Source.CACHE),)
    if argument.lower == "node":
        return (argument.of(Source.NODE),)
    if argument.name in argument.run.arguments:
        return (argument.of(Source.ARGUMENT, argument.name),)
    is_cotangent = bool(COTANGENTS.fullmatch(argument.lower))
    if argument.optional and (not is_cotangent or argument.switch or argument.call.target.is_loss):
        return ()
    return _by_name(argument) or (_cotangent if is_cotangent else _by_trying)(argument)


def _by_name(argument: _Argument) -> tuple[BackwardArgument, ...]:
    """Return what a name speaks of other than an upstream gradient."""
    lower = argument.lower
    if RATES.fullmatch(lower) and not argument.alone:
        return (argument.of(Source.RATE),)
    if argument.labels and LABELS.fullmatch(lower):
        return (argument.of(Source.ARGUMENT, argument.labels[0]),)
    is_gradient = lower.startswith(("d_", "dl", "dj")) or any(
        word in lower for word in ("grad", "delta", "err")
    )
    if OUTPUTS.fullmatch(lower) and not is_gradient and not argument.alone:
        return (argument.of(Source.OUTPUT), *argument.inputs())
    return ()


def _cotangent(argument: _Argument) -> tuple[BackwardArgument, ...]:
    """Return the upstream gradient; for a loss or a derivative also what else it may be."""
    cotangent = argument.of(Source.COTANGENT)
    if argument.labels:  # nnfs hands the predictions on under such a name
        kept = [
            argument.of(Source.HELD, name)
            for name in ("output", "out", "probs")
            if isinstance(getattr(argument.run.instance, name, None), np.ndarray)
        ]
        return (cotangent, *argument.inputs(), *kept)
    if argument.is_derivative and argument.alone:
        return (cotangent, *argument.inputs(guess=True))
    return (cotangent,)


def _by_trying(argument: _Argument) -> tuple[BackwardArgument, ...]:
    """Return what an argument with an uninformative name may be."""
    if argument.alone and argument.is_derivative:
        return (*argument.inputs(), argument.of(Source.OUTPUT))
    if argument.alone:
        return (argument.of(Source.COTANGENT), *argument.inputs(guess=True))
    known = hyperparameters.values(argument.lower)
    if known and len(argument.lower) > 1:
        return (argument.of(Source.SETTING, known[0]),)
    if argument.structure_returned:
        return (argument.of(Source.CACHE),)
    output = argument.of(Source.OUTPUT, guess=True)
    return (*argument.inputs(guess=True), output, argument.of(Source.COTANGENT))


def _numbered(chosen: tuple[BackwardArgument, ...]) -> tuple[BackwardArgument, ...]:
    """Number the upstream gradients in order: one for each output."""
    counted = itertools.count()
    return tuple(
        BackwardArgument(a.name, a.source, next(counted), a.guess)
        if a.source is Source.COTANGENT
        else a
        for a in chosen
    )


def cotangents_in(filling: tuple[BackwardArgument, ...]) -> int:
    """Return how many upstream gradients a backward takes."""
    return sum(argument.source is Source.COTANGENT for argument in filling)


def output_count(result: Any, cotangents: int) -> int:
    """Return how many of a returned tuple are outputs; 0 where the result is one as a whole.

    As many as there are upstream gradients, and one at least.

    Examples
    --------
    >>> output_count(("h", "c", "cache"), 2), output_count(("out", "cache"), 1)
    (2, 1)
    """
    if not isinstance(result, tuple | list):
        return 0
    return max(1, min(cotangents, len(result)))
