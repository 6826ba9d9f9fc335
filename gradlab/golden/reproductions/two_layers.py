"""The article's network with a hidden layer, trained on XOR."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradlab.golden.reproductions.networks import one_layer_network, two_layer_network
from gradlab.reference import GradientDescent, train
from gradlab.reference.datasets import xor_gate

if TYPE_CHECKING:
    from gradlab.golden.reproductions.networks import Results


def xor_training(
    *,
    seed: float,
    n_hidden: float,
    n_out: float,
    learning_rate: float,
    n_epochs: float,
    print_every: float,
    print_remainder: float,
) -> Results:
    """Return what Part II prints, and what Part I reports after training (figures 84 to 92).

    The text shows the last four of the lines that the loop prints.
    """
    X, Y = xor_gate()
    rng = np.random.RandomState(int(seed))
    network = two_layer_network((2, 4), int(n_hidden), int(n_out), rng)
    costs = train(network, X, Y, int(n_epochs), optimizer=GradientDescent(learning_rate))
    printed = [epoch for epoch in range(len(costs)) if epoch % print_every == print_remainder][-4:]
    predictions = network.predict(X)
    return {
        "printed_epochs": [float(epoch) for epoch in printed],
        "printed_costs": [costs[epoch] for epoch in printed],
        "last_printed_cost": costs[printed[-1]],
        "cost_at_the_end": float(network.cost_and_gradients(X, Y)[0]),
        "outputs": np.unique(predictions).tolist(),
        "predictions": predictions.ravel().tolist(),
        "accuracy": 100 * network.accuracy(X, Y),
    }


def layer_counts() -> Results:
    """Return how many layers the two architectures count as (question 2)."""
    hidden = two_layer_network((2, 4), n_hidden=3, n_out=1, rng=np.random.RandomState(0))
    single = one_layer_network([0.0, 0.0], 0.0, m=4)
    return {"hidden": float(hidden.n_layers), "single": float(single.n_layers)}
