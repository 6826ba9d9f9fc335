"""Interfaces of what is checked and has no vector-Jacobian product of its own.

An optimizer, an initializer, a mini-batching function, a network, a training loop,
a graph, a layer's update: each kind has laws of its own.  An adapter turns
people's code into a `Routine`, whose interface is the one way in which laws call it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from gradlab.kinds import Kind

    Array = NDArray[Any]
    Parameters = dict[str, Array]


class OptimizerInstance(Protocol):
    """One life of an optimizer, with whatever it remembers between its steps."""

    def step(self, parameters: Parameters, gradients: Parameters) -> Parameters:
        """Return the parameters after one step, under the same names.

        The very arrays of `gradients` reach the code, without a copy.
        """


@dataclass(frozen=True)
class OptimizerInterface:
    """How to make an optimizer and let it step.

    Attributes
    ----------
    open
        Makes a new one with these settings, of which each is in `settable`.
    settable
        Which of ``learning_rate``, ``beta``, ``beta1``, ``beta2`` and
        ``epsilon`` can be chosen.
    fixed
        What the others are, as far as that can be read off the code.
    """

    open: Callable[[Mapping[str, float]], OptimizerInstance]
    settable: frozenset[str]
    fixed: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class InitialParameters:
    """The initial weights of one layer, (n_out, n_in), and its biases, if it has any."""

    name: str
    W: Array
    b: Array | None


@dataclass(frozen=True)
class InitializerInterface:
    """How to draw the parameters of layers.

    Attributes
    ----------
    draw
        From the sizes (n_in, …, n_out) of layers that follow each other, and a
        seed, to the parameters of each.
    whole_network
        Whether one call draws more than one layer.
    """

    draw: Callable[[tuple[int, ...], int], tuple[InitialParameters, ...]]
    whole_network: bool


@dataclass(frozen=True)
class MinibatchInterface:
    """How to split examples into mini-batches.

    Attributes
    ----------
    split
        From X (features, examples), Y (outputs, examples), a size and a seed to
        the batches of one epoch; the very arrays reach the code where it takes
        examples in columns.
    axis
        The axis of the examples in the arrays that the code is given: 1 or 0.
    seeded
        Whether the code takes a seed or a generator.
    """

    split: Callable[[Array, Array, int, int], list[tuple[Array, Array]]]
    axis: int
    seeded: bool


class NetworkInstance(Protocol):
    """A network with parameters under names, and a cost."""

    def parameters(self) -> Parameters:
        """Return copies of the parameters."""

    def set_parameters(self, parameters: Mapping[str, Array]) -> None:
        """Replace the parameters by copies of these."""

    def cost_and_gradients(self, X: Array, Y: Array) -> tuple[Array, Parameters]:
        """Return the cost and its gradients by the parameters."""


@dataclass(frozen=True)
class NetworkInterface:
    """How to make a network and evaluate it.

    Attributes
    ----------
    open
        Makes a new one.
    data
        From a seed and a number of examples to X and Y.
    single
        From X and Y to each example by itself.
    units
        The axis of a matrix of weights along which a layer's units lie: 0 where
        examples are columns, 1 where they are rows.
    penalty
        λ of the penalty λ/(2m)·Σ‖W‖² on the weights of the networks that are
        opened; 0 where the code takes none, or not as a setting.
    save, load
        Write a network's parameters to a path, and read them; None where the
        code can't.
    linear
        Makes a network of so many linear layers and nothing between them, with
        the sizes of the others; None where its layers are not to be chosen.
    twin
        Makes the reference's network of the same layers; None where those are unknown.
    """

    open: Callable[[], NetworkInstance]
    data: Callable[[int, int], tuple[Array, Array]]
    single: Callable[[Array, Array], list[tuple[Array, Array]]]
    units: int = 0
    penalty: float = 0.0
    save: Callable[[NetworkInstance, str], None] | None = None
    load: Callable[[NetworkInstance, str], None] | None = None
    linear: Callable[[int], NetworkInstance] | None = None
    twin: Callable[[], NetworkInstance] | None = None


@dataclass(frozen=True)
class TrainingConfig:
    """How long and in which way to train; a `batch_size` of None means all examples."""

    epochs: int
    learning_rate: float
    batch_size: int | None
    seed: int


@dataclass(frozen=True)
class TrainingInterface:
    """How to run a training loop, which trains a network of the reference's interface.

    Attributes
    ----------
    train
        From initial parameters, X (features, examples), Y (outputs, examples) and a
        config to the parameters after training a linear, a sigmoid and a linear layer,
        on the mean squared error, by gradient descent.  The very arrays X and Y reach
        the code.
    batches_seen
        From X, Y and a config to the examples and labels of each backward pass, in
        order, of a network whose gradients are 0.
    sizes
        The sizes of that network: (n_in, n_hidden, n_out).
    batched
        Whether the code takes the size of a batch.
    """

    train: Callable[[Parameters, Array, Array, TrainingConfig], Parameters]
    batches_seen: Callable[[Array, Array, TrainingConfig], list[tuple[Array, Array]]]
    sizes: tuple[int, int, int]
    batched: bool


@dataclass(frozen=True)
class GraphInterface:
    """How to compute with nodes, and how to request gradients.

    Attributes
    ----------
    node
        From a number to a node; nodes add and multiply.
    gradients
        From a result and nodes to its gradients by them.
    broadcast
        From arrays x and y to the gradients of Σ(x·y + y) by them; None of shapes that
        do not broadcast there.  None where nodes hold numbers only.
    """

    node: Callable[[float], Any]
    gradients: Callable[[Any, list[Any]], list[float]]
    broadcast: Callable[[Array, Array], list[Array] | None] | None = None


class UpdatableLayer(Protocol):
    """One layer after a backward, with its parameters and their gradients."""

    def parameters(self) -> Parameters:
        """Return the parameters, without copying them."""

    def gradients(self) -> Parameters:
        """Return copies of the gradients, under the names of the parameters."""

    def update(self, learning_rate: float) -> None:
        """Take one step."""


@dataclass(frozen=True)
class UpdateInterface:
    """How to make layers that are about to take a step; the seed determines their values."""

    open: Callable[[int], UpdatableLayer]


Interface = TypeVar("Interface")


@dataclass(frozen=True)
class Routine(Generic[Interface]):
    """Code without a gradient of its own, and how to call it.

    Attributes
    ----------
    name
        As the report calls it.
    interface
        The one way in which laws call it.
    like
        The name of what it is meant to be (``"adam"``, ``"xavier"``); empty
        where it is not given and its own name does not imply it.
    convention
        As the report names it: in which form the code is written.
    notes
        What the adapter wants the reader of the report to know.
    """

    name: str
    kind: Kind
    interface: Interface
    like: str = ""
    convention: str = "functions"
    notes: tuple[str, ...] = ()
