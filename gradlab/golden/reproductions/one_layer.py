"""The article's one-layer network on its first example and on the OR data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradlab.golden.reproductions.networks import one_layer_network
from gradlab.reference import GradientDescent, LinearLayer, train
from gradlab.reference.datasets import or_gate
from gradlab.reference.walkthrough import step_by_layers, step_by_nodes

if TYPE_CHECKING:
    from gradlab.golden.reproductions.networks import Results


def first_example(*, x1: float, x2: float, y: float, w1: float, w2: float, b: float) -> Results:
    """Return output, loss and gradients at one example, node by node (figures 10 to 23)."""
    step = step_by_nodes([[x1], [x2]], [[y]], [[w1, w2]], [[b]])
    return {
        "y_hat": step.Y_hat.item(),
        "loss": float(step.cost),
        "dw": step.dW[0].tolist(),
        "db": step.db.item(),
    }


def bias_step(
    *, x1: float, x2: float, y: float, w1: float, w2: float, b: float, learning_rate: float
) -> Results:
    """Return the bias after one step, and output and loss with it (figures 24 to 26)."""
    example = ([[x1], [x2]], [[y]])
    before = step_by_nodes(*example, [[w1, w2]], [[b]], learning_rate)
    after = step_by_nodes(*example, [[w1, w2]], before.b, learning_rate)
    return {"b": before.b.item(), "y_hat": after.Y_hat.item(), "loss": float(after.cost)}


def line_without_bias(x: float) -> Results:
    """Return where a line without bias passes (figure 20)."""
    line = LinearLayer((1, 1), n_out=1, rng=np.random.default_rng(0))
    line.forward([[x]])
    return {"z": line.Z.item()}


def or_steps(*, w1: float, w2: float, b: float, learning_rate: float) -> Results:
    """Return costs and gradients of two vectorized iterations on OR (figures 42 to 47)."""
    X, Y = or_gate()
    first = step_by_layers(X, Y, [[w1, w2]], [[b]], learning_rate)
    second = step_by_layers(X, Y, first.W, first.b, learning_rate)
    return {
        "cost": float(first.cost),
        "cost_after": float(second.cost),
        "dW_second": second.dW[0].tolist(),
        "db_second": second.db.item(),
    }


def or_training(
    *, w1: float, w2: float, b: float, learning_rate: float, n_epochs: float
) -> Results:
    """Return the cost after training on OR, and what the network puts out (figures 48, 49)."""
    X, Y = or_gate()
    network = one_layer_network([w1, w2], b, m=X.shape[1])
    train(network, X, Y, int(n_epochs), optimizer=GradientDescent(learning_rate))
    cost, _ = network.cost_and_gradients(X, Y)
    return {"cost": float(cost), "outputs": np.unique(network.predict(X)).tolist()}
