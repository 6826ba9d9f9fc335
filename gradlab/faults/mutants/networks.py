"""Mutation operators of whole networks."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.faults.mutants.layers import subclass

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[Any]
    Parameters = dict[str, Array]
    Found = tuple[Any, Parameters]


def _at_others(network: Any, changed: Parameters, compute: Callable[[], Found]) -> Found:
    """Compute at other parameters; the network's own come back afterwards."""
    own = network.parameters
    network.parameters = {**own, **changed}
    found = compute()
    network.parameters = own
    return found


def biases_without_axis(cls: type[Any]) -> type[Any]:
    """The gradients of the biases have lost their second axis."""

    def cost_and_gradients(self: Any, X: Array, Y: Array) -> Found:
        cost, gradients = cls.cost_and_gradients(self, X, Y)
        return cost, {n: g.ravel() if n.startswith("b") else g for n, g in gradients.items()}

    return subclass(cls, cost_and_gradients=cost_and_gradients)


def labels_overwritten(cls: type[Any]) -> type[Any]:
    """The error is computed in the array of the labels."""

    def cost_and_gradients(self: Any, X: Array, Y: Array) -> Found:
        found: Found = cls.cost_and_gradients(self, X, np.array(Y))
        np.asarray(Y)[...] -= self.forward(X)
        return found

    return subclass(cls, cost_and_gradients=cost_and_gradients)


def gradients_accumulate(cls: type[Any]) -> type[Any]:
    """Each call adds to the gradients of the ones before."""

    def cost_and_gradients(self: Any, X: Array, Y: Array) -> Found:
        cost, gradients = cls.cost_and_gradients(self, X, Y)
        earlier = getattr(self, "planted_sums", {})
        self.planted_sums = {n: g + earlier.get(n, 0.0) for n, g in gradients.items()}
        return cost, self.planted_sums

    return subclass(cls, cost_and_gradients=cost_and_gradients)


def first_unit_skipped(cls: type[Any]) -> type[Any]:
    """The loop over the first layer's units starts at 1: unit 0 never hears of its inputs."""

    def cost_and_gradients(self: Any, X: Array, Y: Array) -> Found:
        skipped = {name: np.array(self.parameters[name]) for name in ("W1", "b1")}
        for array in skipped.values():
            array[0] = 0.0
        cost, gradients = _at_others(self, skipped, lambda: cls.cost_and_gradients(self, X, Y))
        for name in skipped:
            gradients[name] = np.array(gradients[name])
            gradients[name][0] = 0.0
        return cost, gradients

    return subclass(cls, cost_and_gradients=cost_and_gradients)


def hidden_biases_skipped(cls: type[Any]) -> type[Any]:
    """Only the last layer adds its biases."""

    def cost_and_gradients(self: Any, X: Array, Y: Array) -> Found:
        biases = [name for name in self.parameters if name.startswith("b")]
        skipped = {name: np.zeros_like(self.parameters[name]) for name in biases[:-1]}
        cost, gradients = _at_others(self, skipped, lambda: cls.cost_and_gradients(self, X, Y))
        return cost, {**gradients, **skipped}

    return subclass(cls, cost_and_gradients=cost_and_gradients)


def dropout_left_on(cls: type[Any]) -> type[Any]:
    """Each call drops inputs of the last layer at random, and scales up those that it keeps."""
    # A generator of the class's own: no seed reaches it, and no two calls draw alike.
    calls = itertools.count()

    def cost_and_gradients(self: Any, X: Array, Y: Array) -> Found:
        rng = np.random.default_rng([52, next(calls)])
        last = [name for name in self.parameters if name.startswith("W")][-1]
        mask = rng.uniform(0.5, 1.5, self.parameters[last].shape[1])
        kept = {last: self.parameters[last] * mask}
        cost, gradients = _at_others(self, kept, lambda: cls.cost_and_gradients(self, X, Y))
        return cost, {**gradients, last: gradients[last] * mask}

    return subclass(cls, cost_and_gradients=cost_and_gradients)


def parameters_on_class(cls: type[Any]) -> type[Any]:
    """The parameters are kept on the class: those that are set last are every network's."""
    shared: dict[tuple[Any, ...], Parameters] = {}

    def key(parameters: Parameters) -> tuple[Any, ...]:
        return tuple((name, np.shape(value)) for name, value in parameters.items())

    def put(self: Any, values: Parameters) -> None:
        cls.parameters.fset(self, values)
        own = cls.parameters.fget(self)
        shared[key(own)] = own

    def cost_and_gradients(self: Any, X: Array, Y: Array) -> Found:
        own = cls.parameters.fget(self)
        cls.parameters.fset(self, shared.get(key(own), own))
        found: Found = cls.cost_and_gradients(self, X, Y)
        return found

    planted = subclass(cls, cost_and_gradients=cost_and_gradients)
    planted.parameters = property(cls.parameters.fget, put)
    return planted


def saved_rounded(cls: type[Any]) -> type[Any]:
    """The parameters are written with six digits."""

    def save(self: Any, path: str | os.PathLike[str]) -> None:
        arrays: dict[str, Any] = {
            name: np.array([float(f"{number:.6g}") for number in value.flat]).reshape(value.shape)
            for name, value in self.parameters.items()
        }
        with Path(path).open("wb") as file:
            np.savez(file, **arrays)

    return subclass(cls, save=save)
