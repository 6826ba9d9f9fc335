"""What is called forward, and what backward: of a class, of functions, of one function."""

from __future__ import annotations

import enum
import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gradlab.adapters.function_names import is_loose
from gradlab.adapters.names import DERIVATIVE_FLAGS, LABELS, LOSS_WORDS, METHOD_PAIRS
from gradlab.adapters.names import KINDS as LAYER_KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

import re


class Style(enum.StrEnum):
    """In which way forward and backward are written."""

    METHODS = "methods"
    FUNCTIONS = "functions"
    STATIC = "static methods with a context"
    FLAG = "one function with a flag"
    VALUE_AND_GRADIENT = "one function that returns value and gradient"


@dataclass(frozen=True)
class Target:
    """An object of somebody's, and how its forward and backward are called.

    Attributes
    ----------
    obj
        A class, an instance, or None where functions are called.
    forward, backward
        Names of methods, or the functions themselves; of a function with a flag,
        `backward` is the flag's name.
    loose
        Whether the names that made a pair of the two may mean something else.
    model
        Whether it is a whole network with its cost.
    """

    name: str
    style: Style
    obj: Any
    forward: Any
    backward: Any
    loose: bool = False
    model: bool = False

    @property
    def is_class(self) -> bool:
        """Whether there is a constructor to call."""
        return isinstance(self.obj, type)

    @property
    def forward_function(self) -> Callable[..., Any]:
        """The function that the forward is, to read its arguments and source."""
        return self._function(self.forward)

    @property
    def backward_function(self) -> Callable[..., Any] | None:
        """The function that the backward is; None where there is none of its own."""
        if self.style in (Style.FLAG, Style.VALUE_AND_GRADIENT):
            return None
        return self._function(self.backward)

    def _function(self, which: Any) -> Callable[..., Any]:
        found: Callable[..., Any] = getattr(self.obj, which) if isinstance(which, str) else which
        return found

    @property
    def forward_title(self) -> str:
        """The forward's name for people."""
        return self._title(self.forward)

    @property
    def backward_title(self) -> str:
        """The backward's name for people."""
        if self.style is Style.FLAG:
            return f"{self.forward.__name__}(…, {self.backward}=True)"
        return self._title(self.backward or self.forward)

    def _title(self, which: Any) -> str:
        if isinstance(which, str):
            return f"{self.name}.{which}"
        return str(getattr(which, "__name__", self.name))

    @property
    def kind(self) -> str:
        """The kind of layer that the name speaks of; empty where it speaks of none."""
        lower = self.name.lower()
        return next((kind for kind, words in LAYER_KINDS if re.search(words, lower)), "")

    @property
    def is_loss(self) -> bool:
        """Whether the name or the arguments are those of something held against labels."""
        names = [name.lower() for name in arguments_of(self.forward_function)]
        if self.model:
            return True
        labelled = any(LABELS.fullmatch(name) for name in names)
        if self.style is Style.VALUE_AND_GRADIENT:
            return labelled
        named = LOSS_WORDS.search(self.name) or self.forward in ("loss", "cost", "fn")
        certain = {"y_true", "target", "targets", "labels", "label"} & set(names)
        return labelled and len(names) > 1 and bool(named or certain)


def arguments_of(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """Return the arguments that can be given to a function, `self` left out.

    Raises
    ------
    ValueError, TypeError
        If the function does not say.
    """
    kinds = (
        *(inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD),
        inspect.Parameter.KEYWORD_ONLY,
    )
    found = inspect.signature(function).parameters
    return {
        name: parameter
        for name, parameter in found.items()
        if parameter.kind in kinds and name not in ("self", "cls")
    }


def method_pairs(obj: Any) -> list[tuple[str, str]]:
    """Return the pairs of methods that may be a forward and its backward, likeliest first."""
    own = obj if isinstance(obj, type) else type(obj)
    return [
        (forward, backward)
        for forward, backward in METHOD_PAIRS
        if _has(own, obj, forward) and _has(own, obj, backward)
    ]


def _has(own: type, obj: Any, name: str) -> bool:
    if name == "__call__":
        return any("__call__" in vars(base) for base in own.__mro__)
    return callable(getattr(obj, name, None))


def derivative_flag(function: Any) -> str | None:
    """Return the argument that makes a function return its own derivative; None without one."""
    try:
        arguments = arguments_of(function)
    except (TypeError, ValueError):
        return None
    for name, parameter in arguments.items():
        if name.lower() in DERIVATIVE_FLAGS and parameter.default in (False, 0):
            return name
    return None


class PairByName(tuple[Any, Any]):
    """A forward and a backward that were put together because of their names."""

    __slots__ = ()


def targets_of(obj: Any, name: str) -> list[Target]:
    """Return the ways in which an object may be read, likeliest first."""
    if isinstance(obj, tuple):
        forward, backward = obj
        names = [str(getattr(function, "__name__", "")) for function in obj]
        loose = isinstance(obj, PairByName) and is_loose(*names)
        return [Target(name, Style.FUNCTIONS, None, forward, backward, loose)]
    if isinstance(obj, type) or not inspect.isroutine(obj):
        return [
            Target(name, _style(obj, forward), obj, forward, backward)
            for forward, backward in method_pairs(obj)
        ]
    flag = derivative_flag(obj)
    if flag is not None:
        return [Target(name, Style.FLAG, None, obj, flag)]
    return [Target(name, Style.VALUE_AND_GRADIENT, None, obj, "")]


def _style(obj: Any, forward: str) -> Style:
    own = obj if isinstance(obj, type) else type(obj)
    held = next((vars(base)[forward] for base in own.__mro__ if forward in vars(base)), None)
    return Style.STATIC if isinstance(held, staticmethod | classmethod) else Style.METHODS
