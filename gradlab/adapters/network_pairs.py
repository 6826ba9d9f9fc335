"""Whole networks in two functions: a forward to the predictions, a backward that takes labels.

The backward's gradients are those of a cost that neither function returns, so the
two are read with each cost of the same module, and with the binary cross-entropy.
"""

from __future__ import annotations

import functools
import inspect
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters.names import COTANGENTS, LABELS
from gradlab.adapters.target import Style, Target, arguments_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Function = Callable[..., Any]

_COST = re.compile(r"cost|loss|entropy", re.IGNORECASE)
_NO_COST = re.compile(r"backward|grad|prime|deriv|update|plot|train")
_MOST_COSTS = 4


def network_targets(forward: Function, backward: Function, name: str) -> Iterator[Target]:
    """Yield a target for each cost with which forward and backward may be a network."""
    try:
        taken, given = arguments_of(backward), arguments_of(forward)
    except (TypeError, ValueError):
        return
    labels = [n for n in taken if LABELS.fullmatch(n.lower()) and n not in given]
    if len(labels) != 1 or any(_is_cotangent(n) for n in taken if n not in given):
        return
    for cost in _costs(forward):
        joined = _with_cost(forward, cost, labels[0])
        yield Target(name, Style.FUNCTIONS, None, joined, backward, model=True)


def _is_cotangent(name: str) -> bool:
    return bool(COTANGENTS.fullmatch(name.lower())) and not LABELS.fullmatch(name.lower())


def _costs(forward: Function) -> list[Function]:
    """Return functions of predictions and labels that may be the cost, the usual one last."""
    known = getattr(inspect.unwrap(forward), "__globals__", {})
    found: list[Function] = []
    for name, function in known.items():
        if not (inspect.isfunction(function) and _COST.search(name)) or _NO_COST.search(name):
            continue
        try:
            arguments = arguments_of(function)
        except (TypeError, ValueError):
            continue
        needed = [n for n, p in arguments.items() if p.default is p.empty]
        labels = [n for n in needed if LABELS.fullmatch(n.lower())]
        if len(needed) == 2 and len(labels) == 1:
            found.append(functools.partial(_called, function, needed, labels[0]))
    return [*found[:_MOST_COSTS], binary_cross_entropy, squared_error]


def _called(function: Function, names: list[str], label: str, predictions: Any, labels: Any) -> Any:
    result = function(**{n: labels if n == label else predictions for n in names})
    return result[0] if isinstance(result, tuple) else result


def binary_cross_entropy(predictions: Any, labels: Any) -> Any:
    """Return the mean over the columns of the binary cross-entropy."""
    terms = labels * np.log(predictions) + (1 - labels) * np.log(1 - predictions)
    return -np.sum(terms) / labels.shape[-1]


def squared_error(predictions: Any, labels: Any) -> Any:
    """Return half the mean over the columns of the squared error."""
    return np.sum((predictions - labels) ** 2) / (2 * labels.shape[-1])


def _with_cost(forward: Function, cost: Function, label: str) -> Function:
    """Return the forward with the cost of its predictions, and the same cache."""

    @functools.wraps(forward)
    def joined(**given: Any) -> Any:
        labels = given.pop(label)
        result = forward(**given)
        parts = result if isinstance(result, tuple) else (result, result)
        return (np.asarray(cost(parts[0], labels)).reshape(()), *parts[1:])

    signature = inspect.signature(forward)
    more = inspect.Parameter(label, inspect.Parameter.KEYWORD_ONLY)
    joined.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*signature.parameters.values(), more]
    )
    return joined
