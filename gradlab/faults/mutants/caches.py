"""Mutation operators that overwrite the cache: right once, wrong the second time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.faults.mutants.gradients import LEAK
from gradlab.faults.mutants.layers import subclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gradlab.faults.fault import MutationOperator

    Array = NDArray[Any]


def _in_cache(work: Callable[[Array], None]) -> MutationOperator:
    """Make an operator whose backward turns the cached A into the local derivative, in place."""

    def mutate(cls: type[Any]) -> type[Any]:
        def backward(self: Any, upstream_grad: Array) -> None:
            cls.backward(self, upstream_grad)
            work(self.A)
            self.dZ = self.A * upstream_grad

        return subclass(cls, backward=backward)

    return mutate


def _sigmoid(A: Array) -> None:
    A *= 1 - A


def _tanh(A: Array) -> None:
    np.square(A, out=A)
    np.subtract(1, A, out=A)


def _leaky_relu(A: Array) -> None:
    positive = A > 0
    A[positive] = 1
    A[~positive] = LEAK


def softmax(cls: type[Any]) -> type[Any]:
    """The probabilities are multiplied in place."""

    def backward(self: Any, upstream_grad: Array) -> None:
        cls.backward(self, upstream_grad)
        dA = np.asarray(upstream_grad)
        self.A *= dA - np.sum(dA * self.A, axis=0)
        self.dZ = self.A.copy()

    return subclass(cls, backward=backward)


cache_overwritten: dict[str, MutationOperator] = {
    "sigmoid": _in_cache(_sigmoid),
    "tanh": _in_cache(_tanh),
    "leaky_relu": _in_cache(_leaky_relu),
    "softmax": softmax,
}
