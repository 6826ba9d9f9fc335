"""Costs and their gradients.

Every cost takes the labels first, as `compute_cost` of the article does, and
returns (cost, gradient): the cost as a scalar, the gradient with respect to the
predictions (or logits) in their shape.  All of them average over the m examples,
which stand in the columns, and sum over the outputs of an example; the 1/m is in
the gradient here and nowhere else.
"""

from gradlab.reference.costs.cross_entropy import (
    binary_cross_entropy,
    binary_cross_entropy_from_logits,
    one_hot,
    softmax_cross_entropy,
)
from gradlab.reference.costs.penalty import l2_penalty
from gradlab.reference.costs.squared_error import compute_cost, squared_error_loss

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_from_logits",
    "compute_cost",
    "l2_penalty",
    "one_hot",
    "softmax_cross_entropy",
    "squared_error_loss",
]
