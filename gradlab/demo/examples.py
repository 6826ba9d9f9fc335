"""The article's three examples: OR, XOR with a hidden layer, XOR with a feature cross."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.errors import GradlabError
from gradlab.golden import article
from gradlab.golden.reproductions.networks import one_layer_network, two_layer_network
from gradlab.reference import LinearLayer, Network, SigmoidLayer
from gradlab.reference.datasets import or_gate, with_crosses, xor_gate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]


@dataclass(frozen=True)
class Example:
    """One example of the article.

    Attributes
    ----------
    name
        As on the command line.
    title
        For people.
    figures
        Where the article shows it.
    points, Y
        (2, m) and (1, m).
    crosses
        Rows to multiply into further features.
    weights
        The inputs of `article.toml` that a single neuron starts with; empty for
        the network with a hidden layer, whose weights come from a seed.
    """

    name: str
    title: str
    figures: str
    points: Array
    Y: Array
    crosses: tuple[tuple[int, ...], ...]
    weights: tuple[str, ...]

    def features(self, points: Array) -> Array:
        """Return what the network is fed with at these points, (2, k) to (n, k)."""
        return with_crosses(points, *self.crosses)

    def start(self, seed: int | None) -> Network:
        """Return the untrained network: the article's, or one with weights from a seed."""
        given = {name: entry.number for name, entry in article().inputs.items()}
        shape = self.features(self.points).shape
        if not self.weights:
            rng = np.random.RandomState(int(given["seed"]) if seed is None else seed)
            return two_layer_network(shape, int(given["n_hidden"]), int(given["n_out"]), rng)
        if seed is None:
            return one_layer_network([given[name] for name in self.weights], given["b"], shape[1])
        linear = LinearLayer(shape, 1, "xavier", rng=np.random.RandomState(seed))
        return Network([linear, SigmoidLayer((1, shape[1]))])

    def describe_start(self, seed: int | None) -> str:
        """Return where the weights come from, in words."""
        if seed is not None:
            return f"Xavier weights of seed {seed}"
        if self.weights:
            return "the article's weights"
        return f"Xavier weights of the article's seed, {article().inputs['seed'].printed[0]}"


def example_called(name: str) -> Example:
    """Return the example with this name.

    Raises
    ------
    GradlabError
        If there is none.

    Examples
    --------
    >>> example_called("xor-cross").title
    'XOR with a feature cross, one sigmoid neuron'
    """
    for example in EXAMPLES:
        if example.name == name:
            return example
    names = ", ".join(example.name for example in EXAMPLES)
    msg = f"there is no demo called {name!r}; choose one of {names}"
    raise GradlabError(msg)


EXAMPLES = (
    Example(
        "or", "OR, one sigmoid neuron", "40 to 49", *or_gate(), crosses=(), weights=("w1", "w2")
    ),
    Example(
        "xor", "XOR, a hidden layer of sigmoid neurons", "77 to 93", *xor_gate(), (), weights=()
    ),
    Example(
        "xor-cross",
        "XOR with a feature cross, one sigmoid neuron",
        "68 to 76",
        *xor_gate(),
        crosses=((0, 1),),
        weights=("w1", "w2", "w3"),
    ),
)
