"""Mutation operators of layer formulas: scale and sign, shape and axis, local derivative."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.faults.mutants.layers import on_gradients, subclass, with_slope

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.faults.fault import MutationOperator
    from gradlab.reference_table import LayerRow

    Array = NDArray[Any]


#: The usual slope of a leaky ReLU below zero; the article's interface does not show a layer's own.
LEAK = 0.01


def upstream_ignored(_row: LayerRow) -> MutationOperator:
    """The backward starts from a gradient of ones, whatever the upstream gradient is."""

    def mutate(cls: type[Any]) -> type[Any]:
        def backward(self: Any, upstream_grad: Array) -> None:
            cls.backward(self, np.ones_like(upstream_grad))

        return subclass(cls, backward=backward)

    return mutate


def squeezed(row: LayerRow) -> MutationOperator:
    """Axes of length 1 are squeezed out of the gradients."""

    def mutate(cls: type[Any]) -> type[Any]:
        def backward(self: Any, upstream_grad: Array) -> None:
            cls.backward(self, upstream_grad)
            for name in row.gradients:
                setattr(self, name, np.squeeze(getattr(self, name)))

        return subclass(cls, backward=backward)

    return mutate


bias_averaged = on_gradients(db=lambda _layer, dZ: np.mean(dZ, axis=1, keepdims=True))
bias_per_example = on_gradients(db=lambda _layer, dZ: dZ.copy())
bias_over_every_axis = on_gradients(db=lambda _layer, dZ: np.sum(dZ, keepdims=True))
bias_without_axis = on_gradients(db=lambda _layer, dZ: np.sum(dZ, axis=1))
averaged_again = on_gradients(
    dW=lambda layer, dZ: dZ @ layer.A_prev.T / dZ.shape[1],
    db=lambda _layer, dZ: np.sum(dZ, axis=1, keepdims=True) / dZ.shape[1],
)
weight_transposed = on_gradients(dW=lambda layer, dZ: layer.A_prev @ dZ.T)
weights_reshaped = on_gradients(
    dA_prev=lambda layer, dZ: layer.params["W"].reshape(layer.params["W"].shape[::-1]) @ dZ
)
columns_reshaped = on_gradients(dA_prev=lambda layer, dA: dA.reshape(layer.dA_prev.shape))


def update_ascends(cls: type[Any]) -> type[Any]:
    """The update adds the gradient."""

    def update_params(self: Any, learning_rate: float = 0.1) -> None:
        cls.update_params(self, -learning_rate)

    return subclass(cls, update_params=update_params)


def bias_along_examples(cls: type[Any]) -> type[Any]:
    """The bias has lost its second axis, so that it is added along the examples."""

    def forward(self: Any, A_prev: Array) -> None:
        cls.forward(self, A_prev)
        self.Z = self.params["W"] @ self.A_prev + self.params["b"].ravel()

    return subclass(cls, forward=forward)


def softmax_over_rows(cls: type[Any]) -> type[Any]:
    """The softmax, and its backward, run over the examples."""

    def forward(self: Any, Z: Array) -> None:
        cls.forward(self, Z)
        powers = np.exp(Z - np.max(Z, axis=1, keepdims=True))
        self.A = powers / np.sum(powers, axis=1, keepdims=True)

    def backward(self: Any, upstream_grad: Array) -> None:
        cls.backward(self, upstream_grad)
        dA = np.asarray(upstream_grad)
        self.dZ = self.A * (dA - np.sum(dA * self.A, axis=1, keepdims=True))

    return subclass(cls, forward=forward, backward=backward)


softmax_elementwise = with_slope(lambda _Z, A, _dA: A * (1 - A))


def softmax_without_factor(cls: type[Any]) -> type[Any]:
    """The factor A in front of (u - Σ u·A) is forgotten."""

    def backward(self: Any, upstream_grad: Array) -> None:
        cls.backward(self, upstream_grad)
        dA = np.asarray(upstream_grad)
        self.dZ = dA - np.sum(dA * self.A, axis=0)

    return subclass(cls, backward=backward)


def images_in_column_order(cls: type[Any]) -> type[Any]:
    """Each image is read column after column, forward and backward."""

    def forward(self: Any, A_prev: Array) -> None:
        cls.forward(self, np.swapaxes(A_prev, 1, 2))

    def backward(self: Any, upstream_grad: Array) -> None:
        cls.backward(self, upstream_grad)
        self.dA_prev = np.swapaxes(self.dA_prev, 1, 2).copy()

    return subclass(cls, forward=forward, backward=backward)


def images_reshaped(cls: type[Any]) -> type[Any]:
    """The images are reshaped to (pixels, m) at once, which cuts columns across examples."""

    def forward(self: Any, A_prev: Array) -> None:
        cls.forward(self, A_prev)
        self.A = np.array(A_prev, dtype=self.A.dtype).reshape(self.A.shape)

    def backward(self: Any, upstream_grad: Array) -> None:
        cls.backward(self, upstream_grad)
        self.dA_prev = np.array(upstream_grad).reshape(self.dA_prev.shape)

    return subclass(cls, forward=forward, backward=backward)


def maximum_over_features(cls: type[Any]) -> type[Any]:
    """np.max(Z, 0): the largest feature of each example, in every row; and its derivative."""

    def forward(self: Any, Z: Array) -> None:
        cls.forward(self, Z)
        z = np.asarray(Z)
        self.planted_mask = np.arange(z.shape[0])[:, np.newaxis] == np.argmax(z, axis=0)
        self.A = np.zeros_like(self.A) + np.max(z, axis=0)

    def backward(self: Any, upstream_grad: Array) -> None:
        cls.backward(self, upstream_grad)
        self.dZ = self.planted_mask * np.sum(upstream_grad, axis=0)

    return subclass(cls, forward=forward, backward=backward)


def averaged_in_forward(cls: type[Any]) -> type[Any]:
    """The layer computes with A_prev/m, and its gradients follow."""

    def forward(self: Any, A_prev: Array) -> None:
        cls.forward(self, np.asarray(A_prev) / max(np.shape(A_prev)[1], 1))

    def backward(self: Any, upstream_grad: Array) -> None:
        cls.backward(self, upstream_grad)
        self.dA_prev = self.dA_prev / max(self.dA_prev.shape[1], 1)

    return subclass(cls, forward=forward, backward=backward)


def capped(cls: type[Any]) -> type[Any]:
    """np.clip(Z, 0, 1): the output ends at 1, and its slope beyond is 0."""
    sloped = with_slope(lambda Z, _A, _dA: (Z > 0) & (Z < 1))(cls)

    def forward(self: Any, Z: Array) -> None:
        sloped.forward(self, Z)
        self.A = np.minimum(self.A, 1)

    return subclass(sloped, forward=forward)


def _quotient(Z: Array, A: Array) -> Array:
    with np.errstate(invalid="ignore"):
        return np.asarray(A / Z)


z_for_a = {
    "sigmoid": with_slope(lambda Z, _A, _dA: Z * (1 - Z)),
    "tanh": with_slope(lambda Z, _A, _dA: 1 - Z**2),
    "sin": with_slope(lambda _Z, A, _dA: np.cos(A)),
    "cos": with_slope(lambda _Z, A, _dA: -np.sin(A)),
}
activated_twice = {
    "sigmoid": with_slope(lambda _Z, A, _dA: np.exp(-A) / (1 + np.exp(-A)) ** 2),
    "tanh": with_slope(lambda _Z, A, _dA: 1 - np.tanh(A) ** 2),
}
factor_dropped: dict[str, MutationOperator] = {
    "sigmoid": with_slope(lambda _Z, A, _dA: A),
    "tanh": with_slope(lambda _Z, A, _dA: 1 - A),
    "leaky_relu": with_slope(lambda Z, _A, _dA: (Z > 0).astype(float)),
    "softmax": softmax_without_factor,
}
mask_from_upstream = {
    "relu": with_slope(lambda _Z, _A, dA: (dA > 0).astype(float)),
    "leaky_relu": with_slope(lambda _Z, _A, dA: np.where(dA > 0, 1.0, LEAK)),
}
mask_always_true = {"relu": with_slope(lambda _Z, A, _dA: (A >= 0).astype(float))}
zero_over_zero = {
    "relu": with_slope(lambda Z, A, _dA: _quotient(Z, A)),
    "leaky_relu": with_slope(lambda Z, A, _dA: _quotient(Z, A)),
}
counted_twice = {"leaky_relu": with_slope(lambda Z, _A, _dA: 1.0 * (Z >= 0) + LEAK * (Z <= 0))}
sign_lost = {"cos": with_slope(lambda Z, _A, _dA: np.sin(Z))}
