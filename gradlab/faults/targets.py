"""What a fault can be planted in: the correct things of the reference, by name."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab import reference
from gradlab.adapters import adapt
from gradlab.adapters.article_layer import AttributeMap, LayerSession
from gradlab.domain import Content, Domain, Role, TensorSpec
from gradlab.errors import GradlabError
from gradlab.faults.mutants.layers import FACES
from gradlab.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gradlab.subject import Gradients, Outputs, Values


class Kind(enum.StrEnum):
    """What sort of thing a target is, and so how it is used."""

    LAYER = "layer"
    COST = "cost"
    PENALTY = "penalty"
    INITIALIZER = "initializer"
    OPTIMIZER = "optimizer"
    BATCHES = "batches"
    NETWORK = "network"
    TRAINING = "training"
    GRAPH = "graph"


@dataclass(frozen=True)
class Target:
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


def _layer(name: str, cls: type, domain: Domain) -> Target:
    return Target(name, Kind.LAYER, cls, domain)


def _columns(rows: str = "n", kinks: tuple[float, ...] = ()) -> Domain:
    return Domain((TensorSpec("Z", (rows, "m"), kinks=kinks),))


def _cost(name: str, cost: Callable[..., Any], labels: TensorSpec, against: TensorSpec) -> Target:
    batch = "m" if "m" in labels.shape else ""
    # One class has nothing to choose from: its softmax and its cost are constant.
    minimum = {"classes": 2} if "classes" in labels.shape else None
    return Target(name, Kind.COST, cost, Domain((labels, against), batch, minimum))


_LAYERS = (
    _layer(
        "linear",
        reference.LinearLayer,
        Domain(
            (
                TensorSpec("A_prev", ("n_in", "m")),
                TensorSpec("W", ("n_out", "n_in"), Role.PARAMETER),
                TensorSpec("b", ("n_out", 1), Role.PARAMETER),
            )
        ),
    ),
    _layer("sigmoid", reference.SigmoidLayer, _columns()),
    _layer("tanh", reference.TanhLayer, _columns()),
    _layer("relu", reference.ReLULayer, _columns(kinks=(0.0,))),
    _layer("leaky_relu", reference.LeakyReLULayer, _columns(kinks=(0.0,))),
    _layer("sin", reference.SinLayer, _columns()),
    _layer("cos", reference.CosLayer, _columns()),
    _layer("identity", reference.IdentityLayer, _columns()),
    _layer("softmax", reference.SoftmaxLayer, _columns("classes")),
    _layer(
        "flatten",
        reference.FlattenLayer,
        Domain((TensorSpec("A_prev", ("m", "height", "width")),)),
    ),
)
_LABELS = partial(TensorSpec, role=Role.LABEL)
_COSTS = (
    _cost(
        "squared_error",
        reference.compute_cost,
        _LABELS("Y", ("n", "m")),
        TensorSpec("Y_hat", ("n", "m")),
    ),
    _cost(
        "squared_error_loss",
        reference.squared_error_loss,
        _LABELS("y", ("n", 1)),
        TensorSpec("y_hat", ("n", 1)),
    ),
    _cost(
        "binary_cross_entropy",
        reference.binary_cross_entropy,
        _LABELS("Y", ("n", "m"), content=Content.BINARY),
        TensorSpec("Y_hat", ("n", "m"), content=Content.PROBABILITY),
    ),
    _cost(
        "binary_cross_entropy_from_logits",
        reference.binary_cross_entropy_from_logits,
        _LABELS("Y", ("n", "m"), content=Content.BINARY),
        TensorSpec("Z", ("n", "m")),
    ),
    _cost(
        "softmax_cross_entropy",
        reference.softmax_cross_entropy,
        _LABELS("Y", ("classes", "m"), content=Content.ONE_HOT),
        TensorSpec("Z", ("classes", "m")),
    ),
)
_OTHERS = (
    Target(
        "l2_penalty",
        Kind.PENALTY,
        reference.l2_penalty,
        Domain((TensorSpec("W", ("n_out", "n_in"), Role.PARAMETER),), batch=""),
    ),
    *(
        Target(name, Kind.INITIALIZER, partial(reference.initialize_parameters, ini_type=name))
        for name in ("plain", "xavier", "he")
    ),
    Target("gradient_descent", Kind.OPTIMIZER, reference.GradientDescent),
    Target("momentum", Kind.OPTIMIZER, reference.Momentum),
    Target("rmsprop", Kind.OPTIMIZER, reference.RMSprop),
    Target("adam", Kind.OPTIMIZER, reference.Adam),
    Target("batches", Kind.BATCHES, reference.batches),
    Target("network", Kind.NETWORK, reference.Network),
    Target("train", Kind.TRAINING, reference.train),
    Target("graph", Kind.GRAPH, reference.graph.backward),
)

TARGETS: Mapping[str, Target] = {target.name: target for target in (*_LAYERS, *_COSTS, *_OTHERS)}

#: λ and m of the penalty's subject, whose only tensor is W.
PENALTY_LAMBDA, PENALTY_M = 2.0, 5


def subject_of(target: Target, obj: Any, name: str) -> Subject:
    """Make a `Subject` of `target`, or of a variant of it; its twin is the reference's own.

    Raises
    ------
    GradlabError
        If it is of a kind that has no gradient of its own.
    """
    twin = _alone(target, target.correct, f"reference {target.name}")
    return replace(_alone(target, obj, name), twin=twin)


def _alone(target: Target, obj: Any, name: str) -> Subject:
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


def _layer_subject(target: Target, cls: Any, name: str) -> Subject:
    """Make the subject of a layer class, which may fail at any shape: nothing is probed."""
    source = target.domain.tensors[0].name
    attributes = AttributeMap(name, source, FACES[target.name].output, in_dict=True)

    def open_session(values: Values) -> LayerSession:
        shape = values[source].shape
        if target.name != "linear":
            return LayerSession(cls(shape), attributes)
        # The weights are replaced by those in `values`; NumPy's global stream is left alone.
        rng = np.random.default_rng(0)
        return LayerSession(cls(shape, n_out=values["W"].shape[0], rng=rng), attributes)

    layout = "(examples, height, width)" if target.name == "flatten" else "(features, examples)"
    return Subject(name, open_session, target.domain, convention="article", layout=layout)


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
