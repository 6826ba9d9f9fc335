"""A small computational graph with shared nodes.

Source: the article, figures 15 and 51 to 61.  The one rule: a node's gradient
is the sum over all paths that lead from it to the result.  Values are scalars
or arrays; where a value was broadcast, as a bias is over the examples, the sum
over its copies is part of the same rule.

Examples
--------
A node that two others use receives two gradients:

>>> a, b = Node(2.0, "a"), Node(1.0, "b")
>>> c, d = a + b, b + 1.0
>>> e = c * d
>>> gradients = backward(e)
>>> [float(flow.gradient) for flow in gradients.incoming(b)], float(gradients[b])
([2.0, 3.0], 5.0)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradlab.reference import functions
from gradlab.reference._arrays import as_float

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import ArrayLike

    from gradlab.reference._arrays import Array

    Elementwise = Callable[[Array], Array]


@dataclass(frozen=True, eq=False)
class Edge:
    """What connects a node to one of its inputs.

    Attributes
    ----------
    source
        The input.
    pullback
        From the gradient with respect to the node to the part of the input's
        gradient that comes along this edge: upstream times local.
    """

    source: Node
    pullback: Callable[[Array], Array]

    @property
    def local_gradient(self) -> Array:
        """What an upstream gradient of 1 becomes on this edge."""
        return self.pullback(np.asarray(1.0))


class Node:
    """A value in a graph, and how it came about.

    ``+``, ``-``, ``*`` and ``@`` (the dot product) build new nodes; a plain
    number or array on either side becomes a node of its own.

    Parameters
    ----------
    value
        A scalar or an array.
    name
        For printing.
    edges
        To the nodes it was computed from; empty for an input.
    """

    # An array on the left must leave the operation to the node.
    __array_ufunc__ = None

    def __init__(self, value: ArrayLike, name: str = "", edges: tuple[Edge, ...] = ()) -> None:
        self.value = as_float(value, name or "value")
        self.name = name
        self.edges = edges

    def __repr__(self) -> str:
        return f"Node({self.name or '?'}: {self.value})"

    def __add__(self, other: Node | ArrayLike) -> Node:
        return _combine(self, _node(other), "+", lambda x, y: x + y, lambda _x, _y: (1.0, 1.0))

    def __sub__(self, other: Node | ArrayLike) -> Node:
        return _combine(self, _node(other), "-", lambda x, y: x - y, lambda _x, _y: (1.0, -1.0))

    def __mul__(self, other: Node | ArrayLike) -> Node:
        return _combine(self, _node(other), "×", lambda x, y: x * y, lambda x, y: (y, x))

    def __radd__(self, other: ArrayLike) -> Node:
        return _node(other) + self

    def __rsub__(self, other: ArrayLike) -> Node:
        return _node(other) - self

    def __rmul__(self, other: ArrayLike) -> Node:
        return _node(other) * self

    def __matmul__(self, other: Node | ArrayLike) -> Node:
        right = _node(other)
        W, X = self.value, right.value
        if W.ndim != 2 or X.ndim != 2 or W.shape[1] != X.shape[0]:
            msg = f"the dot product needs matrices (n, k) and (k, m); got {W.shape} and {X.shape}"
            raise ValueError(msg)
        shape = (W.shape[0], X.shape[1])
        edges = (
            Edge(self, lambda upstream: np.broadcast_to(upstream, shape) @ X.T),
            Edge(right, lambda upstream: W.T @ np.broadcast_to(upstream, shape)),
        )
        return Node(W @ X, "·", edges)

    def __rmatmul__(self, other: ArrayLike) -> Node:
        return _node(other) @ self

    def named(self, name: str) -> Node:
        """Return the same node, called `name`."""
        self.name = name
        return self


def elementwise(node: Node, function: Elementwise, derivative: Elementwise, name: str) -> Node:
    """Return f(node), entry by entry, given f and its derivative."""
    local = derivative(node.value)
    return Node(function(node.value), name, (Edge(node, lambda upstream: upstream * local),))


def sigmoid(node: Node) -> Node:
    """Return σ(node); the article, figures 17 and 18."""
    return elementwise(node, functions.sigmoid, functions.sigmoid_derivative, "σ")


def square(node: Node) -> Node:
    """Return node², entry by entry (the Hadamard power of figure 35)."""
    return elementwise(node, np.square, lambda value: 2 * value, "²")


def total(node: Node) -> Node:
    """Return the sum of the entries."""
    shape = node.value.shape
    return Node(
        np.sum(node.value),
        "Σ",
        (Edge(node, lambda upstream: np.broadcast_to(upstream, shape)),),
    )


@dataclass(frozen=True)
class Flow:
    """A gradient that arrives at a node from one of the nodes that use it."""

    user: Node
    gradient: Array


class Gradients:
    """The gradient of one result with respect to every node that it depends on.

    Indexed by node; a node that the result does not depend on is a `KeyError`.
    """

    def __init__(self, totals: Mapping[Node, Array], flows: Mapping[Node, list[Flow]]) -> None:
        self._totals = totals
        self._flows = flows

    def __getitem__(self, node: Node) -> Array:
        return self._totals[node]

    def __contains__(self, node: object) -> bool:
        return node in self._totals

    def incoming(self, node: Node) -> tuple[Flow, ...]:
        """Return the gradients that add up to that of `node`, one for each edge that leaves it."""
        return tuple(self._flows[node])


def backward(result: Node) -> Gradients:
    """Return the gradients of `result` with respect to every node that it depends on.

    Nothing is kept on the nodes, so that a second call gives the same.

    Raises
    ------
    ValueError
        If `result` has more than one entry: only a scalar has a gradient.
    """
    if result.value.size != 1:
        msg = f"only a single number has a gradient; the result has the shape {result.value.shape}"
        raise ValueError(msg)
    totals = {result: np.ones_like(result.value)}
    flows: dict[Node, list[Flow]] = {result: []}
    for node in _users_first(result):
        for edge in node.edges:
            gradient = edge.pullback(totals[node])
            earlier = totals.get(edge.source)
            totals[edge.source] = gradient if earlier is None else earlier + gradient
            flows.setdefault(edge.source, []).append(Flow(node, gradient))
    return Gradients(totals, flows)


def _users_first(result: Node) -> list[Node]:
    """Return all nodes below `result`, each after every node that uses it."""
    finished: dict[Node, None] = {}  # a dict, for its order
    stack = [(result, False)]
    while stack:
        node, inputs_done = stack.pop()
        if inputs_done:
            finished[node] = None
        elif node not in finished:
            stack.append((node, True))
            stack.extend((edge.source, False) for edge in node.edges)
    return list(reversed(finished))


def _node(value: Node | ArrayLike) -> Node:
    return value if isinstance(value, Node) else Node(value)


def _combine(
    left: Node,
    right: Node,
    name: str,
    function: Callable[[Array, Array], Array],
    locals_: Callable[[Array, Array], tuple[Array | float, Array | float]],
) -> Node:
    """Return an elementwise node of two inputs, either of which may be broadcast."""
    value = function(left.value, right.value)
    shape = np.shape(value)

    def edge(source: Node, local: Array | float) -> Edge:
        def pullback(upstream: Array) -> Array:
            return _sum_copies(np.broadcast_to(upstream * local, shape), source.value.shape)

        return Edge(source, pullback)

    local_left, local_right = locals_(left.value, right.value)
    return Node(value, name, (edge(left, local_left), edge(right, local_right)))


def _sum_copies(gradient: Array, shape: tuple[int, ...]) -> Array:
    """Add up the gradients of the copies that broadcasting made of a value of `shape`."""
    lead = gradient.ndim - len(shape)
    summed = np.sum(gradient, axis=tuple(range(lead)))
    copied = tuple(i for i, size in enumerate(shape) if size == 1 and summed.shape[i] != 1)
    total_: Array = np.sum(summed, axis=copied, keepdims=True)
    return total_
