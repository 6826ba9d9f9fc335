"""The flattening layer: images become columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradlab.reference._arrays import as_float, with_shape
from gradlab.reference.layers.base import Layer, initial_shape, needs_first

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from gradlab.reference._arrays import Array


class FlattenLayer(Layer):
    """Write each image as one column, row after row.

    Source: the guide, where 10000 images of 32 by 32 become (1024, 10000).

    Parameters
    ----------
    input_shape
        (m, height, width): the examples come first, as images are kept.  A
        later `forward` may bring any other number and size of images.

    Attributes
    ----------
    A
        (height·width, m); zeros before the first `forward`.
    dA_prev
        (m, height, width), from the last `backward`.

    Examples
    --------
    >>> layer = FlattenLayer((2, 2, 2))
    >>> layer.forward([[[1, 2], [3, 4]], [[5, 6], [7, 8]]])
    >>> print(layer.A)
    [[1. 5.]
     [2. 6.]
     [3. 7.]
     [4. 8.]]
    """

    A: Array
    dA_prev: Array

    def __init__(self, input_shape: tuple[int, int, int]) -> None:
        m, height, width = initial_shape(input_shape, "input_shape", ndim=3)
        self.params = {}
        self.A = np.zeros((height * width, m))
        self._shape: tuple[int, ...] | None = None

    def forward(self, A_prev: ArrayLike) -> None:
        """Set `A` to the images as columns.

        Raises
        ------
        ValueError
            If `A_prev` is not three-dimensional.
        """
        images = as_float(A_prev, "A_prev")
        if images.ndim != 3:
            msg = f"A_prev must have the shape (examples, height, width); got {images.shape}"
            raise ValueError(msg)
        m, height, width = self._shape = images.shape
        self.A = images.reshape(m, height * width).T.copy()

    def backward(self, upstream_grad: ArrayLike) -> None:
        """Set `dA_prev` to the columns as images.

        Raises
        ------
        ValueError
            If `upstream_grad` does not have the shape of `A`.
        RuntimeError
            If there was no `forward` yet.
        """
        if self._shape is None:
            raise needs_first(self, "backward", "forward")
        dA = with_shape(upstream_grad, "upstream_grad", self.A.shape, "A")
        self.dA_prev = dA.T.reshape(self._shape).copy()

    @property
    def value(self) -> Array:
        """`A`."""
        return self.A

    @property
    def input_gradient(self) -> Array:
        """`dA_prev`."""
        return self.dA_prev
