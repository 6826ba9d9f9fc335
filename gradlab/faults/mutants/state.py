"""Mutation operators of state and protocol: wrong at a later call or elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.faults.mutants.layers import backward_in_state, state_of, subclass

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.faults.fault import MutationOperator
    from gradlab.reference_table import LayerRow

    Array = NDArray[Any]


def first_cache_kept(row: LayerRow) -> MutationOperator:
    """The cache is filled by the first forward and never again."""

    def mutate(cls: type[Any]) -> type[Any]:
        def forward(self: Any, values: Array) -> None:
            cls.forward(self, values)
            if not hasattr(self, "planted_cache"):
                self.planted_cache = state_of(self)

        def backward(self: Any, upstream_grad: Array) -> None:
            backward_in_state(
                self, row, self.planted_cache, lambda: cls.backward(self, upstream_grad)
            )

        return subclass(cls, forward=forward, backward=backward)

    return mutate


def cache_on_class(row: LayerRow) -> MutationOperator:
    """The cache lives on the class, so that every instance overwrites it."""

    def mutate(cls: type[Any]) -> type[Any]:
        shared: dict[str, Any] = {}

        def forward(self: Any, values: Array) -> None:
            cls.forward(self, values)
            shared.update(state_of(self))

        def backward(self: Any, upstream_grad: Array) -> None:
            backward_in_state(self, row, shared, lambda: cls.backward(self, upstream_grad))

        return subclass(cls, forward=forward, backward=backward)

    return mutate


def accumulating(row: LayerRow) -> MutationOperator:
    """Each backward adds to the gradients of the ones before."""

    def mutate(cls: type[Any]) -> type[Any]:
        def backward(self: Any, upstream_grad: Array) -> None:
            earlier = {name: getattr(self, name, None) for name in row.gradients}
            cls.backward(self, upstream_grad)
            for name, before in earlier.items():
                gradient = getattr(self, name)
                if before is not None and before.shape == gradient.shape:
                    setattr(self, name, before + gradient)

        return subclass(cls, backward=backward)

    return mutate


def input_overwritten(row: LayerRow) -> MutationOperator:
    """The forward writes its result into its argument."""

    def mutate(cls: type[Any]) -> type[Any]:
        def forward(self: Any, values: Array) -> None:
            cls.forward(self, np.array(values))
            np.asarray(values)[...] = getattr(self, row.output)

        return subclass(cls, forward=forward)

    return mutate


def upstream_overwritten(row: LayerRow) -> MutationOperator:
    """The backward multiplies the upstream gradient in place."""
    (gradient,) = row.gradients

    def mutate(cls: type[Any]) -> type[Any]:
        def backward(self: Any, upstream_grad: Array) -> None:
            cls.backward(self, np.array(upstream_grad))
            np.asarray(upstream_grad)[...] = getattr(self, gradient)

        return subclass(cls, backward=backward)

    return mutate


def gradient_buffers(row: LayerRow) -> MutationOperator:
    """Gradients are written into arrays that the next backward uses again."""

    def mutate(cls: type[Any]) -> type[Any]:
        def backward(self: Any, upstream_grad: Array) -> None:
            buffers = vars(self).setdefault("planted_buffers", {})
            cls.backward(self, upstream_grad)
            for name in row.gradients:
                gradient = getattr(self, name)
                buffer = buffers.get(name)
                if buffer is None or buffer.shape != gradient.shape:
                    buffer = buffers[name] = np.empty_like(gradient)
                buffer[...] = gradient
                setattr(self, name, buffer)

        return subclass(cls, backward=backward)

    return mutate


def room_of_constructor(row: LayerRow) -> MutationOperator:
    """The result is written into an array of the shape that the constructor was given."""

    def mutate(cls: type[Any]) -> type[Any]:
        def forward(self: Any, values: Array) -> None:
            made = getattr(self, row.output, None)  # the constructor's, where there is one
            cls.forward(self, values)
            result = getattr(self, row.output)
            if not hasattr(self, "planted_shape"):
                self.planted_shape = result.shape if made is None else made.shape
            room = np.empty(self.planted_shape, result.dtype)
            room[...] = result
            setattr(self, row.output, room)

        return subclass(cls, forward=forward)

    return mutate


def last_column_skipped(row: LayerRow) -> MutationOperator:
    """The last column of the output stays zero, and what arrives there goes nowhere."""

    def mutate(cls: type[Any]) -> type[Any]:
        def forward(self: Any, values: Array) -> None:
            cls.forward(self, values)
            result = np.array(getattr(self, row.output))
            result[:, -1:] = 0
            setattr(self, row.output, result)

        def backward(self: Any, upstream_grad: Array) -> None:
            upstream = np.array(upstream_grad)
            upstream[:, -1:] = 0
            cls.backward(self, upstream)

        return subclass(cls, forward=forward, backward=backward)

    return mutate


def shared_bias(cls: type[Any]) -> type[Any]:
    """All instances start from the same array of zeros and update it in place."""
    zeros: dict[tuple[int, ...], Array] = {}

    def construct(self: Any, *args: Any, **kwargs: Any) -> None:
        cls.__init__(self, *args, **kwargs)
        bias = self.params["b"]
        self.params = {**self.params, "b": zeros.setdefault(bias.shape, bias)}

    def update_params(self: Any, learning_rate: float = 0.1) -> None:
        bias = self.params["b"]
        cls.update_params(self, learning_rate)
        bias[...] = self.params["b"]
        self.params["b"] = bias

    return subclass(cls, __init__=construct, update_params=update_params)


def updated_before_input_gradient(cls: type[Any]) -> type[Any]:
    """The backward takes the step of gradient descent before it computes dA_prev."""

    def backward(self: Any, upstream_grad: Array) -> None:
        cls.backward(self, upstream_grad)
        self.update_params()
        self.dA_prev = self.params["W"].T @ np.asarray(upstream_grad)

    return subclass(cls, backward=backward)
