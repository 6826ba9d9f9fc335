"""The laws: one property each, and which of them apply to which kind of subject."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradlab.kinds import Kind
from gradlab.laws import (
    adjoint,
    autograd_graph,
    batch,
    costs,
    dtype,
    extremes,
    fresh_process,
    gradient,
    initializers,
    labels,
    linearity,
    minibatches,
    mutation,
    networks,
    optimizers,
    parameter_update,
    precision,
    reference,
    selection,
    shape,
    state,
    subgradient,
    symmetries,
    training,
)
from gradlab.laws.case import Case, Law

if TYPE_CHECKING:
    from collections.abc import Mapping

# Of what has a forward and a vector-Jacobian product, in the order of a report.
_DIFFERENTIABLE: tuple[Law[Case], ...] = (
    gradient.LAW,
    subgradient.LAW,
    linearity.LAW,
    adjoint.LAW,
    shape.LAW,
    dtype.LAW,
    precision.LAW,
    reference.LAW,
    *mutation.LAWS,
    *state.LAWS,
    fresh_process.LAW,
    *batch.LAWS,
    extremes.LAW,
    *symmetries.LAWS,
    *costs.LAWS,
    labels.LAW,
)

#: The laws of each kind of subject, in the order in which a report lists them.
LAWS: Mapping[Kind, tuple[Law[Any], ...]] = {
    Kind.LAYER: _DIFFERENTIABLE,
    Kind.COST: _DIFFERENTIABLE,
    Kind.PENALTY: _DIFFERENTIABLE,
    Kind.INITIALIZER: initializers.LAWS,
    Kind.OPTIMIZER: optimizers.LAWS,
    Kind.MINIBATCHES: minibatches.LAWS,
    Kind.NETWORK: networks.LAWS,
    Kind.TRAINING: training.LAWS,
    Kind.GRAPH: autograd_graph.LAWS,
    Kind.UPDATE: parameter_update.LAWS,
}

#: Every law once; laws of different kinds may share a name.
ALL: tuple[Law[Any], ...] = tuple({id(law): law for laws in LAWS.values() for law in laws}.values())


def law(name: str, kind: Kind = Kind.LAYER) -> Law[Any]:
    """Return the law of this name among those of one kind of subject.

    Raises
    ------
    GradlabError
        If there is none; the message lists close ones.

    Examples
    --------
    >>> law("purity").sentence
    'forward and backward change none of their arguments in place'
    """
    return selection.named(LAWS[kind], name)


__all__ = ["ALL", "LAWS", "Case", "Law", "law"]
