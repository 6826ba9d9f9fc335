"""Mutation operators of penalty, network, graph, training, optimizers, batches, weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.faults.mutants.layers import subclass
from gradlab.reference import GradientDescent
from gradlab.reference.graph import Gradients

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from gradlab.faults.fault import MutationOperator
    from gradlab.reference.graph import Node

    Array = NDArray[Any]
    Batches = Iterator[tuple[Array, Array]]
    Parameters = dict[str, Array]


def penalty_rescaled(
    *, cost_by: Callable[[int], float] | None = None, by: Callable[[int], float]
) -> MutationOperator:
    """Multiply the gradients of a penalty by ``by(m)``, and itself by ``cost_by(m)``."""

    def mutate(penalty: Callable[..., tuple[Any, list[Array]]]) -> Callable[..., Any]:
        def l2_penalty(weights: list[Array], m: int, lambda_: float) -> tuple[Any, list[Array]]:
            value, gradients = penalty(weights, m, lambda_)
            return (
                value if cost_by is None else value * cost_by(m),
                [gradient * by(m) for gradient in gradients],
            )

        return l2_penalty

    return mutate


def biases_decayed(cls: type[Any]) -> type[Any]:
    """The penalty runs over all parameters, in the cost and in the gradients."""

    def cost_and_gradients(self: Any, X: Array, Y: Array) -> tuple[Any, Parameters]:
        cost, gradients = cls.cost_and_gradients(self, X, Y)
        m = np.shape(Y)[1]
        biases = {name: b for name, b in self.parameters.items() if name.startswith("b")}
        cost += self.l2 / (2 * m) * sum(np.sum(b * b) for b in biases.values())
        return cost, {**gradients, **{n: gradients[n] + self.l2 / m * b for n, b in biases.items()}}

    return subclass(cls, cost_and_gradients=cost_and_gradients)


def decay_without_gradient(cls: type[Any]) -> type[Any]:
    """The penalty is in the cost and not in the gradients."""

    def cost_and_gradients(self: Any, X: Array, Y: Array) -> tuple[Any, Parameters]:
        cost, _ = cls.cost_and_gradients(self, X, Y)
        l2, self.l2 = self.l2, 0.0
        _, gradients = cls.cost_and_gradients(self, X, Y)
        self.l2 = l2
        return cost, gradients

    return subclass(cls, cost_and_gradients=cost_and_gradients)


def last_path_only(backward: Callable[[Node], Gradients]) -> Callable[[Node], Gradients]:
    """A gradient that arrives at a shared node replaces the one that came before."""

    def planted(result: Node) -> Gradients:
        correct = backward(result)
        totals = {result: correct[result]}
        for node in _users_first(result):
            for edge in node.edges:
                totals[edge.source] = edge.pullback(totals[node])
        return Gradients(totals, {node: list(correct.incoming(node)) for node in totals})

    return planted


def _users_first(result: Node) -> list[Node]:
    inputs_first: dict[Node, None] = {}

    def visit(node: Node) -> None:
        for edge in node.edges:
            if edge.source not in inputs_first:
                visit(edge.source)
        inputs_first[node] = None

    visit(result)
    return list(reversed(inputs_first))


class _Accumulating:
    """An optimizer to which every gradient since the start is handed."""

    def __init__(self, optimizer: Any) -> None:
        self._optimizer = optimizer
        self._sums: Parameters = {}

    def step(self, parameters: Parameters, gradients: Parameters) -> Parameters:
        self._sums = {n: self._sums.get(n, 0.0) + gradient for n, gradient in gradients.items()}
        stepped: Parameters = self._optimizer.step(parameters, self._sums)
        return stepped


def gradients_not_cleared(train: Callable[..., list[float]]) -> Callable[..., list[float]]:
    """The gradients of all earlier steps are still in the sum."""

    def planted(network: Any, X: Array, Y: Array, epochs: int, **options: Any) -> list[float]:
        optimizer = options.pop("optimizer", None) or GradientDescent()
        return train(network, X, Y, epochs, optimizer=_Accumulating(optimizer), **options)

    return planted


def updated_on_the_way(train: Callable[..., list[float]]) -> Callable[..., list[float]]:
    """Each layer takes its step before it hands the gradient on."""

    def planted(network: Any, X: Array, Y: Array, epochs: int, **options: Any) -> list[float]:
        optimizer = options.pop("optimizer", None) or GradientDescent()
        return train(_UpdatedOnTheWay(network, optimizer), X, Y, epochs, **options)

    return planted


class _UpdatedOnTheWay:
    """A network that steps while the gradient flows back; `train` finds nothing left to do."""

    def __init__(self, network: Any, optimizer: Any) -> None:
        self._network = network
        self._optimizer = optimizer

    @property
    def parameters(self) -> Parameters:
        parameters: Parameters = self._network.parameters
        return parameters

    @parameters.setter
    def parameters(self, values: Parameters) -> None:
        self._network.parameters = values

    def cost_and_gradients(self, X: Array, Y: Array) -> tuple[Any, Parameters]:
        cost, gradient = self._network.cost(Y, self._network.forward(X))
        for layer in reversed(self._network.layers):
            layer.backward(gradient)
            if layer.params:
                layer.params = self._optimizer.step(layer.params, layer.gradients)
                layer.backward(gradient)
            gradient = layer.input_gradient
        return cost, {name: np.zeros_like(value) for name, value in self.parameters.items()}


def steps_uphill(cls: type[Any]) -> type[Any]:
    """The step is added where it should be subtracted."""

    def step(self: Any, parameters: Parameters, gradients: Parameters) -> Parameters:
        moved = cls.step(self, parameters, gradients)
        return {name: 2 * np.asarray(parameters[name]) - value for name, value in moved.items()}

    return subclass(cls, step=step)


def gradients_overwritten(cls: type[Any]) -> type[Any]:
    """The gradient's array is used to hold the step."""

    def step(self: Any, parameters: Parameters, gradients: Parameters) -> Parameters:
        before = {name: np.array(value, dtype=float) for name, value in parameters.items()}
        moved: Parameters = cls.step(self, parameters, gradients)
        for name, value in moved.items():
            np.asarray(gradients[name])[...] = before[name] - value
        return moved

    return subclass(cls, step=step)


def averages_uncorrected(cls: type[Any]) -> type[Any]:
    """Adam's averages, which start at 0, are used as they are."""

    def _direction(self: Any, name: str, gradient: Array) -> Array:
        mean = self._running("mean", name, self._beta1, 1 - self._beta1, gradient)
        square = self._running("square", name, self._beta2, 1 - self._beta2, gradient**2)
        return np.asarray(mean / (np.sqrt(square) + self._epsilon))

    return subclass(cls, _direction=_direction)


def tail_dropped(split: Callable[..., Batches]) -> Callable[..., Batches]:
    """Only full batches are formed."""

    def planted(X: Array, Y: Array, size: int | None = None, rng: Any = None) -> Batches:
        return (pair for pair in split(X, Y, size, rng) if size in (None, pair[1].shape[1]))

    return planted


def tail_unshuffled(split: Callable[..., Batches]) -> Callable[..., Batches]:
    """The last, smaller batch is cut from the data as they were before the shuffle."""

    def planted(X: Array, Y: Array, size: int | None = None, rng: Any = None) -> Batches:
        for X_batch, Y_batch in split(X, Y, size, rng):
            tail = Y_batch.shape[1]
            if size in (None, tail):
                yield X_batch, Y_batch
            else:
                yield np.asarray(X)[:, -tail:], np.asarray(Y)[:, -tail:]

    return planted


def labels_unshuffled(split: Callable[..., Batches]) -> Callable[..., Batches]:
    """X is shuffled and Y is not."""

    def planted(X: Array, Y: Array, size: int | None = None, rng: Any = None) -> Batches:
        shuffled = (X_batch for X_batch, _ in split(X, Y, size, rng))
        in_order = (Y_batch for _, Y_batch in split(X, Y, size))
        return zip(shuffled, in_order, strict=True)

    return planted


def with_weights(change: Callable[[Array], Array]) -> MutationOperator:
    """Make an operator: initial weights become ``change(W)``, W of shape (n_out, n_in)."""

    def mutate(initialize: Callable[..., Parameters]) -> Callable[..., Parameters]:
        def initialize_parameters(*args: Any, **kwargs: Any) -> Parameters:
            parameters = initialize(*args, **kwargs)
            return {**parameters, "W": change(parameters["W"])}

        return initialize_parameters

    return mutate


weights_zero = with_weights(np.zeros_like)
units_identical = with_weights(lambda W: np.repeat(W[:1], W.shape[0], axis=0))
weights_wrong_scale: dict[str, MutationOperator] = {
    "plain": with_weights(lambda W: W * 100),
    "xavier": with_weights(lambda W: np.asarray(W / np.sqrt(W.shape[1]))),
    "he": with_weights(lambda W: np.asarray(W * np.sqrt(2 / W.shape[1]))),
}
weights_by_outputs = with_weights(lambda W: np.asarray(W * np.sqrt(W.shape[1] / W.shape[0])))
