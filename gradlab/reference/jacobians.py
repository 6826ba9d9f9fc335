"""The derivatives that the article writes out whole before it contracts them.

A backward pass never forms these: it multiplies by the upstream gradient first.
They are here to be looked at, and to hold the layers to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradlab.reference._arrays import as_columns
from gradlab.reference.costs import compute_cost

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from gradlab.reference._arrays import Array


def cost_jacobian(Y: ArrayLike, Y_hat: ArrayLike) -> Array:
    """Return the Jacobian of the squared-error cost with respect to the predictions.

    Source: the article, figure 36.  The cost is one number and the predictions
    are n_out·m, so the Jacobian is a row: entry k is the partial derivative by
    the k-th prediction, row after row of `Y_hat`.

    Returns
    -------
    Array
        (1, n_out·m).

    Raises
    ------
    ValueError
        As `compute_cost`.

    Examples
    --------
    >>> print(cost_jacobian([[0, 1]], [[0.5, 0.5]]))
    [[ 0.25 -0.25]]
    """
    _, gradient = compute_cost(Y, Y_hat)
    return gradient.reshape(1, -1)


def dot_product_tensor(W: ArrayLike, X: ArrayLike) -> Array:
    """Return the derivative of W·X with respect to W, uncontracted.

    Source: the article, figures 57 to 61 and the remark after them: for W of
    shape (1, 2) and X of shape (2, 4), a tensor of shape (4, 1, 2).

    Slice k, of the shape of W, is the derivative of the k-th entry of W·X, row
    after row: entry (i, j) of the product depends on row i of W only, through
    column j of X, so slice k = i·m + j holds that column in row i.  Contracting
    the slices with the upstream gradient gives dW, which is upstream·Xᵀ.

    Parameters
    ----------
    W
        (n_out, n_in); only its shape matters, the product being linear in it.
    X
        (n_in, m).

    Returns
    -------
    Array
        (n_out·m, n_out, n_in).

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> tensor = dot_product_tensor([[0.1, 0.6]], [[0, 0, 1, 1], [0, 1, 0, 1]])
    >>> tensor.shape
    (4, 1, 2)
    >>> print(tensor[1])
    [[0. 1.]]
    """
    n_out, n_in = as_columns(W, "W").shape
    columns = as_columns(X, "X", rows=n_in)
    m = columns.shape[1]
    tensor = np.zeros((n_out, m, n_out, n_in), dtype=columns.dtype)
    for row in range(n_out):
        tensor[row, :, row, :] = columns.T
    return tensor.reshape(n_out * m, n_out, n_in)
