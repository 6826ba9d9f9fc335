"""Kind: what sort of thing is checked, which decides the laws that apply to it."""

from __future__ import annotations

import enum


class Kind(enum.StrEnum):
    """The kind of a subject.

    A layer, a cost and a penalty have a vector-Jacobian product (`gradlab.subject`);
    each other kind has an interface of its own (`gradlab.interfaces`).

    Examples
    --------
    >>> Kind.OPTIMIZER.described
    'an optimizer'
    """

    LAYER = "layer"
    COST = "cost"
    PENALTY = "penalty"
    INITIALIZER = "initializer"
    OPTIMIZER = "optimizer"
    MINIBATCHES = "minibatches"
    NETWORK = "network"
    TRAINING = "training"
    GRAPH = "graph"
    UPDATE = "update"

    @property
    def described(self) -> str:
        """The kind as a noun with its article, for messages."""
        return _DESCRIBED[self]


_DESCRIBED = {
    Kind.LAYER: "a layer",
    Kind.COST: "a cost",
    Kind.PENALTY: "a penalty",
    Kind.INITIALIZER: "an initializer",
    Kind.OPTIMIZER: "an optimizer",
    Kind.MINIBATCHES: "a mini-batching function",
    Kind.NETWORK: "a network",
    Kind.TRAINING: "a training loop",
    Kind.GRAPH: "a class of graph nodes",
    Kind.UPDATE: "the update of a layer",
}
