"""Computational graphs: a class of nodes with ``backward`` and ``grad``, or a function.

micrograd's ``Value`` keeps its gradient in ``.grad``; the reference's
``graph.backward`` returns the gradients of all nodes of the reference's `Node`.
"""

from __future__ import annotations

import inspect
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab import reference
from gradlab.adapters.calls import as_array, call
from gradlab.adapters.signatures import called, is_function, required
from gradlab.errors import CodeUnderTestError, GradlabError
from gradlab.interfaces import GraphInterface, Routine
from gradlab.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Array = NDArray[Any]

NAMES = ("graph",)

_GRADIENTS = ("grad", "gradient")
_ARRAY_METHODS = ("shape", "reshape", "matmul", "__matmul__", "transpose", "T")


def looks_like_one(obj: object) -> bool:
    """Whether the shape of the code leaves no doubt: nodes that add, multiply and go backward."""
    operations = ("__add__", "__mul__", "backward")
    return isinstance(obj, type) and all(hasattr(obj, name) for name in operations)


def adapt(obj: Any, like: str | None, name: str | None = None) -> Routine[GraphInterface]:
    """Make a routine of a class of nodes, or of the backward of the reference's nodes.

    Raises
    ------
    GradlabError
        If it is neither.
    """
    title = name or called(obj)
    if looks_like_one(obj):
        interface, convention = _of_class(obj, title), "micrograd"
    elif is_function(obj) and len(required(obj)) == 1:
        interface, convention = _of_function(obj, title), "backward(result)"
    else:
        msg = (
            f"{title} is no graph that gradlab can call; one is a class of nodes with +, *, "
            "backward() and grad, or a function from a gradlab.reference.graph.Node to gradients"
        )
        raise GradlabError(msg)
    return Routine(title, Kind.GRAPH, interface, like or "graph", convention)


def _of_class(cls: type[Any], title: str) -> GraphInterface:
    def gradients(result: Any, nodes: list[Any]) -> list[float]:
        call(f"{title}.backward", result.backward)
        return [_gradient(node, title) for node in nodes]

    return GraphInterface(
        lambda value: _Guarded(_made(cls, value, title), title),
        _unguarded(gradients),
        partial(_broadcast, cls, title) if _takes_arrays(cls) else None,
    )


def _made(cls: type[Any], value: Any, title: str) -> Any:
    """Make a node of a value, one that has a gradient."""
    settings = {"requires_grad": True} if "requires_grad" in _arguments(cls) else {}
    return call(f"{title}()", cls, value, **settings)


def _arguments(function: Any) -> Mapping[str, inspect.Parameter]:
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):
        return {}


def _takes_arrays(cls: type[Any]) -> bool:
    """Whether nodes are of arrays: a number is held as an array, or there are array methods."""
    if any(hasattr(cls, name) for name in _ARRAY_METHODS):
        return True
    try:
        node = _made(cls, 1.5, cls.__name__)
    except GradlabError:
        return False
    return any(isinstance(value, np.ndarray) for value in getattr(node, "__dict__", {}).values())


def _broadcast(cls: type[Any], title: str, x: Array, y: Array) -> list[Array] | None:
    """Return the gradients of Σ(x·y + y); None if the shapes do not broadcast."""
    nodes = [_made(cls, np.array(value), title) for value in (x, y)]
    try:
        result = call(f"{title} * {title} + {title}", lambda: nodes[0] * nodes[1] + nodes[1])
    except CodeUnderTestError:
        if x.shape == y.shape:
            raise
        return None
    total = getattr(result, "sum", None)
    if callable(total):
        result = call(f"{title}.sum", total)
    needed = [p for p in _arguments(result.backward).values() if p.default is p.empty]
    ones = () if callable(total) else (np.ones(np.broadcast_shapes(x.shape, y.shape)),)
    given = (ones or (np.ones(()),)) if needed else ()
    call(f"{title}.backward", result.backward, *given)
    return [_array_gradient(node, title) for node in nodes]


def _array_gradient(node: Any, title: str) -> Array:
    held = next((getattr(node, key) for key in _GRADIENTS if hasattr(node, key)), None)
    inner = getattr(held, "data", None)  # a gradient may itself be a node
    return as_array(f"{title}.grad", inner if isinstance(inner, np.ndarray) else held)


def _gradient(node: Any, title: str) -> float:
    held = next((getattr(node, key) for key in _GRADIENTS if hasattr(node, key)), None)
    return _number(f"{title}.grad", held)


def _number(what: str, value: Any) -> float:
    array = as_array(what, value)
    if array.size != 1:
        msg = f"{what} has shape {array.shape}, where one number was expected"
        raise CodeUnderTestError(msg)
    return float(array.reshape(()))


class _Guarded:
    """A node whose + and * report their exceptions in a sentence."""

    def __init__(self, node: Any, title: str) -> None:
        self.node = node
        self._title = title

    def __add__(self, other: _Guarded) -> _Guarded:
        result = call(f"{self._title} + {self._title}", lambda: self.node + other.node)
        return _Guarded(result, self._title)

    def __mul__(self, other: _Guarded) -> _Guarded:
        result = call(f"{self._title} * {self._title}", lambda: self.node * other.node)
        return _Guarded(result, self._title)


def _unguarded(
    gradients: Callable[[Any, list[Any]], list[float]],
) -> Callable[[Any, list[Any]], list[float]]:
    return lambda result, nodes: gradients(result.node, [guarded.node for guarded in nodes])


def _of_function(function: Callable[..., Any], title: str) -> GraphInterface:
    def gradients(result: Any, nodes: list[Any]) -> list[float]:
        found = call(title, function, result)
        return [
            _number(f"the gradient of {node} from {title}", call(title, lambda n=node: found[n]))
            for node in nodes
        ]

    return GraphInterface(reference.graph.Node, gradients)
