"""The laws: one property each, and which of them apply to which kind of subject."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradlab.interfaces import Kind
from gradlab.laws import (
    adjoint,
    aliasing,
    autograd_graph,
    backward_twice,
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
    second_forward,
    selection,
    shape,
    state,
    subgradient,
    symmetries,
    training,
    two_instances,
)
from gradlab.laws.case import Case, Law

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradlab.laws.routine_case import RoutineCase

#: Every law, in the order in which a report lists them.
LAWS: tuple[Law[Case], ...] = (
    gradient.LAW,
    subgradient.LAW,
    linearity.LAW,
    adjoint.LAW,
    shape.LAW,
    dtype.LAW,
    precision.LAW,
    reference.LAW,
    mutation.LAW,
    aliasing.LAW,
    state.LAW,
    second_forward.LAW,
    backward_twice.LAW,
    two_instances.LAW,
    fresh_process.LAW,
    *batch.LAWS,
    extremes.LAW,
    *symmetries.LAWS,
    *costs.LAWS,
    labels.LAW,
)

#: Every law of each kind of routine, in the order in which a report lists them.
ROUTINE_LAWS: Mapping[Kind, tuple[Law[RoutineCase[Any]], ...]] = {
    Kind.INITIALIZER: initializers.LAWS,
    Kind.OPTIMIZER: optimizers.LAWS,
    Kind.BATCHES: minibatches.LAWS,
    Kind.NETWORK: networks.LAWS,
    Kind.TRAINING: training.LAWS,
    Kind.GRAPH: autograd_graph.LAWS,
    Kind.UPDATE: parameter_update.LAWS,
}

#: The laws of layers and costs, and those of every kind of routine.
EVERY: tuple[Law[Any], ...] = (*LAWS, *(law for laws in ROUTINE_LAWS.values() for law in laws))


def law(name: str) -> Law[Case]:
    """Return the law of this name.

    Raises
    ------
    GradlabError
        If there is none; the message lists close ones.

    Examples
    --------
    >>> law("purity").sentence
    'forward and backward change nothing that they are handed'
    """
    return selection.named(LAWS, name)


__all__ = ["EVERY", "LAWS", "ROUTINE_LAWS", "Case", "Law", "law"]
