"""Costs: one function that returns the cost and its gradient.

Convention `article`: ``compute_cost(Y, Y_hat)`` → (cost, dY_hat), columns are
examples.  Convention `cs231n`: ``softmax_loss(x, y)`` → (loss, dx), rows are
examples and y holds a class for each.  There is no upstream gradient: it is 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters.calls import as_array, call, is_stub, parameters_of
from gradlab.domain import Content, Domain, Layout, Role, TensorSpec
from gradlab.errors import CodeUnderTestError, GradlabError, NoResultError, NotImplementedYetError
from gradlab.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradlab.subject import Gradients, Outputs, Values

#: Names under which people pass the labels.
LABELS = ("Y", "y", "labels", "targets", "y_true", "Y_true", "T", "t")
_NOTE = "a cost without upstream gradient: it is 1, and not random"


def looks_like_a_cost(function: Callable[..., Any]) -> bool:
    """Whether a function takes labels and something to hold against them."""
    arguments = parameters_of(function)
    return len(arguments) == 2 and sum(a in LABELS for a in arguments) == 1


def adapt(function: Callable[..., Any], convention: str | None, name: str) -> Subject:
    """Make a `Subject` of a cost that returns (cost, gradient)."""
    arguments = parameters_of(function)
    if not looks_like_a_cost(function):
        listed = ", ".join(arguments) or "none"
        msg = (
            f"{name} takes ({listed}); a cost takes predictions and labels, the labels under one "
            f"of the names {', '.join(LABELS)}; where it is no cost, say what it is meant to be "
            "with like=…"
        )
        raise GradlabError(msg)
    labels = next(a for a in arguments if a in LABELS)
    predictions = next(a for a in arguments if a != labels)
    chosen = convention or (
        "cs231n" if labels == "y" and predictions in ("x", "scores") else "article"
    )
    specs = _rows(predictions, labels) if chosen == "cs231n" else _columns(predictions, labels)
    domain = Domain(tuple(specs[a] for a in arguments))
    return Subject(
        name,
        lambda _values: _Session(function, name, arguments, predictions),
        domain,
        convention=chosen,
        layout=Layout.EXAMPLES_CLASSES if chosen == "cs231n" else Layout.FEATURES_EXAMPLES,
        upstream=False,
        notes=(_NOTE,),
    )


def _columns(predictions: str, labels: str) -> dict[str, TensorSpec]:
    # Probabilities, because a cross-entropy is defined for nothing else and a
    # squared error does not mind.
    return {
        predictions: TensorSpec(predictions, ("n", "m"), content=Content.PROBABILITY),
        labels: TensorSpec(labels, ("n", "m"), Role.LABEL, Content.BINARY),
    }


def _rows(predictions: str, labels: str) -> dict[str, TensorSpec]:
    return {
        predictions: TensorSpec(predictions, ("m", "classes")),
        labels: TensorSpec(labels, ("m",), Role.INDEX, Content.INTEGER, 0, "classes"),
    }


class _Session:
    """One call of the cost; its gradient waits for backward."""

    def __init__(
        self,
        function: Callable[..., Any],
        name: str,
        arguments: tuple[str, ...],
        predictions: str,
    ) -> None:
        self._function = function
        self._name = name
        self._arguments = arguments
        self._predictions = predictions
        self._gradient: Any = None

    def forward(self, values: Values) -> Outputs:
        result = call(self._name, self._function, *(values[a] for a in self._arguments))
        if result is None and is_stub(self._function):
            msg = f"{self._name} is not implemented yet: its body is empty"
            raise NotImplementedYetError(msg)
        if result is None:
            msg = f"{self._name} returned None, where (cost, gradient) was expected"
            raise NoResultError(msg)
        if not isinstance(result, tuple) or len(result) != 2:
            msg = (
                f"{self._name} returned a {type(result).__name__}, where (cost, gradient) was "
                "expected; a cost without its gradient leaves nothing to check"
            )
            raise CodeUnderTestError(msg)
        cost, self._gradient = result
        value = as_array(f"the cost from {self._name}", cost)
        if value.size != 1:
            msg = (
                f"the cost from {self._name} has shape {value.shape}, where one number was expected"
            )
            raise CodeUnderTestError(msg)
        return (np.reshape(value, ()),)

    def backward(self, values: Values, cotangents: Outputs) -> Gradients:
        del cotangents  # there is no upstream gradient to take
        gradient = as_array(f"the gradient from {self._name}", self._gradient)
        return {key: gradient if key == self._predictions else None for key in values}
