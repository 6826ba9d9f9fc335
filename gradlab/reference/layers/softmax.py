"""The softmax layer: each column becomes a distribution over the classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradlab.reference._arrays import as_columns, with_shape
from gradlab.reference.layers.base import Layer, initial_shape, needs_first

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from gradlab.reference._arrays import Array


def softmax(Z: ArrayLike) -> Array:
    """Return exp(z)/Σ exp(z) in each column of Z, of shape (classes, m).

    Subtracting the largest logit of the column changes nothing but the
    overflow.  "Largest" is by the real part, so that a complex step survives.

    Raises
    ------
    ValueError
        If `Z` is not a matrix with at least one row.

    Examples
    --------
    >>> print(softmax([[1e4, 0.0], [1e4, 1e4]]))
    [[0.5 0. ]
     [0.5 1. ]]
    """
    z = as_columns(Z, "Z")
    if z.shape[0] == 0:
        msg = f"Z must have at least one class in each column; got the shape {z.shape}"
        raise ValueError(msg)
    powers = np.exp(z - z.real.max(axis=0))
    distribution: Array = powers / powers.sum(axis=0)
    return distribution


class SoftmaxLayer(Layer):
    """A distribution over the classes in each column, on (classes, m).

    Source: usual; not named by the seeds.  Every output depends on every input
    of its column, so that the local gradient is a matrix, not an elementwise
    factor.

    Parameters
    ----------
    shape
        (classes, m): the shape of the linear layer's ``Z`` before it.

    Attributes
    ----------
    A
        (classes, m), each column sums to 1; zeros before the first `forward`.
    dZ
        (classes, m), from the last `backward`.
    """

    A: Array
    dZ: Array

    def __init__(self, shape: tuple[int, int]) -> None:
        self.params = {}
        self.A = np.zeros(initial_shape(shape, "shape", ndim=2))
        self._ran = False

    def forward(self, Z: ArrayLike) -> None:
        """Set `A` to the softmax of each column of `Z`.

        Raises
        ------
        ValueError
            If `Z` is not a matrix with at least one row.
        """
        self.A = softmax(Z)
        self._ran = True

    def backward(self, upstream_grad: ArrayLike) -> None:
        """Set `dZ` to A·(u - Σ u·A), u being the upstream gradient of a column.

        The same constant may be taken from every entry of u.  Taking u's entry
        at the likeliest class leaves no cancellation when that class has
        probability near 1.

        Raises
        ------
        ValueError
            If `upstream_grad` does not have the shape of `A`.
        RuntimeError
            If there was no `forward` yet.
        """
        if not self._ran:
            raise needs_first(self, "backward", "forward")
        dA = with_shape(upstream_grad, "upstream_grad", self.A.shape, "A")
        likeliest = np.argmax(self.A.real, axis=0, keepdims=True)
        relative = dA - np.take_along_axis(dA, likeliest, axis=0)
        self.dZ = self.A * (relative - np.sum(relative * self.A, axis=0))

    @property
    def value(self) -> Array:
        """`A`."""
        return self.A

    @property
    def input_gradient(self) -> Array:
        """`dZ`."""
        return self.dZ
