"""Near misses of costs, optimizers, initializers and what else is no layer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.faults.fault import NearMiss
from gradlab.faults.mutants.costs import MEAN, cost_like
from gradlab.faults.mutants.layers import subclass
from gradlab.faults.near_misses.layer_variants import update_by_negated
from gradlab.reference import GradientDescent
from gradlab.reference.graph import Gradients

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gradlab.faults.fault import MutationOperator
    from gradlab.reference.graph import Node

    Array = NDArray[Any]
    Result = tuple[Any, Any]
    Parameters = dict[str, Array]


def _mean_of_losses(cost: Callable[..., Result], Y: Array, predictions: Array) -> Result:
    m = Y.shape[1]
    parts = [cost(Y[:, [j]], predictions[:, [j]]) for j in range(m)]
    return sum(value for value, _ in parts) / m, np.hstack([slope for _, slope in parts]) / m


def _half_of_doubled(cost: Callable[..., Result], Y: Array, Y_hat: Array) -> Result:
    cost(Y, Y_hat)
    m = Y.shape[1] if Y.ndim == 2 else 1
    doubled = 2 * (Y_hat - Y)
    return np.sum(doubled**2) / 8 / m, doubled / 2 / m


def _squeezed(cost: Callable[..., Result], Y: Array, predictions: Array) -> Result:
    value, gradient = cost(Y, predictions)
    return np.squeeze(np.array([[value]])), gradient


def _log_sum_exp(cost: Callable[..., Result], Y: Array, Z: Array) -> Result:
    cost(Y, Z)
    total = np.logaddexp.reduce(Z, axis=0)
    gradient = np.exp(Z - total) * np.sum(Y, axis=0) - Y
    return np.sum(Y * (total - Z)) / Y.shape[1], gradient / Y.shape[1]


def _log_of_two_exps(cost: Callable[..., Result], Y: Array, Z: Array) -> Result:
    cost(Y, Z)
    gradient = np.exp(-np.logaddexp(0, -Z)) - Y
    return np.sum(np.logaddexp(0, Z) - Y * Z) / Y.shape[1], gradient / Y.shape[1]


def inner_product(penalty: Callable[..., Result]) -> Callable[..., Result]:
    """Σ‖W‖² as the inner product of each matrix with itself."""

    def l2_penalty(weights: list[Array], m: int, lambda_: float) -> Result:
        penalty(weights, m, lambda_)
        total = sum(np.dot(np.ravel(W), np.ravel(W)) for W in weights)
        return total * lambda_ / (2 * m), [2 * lambda_ * np.asarray(W) / (2 * m) for W in weights]

    return l2_penalty


def negated_step(cls: type[Any]) -> type[Any]:
    """The step along the negated gradient, reflected."""

    def step(self: Any, parameters: Parameters, gradients: Parameters) -> Parameters:
        negated = {name: -np.asarray(gradient) for name, gradient in gradients.items()}
        moved = cls.step(self, parameters, negated)
        return {name: 2 * np.asarray(parameters[name]) - value for name, value in moved.items()}

    return subclass(cls, step=step)


def correction_in_rate(cls: type[Any]) -> type[Any]:
    """Both corrections as one factor on the step, ε scaled with them."""

    def _direction(self: Any, name: str, gradient: Array) -> Array:
        mean = self._running("mean", name, self._beta1, 1 - self._beta1, gradient)
        square = self._running("square", name, self._beta2, 1 - self._beta2, gradient**2)
        root = np.sqrt(1 - self._beta2**self.steps)
        factor = root / (1 - self._beta1**self.steps)
        return np.asarray(factor * mean / (np.sqrt(square) + self._epsilon * root))

    return subclass(cls, _direction=_direction)


def by_example(cls: type[Any]) -> type[Any]:
    """The article's slow method: one example at a time, divided by m at the end."""

    def cost_and_gradients(self: Any, X: Array, Y: Array) -> tuple[Any, Parameters]:
        result: tuple[Any, Parameters] = self.accumulated_gradients(X, Y)
        return result

    return subclass(cls, cost_and_gradients=cost_and_gradients)


def path_by_path(backward: Callable[[Node], Gradients]) -> Callable[[Node], Gradients]:
    """Every path from the result is followed by itself, and adds its part to each node on it."""

    def planted(result: Node) -> Gradients:
        correct = backward(result)
        totals: dict[Node, Array] = {}

        def follow(node: Node, upstream: Array) -> None:
            totals[node] = totals.get(node, np.zeros(())) + upstream
            for edge in node.edges:
                follow(edge.source, edge.pullback(upstream))

        follow(result, correct[result])
        return Gradients(totals, {node: list(correct.incoming(node)) for node in totals})

    return planted


class _Backwards:
    """An optimizer that sees the last layer first, and sums that were cleared."""

    def __init__(self, optimizer: Any) -> None:
        self._optimizer = optimizer

    def step(self, parameters: Parameters, gradients: Parameters) -> Parameters:
        sums = {name: np.zeros_like(parameters[name]) for name in reversed(list(parameters))}
        for name, gradient in gradients.items():
            sums[name] += gradient
        stepped: Parameters = self._optimizer.step({n: parameters[n] for n in sums}, sums)
        return stepped


def last_layer_first(train: Callable[..., list[float]]) -> Callable[..., list[float]]:
    """Gradients are cleared, added and used from the last layer to the first, after backward."""

    def planted(network: Any, X: Array, Y: Array, epochs: int, **options: Any) -> list[float]:
        optimizer = options.pop("optimizer", None) or GradientDescent()
        return train(network, X, Y, epochs, optimizer=_Backwards(optimizer), **options)

    return planted


def by_splitting(split: Callable[..., Any]) -> Callable[..., Any]:
    """The order is drawn once and split at the multiples of the size."""

    def planted(X: Array, Y: Array, size: int | None = None, rng: Any = None) -> Any:
        ((images, labels),) = split(X, Y, None, None)
        m = labels.shape[1]
        order = np.arange(m) if rng is None else rng.permutation(m)
        axis = 0 if images.ndim == 3 else 1
        for chosen in np.split(order, range(size or m, m, size or m)):
            yield np.take(images, chosen, axis=axis), np.take(labels, chosen, axis=1)

    return planted


def _deviation(ini_type: str, n_in: int) -> float:
    variance: float = {"plain": 1e-4, "xavier": 1 / n_in, "he": 2 / n_in}[ini_type]
    return math.sqrt(variance)


def _drawn(
    ini_type: str, draw: Callable[[Any, tuple[int, int], float], Array]
) -> Callable[..., Any]:
    """Make a variant that draws the weights itself, with the right standard deviation."""

    def variant_of(initialize: Callable[..., Parameters]) -> Callable[..., Parameters]:
        def initialize_parameters(n_in: int, n_out: int, *, rng: Any = None) -> Parameters:
            parameters = initialize(n_in, n_out, rng=rng)
            source = np.random if rng is None else rng
            drawn = draw(source, (n_out, n_in), _deviation(ini_type, n_in))
            return {**parameters, "W": drawn}

        return initialize_parameters

    return variant_of


def _transposed(source: Any, shape: tuple[int, int], deviation: float) -> Array:
    return np.asarray(source.standard_normal(shape[::-1]).T * deviation)


def _uniform(source: Any, shape: tuple[int, int], deviation: float) -> Array:
    edge = 3**0.5 * deviation
    return np.asarray(source.uniform(-edge, edge, shape))


_OPTIMIZERS = ("gradient_descent", "momentum", "rmsprop", "adam")
_INITIALIZERS = ("plain", "xavier", "he")


def _for_each(names: tuple[str, ...], operator: MutationOperator) -> dict[str, MutationOperator]:
    return dict.fromkeys(names, operator)


COSTS = (
    NearMiss(
        "cost-as-mean-of-losses",
        "The losses of the single examples are averaged, and so are their gradients.",
        _for_each(MEAN, cost_like(_mean_of_losses)),
    ),
    NearMiss(
        "half-of-doubled-difference",
        "The 2 of the derivative and the ½ in front are both written out, and cancel.",
        _for_each(("squared_error", "squared_error_loss"), cost_like(_half_of_doubled)),
    ),
    NearMiss(
        "cost-squeezed",
        "The cost is squeezed and not the gradient: a cost is one number, whatever its shape.",
        _for_each((*MEAN, "squared_error_loss"), cost_like(_squeezed)),
    ),
    NearMiss(
        "cross-entropy-by-log-sum-exp",
        "log Σ exp(z) − z is −log softmax(z), and overflows nowhere.",
        {
            "softmax_cross_entropy": cost_like(_log_sum_exp),
            "binary_cross_entropy_from_logits": cost_like(_log_of_two_exps),
        },
    ),
    NearMiss(
        "penalty-as-inner-product",
        "2·λ/(2m)·W is λ/m·W, and the inner product of W with itself is ‖W‖².",
        {"l2_penalty": inner_product},
    ),
)

TRAINING = (
    NearMiss(
        "step-of-negated-gradient",
        "The step along −g is added, which is the step along g subtracted.",
        {"linear": update_by_negated, **_for_each(_OPTIMIZERS, negated_step)},
    ),
    NearMiss(
        "adam-correction-in-the-rate",
        "Both corrections stand in one factor on the step and ε is scaled along: the same step.",
        {"adam": correction_in_rate},
    ),
    NearMiss(
        "gradients-by-example",
        "The gradients of the single examples are added up and divided by m, the slow method.",
        {"network": by_example},
    ),
    NearMiss(
        "paths-one-by-one",
        "Each path from the result adds its own part, which is what adding at each node does.",
        {"graph": path_by_path},
    ),
    NearMiss(
        "updated-from-the-last-layer",
        "The layers are updated from the last to the first, once all gradients are there.",
        {"train": last_layer_first},
    ),
    NearMiss(
        "batches-by-splitting",
        "The shuffled order is split at the multiples of the size; the rest is the last batch.",
        {"batches": by_splitting},
    ),
    NearMiss(
        "weights-drawn-transposed",
        "The weights are drawn as (n_in, n_out) and transposed: other numbers, the same "
        "distribution.",
        {name: _drawn(name, _transposed) for name in _INITIALIZERS},
    ),
    NearMiss(
        "weights-drawn-uniform",
        "The weights are uniform on ±√3·s, whose standard deviation is s, as required.",
        {name: _drawn(name, _uniform) for name in _INITIALIZERS},
    ),
)
