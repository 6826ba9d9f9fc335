"""Costs and their gradients.

Every cost takes the labels first, as `compute_cost` of the article does, and
returns (cost, gradient): the cost as a scalar, the gradient with respect to the
predictions (or logits) in their shape.  All of them average over the m examples,
which stand in the columns, and sum over the outputs of an example; the 1/m is in
the gradient here and nowhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.reference._arrays import as_columns, as_float, with_shape
from gradlab.reference.functions import decay, sigmoid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from gradlab.reference._arrays import Array


def squared_error_loss(y: ArrayLike, y_hat: ArrayLike) -> tuple[Any, Array]:
    """Return the loss of one example, ½·Σ(y - ŷ)², and its gradient, ŷ - y.

    Scaling: one half, so that the gradient carries no factor 2; no average.
    Source: the article, figures 12 and 16.  Its author notes that some leave
    the half out (as mean squared error does in most libraries).

    Parameters
    ----------
    y, y_hat
        Label and prediction of one example: scalars or arrays of the same shape.

    Raises
    ------
    ValueError
        If the shapes differ, or there are several columns, which are several
        examples: `compute_cost` takes those.

    Examples
    --------
    >>> loss, gradient = squared_error_loss(0.0, 0.5)
    >>> print(loss, gradient)
    0.125 0.5
    """
    label = as_float(y, "y")
    if label.ndim > 1 and label.shape[-1] != 1:
        msg = f"a loss is of one example; got {label.shape}: use compute_cost for a batch"
        raise ValueError(msg)
    gradient = with_shape(y_hat, "y_hat", label.shape, "y") - label
    return np.sum(gradient * gradient / 2), gradient


def compute_cost(Y: ArrayLike, Y_hat: ArrayLike) -> tuple[Any, Array]:
    """Return the squared-error cost, 1/(2m)·Σ(Y - Ŷ)², and its gradient, (Ŷ - Y)/m.

    Scaling: 1/(2m), an average over the m examples of half the squared error
    (the article, figures 32, 37 and 90).  Mean squared error in PyTorch and
    Keras is twice that, and divides by the number of outputs as well.

    Parameters
    ----------
    Y, Y_hat
        Labels and predictions, (n_out, m).

    Returns
    -------
    cost
        A scalar.
    dY_hat
        (n_out, m).

    Raises
    ------
    ValueError
        If the shapes differ, are not two-dimensional, or hold no example.

    Examples
    --------
    >>> cost, dY_hat = compute_cost(Y=[[0, 1]], Y_hat=[[0.5, 0.5]])
    >>> print(cost, dY_hat)
    0.125 [[ 0.25 -0.25]]
    """
    labels, predictions = _pair(Y, Y_hat, "Y_hat")
    m = labels.shape[1]
    difference = predictions - labels
    return np.sum(difference * difference / (2 * m)), difference / m


def binary_cross_entropy(Y: ArrayLike, Y_hat: ArrayLike) -> tuple[Any, Array]:
    """Return -1/m·Σ(y·log ŷ + (1 - y)·log(1 - ŷ)) and its gradient, from probabilities.

    Scaling: 1/m, an average over examples (the guide; deeplearning.ai's
    courses).  PyTorch's and Keras's defaults divide by the number of outputs as
    well, which is the same for one output.

    At a prediction of 0 or 1 the limit is returned: no contribution where it is
    right, an infinite cost and gradient where it is wrong.

    Parameters
    ----------
    Y, Y_hat
        Labels and probabilities, (n_out, m), all in [0, 1].

    Returns
    -------
    cost
        A scalar.
    dY_hat
        (n_out, m).

    Raises
    ------
    ValueError
        If the shapes differ, hold no example, or an entry is outside [0, 1],
        as logits are.

    Examples
    --------
    >>> cost, gradient = binary_cross_entropy([[1, 0]], [[1.0, 0.0]])
    >>> print(cost, gradient)
    0.0 [[-0.5  0.5]]
    """
    labels, p = _pair(Y, Y_hat, "Y_hat")
    _require_unit_interval(labels, "Y", "labels of 0 and 1")
    _require_unit_interval(
        p, "Y_hat", "probabilities; binary_cross_entropy_from_logits takes logits"
    )
    m = labels.shape[1]
    with np.errstate(divide="ignore", over="ignore"):  # log 0 and 1/0: the limits are meant
        log_p, log_rest = np.log(p), np.log1p(-p)
        per_p, per_rest = 1 / p, 1 / (1 - p)
    losses = -_weighted(labels, log_p) - _weighted(1 - labels, log_rest)
    gradient = _weighted(1 - labels, per_rest) - _weighted(labels, per_p)
    return np.sum(losses / m), gradient / m


def binary_cross_entropy_from_logits(Y: ArrayLike, Z: ArrayLike) -> tuple[Any, Array]:
    """Return the binary cross-entropy of σ(Z) and its gradient with respect to Z, (σ(Z) - Y)/m.

    Scaling: 1/m, as `binary_cross_entropy`; deeplearning.ai's courses combine
    the two steps in this way, PyTorch as ``BCEWithLogitsLoss``.

    The probability is never formed, so that no logit overflows or rounds to a
    certainty: the loss is log(1 + exp(-|z|)), plus z·(1 - y) where z is
    positive and -z·y where it is negative.

    Parameters
    ----------
    Y, Z
        Labels in [0, 1] and logits, (n_out, m).

    Returns
    -------
    cost
        A scalar.
    dZ
        (n_out, m).

    Raises
    ------
    ValueError
        If the shapes differ, hold no example, or a label is outside [0, 1].

    Examples
    --------
    >>> cost, dZ = binary_cross_entropy_from_logits([[1, 0]], [[-1e4, -1e4]])
    >>> print(cost, dZ)
    5000.0 [[-0.5  0. ]]
    """
    labels, logits = _pair(Y, Z, "Z")
    _require_unit_interval(labels, "Y", "labels of 0 and 1")
    m = labels.shape[1]
    positive = logits.real >= 0
    losses = np.where(positive, logits * (1 - labels), -logits * labels) + np.log1p(decay(logits))
    # σ(z) - y as (1 - y) - σ(-z): of two probabilities near 1 nothing would be left.
    gradient = np.where(positive, (1 - labels) - sigmoid(-logits), sigmoid(logits) - labels)
    return np.sum(losses / m), gradient / m


def softmax_cross_entropy(Y: ArrayLike, Z: ArrayLike) -> tuple[Any, Array]:
    """Return -1/m·ΣΣ y·log softmax(z) and its gradient with respect to the logits Z.

    Scaling: 1/m, an average over examples; PyTorch's ``CrossEntropyLoss`` and
    cs231n's ``softmax_loss`` do the same.  The gradient is (softmax(Z) - Y)/m
    where the labels of an example sum to 1.

    The logarithm of the sum is split at the largest logit and the rest goes
    through log1p, so that neither large logits nor certain predictions lose
    anything.

    Parameters
    ----------
    Y
        Labels, (classes, m): one-hot (see `one_hot`) or weights of the classes.
    Z
        Logits, (classes, m): what goes into a softmax, not what comes out.

    Returns
    -------
    cost
        A scalar.
    dZ
        (classes, m).

    Raises
    ------
    ValueError
        If the shapes differ, or hold no example or no class.

    Examples
    --------
    >>> cost, dZ = softmax_cross_entropy([[1.0], [0.0]], [[0.0], [1e4]])
    >>> print(cost, dZ.ravel())
    10000.0 [-1.  1.]
    """
    labels, logits = _pair(Y, Z, "Z")
    m = labels.shape[1]
    top = np.argmax(logits.real, axis=0, keepdims=True)
    is_top = np.arange(labels.shape[0])[:, np.newaxis] == top
    relative = logits - np.take_along_axis(logits, top, axis=0)
    powers = np.exp(relative)
    others = np.sum(np.where(is_top, 0, powers), axis=0)
    losses = _weighted(labels, np.log1p(others) - relative)
    total = np.sum(labels, axis=0)
    probability = powers / (1 + others)
    # At the top class 1 - p is others/(1 + others), which keeps its digits as p nears 1.
    at_top = (total - labels) - total * (others / (1 + others))
    gradient = np.where(is_top, at_top, total * probability - labels)
    return np.sum(losses / m), gradient / m


def l2_penalty(weights: Sequence[ArrayLike], m: int, lambda_: float) -> tuple[Any, list[Array]]:
    """Return λ/(2m)·Σ‖W‖² over the weight matrices, and the gradient λ/m·W of each.

    Scaling: λ/(2m), as in deeplearning.ai's courses; cs231n uses λ/2 and PyTorch's
    ``weight_decay`` is λ/m here.  Biases are not penalised: leave them out.

    Raises
    ------
    ValueError
        If there is no example, or `lambda_` is negative.

    Examples
    --------
    >>> penalty, (dW,) = l2_penalty([[[3.0, 4.0]]], m=5, lambda_=2.0)
    >>> print(penalty, dW)
    5.0 [[1.2 1.6]]
    """
    if m < 1 or lambda_ < 0:
        msg = f"the penalty needs m ≥ 1 examples and λ ≥ 0; got m={m}, lambda_={lambda_}"
        raise ValueError(msg)
    matrices = [as_float(W, "weights") for W in weights]
    penalty = lambda_ / (2 * m) * sum(np.sum(W * W) for W in matrices)
    return penalty, [lambda_ / m * W for W in matrices]


def one_hot(labels: ArrayLike, classes: int) -> Array:
    """Return the class numbers `labels`, of shape (m,), as the columns of (classes, m).

    Raises
    ------
    ValueError
        If the labels are not whole numbers in [0, classes), in one dimension.

    Examples
    --------
    >>> print(one_hot([2, 0], classes=3))
    [[0. 1.]
     [0. 0.]
     [1. 0.]]
    """
    numbers = np.asarray(labels)
    if numbers.ndim != 1 or numbers.dtype.kind not in "iu":
        msg = f"labels must be whole numbers in one dimension; got {numbers.dtype} {numbers.shape}"
        raise ValueError(msg)
    if np.any((numbers < 0) | (numbers >= classes)):
        msg = f"labels must lie in [0, {classes}); got {numbers.min()} to {numbers.max()}"
        raise ValueError(msg)
    columns: Array = (np.arange(classes)[:, np.newaxis] == numbers).astype(np.float64)
    return columns


def _pair(Y: ArrayLike, predictions: ArrayLike, name: str) -> tuple[Array, Array]:
    """Return labels and predictions as matrices of one shape, with at least one entry."""
    labels = as_columns(Y, "Y")
    if 0 in labels.shape:
        msg = f"an average needs at least one example and one output; got the shape {labels.shape}"
        raise ValueError(msg)
    return labels, with_shape(predictions, name, labels.shape, "Y")


def _require_unit_interval(values: Array, name: str, meaning: str) -> None:
    real = values.real
    outside = (real < 0) | (real > 1)  # a NaN is let through, to be seen in the result
    if np.any(outside):
        msg = f"{name} must lie in [0, 1]: {meaning}; got {real[outside][0]}"
        raise ValueError(msg)


def _weighted(weight: Array, term: Array) -> Array:
    """Return weight·term, 0 where the weight is 0 although the term may be infinite."""
    product: Array = weight * np.where(weight == 0, 0, term)
    return product
