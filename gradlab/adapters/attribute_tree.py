"""The numbers below an object: where they are held, reading them, putting others there."""

from __future__ import annotations

import types
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

#: How many containers and objects are opened on the way to a number.
_DEPTH = 4
_LARGEST_LIST = 64
#: The modules of objects that hold no parameters of a layer.
_FOREIGN = ("numpy", "builtins", "random", "logging", "torch", "jax", "gradlab")
_CLOSED = (type, types.ModuleType, types.FunctionType, types.MethodType)


@dataclass(frozen=True)
class Path:
    """The way from an object to what it holds: attributes, keys, indices.

    Each step is a pair: ``("attribute", "W")``, ``("key", "W1")``, ``("index", 0)``.
    """

    steps: tuple[tuple[str, Any], ...] = ()

    def then(self, kind: str, name: Any) -> Path:
        """Return the way to what is held one step further."""
        return Path((*self.steps, (kind, name)))

    @property
    def last(self) -> str:
        """The last name on the way."""
        named = [str(name) for kind, name in self.steps if kind != "index"]
        return named[-1] if named else ""

    @property
    def containers(self) -> tuple[str, ...]:
        """The names before the last."""
        return tuple(str(name) for kind, name in self.steps[:-1] if kind != "index")

    def __str__(self) -> str:
        text = ""
        for kind, name in self.steps:
            text += f".{name}" if kind == "attribute" else f"[{name!r}]"
        return text.removeprefix(".")

    def get(self, root: Any) -> Any:
        """Return what is held there.

        Raises
        ------
        LookupError
            If nothing is.
        """
        held = root
        for kind, name in self.steps:
            if kind == "attribute":
                if not hasattr(held, name):
                    raise LookupError(str(self))
                held = getattr(held, name)
            else:
                held = held[name]
        return held

    def put(self, root: Any, value: Any) -> None:
        """Hold `value` there instead."""
        holder = Path(self.steps[:-1]).get(root)
        kind, name = self.steps[-1]
        if kind == "attribute":
            setattr(holder, name, value)
        elif isinstance(holder, tuple):
            changed = type(holder)((*holder[:name], value, *holder[name + 1 :]))
            Path(self.steps[:-1]).put(root, changed)
        else:
            holder[name] = value


def numbers_below(root: Any) -> dict[Path, Any]:
    """Return the float arrays and Python floats below an object, each way to one of them.

    Examples
    --------
    >>> class Layer:
    ...     def __init__(self):
    ...         self.params, self.slope = {"W": np.ones(2)}, 0.1
    >>> [str(path) for path in numbers_below(Layer())]
    ["params['W']", 'slope']
    """
    found: dict[Path, Any] = {}
    for path, value in _below(root, Path(), _DEPTH, set()):
        if isinstance(value, np.ndarray):
            if value.dtype.kind == "f":
                found[path] = value
        elif isinstance(value, float | np.floating):
            found[path] = value
    return found


def _below(holder: Any, path: Path, depth: int, on_the_way: set[int]) -> Iterator[tuple[Path, Any]]:
    if isinstance(holder, np.ndarray | float | np.floating):
        yield path, holder
        return
    if depth == 0 or id(holder) in on_the_way:
        return
    on_the_way = on_the_way | {id(holder)}
    for kind, name, value in _held(holder):
        yield from _below(value, path.then(kind, name), depth - 1, on_the_way)


def _held(holder: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(holder, dict):
        for key, value in list(holder.items()):
            if isinstance(key, str | int):
                yield "key", key, value
    elif isinstance(holder, list | tuple):
        if len(holder) <= _LARGEST_LIST:
            for index, value in enumerate(holder):
                yield "index", index, value
    elif not isinstance(holder, _CLOSED) and type(holder).__module__.split(".")[0] not in _FOREIGN:
        yield from _attributes(holder)


def _attributes(holder: Any) -> Iterator[tuple[str, Any, Any]]:
    for name, value in list(getattr(holder, "__dict__", {}).items()):
        yield "attribute", name, value
    for name in _slots(type(holder)):
        if hasattr(holder, name):
            yield "attribute", name, getattr(holder, name)


def _slots(cls: type) -> tuple[str, ...]:
    slots = getattr(cls, "__slots__", ())
    return (slots,) if isinstance(slots, str) else tuple(slots)
