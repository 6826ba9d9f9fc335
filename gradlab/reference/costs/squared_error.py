"""The squared error: as the loss of one example, and as the cost of a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.reference._arrays import as_float, with_shape
from gradlab.reference.costs._labels import labels_and_predictions

if TYPE_CHECKING:
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
    labels, predictions = labels_and_predictions(Y, Y_hat, "Y_hat")
    m = labels.shape[1]
    difference = predictions - labels
    return np.sum(difference * difference / (2 * m)), difference / m
