"""The article's walk: one training step in three ways, and the four learning rates.

Source of the step: the article, figures 21 to 28 (node by node, one example),
39 to 47 (vectorized, the OR data) and 50 to 61 (why the two agree).  The three
ways give the same numbers, and a test holds them to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.reference._arrays import as_columns
from gradlab.reference.costs import compute_cost
from gradlab.reference.functions import sigmoid, sigmoid_derivative
from gradlab.reference.graph import Node, backward, square
from gradlab.reference.graph import sigmoid as sigmoid_node
from gradlab.reference.layers import LinearLayer, SigmoidLayer

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from gradlab.reference._arrays import Array


@dataclass(frozen=True)
class Step:
    """Everything that one step of gradient descent computes, (features, examples).

    Attributes
    ----------
    Z, Y_hat, dY_hat, dZ
        (1, m).
    cost
        The squared-error cost before the update, a scalar.
    dW, W
        (1, n): the gradient, and the weights after the update.
    db, b
        (1, 1): the gradient, and the bias after the update.
    """

    Z: Array
    Y_hat: Array
    cost: Any
    dY_hat: Array
    dZ: Array
    dW: Array
    db: Array
    W: Array
    b: Array


@dataclass(frozen=True)
class ExpandedNetwork:
    """The network with every operation of every example as a node of its own.

    The weights and the bias are shared by all examples (the article, figures 54
    to 59).

    Attributes
    ----------
    weights, bias
        One node for each feature, and one.
    z, y_hat, losses
        One node for each example.
    cost
        The average of the losses.
    """

    weights: tuple[Node, ...]
    bias: Node
    z: tuple[Node, ...]
    y_hat: tuple[Node, ...]
    losses: tuple[Node, ...]
    cost: Node


def expand_network(X: ArrayLike, Y: ArrayLike, W: ArrayLike, b: ArrayLike) -> ExpandedNetwork:
    """Build the one-layer sigmoid network on all examples, out of scalar nodes.

    Source: the article, figures 21 and 54 to 59.

    Parameters
    ----------
    X, Y
        (n, m) and (1, m).
    W, b
        (1, n) and (1, 1).

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """
    X, Y, W, b = _checked(X, Y, W, b)
    m = X.shape[1]
    weights = tuple(Node(w, f"w{i}") for i, w in enumerate(W[0], start=1))
    bias = Node(b[0, 0], "b")
    z, y_hat, losses = [], [], []
    for j in range(m):
        linear = bias
        for i, weight in enumerate(weights):
            linear = weight * Node(X[i, j], f"x{i + 1}") + linear
        z.append(linear.named("z"))
        y_hat.append(sigmoid_node(linear).named("ŷ"))
        losses.append((square(y_hat[-1] - Node(Y[0, j], "y")) * 0.5).named("Loss"))
    cost = losses[0]
    for loss in losses[1:]:
        cost = cost + loss
    cost = (cost * (1 / m)).named("Cost")
    return ExpandedNetwork(weights, bias, tuple(z), tuple(y_hat), tuple(losses), cost)


def step_by_nodes(
    X: ArrayLike, Y: ArrayLike, W: ArrayLike, b: ArrayLike, learning_rate: float = 1.0
) -> Step:
    """Take one step with scalar nodes only; arguments and errors as `expand_network`.

    Examples
    --------
    >>> from gradlab.reference.datasets import or_gate
    >>> step = step_by_nodes(*or_gate(), W=[[0.1, 0.6]], b=[[0.0]])
    >>> print(f"{step.cost:.3f}", step.dW.round(3), step.db.round(3))
    0.089 [[-0.048 -0.039]] [[-0.037]]
    """
    network = expand_network(X, Y, W, b)
    gradients = backward(network.cost)
    W, b = as_columns(W, "W"), as_columns(b, "b")
    dW = _row([gradients[weight] for weight in network.weights])
    db = _row([gradients[network.bias]])
    return Step(
        Z=_row([node.value for node in network.z]),
        Y_hat=_row([node.value for node in network.y_hat]),
        cost=network.cost.value[()],
        dY_hat=_row([gradients[node] for node in network.y_hat]),
        dZ=_row([gradients[node] for node in network.z]),
        dW=dW,
        db=db,
        W=W - learning_rate * dW,
        b=b - learning_rate * db,
    )


def step_by_layers(
    X: ArrayLike, Y: ArrayLike, W: ArrayLike, b: ArrayLike, learning_rate: float = 1.0
) -> Step:
    """Take one step with `LinearLayer` and `SigmoidLayer`; arguments as `expand_network`."""
    X, Y, W, b = _checked(X, Y, W, b)
    linear = LinearLayer((X.shape[0], X.shape[1]), n_out=1)
    linear.params = {"W": W, "b": b}
    activation = SigmoidLayer((1, X.shape[1]))
    linear.forward(X)
    activation.forward(linear.Z)
    cost, dY_hat = compute_cost(Y, activation.A)
    activation.backward(dY_hat)
    linear.backward(activation.dZ)
    linear.update_params(learning_rate)
    return Step(
        Z=linear.Z,
        Y_hat=activation.A,
        cost=cost,
        dY_hat=dY_hat,
        dZ=activation.dZ,
        dW=linear.dW,
        db=linear.db,
        W=linear.params["W"],
        b=linear.params["b"],
    )


def step_vectorized(
    X: ArrayLike, Y: ArrayLike, W: ArrayLike, b: ArrayLike, learning_rate: float = 1.0
) -> Step:
    """Take one step with matrix formulas only; arguments as `expand_network`."""
    X, Y, W, b = _checked(X, Y, W, b)
    m = X.shape[1]
    Z = W @ X + b
    Y_hat = sigmoid(Z)
    dY_hat = (Y_hat - Y) / m
    dZ = dY_hat * sigmoid_derivative(Z)
    dW, db = dZ @ X.T, dZ.sum(axis=1, keepdims=True)
    return Step(
        Z=Z,
        Y_hat=Y_hat,
        cost=np.sum((Y - Y_hat) ** 2) / (2 * m),
        dY_hat=dY_hat,
        dZ=dZ,
        dW=dW,
        db=db,
        W=W - learning_rate * dW,
        b=b - learning_rate * db,
    )


def descend_bowl(
    learning_rate: float, steps: int, *, start: float = 1.0, curvature: float = 0.1
) -> list[float]:
    """Return the positions of gradient descent on the bowl ½·curvature·w², illustrative.

    Source: the article, figures 30 and 31, which show an idealised U-shaped
    loss and name the learning rates 0.5, 5, 5·10⁻¹⁰ and 50.  Each step
    multiplies w by 1 - rate·curvature; with the curvature assumed here the four
    rates descend slowly, descend quickly, hardly move, and diverge.

    The article's own OR example does not diverge at 50: its cost rises once, at
    the first step, and has fallen below 10⁻⁵ after 5000.

    Examples
    --------
    >>> descend_bowl(5.0, steps=3)
    [1.0, 0.5, 0.25, 0.125]
    >>> descend_bowl(50.0, steps=3)
    [1.0, -4.0, 16.0, -64.0]
    """
    positions = [start]
    for _ in range(steps):
        positions.append(positions[-1] - learning_rate * curvature * positions[-1])
    return positions


def _checked(
    X: ArrayLike, Y: ArrayLike, W: ArrayLike, b: ArrayLike
) -> tuple[Array, Array, Array, Array]:
    X, Y, W, b = as_columns(X, "X"), as_columns(Y, "Y"), as_columns(W, "W"), as_columns(b, "b")
    n, m = X.shape
    fits = m > 0 and (Y.shape, W.shape, b.shape) == ((1, m), (1, n), (1, 1))
    if not fits:
        msg = (
            "one neuron needs X (n, m), Y (1, m), W (1, n) and b (1, 1) with m ≥ 1; "
            f"got {X.shape}, {Y.shape}, {W.shape} and {b.shape}"
        )
        raise ValueError(msg)
    return X, Y, W, b


def _row(scalars: list[Array]) -> Array:
    return np.array(scalars).reshape(1, -1)
