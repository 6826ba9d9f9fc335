"""The numbers of the guide: initialization, images as columns, cross-entropy."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gradlab.reference import (
    FlattenLayer,
    LinearLayer,
    Network,
    SigmoidLayer,
    binary_cross_entropy,
    initialize_parameters,
)

if TYPE_CHECKING:
    from gradlab.golden.reproductions.networks import Results


def equal_weights(n_nodes: float, bias: float) -> str:
    """Return whether neurons that start with equal weights get equal gradients.

    Two neurons between `n_nodes` inputs and one output, all weights of a layer equal.
    """
    n, m = int(n_nodes), 4
    X = np.random.RandomState(0).standard_normal((n, m))
    hidden, output = LinearLayer((n, m), 2), LinearLayer((2, m), 1)
    hidden.params = {"W": np.full((2, n), 0.5), "b": np.full((2, 1), bias)}
    output.params = {"W": np.full((1, 2), 0.5), "b": np.full((1, 1), bias)}
    network = Network([hidden, SigmoidLayer((2, m)), output, SigmoidLayer((1, m))])
    _, gradients = network.cost_and_gradients(X, np.ones((1, m)))
    first, second = gradients["W1"]
    return "equal gradients" if np.array_equal(first, second) else "different gradients"


def xavier_moments() -> Results:
    """Return how Xavier's weights follow from the standard normal numbers, and the bias.

    With four nodes before it the factor, one half, is exact.
    """
    n = 4
    stream = np.random.RandomState(1).standard_normal((1, n))
    drawn = initialize_parameters(n, 1, "xavier", rng=np.random.RandomState(1))
    factor = float(drawn["W"][0, 0] / stream[0, 0])
    return {
        "variance_times_n": factor**2 * n,
        "shift": float(np.max(np.abs(drawn["W"] - factor * stream))),
        "bias": drawn["b"].item(),
    }


def images(n_images: float, side: float, n_next: float) -> Results:
    """Return the shapes on the way of square images into a linear layer."""
    m, height = int(n_images), int(side)
    flatten = FlattenLayer((m, height, height))
    flatten.forward(np.zeros((m, height, height), dtype=np.float32))
    features = flatten.A.shape[0]
    linear = LinearLayer((features, m), int(n_next), rng=np.random.default_rng(0))
    linear.forward(flatten.A)
    return {
        "features": float(features),
        "X": [float(size) for size in flatten.A.shape],
        "W": [float(size) for size in linear.params["W"].shape],
    }


def cross_entropy_constants() -> Results:
    """Return the constants of the binary cross-entropy, y·log A and (1 - y)·log(1 - A)."""
    predictions = (0.0, 0.5, 1.0)
    cheapest = {
        y: [p for p in predictions if _loss(y, p) == 0]  # only where one logarithm drops out
        for y in (1.0, 0.5, 0.0)
    }
    (pole,) = (p for p in predictions if math.isinf(_loss(0.0, p)))
    _, per_example = binary_cross_entropy([[1.0]], [[0.5]])
    _, of_four = binary_cross_entropy([[1.0] * 4], [[0.5] * 4])
    return {
        "sum_of_weights": _loss(0.5, 0.5) / math.log(2),
        "minuend": pole,
        "labels": [y for y, found in cheapest.items() if found],
        "cheapest": [p for found in cheapest.values() for p in found],
        "average": float(of_four[0, 0] * 4 / per_example[0, 0]),
    }


def _loss(y: float, p: float) -> float:
    cost, _ = binary_cross_entropy([[y]], [[p]])
    return float(cost)
