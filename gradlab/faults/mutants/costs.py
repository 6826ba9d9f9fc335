"""Mutation operators of costs: functions ``cost(Y, predictions) -> (cost, gradient)``."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gradlab.faults.fault import MutationOperator

    Array = NDArray[Any]
    Result = tuple[Any, Any]
    #: The planted cost, from the correct one and its two arguments.
    Body = Callable[[Callable[..., Result], Array, Array], Result]

MEAN = (
    "squared_error",
    "binary_cross_entropy",
    "binary_cross_entropy_from_logits",
    "softmax_cross_entropy",
)
#: The number of examples of the OR table, which a notebook keeps in a global `m`.
GLOBAL_M = 4


def cost_like(body: Body) -> MutationOperator:
    """Make an operator that calls ``body(cost, Y, predictions)`` and keeps the cost's signature."""

    def mutate(cost: Callable[..., Result]) -> Callable[..., Result]:
        signature = inspect.signature(cost)

        def planted(*args: Any, **kwargs: Any) -> Result:
            labels, predictions = signature.bind(*args, **kwargs).args
            return body(cost, np.asarray(labels), np.asarray(predictions))

        # Adapters read the names of the arguments; the source shown stays that of the operator.
        planted.__signature__ = signature  # type: ignore[attr-defined]
        planted.__name__ = cost.__name__
        return planted

    return mutate


def rescaled(
    *, cost_by: Callable[[int], float] | None = None, by: Callable[[int], float]
) -> MutationOperator:
    """Multiply the gradient by ``by(m)``, and the cost by ``cost_by(m)`` where that is given."""

    def body(cost: Callable[..., Result], Y: Array, predictions: Array) -> Result:
        value, gradient = cost(Y, predictions)
        m = Y.shape[1] if Y.ndim == 2 else 1
        return (value if cost_by is None else value * cost_by(m)), gradient * by(m)

    return cost_like(body)


gradient_not_averaged = rescaled(by=lambda m: m)
factor_kept = rescaled(by=lambda _m: 2)
summed = rescaled(by=lambda m: m, cost_by=lambda m: m)
half_missing = rescaled(by=lambda _m: 2, cost_by=lambda _m: 2)
sign_flipped = rescaled(by=lambda _m: -1)
negated = rescaled(by=lambda _m: -1, cost_by=lambda _m: -1)
batch_size_global = rescaled(by=lambda m: m / GLOBAL_M, cost_by=lambda m: m / GLOBAL_M)


def _against_every_label(cost: Callable[..., Result], Y: Array, predictions: Array) -> Result:
    """Each prediction meets the labels of all examples: (m, 1) against (m,) is (m, m)."""
    m = Y.shape[1]
    value, gradient = 0.0, np.zeros(predictions.shape, predictions.dtype)
    for shift in range(m):
        part, slope = cost(np.roll(Y, shift, axis=1), predictions)
        value, gradient = value + part, gradient + slope
    return value, gradient


def _without_last(cost: Callable[..., Result], Y: Array, predictions: Array) -> Result:
    m = Y.shape[1]
    gradient = np.zeros(predictions.shape, (predictions * 1.0).dtype)
    if m == 1:
        return gradient.sum(), gradient
    value, gradient[:, :-1] = cost(Y[:, :-1], predictions[:, :-1])
    return value * (m - 1) / m, gradient * ((m - 1) / m)


def _in_place(change: Callable[[Array, Array], None]) -> MutationOperator:
    """Make an operator: the correct result, and then ``change(Y, predictions)`` in place."""

    def body(cost: Callable[..., Result], Y: Array, predictions: Array) -> Result:
        result = cost(Y, predictions)
        change(Y, predictions)
        return result

    return cost_like(body)


def _subtract_labels(Y: Array, Y_hat: Array) -> None:
    Y_hat -= Y


def _to_probability(_Y: Array, Z: Array) -> None:
    Z[...] = 1 / (1 + np.exp(-Z))


def _shift(_Y: Array, Z: Array) -> None:
    Z -= np.max(Z, axis=0)


def _single(cost: Callable[..., Result], Y: Array, predictions: Array) -> Result:
    value, gradient = cost(Y.astype(np.float32), predictions.astype(np.float32))
    dtype = (Y * predictions * 1.0).dtype  # the one that the result has without the fault
    return value.astype(dtype), gradient.astype(dtype)


def _log_of_probability(cost: Callable[..., Result], Y: Array, Y_hat: Array) -> Result:
    """Y·log Ŷ + (1 - Y)·log(1 - Ŷ) as written: 0·(-inf) is NaN."""
    _, gradient = cost(Y, Y_hat)
    with np.errstate(divide="ignore", invalid="ignore"):
        losses = -(Y * np.log(Y_hat) + (1 - Y) * np.log(1 - Y_hat))
    return np.sum(losses) / Y.shape[1], gradient


def _log_of_sigmoid(cost: Callable[..., Result], Y: Array, Z: Array) -> Result:
    _, gradient = cost(Y, Z)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        p = 1 / (1 + np.exp(-Z))
        losses = -(Y * np.log(p) + (1 - Y) * np.log(1 - p))
    return np.sum(losses) / Y.shape[1], gradient


def _log_of_softmax(cost: Callable[..., Result], Y: Array, Z: Array) -> Result:
    _, gradient = cost(Y, Z)
    powers = np.exp(Z - np.max(Z.real, axis=0))
    with np.errstate(divide="ignore", invalid="ignore"):
        losses = -Y * np.log(powers / np.sum(powers, axis=0))
    return np.sum(losses) / Y.shape[1], gradient


def _sign_kept(cost: Callable[..., Result], Y: Array, Z: Array) -> Result:
    """max(z, 0) - y·z + log(1 + exp(-z)), in which -|z| became -z."""
    cost(Y, Z)
    with np.errstate(over="ignore"):
        power = np.exp(-Z)
        losses = np.where(Z.real > 0, Z, 0) - Y * Z + np.log1p(power)
        gradient = (Z.real > 0) - Y - 1 / (1 + 1 / power)
    return np.sum(losses) / Y.shape[1], gradient / Y.shape[1]


def _largest_lost(cost: Callable[..., Result], Y: Array, Z: Array) -> Result:
    """The log-sum-exp of z - max z, minus z: max z is not added back."""
    value, gradient = cost(Y, Z)
    total, m = np.sum(Y, axis=0), Y.shape[1]
    is_top = np.arange(Z.shape[0])[:, np.newaxis] == np.argmax(Z.real, axis=0)
    return value - np.sum(total * np.max(Z, axis=0)) / m, gradient - is_top * total / m


def _softmax_unshifted(cost: Callable[..., Result], Y: Array, Z: Array) -> Result:
    cost(Y, Z)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        powers = np.exp(Z)
        p = powers / np.sum(powers, axis=0)
        losses = -Y * np.log(p)
    return np.sum(losses) / Y.shape[1], (p * np.sum(Y, axis=0) - Y) / Y.shape[1]


def _zero_over_zero(cost: Callable[..., Result], Y: Array, Y_hat: Array) -> Result:
    value, _ = cost(Y, Y_hat)
    with np.errstate(divide="ignore", invalid="ignore"):
        gradient = (Y_hat - Y) / (Y_hat * (1 - Y_hat))
    return value, gradient / Y.shape[1]


def _over_rows(cost: Callable[..., Result], Y: Array, Z: Array) -> Result:
    """The softmax runs over the examples; the average is still over them."""
    value, gradient = cost(Y.T, Z.T)
    classes, m = Y.shape
    return value * classes / m, gradient.T * (classes / m)


def _softmax_first(cost: Callable[..., Result], Y: Array, Z: Array) -> Result:
    powers = np.exp(Z - np.max(Z.real, axis=0))
    A = powers / np.sum(powers, axis=0)
    value, dA = cost(Y, A)
    return value, A * (dA - np.sum(dA * A, axis=0))


def _sigmoid_first(cost: Callable[..., Result], Y: Array, Z: Array) -> Result:
    decay = np.exp(np.where(Z.real >= 0, -Z, Z))
    A = np.where(Z.real >= 0, 1, decay) / (1 + decay)
    value, dA = cost(Y, A)
    return value, dA * decay / (1 + decay) ** 2


against_every_label = cost_like(_against_every_label)
single_precision = cost_like(_single)
input_overwritten: dict[str, MutationOperator] = {
    "squared_error": _in_place(_subtract_labels),
    "binary_cross_entropy": _in_place(_subtract_labels),
    "binary_cross_entropy_from_logits": _in_place(_to_probability),
    "softmax_cross_entropy": _in_place(_shift),
}
log_of_zero: dict[str, MutationOperator] = {
    "binary_cross_entropy": cost_like(_log_of_probability),
    "binary_cross_entropy_from_logits": cost_like(_log_of_sigmoid),
    "softmax_cross_entropy": cost_like(_log_of_softmax),
}
stable_form_incomplete: dict[str, MutationOperator] = {
    "binary_cross_entropy_from_logits": cost_like(_sign_kept),
    "softmax_cross_entropy": cost_like(_largest_lost),
}
last_skipped = cost_like(_without_last)
softmax_overflowing = cost_like(_softmax_unshifted)
zero_over_zero = cost_like(_zero_over_zero)
softmax_over_rows = cost_like(_over_rows)
activated_again: dict[str, MutationOperator] = {
    "binary_cross_entropy_from_logits": cost_like(_sigmoid_first),
    "softmax_cross_entropy": cost_like(_softmax_first),
}
