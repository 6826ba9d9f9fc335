"""Labels, shapes and constants of formulas, measured on the reference implementation."""

from __future__ import annotations

import inspect
import math
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from gradlab.golden.reproductions.networks import one_layer_network
from gradlab.reference import (
    LinearLayer,
    SigmoidLayer,
    compute_cost,
    dot_product_tensor,
    squared_error_loss,
)
from gradlab.reference.datasets import feature_cross, or_gate, xor_gate, xor_quadrants
from gradlab.reference.functions import sigmoid
from gradlab.reference.graph import Node, backward

if TYPE_CHECKING:
    from gradlab.golden.reproductions.networks import Results


def sigmoid_tails(z_high: float, z_low: float) -> Results:
    """Return the sigmoid at two points and its range, from its limits (figure 7)."""
    return {
        "high": float(sigmoid(np.array(z_high))),
        "low": float(sigmoid(np.array(z_low))),
        "range": [float(sigmoid(np.array(z))) for z in (-1000.0, 1000.0)],
    }


def or_labels() -> Results:
    """Return the label of OR where any feature is on, and all labels (figure 8)."""
    X, Y = or_gate()
    (label,) = np.unique(Y[:, X.any(axis=0)])
    return {"where_any_is_on": float(label), "classes": np.unique(Y).tolist()}


def xor_labels() -> Results:
    """Return the label of XOR where exactly one feature is on, and all labels (figure 62)."""
    X, Y = xor_gate()
    (label,) = np.unique(Y[:, X.sum(axis=0) == 1])
    return {"where_one_is_on": float(label), "classes": np.unique(Y).tolist()}


def quadrants() -> Results:
    """Return in which quadrants the product of the features is positive (figures 64, 65)."""
    X, _ = xor_quadrants()
    cross = feature_cross(X, (0, 1))[0]
    number = {(1.0, 1.0): 1.0, (-1.0, 1.0): 2.0, (-1.0, -1.0): 3.0, (1.0, -1.0): 4.0}
    names = [number[tuple(np.sign(point).tolist())] for point in X.T]
    return {
        "positive": sorted(name for name, product in zip(names, cross, strict=True) if product > 0),
        "negative": sorted(name for name, product in zip(names, cross, strict=True) if product < 0),
    }


def crosses() -> Results:
    """Return the powers of a feature that the crosses with itself are."""
    square, cube = (feature_cross([[2.0]], cross).item() for cross in ((0, 0), (0, 0, 0)))
    return {"square": math.log2(square), "cube": math.log2(cube)}


def loss_factor() -> Results:
    """Return the factor of the squared error in the loss, as a fraction (figure 12)."""
    loss, _ = squared_error_loss(0.0, 1.0)
    return {"fraction": _fraction(float(loss))}


def cost_scaling() -> Results:
    """Return the constants of the cost of m examples, one of them wrong (figures 37, 90)."""
    m, error = 8, 2.0
    Y, Y_hat = np.zeros((1, m)), np.zeros((1, m))
    Y_hat[0, 0] = error
    cost, gradient = compute_cost(Y, Y_hat)
    double_cost, _ = compute_cost(Y, 2 * Y_hat)
    _, gradient_of_loss = squared_error_loss(0.0, error)
    return {
        "factor": _fraction(float(cost) * m / error**2),
        "power": math.log2(double_cost / cost),
        "derivative": float(gradient[0, 0]) * m / float(Y[0, 0] - Y_hat[0, 0]),
        "average": float(gradient[0, 0]) * m / float(gradient_of_loss),
        "axis": float(Y.shape.index(round(float(gradient_of_loss / gradient[0, 0])))),
    }


def three_equations() -> Results:
    """Return how many gradients flow into a node that two others use (figures 51 to 53)."""
    a, b = Node(2.0, "a"), Node(1.0, "b")
    c, d = a + b, b + 1.0
    return {"flows": float(len(backward(c * d).incoming(b)))}


def local_gradient_of_the_bias() -> Results:
    """Return the derivative of the linear node by the bias (figures 55, 56)."""
    bias = Node(0.0, "b")
    linear = Node(0.6, "w·x") + bias
    (edge,) = (edge for edge in linear.edges if edge.source is bias)
    return {"local": float(edge.local_gradient)}


def or_shapes() -> Results:
    """Return the shapes of the OR example's arrays and gradients (after figure 61)."""
    X, Y = or_gate()
    network = one_layer_network([0.0, 0.0], 0.0, m=X.shape[1])
    network.cost_and_gradients(X, Y)
    linear, activation = network.layers
    gradients = linear.gradients
    shapes = {
        "dZ": activation.input_gradient.shape,
        "X": X.shape,
        "W": gradients["W"].shape,
        "b": gradients["b"].shape,
        "tensor": dot_product_tensor(linear.params["W"], X).shape,
    }
    return {name: [float(size) for size in shape] for name, shape in shapes.items()}


def default_learning_rate() -> Results:
    """Return the default learning rate of the linear layer (figure 87)."""
    parameter = inspect.signature(LinearLayer.update_params).parameters["learning_rate"]
    return {"default": float(parameter.default)}


def layer_axes() -> Results:
    """Return which axis means what in the linear layer, with three different sizes (figure 87)."""
    shape = (2, 5)
    layer = LinearLayer(shape, n_out=3, rng=np.random.default_rng(0))
    upstream = np.arange(15.0).reshape(3, 5)
    layer.forward(np.ones(shape))
    layer.backward(upstream)
    sums = [upstream.sum(axis=axis, keepdims=True).tolist() for axis in range(upstream.ndim)]
    W = layer.params["W"]
    return {
        "examples": float(shape.index(layer.m)),
        "features": float(shape.index(W.shape[1])),
        "neurons": float(W.shape.index(layer.Z.shape[0])),
        "summed": float(sums.index(layer.db.tolist())),
    }


def sigmoid_constants() -> Results:
    """Return n and d of the sigmoid, n/(d + exp(-z)), and c of its derivative, A·(c - A).

    They follow from its values at z = 0 and at the right end, which are exact.
    """
    layer = SigmoidLayer((1, 2))
    layer.forward([[0.0, 1000.0]])
    layer.backward([[1.0, 1.0]])
    (middle, end), slope = layer.A[0].tolist(), float(layer.dZ[0, 0])
    addend = middle / (end - middle)
    return {"numerator_and_addend": [end * addend, addend], "minuend": slope / middle + middle}


def _fraction(value: float) -> list[float]:
    fraction = Fraction(value)
    return [float(fraction.numerator), float(fraction.denominator)]
