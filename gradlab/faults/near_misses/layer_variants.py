"""How near misses of layers are made: correct variants of correct classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.faults.mutants.layers import subclass, with_slope

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.faults.fault import MutationOperator
    from gradlab.reference_table import LayerRow

    Array = NDArray[Any]


def weight_by_example(layer: Any, dZ: Array) -> Array:
    """The outer products of the examples, added up one by one."""
    total = np.zeros(layer.params["W"].shape, np.result_type(dZ, layer.A_prev))
    for upstream, example in zip(dZ.T, layer.A_prev.T, strict=True):
        total += np.outer(upstream, example)
    return total


def m_times_mean(_layer: Any, dZ: Array) -> Array:
    """The mean over the examples, times their number."""
    if not dZ.size:  # an empty mean is NaN, an empty sum 0
        return np.zeros((dZ.shape[0], 1), dZ.dtype)
    return np.asarray(dZ.shape[1] * np.mean(dZ, axis=1, keepdims=True))


def bias_as_column(cls: type[Any]) -> type[Any]:
    """[W b]·[A_prev; 1], with the gradient cut in two."""

    def extended(A_prev: Array) -> Array:
        return np.vstack([A_prev, np.ones_like(A_prev[:1])])

    def forward(self: Any, A_prev: Array) -> None:
        cls.forward(self, A_prev)
        both = np.hstack([self.params["W"], self.params["b"]])
        self.Z = both @ extended(self.A_prev)

    def backward(self: Any, upstream_grad: Array) -> None:
        cls.backward(self, upstream_grad)
        both = np.asarray(upstream_grad) @ extended(self.A_prev).T
        self.dW, self.db = both[:, :-1].copy(), both[:, -1:].copy()

    return subclass(cls, forward=forward, backward=backward)


def softmax_without_keepdims(cls: type[Any]) -> type[Any]:
    """Sums of shape (m,) divide each column: NumPy lines them up with the last axis."""

    def forward(self: Any, Z: Array) -> None:
        cls.forward(self, Z)
        z = np.asarray(Z)
        powers = np.exp(z - z.real.max(axis=0))
        self.A = powers / powers.sum(axis=0)

    return subclass(cls, forward=forward)


def softmax_by_jacobian(cls: type[Any]) -> type[Any]:
    """diag(a) - a·aᵀ for each column, written out."""

    def backward(self: Any, upstream_grad: Array) -> None:
        cls.backward(self, upstream_grad)
        dZ = np.empty_like(self.dZ)
        for j, (a, u) in enumerate(zip(self.A.T, np.asarray(upstream_grad).T, strict=True)):
            dZ[:, j] = (np.diag(a) - np.outer(a, a)) @ u
        self.dZ = dZ

    return subclass(cls, backward=backward)


def examples_moved_last(cls: type[Any]) -> type[Any]:
    """The axis of the examples is moved to the end, and only then reshaped."""

    def forward(self: Any, A_prev: Array) -> None:
        cls.forward(self, A_prev)
        moved = np.moveaxis(np.array(A_prev, dtype=self.A.dtype), 0, -1)
        self.A = moved.reshape(self.A.shape)

    def backward(self: Any, upstream_grad: Array) -> None:
        cls.backward(self, upstream_grad)
        m, height, width = self.dA_prev.shape
        columns = np.asarray(upstream_grad).reshape(height, width, m)
        self.dA_prev = np.moveaxis(columns, -1, 0).copy()

    return subclass(cls, forward=forward, backward=backward)


def masked_in_a_copy(below: float) -> MutationOperator:
    """Entries below zero are overwritten, in a copy of Z and of the upstream gradient."""

    def mutate(cls: type[Any]) -> type[Any]:
        def forward(self: Any, Z: Array) -> None:
            cls.forward(self, Z)
            self.planted_mask = np.real(Z) <= 0
            self.A = np.array(Z, dtype=self.A.dtype)
            self.A[self.planted_mask] *= below

        def backward(self: Any, upstream_grad: Array) -> None:
            cls.backward(self, upstream_grad)
            self.dZ = np.array(upstream_grad, dtype=self.dZ.dtype)
            self.dZ[self.planted_mask] *= below

        return subclass(cls, forward=forward, backward=backward)

    return mutate


def with_function(function: Any, derivative: Any) -> MutationOperator:
    """Replace an elementwise activation by ``function`` and ``derivative`` of Z."""

    def mutate(cls: type[Any]) -> type[Any]:
        sloped = with_slope(lambda Z, _A, _dA: derivative(Z))(cls)

        def forward(self: Any, Z: Array) -> None:
            sloped.forward(self, Z)
            self.A = function(np.asarray(Z))

        return subclass(sloped, forward=forward)

    return mutate


def forward_again(_row: LayerRow) -> MutationOperator:
    """The backward runs the forward once more instead of trusting the cache."""

    def mutate(cls: type[Any]) -> type[Any]:
        def forward(self: Any, values: Array) -> None:
            cls.forward(self, values)
            self.planted_input = np.array(values)

        def backward(self: Any, upstream_grad: Array) -> None:
            cls.forward(self, self.planted_input)
            cls.backward(self, upstream_grad)

        return subclass(cls, forward=forward, backward=backward)

    return mutate


def buffer_copied(row: LayerRow) -> MutationOperator:
    """Gradients are added up in a buffer that is cleared first and returned as a copy."""

    def mutate(cls: type[Any]) -> type[Any]:
        def backward(self: Any, upstream_grad: Array) -> None:
            buffers = vars(self).setdefault("planted_buffers", {})
            cls.backward(self, upstream_grad)
            for name in row.gradients:
                gradient = getattr(self, name)
                buffer = buffers.get(name)
                if buffer is None or buffer.shape != gradient.shape:
                    buffer = buffers[name] = np.empty_like(gradient)
                buffer[...] = 0
                buffer += gradient
                setattr(self, name, buffer.copy())

        return subclass(cls, backward=backward)

    return mutate


def upstream_times_ones(_row: LayerRow) -> MutationOperator:
    """The upstream gradient meets a factor of ones on its way in."""

    def mutate(cls: type[Any]) -> type[Any]:
        def backward(self: Any, upstream_grad: Array) -> None:
            cls.backward(self, np.ones_like(upstream_grad) * upstream_grad)

        return subclass(cls, backward=backward)

    return mutate


def float_room(row: LayerRow) -> MutationOperator:
    """The result is written into an array that can hold both the input and the result."""

    def mutate(cls: type[Any]) -> type[Any]:
        def forward(self: Any, values: Array) -> None:
            cls.forward(self, values)
            result = getattr(self, row.output)
            room = np.zeros(result.shape, np.result_type(values, result))
            room[...] = result
            setattr(self, row.output, room)

        return subclass(cls, forward=forward)

    return mutate


def extended_precision(row: LayerRow) -> MutationOperator:
    """Forward and backward work in long double; the results have the input's precision."""

    def mutate(cls: type[Any]) -> type[Any]:
        def forward(self: Any, values: Array) -> None:
            given = np.asarray(values) * 1.0
            cls.forward(self, given.astype(np.result_type(given, np.longdouble)))
            self.planted_dtype = given.dtype
            setattr(self, row.output, getattr(self, row.output).astype(given.dtype))

        def backward(self: Any, upstream_grad: Array) -> None:
            cls.backward(self, upstream_grad)
            dtype = np.result_type(self.planted_dtype, upstream_grad)
            for name in row.gradients:
                setattr(self, name, getattr(self, name).astype(dtype))

        return subclass(cls, forward=forward, backward=backward)

    return mutate


def update_by_negated(cls: type[Any]) -> type[Any]:
    """The negated gradients are added."""

    def update_params(self: Any, learning_rate: float = 0.1) -> None:
        cls.update_params(self, 0.0)
        steps = {"W": -self.dW, "b": -self.db}
        self.params = {
            name: value + learning_rate * steps[name] for name, value in self.params.items()
        }

    return subclass(cls, update_params=update_params)
