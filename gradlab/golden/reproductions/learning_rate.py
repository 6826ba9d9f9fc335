"""What the learning rate does: on an idealised quadratic, and really on the OR data.

The article's figures 30 and 31 show a parabola.  Which one, only the pictures know;
the four behaviours appear on the reference's bowl, for curvatures from 0.08 to 0.2.
It is an illustration and no more: on the OR example the learning rate that diverges
here does not (`costs_on_or`).
"""

from __future__ import annotations

from gradlab.golden.reproductions.networks import one_layer_network
from gradlab.reference import GradientDescent, train
from gradlab.reference.datasets import or_gate
from gradlab.reference.walkthrough import descend_bowl

#: A descent has arrived when it has covered all but this part of the way.
REST = 0.01
#: Up to here the steps are few; a reader would still draw every arrow.
FEW = 10
#: After so many steps a descent that has not covered REST of the way makes no progress.
PATIENCE = 10_000


def moves_in_gradients(*learning_rates: float) -> str:
    """Return how far one step of gradient descent moves, for some learning rates (figure 28)."""
    gradient = 0.125  # a power of two, so that the quotient below is exact
    for rate in learning_rates:
        after = GradientDescent(rate).step({"b": [0.0]}, {"b": [gradient]})
        moved = -after["b"][0] / gradient
        if moved != rate:
            return f"{moved} gradients at a learning rate of {rate}"
    return "as many gradients as the learning rate"


def descent_on_a_quadratic(learning_rate: float, curvature: float = 0.1) -> str:
    """Return what gradient descent does on the illustrative quadratic, from w = 1.

    Returns
    -------
    str
        ``"diverges"``, ``"few steps"``, ``"many steps"``, ``"practically no
        progress"``, or ``"undecided"`` between the last two.

    Examples
    --------
    >>> [descent_on_a_quadratic(rate) for rate in (5.0, 50.0)]
    ['few steps', 'diverges']
    """
    distances = [abs(w) for w in descend_bowl(learning_rate, PATIENCE, curvature=curvature)]
    for step, distance in enumerate(distances):
        if distance > 1 / REST:
            return "diverges"
        if distance < REST:
            return "few steps" if step <= FEW else "many steps"
    return "practically no progress" if distances[-1] > 1 - REST else "undecided"


def costs_on_or(learning_rate: float, w1: float, w2: float, b: float, n_epochs: int) -> list[float]:
    """Return the cost of each epoch on the OR data with any learning rate."""
    X, Y = or_gate()
    network = one_layer_network([w1, w2], b, m=X.shape[1])
    return train(network, X, Y, n_epochs, optimizer=GradientDescent(learning_rate))
