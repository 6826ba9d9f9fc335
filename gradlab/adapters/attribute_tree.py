"""The numbers below an object: where they are held, reading them, putting others there."""

from __future__ import annotations

import builtins
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
_FOREIGN = ("numpy", "random", "logging", "torch", "jax", "gradlab")
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
    >>> from types import SimpleNamespace
    >>> layer = SimpleNamespace(params={"W": np.ones(2)}, slope=0.1)
    >>> [str(path) for path in numbers_below(layer)]
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
    elif not isinstance(holder, _CLOSED) and not _is_foreign(type(holder)):
        for name, value in attributes_of(holder).items():
            yield "attribute", name, value


def _is_foreign(cls: type) -> bool:
    if cls.__module__ == "builtins":  # what exec defines without a __name__ is there too
        return getattr(builtins, cls.__name__, None) is cls
    return cls.__module__.split(".")[0] in _FOREIGN


def attributes_of(obj: object) -> dict[str, Any]:
    """Return an object's own attributes, from its dictionary and its slots.

    Examples
    --------
    >>> class Layer:
    ...     __slots__ = ("W", "b")
    >>> layer = Layer()
    >>> layer.W = 1.0
    >>> attributes_of(layer)
    {'W': 1.0}
    """
    found = dict(getattr(obj, "__dict__", {}))
    slots = [name for cls in type(obj).__mro__ for name in _slots(cls)]
    return found | {name: getattr(obj, name) for name in slots if hasattr(obj, name)}


def _slots(cls: type) -> list[str]:
    """Return the slots that a class adds, under the names by which they are reached."""
    slots = vars(cls).get("__slots__", ())
    names = [slots] if isinstance(slots, str) else list(slots)
    private = f"_{cls.__name__.lstrip('_')}"
    return [
        f"{private}{name}" if name.startswith("__") and not name.endswith("__") else name
        for name in names
        if name not in ("__dict__", "__weakref__")
    ]
