"""What is passed for an argument: an array to be drawn, a size, or a setting.

Shapes are written in symbols, so that one reading of a layer serves at all sizes.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.domain import Content, Role, TensorSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Array = NDArray[Any]
    Values = Mapping[str, Array]
    Size = int | str

#: Sizes for a probe.  All that meet in one call differ, so that a wrong layout raises
#: instead of running, and no size is that of a usual kernel, stride or head count.
PROBE_SIZES = {
    "m": 3,
    "n_in": 5,
    "n_out": 7,
    "t": 4,
    "c": 4,
    "f": 5,
    "h": 6,
    "w": 8,
    "n_hidden": 6,
    "classes": 5,
    "vocabulary": 9,
}


@dataclass(frozen=True)
class TensorArgument:
    """An argument that takes an array, described as in `TensorSpec`."""

    shape: tuple[Size, ...]
    role: Role = Role.INPUT
    content: Content = Content.REAL
    low: float = -np.inf
    high: float | str = np.inf
    scale: float = 1.0
    axis: int = 0

    @property
    def differentiable(self) -> bool:
        """Whether a gradient with respect to it is expected."""
        return self.role in (Role.INPUT, Role.PARAMETER)

    def spec(self, name: str) -> TensorSpec:
        """Describe the tensor under a name."""
        return TensorSpec(
            name,
            self.shape,
            self.role,
            self.content,
            low=self.low,
            high=self.high,
            scale=self.scale,
            axis=self.axis,
        )

    def frozen(self, sizes: Mapping[str, int]) -> TensorArgument:
        """Return the argument with the symbols in `sizes` replaced by numbers."""
        high = sizes.get(self.high, self.high) if isinstance(self.high, str) else self.high
        return replace(self, shape=_resolved(self.shape, sizes), high=high)


@dataclass(frozen=True)
class Setting:
    """A value that is passed as it is, a copy at each call."""

    value: Any

    @property
    def text(self) -> str:
        """The value as the report writes it."""
        name = getattr(self.value, "__name__", "")
        return str(name) if callable(self.value) and name else repr(self.value)


@dataclass(frozen=True)
class SizeArgument:
    """A size, as a number, or several as a tuple or a list of numbers."""

    symbols: tuple[Size, ...]
    container: type | None = None

    def value(self, sizes: Mapping[str, int]) -> Any:
        """Return the number, or the container of numbers."""
        numbers = _resolved(self.symbols, sizes)
        return numbers[0] if self.container is None else self.container(numbers)


@dataclass(frozen=True)
class Dictionary:
    """A dictionary of arguments by their keys."""

    items: tuple[tuple[str, Argument], ...]


Argument = TensorArgument | Setting | SizeArgument | Dictionary
Arguments = tuple[tuple[str, Argument], ...]


def _resolved(shape: tuple[Size, ...], sizes: Mapping[str, int]) -> tuple[Any, ...]:
    return tuple(resolved(size, sizes) for size in shape)


def resolved(size: Size, sizes: Mapping[str, int]) -> Size:
    """Return a size as a number where `sizes` has all of its symbols.

    Examples
    --------
    >>> resolved("4*h", {"h": 3}), resolved("h+n", {"h": 3, "n": 2}), resolved("m", {})
    (12, 5, 'm')
    """
    if isinstance(size, int) or not parts_of(size) <= set(sizes):
        return size
    total = 0
    for term in size.split("+"):
        product = 1
        for factor in term.split("*"):
            product *= int(factor) if factor.isdigit() else sizes[factor]
        total += product
    return total


def parts_of(size: Size) -> set[str]:
    """Return the symbols that a size is written with."""
    words = size.replace("+", "*").split("*") if isinstance(size, str) else []
    return {word for word in words if not word.isdigit()}


def tensors_of(arguments: Arguments) -> dict[str, TensorArgument]:
    """Return the tensors among arguments, those in dictionaries too, by name."""
    found: dict[str, TensorArgument] = {}
    for name, argument in arguments:
        if isinstance(argument, TensorArgument):
            found[name] = argument
        elif isinstance(argument, Dictionary):
            found |= tensors_of(argument.items)
    return found


def settings_of(arguments: Arguments) -> dict[str, Setting]:
    """Return the settings among arguments, those in dictionaries too, by name."""
    found: dict[str, Setting] = {}
    for name, argument in arguments:
        if isinstance(argument, Setting):
            found[name] = argument
        elif isinstance(argument, Dictionary):
            found |= settings_of(argument.items)
    return found


def passed(argument: Argument, name: str, sizes: Mapping[str, int], values: Values) -> Any:
    """Return what is passed for an argument."""
    match argument:
        case TensorArgument():
            return values[name]
        case SizeArgument():
            return argument.value(sizes)
        case Dictionary():
            return {key: passed(item, key, sizes, values) for key, item in argument.items}
        case Setting():
            return _copied(argument.value)


def _copied(value: Any) -> Any:
    """Copy containers, so that one call's changes do not reach the next; nothing else."""
    return copy.deepcopy(value) if isinstance(value, dict | list | np.ndarray) else value


def symbols_in(arguments: Arguments) -> tuple[str, ...]:
    """Return the symbols of sizes in arguments, each once."""
    seen: dict[str, None] = {}
    for _, argument in arguments:
        match argument:
            case TensorArgument():
                high = (argument.high,) if isinstance(argument.high, str) else ()
                names: tuple[Any, ...] = (*argument.shape, *high)
            case SizeArgument():
                names = argument.symbols
            case Dictionary():
                names = symbols_in(argument.items)
            case _:
                names = ()
        seen |= dict.fromkeys(part for name in names for part in sorted(parts_of(name)))
    return tuple(seen)
