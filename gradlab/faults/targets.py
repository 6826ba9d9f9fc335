"""What a fault can be planted in: the correct things of the reference, by name."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab import reference
from gradlab.adapters import adapt
from gradlab.adapters.article_layer import AttributeMap, LayerSession
from gradlab.domain import Domain, Role, TensorSpec
from gradlab.errors import GradlabError
from gradlab.kinds import Kind
from gradlab.reference_table import COSTS, LAYERS
from gradlab.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gradlab.subject import Gradients, Outputs, Values


@dataclass(frozen=True)
class ReferenceTarget:
    """One correct thing.

    Attributes
    ----------
    correct
        The class or function of `gradlab.reference`.
    domain
        What it accepts; empty for what is no layer, cost or penalty.
    """

    name: str
    kind: Kind
    correct: Any
    domain: Domain = field(default_factory=lambda: Domain(()))


_LAYERS = tuple(
    ReferenceTarget(row.name, Kind.LAYER, row.cls, row.domain) for row in LAYERS.values()
)
_COSTS = tuple(
    ReferenceTarget(row.name, Kind.COST, row.function, row.domain) for row in COSTS.values()
)
_OTHERS = (
    ReferenceTarget(
        "l2_penalty",
        Kind.PENALTY,
        reference.l2_penalty,
        Domain((TensorSpec("W", ("n_out", "n_in"), Role.PARAMETER),), batch=""),
    ),
    *(
        ReferenceTarget(
            name, Kind.INITIALIZER, partial(reference.initialize_parameters, ini_type=name)
        )
        for name in ("plain", "xavier", "he")
    ),
    ReferenceTarget("gradient_descent", Kind.OPTIMIZER, reference.GradientDescent),
    ReferenceTarget("momentum", Kind.OPTIMIZER, reference.Momentum),
    ReferenceTarget("rmsprop", Kind.OPTIMIZER, reference.RMSprop),
    ReferenceTarget("adam", Kind.OPTIMIZER, reference.Adam),
    ReferenceTarget("batches", Kind.MINIBATCHES, reference.batches),
    ReferenceTarget("network", Kind.NETWORK, reference.Network),
    ReferenceTarget("train", Kind.TRAINING, reference.train),
    ReferenceTarget("graph", Kind.GRAPH, reference.graph.backward),
)

TARGETS: Mapping[str, ReferenceTarget] = {
    target.name: target for target in (*_LAYERS, *_COSTS, *_OTHERS)
}

#: λ and m of the penalty's subject, whose only tensor is W.
PENALTY_LAMBDA, PENALTY_M = 2.0, 5


def subject_of(target: ReferenceTarget, obj: Any, name: str) -> Subject:
    """Make a `Subject` of `target`, or of a variant of it; its twin is the reference's own.

    Raises
    ------
    GradlabError
        If it is of a kind that has no gradient of its own.
    """
    twin = _alone(target, target.correct, f"reference {target.name}")
    return replace(_alone(target, obj, name), twin=twin)


def _alone(target: ReferenceTarget, obj: Any, name: str) -> Subject:
    if target.kind is Kind.LAYER:
        return _layer_subject(target, obj, name)
    if target.kind is Kind.COST:
        return replace(adapt(obj, convention="article", name=name), domain=target.domain)
    if target.kind is Kind.PENALTY:
        return Subject(name, lambda _: _PenaltySession(obj), target.domain, upstream=False)
    msg = (
        f"{target.name} is of the kind {target.kind}, which has no gradient of its own to make a "
        "subject of; gradlab.faults.registry.build gives the object itself"
    )
    raise GradlabError(msg)


def _layer_subject(target: ReferenceTarget, cls: Any, name: str) -> Subject:
    """Make the subject of a layer class, which may fail at any shape: nothing is probed."""
    row = LAYERS[target.name]
    attributes = AttributeMap(name, row.input, row.output, in_dict=True)

    def open_session(values: Values) -> LayerSession:
        shape = values[row.input].shape
        if not row.parameters:
            return LayerSession(cls(shape), attributes)
        # The weights are replaced by those in `values`; NumPy's global stream is left alone.
        rng = np.random.default_rng(0)
        return LayerSession(cls(shape, **row.arguments(values), rng=rng), attributes)

    return Subject(name, open_session, target.domain, convention="article", layout=row.layout)


class _PenaltySession:
    """The L2 penalty as a function of one weight matrix."""

    def __init__(self, penalty: Callable[..., Any]) -> None:
        self._penalty = penalty
        self._gradients: list[Any] = []

    def forward(self, values: Values) -> Outputs:
        value, self._gradients = self._penalty([values["W"]], PENALTY_M, PENALTY_LAMBDA)
        return (np.asarray(value),)

    def backward(self, values: Values, cotangents: Outputs) -> Gradients:
        del values, cotangents  # a cost without upstream: it is 1
        return {"W": self._gradients[0]}
