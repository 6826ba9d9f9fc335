"""The article's two architectures, ready to train, and what a reproduction on them returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradlab.reference import LinearLayer, Network, SigmoidLayer

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The results of a reproduction by name: a number each, or several that belong together.
Results = dict[str, float | list[float]]


def one_layer_network(weights: Sequence[float], bias: float, m: int) -> Network:
    """Return one sigmoid neuron with these weights, for m examples (figures 40 and 69)."""
    linear = LinearLayer((len(weights), m), n_out=1)
    linear.params = {"W": np.array([weights], dtype=np.float64), "b": np.array([[bias]])}
    return Network([linear, SigmoidLayer((1, m))])


def two_layer_network(
    input_shape: tuple[int, int],
    n_hidden: int,
    n_out: int,
    rng: np.random.RandomState,
) -> Network:
    """Return a hidden and an output layer of sigmoid neurons (figures 77 and 91).

    The weights are drawn in the article's order; ``RandomState(48)`` draws what the
    global stream does after ``np.random.seed(48)``, and leaves that stream alone.
    """
    m = input_shape[1]
    hidden = LinearLayer(input_shape, n_hidden, "xavier", rng=rng)
    output = LinearLayer((n_hidden, m), n_out, "xavier", rng=rng)
    return Network([hidden, SigmoidLayer((n_hidden, m)), output, SigmoidLayer((n_out, m))])
