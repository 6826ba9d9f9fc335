"""Which laws are asked of which kind of routine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradlab.interfaces import Kind
from gradlab.laws import (
    LAWS,
    autograd_graph,
    initializers,
    minibatches,
    networks,
    optimizers,
    parameter_update,
    training,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradlab.laws.case import Law
    from gradlab.laws.routine_case import Trial

#: Every law of each kind of routine, in the order in which a report lists them.
ROUTINE_LAWS: Mapping[Kind, tuple[Law[Trial[Any]], ...]] = {
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
