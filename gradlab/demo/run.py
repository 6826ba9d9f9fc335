"""One iteration with everything in it, and the training that follows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gradlab.demo.examples import Example, example_called
from gradlab.errors import GradlabError
from gradlab.reference import GradientDescent, LinearLayer, SigmoidLayer, train
from gradlab.reference.functions import sigmoid_derivative

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gradlab.reference import Network

    Array = NDArray[Any]

#: The legacy stream takes 32 bits.
LARGEST_SEED = 2**32 - 1
#: Of the article's Part II.
DEFAULT_LEARNING_RATE = 1.0
DEFAULT_EPOCHS = 5000


@dataclass(frozen=True)
class LayerStep:
    """What one layer of neurons computes in one iteration.

    Attributes
    ----------
    W, b, dW, db, W_after, b_after
        The parameters, their gradients, and the parameters after the update.
    A_prev, Z, A
        Input, linear part and activation, an example in each column.
    dA, slope, dZ, dA_prev
        The gradient that flows in, the local gradient of the activation, and the
        gradients that flow back to Z and to the input.
    """

    W: Array
    b: Array
    A_prev: Array
    Z: Array
    A: Array
    dA: Array
    slope: Array
    dZ: Array
    dW: Array
    db: Array
    dA_prev: Array
    W_after: Array
    b_after: Array


@dataclass(frozen=True)
class DemoRun:
    """A demo that has run: its first iteration, its training and what came of it.

    Attributes
    ----------
    layers
        The first iteration, from the input to the output.
    cost, cost_after
        Before and after the first update.
    costs
        Before each update, and after the last: one more than there are epochs.
    network
        Trained.
    """

    example: Example
    learning_rate: float
    epochs: int
    seed: int | None
    layers: tuple[LayerStep, ...]
    cost: float
    cost_after: float
    costs: tuple[float, ...]
    network: Network


def run(
    name: str,
    learning_rate: float = DEFAULT_LEARNING_RATE,
    epochs: int = DEFAULT_EPOCHS,
    seed: int | None = None,
    *,
    on_epoch: Callable[[int, float], None] | None = None,
) -> DemoRun:
    """Run one of the article's examples.

    Parameters
    ----------
    name
        ``"or"``, ``"xor"`` or ``"xor-cross"``.
    learning_rate
        Any positive number; the article's is 1.
    epochs
        How long to train; 0 shows the first iteration only.
    seed
        For the weights, from 0 to 2³² - 1.  None takes the article's: its weights
        for ``"or"`` and ``"xor-cross"``, its seed for ``"xor"``.
    on_epoch
        Called after each epoch with its number, from 0, and its cost.

    Raises
    ------
    GradlabError
        If an argument is none of these.

    Examples
    --------
    >>> outcome = run("or", epochs=2)
    >>> [round(cost, 3) for cost in outcome.costs]
    [0.089, 0.084, 0.08]
    """
    example = example_called(name)
    _require(learning_rate, epochs, seed)
    layers, cost, cost_after = _first_iteration(example, learning_rate, seed)
    network = example.start(seed)
    X, optimizer = example.features(example.points), GradientDescent(learning_rate)
    costs = train(network, X, example.Y, epochs, optimizer=optimizer, on_epoch=on_epoch)
    return DemoRun(
        example=example,
        learning_rate=learning_rate,
        epochs=epochs,
        seed=seed,
        layers=layers,
        cost=cost,
        cost_after=cost_after,
        costs=(*costs, _cost(example, network)),
        network=network,
    )


def _require(learning_rate: object, epochs: object, seed: object) -> None:
    """Refuse what no training could be run with."""
    if not isinstance(learning_rate, int | float) or not 0 < learning_rate < math.inf:
        msg = f"the learning rate must be a positive number; got {learning_rate!r}"
        raise GradlabError(msg)
    if not _is_whole(epochs, math.inf):
        msg = f"the number of epochs must be a whole number from 0 on; got {epochs!r}"
        raise GradlabError(msg)
    if seed is not None and not _is_whole(seed, LARGEST_SEED):
        msg = f"the seed must be a whole number from 0 to {LARGEST_SEED}; got {seed!r}"
        raise GradlabError(msg)


def _is_whole(value: object, largest: float) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= largest


def _first_iteration(
    example: Example, learning_rate: float, seed: int | None
) -> tuple[tuple[LayerStep, ...], float, float]:
    network, X = example.start(seed), example.features(example.points)
    cost, gradients = network.cost_and_gradients(X, example.Y)
    after = GradientDescent(learning_rate).step(network.parameters, gradients)
    _, upstream = network.cost(example.Y, network.layers[-1].value)
    steps: list[LayerStep] = []
    for number in range(network.n_layers, 0, -1):
        linear, activation = network.layers[2 * number - 2 : 2 * number]
        assert isinstance(linear, LinearLayer)  # noqa: S101 - for mypy: both networks alternate
        assert isinstance(activation, SigmoidLayer)  # noqa: S101
        steps.append(
            LayerStep(
                W=linear.params["W"],
                b=linear.params["b"],
                A_prev=linear.A_prev,
                Z=linear.Z,
                A=activation.A,
                dA=upstream,
                slope=sigmoid_derivative(linear.Z),
                dZ=activation.dZ,
                dW=linear.dW,
                db=linear.db,
                dA_prev=linear.dA_prev,
                W_after=after[f"W{number}"],
                b_after=after[f"b{number}"],
            )
        )
        upstream = linear.dA_prev
    network.parameters = after
    return tuple(reversed(steps)), float(cost), _cost(example, network)


def _cost(example: Example, network: Network) -> float:
    """Return the cost of a network as it is."""
    cost, _ = network.cost(example.Y, network.forward(example.features(example.points)))
    return float(cost)
