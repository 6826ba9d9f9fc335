"""A reading: how somebody's layer is called, which arrays are its tensors and their gradients.

A reading is a record.  It holds what was found by trying beside what was inferred
from names, so that the report can state how the layer was read.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from gradlab.adapters.templates import (
    Arguments,
    Dictionary,
    Setting,
    SizeArgument,
    TensorArgument,
    settings_of,
    tensors_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradlab.adapters.attribute_tree import Path
    from gradlab.adapters.target import Target


@dataclass(frozen=True)
class Call:
    """What is passed to the constructor and to the forward."""

    target: Target
    init: Arguments
    forward: Arguments

    def frozen(self, sizes: Mapping[str, int]) -> Call:
        """Return the call with the symbols in `sizes` replaced by numbers."""
        return replace(self, init=_frozen(self.init, sizes), forward=_frozen(self.forward, sizes))


def _frozen(arguments: Arguments, sizes: Mapping[str, int]) -> Arguments:
    changed: list[tuple[str, Any]] = []
    for name, argument in arguments:
        match argument:
            case TensorArgument():
                changed.append((name, argument.frozen(sizes)))
            case SizeArgument():
                symbols = tuple(
                    sizes.get(s, s) if isinstance(s, str) else s for s in argument.symbols
                )
                changed.append((name, replace(argument, symbols=symbols)))
            case Dictionary():
                changed.append((name, Dictionary(_frozen(argument.items, sizes))))
            case _:
                changed.append((name, argument))
    return tuple(changed)


def input_axes(call: Call) -> tuple[int | str, ...]:
    """Return the shape of the first input, in symbols."""
    return next((tensor.shape for tensor in tensors_of(call.forward).values()), ())


@dataclass(frozen=True)
class Held:
    """A parameter that an instance holds, under one or more names.

    Attributes
    ----------
    paths
        Every way to it; more than one where two names share one array.
    shape
        The shape in symbols, as far as sizes are free.
    number
        Whether it is a Python number and no array.
    """

    name: str
    paths: tuple[Path, ...]
    shape: tuple[int | str, ...]
    number: bool = False
    positive: bool = False


@dataclass(frozen=True)
class Outputs:
    """Where the forward leaves its outputs.

    `count` are the first so many of a returned tuple, 0 the whole result; `paths`
    are attributes instead.  `reduction` is what the claimed gradient is of: the
    outputs, or their mean or sum.
    """

    count: int = 0
    paths: tuple[Path, ...] = ()
    reduction: str = ""


class Source(enum.Enum):
    """Where an argument of the backward comes from."""

    COTANGENT = "the upstream gradient"
    CACHE = "what forward returned last"
    ARGUMENT = "an argument of forward"
    OUTPUT = "the output"
    RATE = "a learning rate"
    CONTEXT = "the context"
    HELD = "an attribute of the instance"
    NODE = "a node of a graph, which holds forward's arrays"
    SETTING = "a setting"


@dataclass(frozen=True)
class BackwardArgument:
    """An argument of the backward; `which` is the number or the name within its source."""

    name: str
    source: Source
    which: Any = None
    guess: bool = False


@dataclass(frozen=True)
class GradientAt:
    """Where the gradient of a tensor is after backward, and how it was recognised.

    `where` is ``"returned"``, ``"held"`` or ``"step"``; `by` is ``"name"``,
    ``"shape"`` or ``"position"``.  `buffer` means that each backward writes into the
    same array, so that what was read before has to be a copy; `adds_up` that each
    backward adds to what is there, until the code's own method sets it to zero.
    """

    where: str
    path: Any
    by: str
    buffer: bool = False
    adds_up: bool = False


@dataclass(frozen=True)
class Reading:
    """How one object is called, and what is what in it.

    Attributes
    ----------
    held
        The parameters that an instance holds.
    gradients
        For each tensor that has one, where its gradient is.
    upstream
        False where backward is evaluated at a cotangent of 1.
    elementwise
        Whether backward is a derivative, which the session multiplies by the cotangent.
    scaled
        Parameters whose gradients are divided by the number of examples.
    warm
        Whether parameters are there only after a first forward.
    sizes
        The numbers for symbols at which it was found.
    notes
        Sentences for the report.
    """

    call: Call
    outputs: Outputs
    backward: tuple[BackwardArgument, ...]
    gradients: Mapping[str, GradientAt]
    held: tuple[Held, ...] = ()
    upstream: bool = True
    elementwise: bool = False
    scaled: tuple[str, ...] = ()
    warm: bool = False
    sizes: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def guesses(self) -> int:
        """How many arguments of the backward are guesses."""
        return sum(argument.guess for argument in self.backward)

    @property
    def settings(self) -> dict[str, str]:
        """The hyperparameters with which it is checked, as text."""
        chosen = settings_of(self.call.init) | settings_of(self.call.forward)
        tensors = {held.name for held in self.held}
        return {
            name: setting.text
            for name, setting in chosen.items()
            if name not in tensors and _telling(setting)
        }


def _telling(setting: Setting) -> bool:
    return setting.value is not None and not isinstance(setting.value, type)
