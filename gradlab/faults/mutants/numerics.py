"""Mutation operators that go wrong in floating point: integers, single precision, overflow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.faults.mutants.layers import subclass, with_slope

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.faults.fault import MutationOperator
    from gradlab.reference_table import LayerRow

    Array = NDArray[Any]


def in_dtype_of_input(row: LayerRow) -> MutationOperator:
    """The result is written into an array made like the input."""

    def mutate(cls: type[Any]) -> type[Any]:
        def forward(self: Any, values: Array) -> None:
            cls.forward(self, values)
            result = getattr(self, row.output)
            room = np.empty(result.shape, np.asarray(values).dtype)
            room[...] = result
            setattr(self, row.output, room)

        return subclass(cls, forward=forward)

    return mutate


def single_precision(row: LayerRow) -> MutationOperator:
    """Forward and backward work on the input rounded to float32."""

    def mutate(cls: type[Any]) -> type[Any]:
        def forward(self: Any, values: Array) -> None:
            given = np.asarray(values)
            cls.forward(self, given.astype(np.float32))
            # Integers and booleans give float64, as they do without the fault.
            dtype = (given * 1.0).dtype
            setattr(self, row.output, getattr(self, row.output).astype(dtype))

        return subclass(cls, forward=forward)

    return mutate


def softmax_unshifted(cls: type[Any]) -> type[Any]:
    """exp(Z) is taken without subtracting the largest logit."""

    def forward(self: Any, Z: Array) -> None:
        cls.forward(self, Z)
        with np.errstate(over="ignore", invalid="ignore"):
            powers = np.exp(np.asarray(Z))
            self.A = powers / np.sum(powers, axis=0)

    return subclass(cls, forward=forward)


def sigmoid_overflowing(cls: type[Any]) -> type[Any]:
    """1 - exp(-z)/(1 + exp(-z)), which is inf/inf for large negative z."""

    def forward(self: Any, Z: Array) -> None:
        cls.forward(self, Z)
        with np.errstate(over="ignore", invalid="ignore"):
            power = np.exp(-np.asarray(Z))
            self.A = 1 - power / (1 + power)

    return subclass(cls, forward=forward)


def tanh_overflowing(cls: type[Any]) -> type[Any]:
    """(exp(z) - exp(-z))/(exp(z) + exp(-z)), which is inf/inf on both sides."""

    def forward(self: Any, Z: Array) -> None:
        cls.forward(self, Z)
        with np.errstate(over="ignore", invalid="ignore"):
            rising, falling = np.exp(np.asarray(Z)), np.exp(-np.asarray(Z))
            self.A = (rising - falling) / (rising + falling)

    return subclass(cls, forward=forward)


def _square_of_overflow(Z: Array, _A: Array, _dA: Array) -> Array:
    with np.errstate(over="ignore", invalid="ignore"):
        power = np.exp(-Z)
        return np.asarray(power / (1 + power) ** 2)


overflowing: dict[str, MutationOperator] = {
    "sigmoid": sigmoid_overflowing,
    "tanh": tanh_overflowing,
}
overflowing_slope: dict[str, MutationOperator] = {"sigmoid": with_slope(_square_of_overflow)}
