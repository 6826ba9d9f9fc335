"""Elementwise activation layers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from gradlab.reference import functions
from gradlab.reference._arrays import as_columns, with_shape
from gradlab.reference.layers.base import Layer, initial_shape, needs_first

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

    from gradlab.reference._arrays import Array

    Elementwise = Callable[[Array], Array]


class ActivationLayer(Layer):
    """An activation given as a function and its derivative.

    Source: the article, figures 15 and 88 and question 3; the guide, A = f(Z).

    Parameters
    ----------
    shape
        (n, m): the shape of the linear layer's ``Z`` before it.  A later
        `forward` may bring any other number of neurons and examples.
    function, derivative
        f and f′, each from an array to an array of the same shape, elementwise.

    Attributes
    ----------
    A
        f(Z), of the shape of Z; zeros before the first `forward`.
    dZ
        upstream gradient · f′(Z), from the last `backward`.

    Examples
    --------
    >>> layer = ActivationLayer((1, 2), np.square, lambda Z: 2 * Z)
    >>> layer.forward([[3.0, -1.0]])
    >>> layer.backward([[1.0, 10.0]])
    >>> print(layer.A, layer.dZ)
    [[9. 1.]] [[  6. -20.]]
    """

    A: Array
    dZ: Array
    _Z: Array

    def __init__(
        self, shape: tuple[int, int], function: Elementwise, derivative: Elementwise
    ) -> None:
        self.params = {}
        self.A = np.zeros(initial_shape(shape, "shape", ndim=2))
        self._function = function
        self._derivative = derivative

    def forward(self, Z: ArrayLike) -> None:
        """Set `A` to f(Z).

        Raises
        ------
        ValueError
            If `Z` is not a matrix, or the function changes its shape.
        """
        self._Z = as_columns(Z, "Z")
        self.A = with_shape(self._function(self._Z), "function(Z)", self._Z.shape, "Z")

    def backward(self, upstream_grad: ArrayLike) -> None:
        """Set `dZ` to the upstream gradient times f′(Z).

        Raises
        ------
        ValueError
            If `upstream_grad` does not have the shape of `A`, or the derivative
            not that of its argument.
        RuntimeError
            If there was no `forward` yet.
        """
        if not hasattr(self, "_Z"):
            raise needs_first(self, "backward", "forward")
        dA = with_shape(upstream_grad, "upstream_grad", self.A.shape, "A")
        self.dZ = dA * with_shape(self._derivative(self._Z), "derivative(Z)", self._Z.shape, "Z")

    @property
    def value(self) -> Array:
        """`A`."""
        return self.A

    @property
    def input_gradient(self) -> Array:
        """`dZ`."""
        return self.dZ


class SigmoidLayer(ActivationLayer):
    """The logistic activation, A = 1/(1 + exp(-Z)), on (n, m).

    Source: the article, figures 7, 18 and 88; the guide.  The derivative is
    that of `functions.sigmoid_derivative`, right in saturation too.

    Examples
    --------
    >>> layer = SigmoidLayer((1, 1))
    >>> layer.forward([[0.0]])
    >>> layer.backward([[0.5]])
    >>> print(layer.A, layer.dZ)
    [[0.5]] [[0.125]]
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        super().__init__(shape, functions.sigmoid, functions.sigmoid_derivative)


class TanhLayer(ActivationLayer):
    """The hyperbolic tangent, on (n, m).  Source: usual; not named by the seeds."""

    def __init__(self, shape: tuple[int, int]) -> None:
        super().__init__(shape, functions.tanh, functions.tanh_derivative)


class ReLULayer(ActivationLayer):
    """max(Z, 0), on (n, m); its derivative at 0 is taken as 0.

    Source: the article, question 3 (by name); the guide.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        super().__init__(shape, functions.relu, functions.relu_derivative)


class LeakyReLULayer(ActivationLayer):
    """Z where positive, slope·Z elsewhere, on (n, m); its derivative at 0 is `slope`.

    Source: usual; not named by the seeds.
    """

    def __init__(self, shape: tuple[int, int], slope: float = 0.01) -> None:
        super().__init__(
            shape,
            partial(functions.leaky_relu, slope=slope),
            partial(functions.leaky_relu_derivative, slope=slope),
        )


class SinLayer(ActivationLayer):
    """The sine, on (n, m).  Source: the article, question 3 (by name)."""

    def __init__(self, shape: tuple[int, int]) -> None:
        super().__init__(shape, functions.sin, functions.cos)


class CosLayer(ActivationLayer):
    """The cosine, on (n, m).  Source: the article, question 3 (by name)."""

    def __init__(self, shape: tuple[int, int]) -> None:
        super().__init__(shape, functions.cos, functions.cos_derivative)


class IdentityLayer(ActivationLayer):
    """A = Z, on (n, m).  Source: the article, figure 86: linear layers alone stay linear."""

    def __init__(self, shape: tuple[int, int]) -> None:
        super().__init__(shape, functions.identity, functions.identity_derivative)
