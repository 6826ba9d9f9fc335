"""Costs and their gradients, and the graph, against mpmath, torch, JAX and SciPy."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
import scipy.special
import torch
from torch.nn import functional

from gradlab.reference import (
    binary_cross_entropy,
    binary_cross_entropy_from_logits,
    compute_cost,
    l2_penalty,
    one_hot,
    softmax_cross_entropy,
    squared_error_loss,
)
from gradlab.reference.datasets import or_gate
from gradlab.reference.walkthrough import step_by_nodes

mp = mpmath.mp
SHAPES = [(1, 1), (1, 9), (7, 1), (3, 4), (4, 3), (6, 6), (10, 33)]
every_shape = pytest.mark.parametrize("shape", SHAPES)
log = np.vectorize(mpmath.log, otypes=[object])
exp = np.vectorize(mpmath.exp, otypes=[object])


def by_torch(cost, predictions, tensor):
    leaf = tensor(predictions)
    value = cost(leaf)
    value.backward()
    return value.item(), leaf.grad.numpy()


def by_jax(cost, predictions):
    value, gradient = jax.value_and_grad(cost)(jnp.asarray(predictions))
    return float(value), np.asarray(gradient)


@every_shape
def test_squared_error(shape, close, exact, rng, tensor):
    Y, P, m = rng.normal(size=shape), rng.normal(size=shape), shape[1]
    cost, gradient = compute_cost(Y, P)
    difference = exact(P) - exact(Y)
    close("squared error / mpmath", cost, (difference**2).sum() / (2 * m))
    close("squared error / mpmath", gradient, difference / m)
    oracles = [
        by_torch(lambda p: functional.mse_loss(p, tensor(Y), reduction="sum") / (2 * m), P, tensor),
        by_jax(lambda p: jnp.sum((p - Y) ** 2) / (2 * m), P),
    ]
    for value, slope in oracles:
        close("squared error / torch, jax", cost, value)
        close("squared error / torch, jax", gradient, slope)


@pytest.mark.parametrize("shape", [(), (3,), (3, 1)])
def test_squared_error_of_one_example(shape, close, exact, rng):
    y, p = rng.normal(size=shape), rng.normal(size=shape)
    loss, gradient = squared_error_loss(y, p)
    difference = exact(p) - exact(y)
    close("squared error / mpmath", loss, np.sum(difference**2) / 2)
    close("squared error / mpmath", gradient, difference)


def draw_binary(shape, labels, rng):
    return (rng.random(shape) < 0.5).astype(float) if labels == "hard" else rng.random(shape)


@every_shape
@pytest.mark.parametrize("labels", ["hard", "soft"])
def test_binary_cross_entropy(shape, labels, close, exact, rng, tensor):
    Y, P, m = draw_binary(shape, labels, rng), rng.uniform(0.01, 0.99, shape), shape[1]
    cost, gradient = binary_cross_entropy(Y, P)
    y, p = exact(Y), exact(P)
    size = (Y / P + (1 - Y) / (1 - P)) / m
    entry = "binary cross-entropy / mpmath"
    close(entry, cost, -(y * log(p) + (1 - y) * log(1 - p)).sum() / m)
    close(entry, gradient, ((1 - y) / (1 - p) - y / p) / m, size)

    def torchs(leaf):
        return functional.binary_cross_entropy(leaf, tensor(Y).detach(), reduction="sum") / m

    def jaxs(p):
        return -jnp.sum(Y * jnp.log(p) + (1 - Y) * jnp.log1p(-p)) / m

    scipys = -np.sum(scipy.special.xlogy(Y, P) + scipy.special.xlog1py(1 - Y, -P)) / m
    entry = "binary cross-entropy / torch, scipy, jax"
    close(entry, cost, scipys)
    for value, slope in (by_torch(torchs, P, tensor), by_jax(jaxs, P)):
        close(entry, cost, value)
        close(entry, gradient, slope, size)


@pytest.mark.parametrize("tail", [1e-300, 1e-20, 1e-9, 1e-3])
def test_binary_cross_entropy_near_certainty(tail, close, exact):
    Y = np.array([[1.0, 0.0, 1.0, 0.0]])
    P = np.array([[tail, tail, 1 - max(tail, 2.0**-53), 1 - max(tail, 2.0**-53)]])
    for column in range(4):
        Y_one, P_one = Y[:, [column]], P[:, [column]]
        cost, gradient = binary_cross_entropy(Y_one, P_one)
        right = exact(P_one) if Y_one[0, 0] else 1 - exact(P_one)
        close("binary cross-entropy / mpmath", cost, -log(right)[0, 0])
        sign = -1 if Y_one[0, 0] else 1
        close("binary cross-entropy / mpmath", gradient, sign / right)


def draw_logits(shape, rng):
    """Ordinary, nearly certain and saturated columns."""
    return rng.normal(size=shape) * rng.choice([1.0, 10.0, 100.0], size=shape[1])


@every_shape
@pytest.mark.parametrize("labels", ["hard", "soft"])
def test_binary_cross_entropy_from_logits(shape, labels, close, exact, rng, tensor):
    Y, Z, m = draw_binary(shape, labels, rng), draw_logits(shape, rng), shape[1]
    cost, gradient = binary_cross_entropy_from_logits(Y, Z)
    y, p = exact(Y), 1 / (1 + exp(-exact(Z)))
    entry = "binary cross-entropy from logits / mpmath"
    close(entry, cost, -(y * log(p) + (1 - y) * log(1 - p)).sum() / m)
    sides = np.where(Z >= 0, (1 - y) + (1 - p), p + y) / m
    close(entry, gradient, (p - y) / m, sides)

    def torchs(leaf):
        labels_ = tensor(Y).detach()
        return functional.binary_cross_entropy_with_logits(leaf, labels_, reduction="sum") / m

    def jaxs(z):
        return jnp.sum(Y * jax.nn.softplus(-z) + (1 - Y) * jax.nn.softplus(z)) / m

    entry = "binary cross-entropy from logits / torch, jax"
    for value, slope in (by_torch(torchs, Z, tensor), by_jax(jaxs, Z)):
        close(entry, cost, value, np.mean(np.sum(1 + abs(Z), axis=0)))
        close(entry, gradient, slope, np.full(shape, 1 / m))


@pytest.mark.parametrize("z", [1e-300, 1e-9, 1.0, 18.0, 37.0, 40.0, 300.0, 700.0])
@pytest.mark.parametrize("y", [0.0, 1.0])
@pytest.mark.parametrize("sign", [-1, 1])
def test_single_logits_keep_their_digits(y, z, sign, close, exact):
    cost, gradient = binary_cross_entropy_from_logits([[y]], [[sign * z]])
    p = 1 / (1 + exp(-exact([[sign * z]])))
    right = p if y else 1 - p
    close("binary cross-entropy from logits / mpmath", cost, -log(right)[0, 0])
    close("binary cross-entropy from logits / mpmath", gradient, p - int(y))
    cost, gradient = softmax_cross_entropy(one_hot([int(y)], 2), [[0.0], [sign * z]])
    close("softmax cross-entropy / mpmath", cost, -log(right)[0, 0])
    close("softmax cross-entropy / mpmath", gradient, [[int(y) - p[0, 0]], [p[0, 0] - int(y)]])


@every_shape
@pytest.mark.parametrize("labels", ["hard", "soft"])
def test_softmax_cross_entropy(shape, labels, close, exact, rng, tensor):
    classes, m = shape
    hard = one_hot(rng.integers(classes, size=m), classes)
    Y, Z = hard if labels == "hard" else rng.random(shape), draw_logits(shape, rng)
    cost, gradient = softmax_cross_entropy(Y, Z)
    y, powers = exact(Y), exp(exact(Z))
    p = powers / powers.sum(axis=0)
    spread, total = 1 + np.ptp(Z, axis=0), y.sum(axis=0)
    losses = -(y * log(p)).sum(axis=0)
    entry = "softmax cross-entropy / mpmath"
    close(entry, cost, losses.sum() / m, (losses * spread).sum() / m)
    is_top = np.arange(classes)[:, np.newaxis] == Z.argmax(axis=0)
    sides = np.where(is_top, (total - y) + total * (1 - p), total * p + y) * spread / m
    close(entry, gradient, (total * p - y) / m, sides)

    def torchs(leaf):
        return functional.cross_entropy(leaf.T, tensor(Y.T).detach(), reduction="sum") / m

    def jaxs(z):
        return -jnp.sum(Y * jax.nn.log_softmax(z, axis=0)) / m

    scipys = -np.sum(Y * scipy.special.log_softmax(Z, axis=0)) / m
    entry = "softmax cross-entropy / torch, jax, scipy"
    largest = np.mean(Y.sum(axis=0) * (1 + 2 * abs(Z).max(axis=0)))
    sides = (Y.sum(axis=0) * scipy.special.softmax(Z, axis=0) + Y) * spread / m
    close(entry, cost, scipys, largest)
    for value, slope in (by_torch(torchs, Z, tensor), by_jax(jaxs, Z)):
        close(entry, cost, value, largest)
        close(entry, gradient, slope, sides)


@pytest.mark.parametrize("shapes", [[(1, 1)], [(3, 2), (1, 3)], [(8, 16), (4, 8), (1, 4)]])
def test_penalty(shapes, close, exact, rng, tensor):
    entry, m, lambda_ = "penalty / torch, jax, mpmath", 7, 0.3
    weights = [rng.normal(size=shape) for shape in shapes]
    penalty, gradients = l2_penalty(weights, m, lambda_)
    factor = mp.mpf(lambda_) / m
    close(entry, penalty, sum((exact(W) ** 2).sum() for W in weights) * factor / 2)

    def total(matrices):
        return lambda_ / (2 * m) * sum((W * W).sum() for W in matrices)

    leaves = [tensor(W) for W in weights]
    total(leaves).backward()
    by_jax_ = jax.grad(total)([jnp.asarray(W) for W in weights])
    for W, got, leaf, other in zip(weights, gradients, leaves, by_jax_, strict=True):
        close(entry, got, factor * exact(W))
        close(entry, got, leaf.grad.numpy())
        close(entry, got, np.asarray(other))


def test_the_node_by_node_step(close, tensor):
    X, Y = or_gate()
    step = step_by_nodes(X, Y, [[0.1, 0.6]], [[0.0]])
    W, b = tensor([[0.1, 0.6]]), tensor([[0.0]])
    cost = ((torch.sigmoid(W @ tensor(X) + b) - tensor(Y)) ** 2).sum() / 8
    cost.backward()

    def jaxs(W, b):
        return jnp.sum((jax.nn.sigmoid(W @ X + b) - Y) ** 2) / 8

    by_jax_ = jax.grad(jaxs, argnums=(0, 1))(jnp.array([[0.1, 0.6]]), jnp.array([[0.0]]))
    close("graph / torch, jax", step.cost, cost.item())
    for got, leaf, other in zip([step.dW, step.db], [W, b], by_jax_, strict=True):
        close("graph / torch, jax", got, leaf.grad.numpy(), np.abs(got).max())
        close("graph / torch, jax", got, np.asarray(other), np.abs(got).max())
