"""The training loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradlab.reference._arrays import as_columns
from gradlab.reference.batching import batches
from gradlab.reference.optimizers import GradientDescent

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import ArrayLike

    from gradlab.reference.network import Network
    from gradlab.reference.optimizers import Optimizer


def train(
    network: Network,
    X: ArrayLike,
    Y: ArrayLike,
    epochs: int,
    *,
    optimizer: Optimizer | None = None,
    batch_size: int | None = None,
    rng: np.random.Generator | None = None,
    on_epoch: Callable[[int, float], None] | None = None,
) -> list[float]:
    """Train `network` in place and return the cost of each epoch.

    Source: the article, figure 92, and its section on batch, mini-batch and
    stochastic gradient descent.

    Parameters
    ----------
    X, Y, batch_size, rng
        As `batches`; the examples are shuffled anew in each epoch.
    epochs
        How many times every example is used.
    optimizer
        None for gradient descent with learning rate 0.1.
    on_epoch
        Called after each epoch with its number, from 0, and its cost.

    Returns
    -------
    list of float
        One cost for each epoch: the average over its batches of the costs
        before their updates, weighted by their numbers of examples.  For full
        batches this is the cost before the epoch's update, as the article
        records it.

    Raises
    ------
    ValueError
        If `epochs` is negative, there is no example, or as `batches`.

    Examples
    --------
    >>> import numpy as np
    >>> from gradlab.reference import LinearLayer, Network, SigmoidLayer
    >>> from gradlab.reference.datasets import or_gate
    >>> X, Y = or_gate()
    >>> linear = LinearLayer((2, 4), 1)
    >>> linear.params = {"W": np.array([[0.1, 0.6]]), "b": np.zeros((1, 1))}
    >>> network = Network([linear, SigmoidLayer((1, 4))])
    >>> [round(cost, 3) for cost in train(network, X, Y, 2, optimizer=GradientDescent(1.0))]
    [0.089, 0.084]
    """
    m = as_columns(Y, "Y").shape[1]
    if epochs < 0 or m < 1:
        msg = f"training needs epochs ≥ 0 and at least one example; got {epochs} and {m}"
        raise ValueError(msg)
    chosen = GradientDescent() if optimizer is None else optimizer
    costs: list[float] = []
    for epoch in range(epochs):
        total = 0.0
        for X_batch, Y_batch in batches(X, Y, batch_size, rng):
            cost, gradients = network.cost_and_gradients(X_batch, Y_batch)
            network.parameters = chosen.step(network.parameters, gradients)
            total += float(cost) * Y_batch.shape[1]
        costs.append(total / m)
        if on_epoch is not None:
            on_epoch(epoch, costs[-1])
    return costs
