"""The linear layer, Z = W·A_prev + b."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradlab.reference._arrays import as_columns, as_float, with_shape
from gradlab.reference.initializers import initialize_parameters
from gradlab.reference.layers.base import Layer, initial_shape, needs_first

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from gradlab.reference._arrays import Array


class LinearLayer(Layer):
    """A fully connected layer without activation.

    Source: the article, figures 40, 55 to 61 and 87; the guide, Z = Wx + b.

    Parameters
    ----------
    input_shape
        (n_in, m): the features and the examples of the data to come.  A later
        `forward` may bring any other number of examples.
    n_out
        Number of neurons.
    ini_type
        ``"plain"``, ``"xavier"`` or ``"he"``; see `initialize_parameters`.
    rng
        Where the initial weights come from; None is NumPy's global stream.

    Attributes
    ----------
    params
        ``"W"`` of shape (n_out, n_in) and ``"b"`` of shape (n_out, 1).
    m
        Number of examples: the constructor's, then that of the last `forward`.
    Z
        (n_out, m); zeros before the first `forward`.
    A_prev
        (n_in, m): what the last `forward` was given, not a copy of it.
    dW, db, dA_prev
        Gradients from the last `backward`, of the shapes of W, b and A_prev.
        They replace the earlier ones; nothing is accumulated.

    Examples
    --------
    The article's OR example with its weights (figures 40 to 42):

    >>> layer = LinearLayer(input_shape=(2, 4), n_out=1)
    >>> layer.params = {"W": np.array([[0.1, 0.6]]), "b": np.zeros((1, 1))}
    >>> layer.forward([[0, 0, 1, 1], [0, 1, 0, 1]])
    >>> print(layer.Z)
    [[0.  0.6 0.1 0.7]]
    """

    Z: Array
    A_prev: Array
    dW: Array
    db: Array
    dA_prev: Array

    def __init__(
        self,
        input_shape: tuple[int, int],
        n_out: int,
        ini_type: str = "plain",
        *,
        rng: np.random.Generator | np.random.RandomState | None = None,
    ) -> None:
        n_in, self.m = initial_shape(input_shape, "input_shape", ndim=2)
        self.params = initialize_parameters(n_in, n_out, ini_type, rng=rng)
        self.Z = np.zeros((n_out, self.m))

    def forward(self, A_prev: ArrayLike) -> None:
        """Set `Z` to W·A_prev + b.

        Raises
        ------
        ValueError
            If `A_prev` is not of shape (n_in, m), or the parameters were
            replaced by ones that do not fit each other.
        """
        W, b = as_columns(self.params["W"], "W"), as_float(self.params["b"], "b")
        if b.shape != (W.shape[0], 1):
            msg = f"b must have the shape ({W.shape[0]}, 1), a row for each row of W; got {b.shape}"
            raise ValueError(msg)
        self.A_prev = as_columns(A_prev, "A_prev", rows=W.shape[1])
        self.m = self.A_prev.shape[1]
        self.Z = W @ self.A_prev + b

    def backward(self, upstream_grad: ArrayLike) -> None:
        """Set `dW`, `db` and `dA_prev` from the gradient with respect to `Z`.

        The sum over the examples is in the matrix product and in `db`; the 1/m
        of the average came with the gradient of the cost.

        Raises
        ------
        ValueError
            If `upstream_grad` does not have the shape of `Z`.
        RuntimeError
            If there was no `forward` yet.
        """
        if not hasattr(self, "A_prev"):
            raise needs_first(self, "backward", "forward")
        dZ = with_shape(upstream_grad, "upstream_grad", self.Z.shape, "Z")
        self.dW = dZ @ self.A_prev.T
        self.db = np.sum(dZ, axis=1, keepdims=True)
        self.dA_prev = as_float(self.params["W"], "W").T @ dZ

    def update_params(self, learning_rate: float = 0.1) -> None:
        """Take one step of gradient descent; the arrays in `params` are replaced, not changed.

        Raises
        ------
        RuntimeError
            If there was no `backward` yet.
        """
        if not hasattr(self, "dW"):
            raise needs_first(self, "update_params", "backward")
        self.params = {
            "W": self.params["W"] - learning_rate * self.dW,
            "b": self.params["b"] - learning_rate * self.db,
        }

    @property
    def value(self) -> Array:
        """`Z`."""
        return self.Z

    @property
    def input_gradient(self) -> Array:
        """`dA_prev`."""
        return self.dA_prev

    @property
    def gradients(self) -> dict[str, Array]:
        """`dW` and `db`, under the names of the parameters."""
        if not hasattr(self, "dW"):
            raise needs_first(self, "gradients", "backward")
        return {"W": self.dW, "b": self.db}
