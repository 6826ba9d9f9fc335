"""Cross-entropies: of two classes from probabilities or logits, of several from logits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.reference.costs._labels import labels_and_predictions
from gradlab.reference.functions import decay, sigmoid

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from gradlab.reference._arrays import Array


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
    labels, p = labels_and_predictions(Y, Y_hat, "Y_hat")
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
    labels, logits = labels_and_predictions(Y, Z, "Z")
    _require_unit_interval(labels, "Y", "labels of 0 and 1")
    m = labels.shape[1]
    positive = logits.real >= 0
    linear = np.where(positive, _weighted(1 - labels, logits), -_weighted(labels, logits))
    losses = linear + np.log1p(decay(logits))
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
    labels, logits = labels_and_predictions(Y, Z, "Z")
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
