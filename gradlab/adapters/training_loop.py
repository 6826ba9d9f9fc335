"""Training loops: ``train(network, X, Y, epochs, …)``, with an optimizer or a learning rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab import reference
from gradlab.adapters.calls import call
from gradlab.adapters.signatures import (
    RATES,
    SIZES,
    called,
    global_stream,
    is_function,
    named,
    one_of,
    required,
    seed_arguments,
    takes_options,
    unknown_argument,
)
from gradlab.errors import GradlabError
from gradlab.interfaces import Routine, TrainingInterface
from gradlab.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

    from gradlab.interfaces import Array, Parameters, TrainingConfig

NAMES = ("train",)

_NETWORKS = ("network", "model", "net", "nn")
_INPUTS = ("x", "x_train", "inputs", "data")
_LABELS = ("y", "y_train", "labels", "targets")
_EPOCHS = ("epochs", "n_epochs", "num_epochs", "iterations", "num_iterations", "n_iterations")
_OPTIMIZERS = ("optimizer", "optimiser", "opt")
_LAYER_SIZES = (2, 3, 1)
_ROLES = (_NETWORKS, _INPUTS, _LABELS, _EPOCHS)


def looks_like_one(obj: object) -> bool:
    """Whether the shape of the code leaves no doubt that it trains a network."""
    return is_function(obj) and _roles(obj) is not None


def adapt(obj: Any, like: str | None, name: str | None = None) -> Routine[TrainingInterface]:
    """Make a routine of a function that trains a network.

    Raises
    ------
    GradlabError
        If it cannot be seen how to call it.
    """
    title = name or called(obj)
    roles = _roles(obj) if is_function(obj) else None
    if roles is None:
        msg = (
            f"{title} is no training loop that gradlab can call; one is a function of (network, "
            "X, Y, epochs) and an optimizer or a learning rate"
        )
        raise GradlabError(msg)
    names = named(obj)
    options = takes_options(obj)
    places = _Places(
        roles,
        one_of(names, _OPTIMIZERS) or ("optimizer" if options else None),
        one_of(names, RATES),
        one_of(names, SIZES) or ("batch_size" if options else None),
        options,
    )
    if places.optimizer is None and places.rate is None:
        msg = f"{title} takes neither an optimizer nor a learning rate, so its steps are unknown"
        raise GradlabError(msg)
    loop = _Loop(obj, title, places)
    interface = TrainingInterface(
        loop.train, loop.batches_seen, _LAYER_SIZES, places.size is not None
    )
    return Routine(title, Kind.TRAINING, interface, like or "train", "train(network, X, Y, epochs)")


def _roles(function: Callable[..., Any]) -> tuple[str, ...] | None:
    found = [one_of(named(function), known) for known in _ROLES]
    return None if None in found else tuple(map(str, found))


class _Recorder(reference.LinearLayer):
    """A layer that records, with each backward, the examples and labels that it was for."""

    def __init__(self, X: Array, Y: Array) -> None:
        super().__init__((len(X), 1), len(Y), rng=np.random.default_rng(0))
        self._labels = Y
        self.batches: list[tuple[Array, Array]] = []

    def backward(self, upstream_grad: ArrayLike) -> None:
        """Record what the gradient is of."""
        super().backward(upstream_grad)
        self.batches.append((np.array(self.A_prev), np.array(self._labels)))

    def cost(self, Y: ArrayLike, Y_hat: ArrayLike) -> tuple[float, Array]:
        """Keep the labels; a gradient of 0 lets the network stand still."""
        self._labels = np.asarray(Y)
        return 0.0, np.zeros(np.shape(Y_hat))


@dataclass(frozen=True)
class _Places:
    """Under which names a loop takes what; None for what it does not take."""

    roles: tuple[str, ...]
    optimizer: str | None
    rate: str | None
    size: str | None
    options: bool


@dataclass(frozen=True)
class _Loop:
    """One training by plain gradient descent."""

    function: Callable[..., Any]
    name: str
    places: _Places

    def train(self, start: Parameters, X: Array, Y: Array, config: TrainingConfig) -> Parameters:
        """Train the reference's network from `start`; return its parameters."""
        n_in, n_hidden, n_out = _LAYER_SIZES
        rng = np.random.default_rng(0)
        network = reference.Network(
            [
                reference.LinearLayer((n_in, 1), n_hidden, rng=rng),
                reference.SigmoidLayer((n_hidden, 1)),
                reference.LinearLayer((n_hidden, 1), n_out, rng=rng),
            ]
        )
        network.parameters = {name: np.array(value) for name, value in start.items()}
        self._run(network, X, Y, config)
        return {name: np.array(value) for name, value in network.parameters.items()}

    def batches_seen(self, X: Array, Y: Array, config: TrainingConfig) -> list[tuple[Array, Array]]:
        """Train a network that stands still, and return what each backward pass was for."""
        layer = _Recorder(X, Y)
        self._run(reference.Network([layer], layer.cost), X, Y, config)
        return layer.batches

    def _run(self, network: Any, X: Array, Y: Array, config: TrainingConfig) -> None:
        places = self.places
        given: dict[str, Any] = dict(zip(places.roles, (network, X, Y, config.epochs), strict=True))
        if places.optimizer is not None:
            given[places.optimizer] = reference.GradientDescent(config.learning_rate)
        if places.rate is not None:
            given[places.rate] = config.learning_rate
        if places.size is not None:
            # The number of all examples is understood by everybody, None is not.
            given[places.size] = config.batch_size or X.shape[1]
        given |= seed_arguments(self.function, config.seed)
        for argument in required(self.function):
            if argument not in given:
                raise unknown_argument(self.name, argument, "of a training loop")
        with global_stream(config.seed):
            call(self.name, self.function, **given)
