"""Mutation operators of optimizers, initializers, mini-batches and training: state and protocol."""

from __future__ import annotations

import functools
import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.faults.mutants.layers import subclass
from gradlab.reference import GradientDescent, batches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from gradlab.faults.fault import MutationOperator

    Array = NDArray[Any]
    Batches = Iterator[tuple[Array, Array]]
    Split = Callable[..., Batches]
    Parameters = dict[str, Array]


def memory_on_class(cls: type[Any]) -> type[Any]:
    """What an optimizer remembers is an attribute of the class."""
    shared: dict[str, Parameters] = {}

    def step(self: Any, parameters: Parameters, gradients: Parameters) -> Parameters:
        self._memory = shared
        stepped: Parameters = cls.step(self, parameters, gradients)
        return stepped

    return subclass(cls, step=step)


def _with_epsilon(direction: Callable[[Array, Array, float], Array]) -> dict[str, MutationOperator]:
    """Make operators of RMSprop and Adam that step along ``direction(mean, square, ε)``."""

    def rmsprop(cls: type[Any]) -> type[Any]:
        def _direction(self: Any, name: str, gradient: Array) -> Array:
            square = self._running("square", name, self._beta, 1 - self._beta, gradient**2)
            return direction(gradient, square, self._epsilon)

        return subclass(cls, _direction=_direction)

    def adam(cls: type[Any]) -> type[Any]:
        def _direction(self: Any, name: str, gradient: Array) -> Array:
            mean = self._running("mean", name, self._beta1, 1 - self._beta1, gradient)
            square = self._running("square", name, self._beta2, 1 - self._beta2, gradient**2)
            mean_hat = mean / (1 - self._beta1**self.steps)
            square_hat = square / (1 - self._beta2**self.steps)
            return direction(mean_hat, square_hat, self._epsilon)

        return subclass(cls, _direction=_direction)

    return {"rmsprop": rmsprop, "adam": adam}


def _outside(mean: Array, square: Array, epsilon: float) -> Array:
    with np.errstate(invalid="ignore"):
        return np.asarray(mean / np.sqrt(square) + epsilon)


def _without(mean: Array, square: Array, epsilon: float) -> Array:
    del epsilon  # which is the fault
    with np.errstate(invalid="ignore"):
        return np.asarray(mean / np.sqrt(square))


epsilon_outside = _with_epsilon(_outside)
epsilon_missing = _with_epsilon(_without)


def _changed(change: Callable[[Parameters, Any], Parameters]) -> MutationOperator:
    """Make an operator that changes the parameters drawn; the generator comes along."""

    def mutate(initialize: Callable[..., Parameters]) -> Callable[..., Parameters]:
        @functools.wraps(initialize)
        def initialize_parameters(n_in: int, n_out: int, *, rng: Any = None) -> Parameters:
            source = np.random if rng is None else rng
            return change(initialize(n_in, n_out, rng=rng), source)

        return initialize_parameters

    return mutate


def weights_uniform_above_zero(rule: Callable[[int], float]) -> MutationOperator:
    """Draw on [0, 1) where the standard normal belongs; ``rule(n_in)`` is the deviation."""

    def change(parameters: Parameters, source: Any) -> Parameters:
        shape = parameters["W"].shape
        return {**parameters, "W": source.uniform(0.0, 1.0, shape) * rule(shape[1])}

    return _changed(change)


weights_all_positive: dict[str, MutationOperator] = {
    "plain": weights_uniform_above_zero(lambda _n_in: 0.01),
    "xavier": weights_uniform_above_zero(lambda n_in: float(n_in**-0.5)),
    "he": weights_uniform_above_zero(lambda n_in: float((2 / n_in) ** 0.5)),
}
biases_of_ones = _changed(lambda drawn, _source: {**drawn, "b": np.ones_like(drawn["b"])})


def _fresh_generators() -> Iterator[np.random.Generator]:
    """Yield generators of which no two are alike, as the clock would give them."""
    return (np.random.default_rng([36, number]) for number in itertools.count())


def initialized_from_clock(initialize: Callable[..., Parameters]) -> Callable[..., Parameters]:
    """The weights come from a generator of their own."""
    clock = _fresh_generators()

    @functools.wraps(initialize)
    def initialize_parameters(n_in: int, n_out: int, *, rng: Any = None) -> Parameters:
        initialize(n_in, n_out, rng=rng)
        return initialize(n_in, n_out, rng=next(clock))

    return initialize_parameters


def split_from_clock(split: Split) -> Split:
    """The order comes from a generator of its own."""
    clock = _fresh_generators()

    def planted(X: Array, Y: Array, size: int | None = None, rng: Any = None) -> Batches:
        return split(X, Y, size, None if rng is None else next(clock))

    return planted


def same_order(split: Split) -> Split:
    """The generator is made anew from one seed at every call."""

    def planted(X: Array, Y: Array, size: int | None = None, rng: Any = None) -> Batches:
        return split(X, Y, size, None if rng is None else np.random.default_rng(0))

    return planted


def empty_batch(split: Split) -> Split:
    """One batch more than fits, where the size divides the number of examples."""

    def planted(X: Array, Y: Array, size: int | None = None, rng: Any = None) -> Batches:
        yield from split(X, Y, size, rng)
        if size is not None and np.shape(Y)[1] % size == 0:
            yield np.asarray(X)[:, :0], np.asarray(Y)[:, :0]

    return planted


def shuffled_in_place(split: Split) -> Split:
    """The arguments are shuffled in place."""

    def planted(X: Array, Y: Array, size: int | None = None, rng: Any = None) -> Batches:
        if rng is not None:
            order = rng.permutation(np.shape(Y)[1])
            X[...], Y[...] = X[:, order], Y[:, order]
        yield from split(X, Y, size, None)

    return planted


def training_on(operator: Callable[[Split], Split]) -> MutationOperator:
    """Make an operator of a training loop whose mini-batching is changed by `operator`."""

    def planted(train: Callable[..., list[float]]) -> Callable[..., list[float]]:
        split = operator(batches)

        def trained(network: Any, X: Array, Y: Array, epochs: int, **options: Any) -> list[float]:
            size, rng = options.pop("batch_size", None), options.pop("rng", None)
            optimizer = options.pop("optimizer", None) or GradientDescent()
            costs = []
            for _ in range(epochs):
                # Each batch is an epoch of one step of the loop that this is planted in.
                costs_and_counts = [
                    (train(network, x, y, 1, optimizer=optimizer, **options)[0], y.shape[1])
                    for x, y in split(X, Y, size, rng)
                ]
                counts = sum(count for _, count in costs_and_counts)
                costs.append(sum(cost * count for cost, count in costs_and_counts) / max(counts, 1))
            return costs

        return trained

    return planted
