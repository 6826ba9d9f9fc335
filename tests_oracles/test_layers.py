"""The linear, softmax and flattening layers, and the uncontracted derivatives."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
import scipy.special
import torch

from gradlab.reference import (
    FlattenLayer,
    LinearLayer,
    SoftmaxLayer,
    compute_cost,
    cost_jacobian,
    dot_product_tensor,
)

LINEAR = [(1, 1, 1), (2, 4, 1), (2, 4, 3), (3, 3, 3), (5, 1, 4), (1, 6, 2), (16, 33, 8), (33, 5, 7)]
SOFTMAX = [(1, 1), (2, 1), (1, 4), (2, 5), (3, 4), (6, 6), (10, 17)]


def linear(n_in, m, n_out, rng):
    layer = LinearLayer((n_in, m), n_out)
    layer.params = {"W": rng.normal(size=(n_out, n_in)), "b": rng.normal(size=(n_out, 1))}
    A_prev, upstream = rng.normal(size=(n_in, m)), rng.normal(size=(n_out, m))
    layer.forward(A_prev)
    layer.backward(upstream)
    return layer, layer.params["W"], layer.params["b"], A_prev, upstream


def scales(W, b, A, U):
    W, b, A, U = abs(W), abs(b), abs(A), abs(U)
    return W @ A + b, U @ A.T, U.sum(axis=1, keepdims=True), W.T @ U


@pytest.mark.parametrize(("n_in", "m", "n_out"), LINEAR)
def test_linear_against_mpmath(n_in, m, n_out, close, exact, rng):
    layer, *floats = linear(n_in, m, n_out, rng)
    W, b, A, U = map(exact, floats)
    sizes = scales(*floats)
    close("linear forward / mpmath", layer.Z, W @ A + b, sizes[0])
    close("linear backward / mpmath", layer.dW, U @ A.T, sizes[1])
    close("linear backward / mpmath", layer.db, U.sum(axis=1, keepdims=True), sizes[2])
    close("linear backward / mpmath", layer.dA_prev, W.T @ U, sizes[3])


@pytest.mark.parametrize(("n_in", "m", "n_out"), LINEAR)
def test_linear_against_torch(n_in, m, n_out, close, rng, tensor):
    layer, *floats = linear(n_in, m, n_out, rng)
    W, b, A = map(tensor, floats[:3])
    Z = torch.nn.functional.linear(A.T, W, b[:, 0]).T
    Z.backward(torch.tensor(floats[3]))
    wanted = [Z.detach(), W.grad, b.grad, A.grad]
    for got, want, size in zip(
        [layer.Z, layer.dW, layer.db, layer.dA_prev], wanted, scales(*floats), strict=True
    ):
        close("linear / torch, jax", got, want.numpy(), size)


@pytest.mark.parametrize(("n_in", "m", "n_out"), LINEAR)
def test_linear_against_jax(n_in, m, n_out, close, rng):
    layer, *floats = linear(n_in, m, n_out, rng)
    Z, pullback = jax.vjp(lambda W, b, A: W @ A + b, *map(jnp.asarray, floats[:3]))
    wanted = [Z, *pullback(jnp.asarray(floats[3]))]
    for got, want, size in zip(
        [layer.Z, layer.dW, layer.db, layer.dA_prev], wanted, scales(*floats), strict=True
    ):
        close("linear / torch, jax", got, np.asarray(want), size)


def softmax(Z, upstream):
    layer = SoftmaxLayer(Z.shape)
    layer.forward(Z)
    layer.backward(upstream)
    return layer


def logits(shape, rng):
    """Ordinary, nearly certain and saturated columns."""
    return rng.normal(size=shape) * rng.choice([1.0, 10.0, 200.0], size=shape[1])


def exact_softmax(Z, exact):
    powers = np.vectorize(mpmath.exp, otypes=[object])(exact(Z))
    return powers / powers.sum(axis=0)


@pytest.mark.parametrize("shape", SOFTMAX)
def test_softmax_against_mpmath(shape, close, exact, rng):
    Z, upstream = logits(shape, rng), rng.normal(size=shape)
    layer, p, u = softmax(Z, upstream), exact_softmax(Z, exact), exact(upstream)
    close("softmax forward / mpmath", layer.A, p, p * (1 + Z.max(axis=0) - Z))
    relative = abs(u - np.take_along_axis(u, Z.argmax(axis=0)[np.newaxis], axis=0))
    size = p * (relative + (p * relative).sum(axis=0)) * (1 + np.ptp(Z, axis=0))
    close("softmax backward / mpmath", layer.dZ, p * (u - (p * u).sum(axis=0)), size)


def oracle_sizes(Z, upstream):
    p, spread = scipy.special.softmax(Z, axis=0), 1 + np.ptp(Z, axis=0)
    return p * spread, p * (abs(upstream) + (p * abs(upstream)).sum(axis=0)) * spread


@pytest.mark.parametrize("shape", SOFTMAX)
def test_softmax_against_torch(shape, close, rng, tensor):
    Z, upstream = logits(shape, rng), rng.normal(size=shape)
    layer, leaf = softmax(Z, upstream), tensor(Z)
    value = torch.softmax(leaf, dim=0)
    value.backward(torch.tensor(upstream))
    forward, backward = oracle_sizes(Z, upstream)
    close("softmax forward / torch, jax, scipy", layer.A, value.detach().numpy(), forward)
    close("softmax backward / torch, jax", layer.dZ, leaf.grad.numpy(), backward)


@pytest.mark.parametrize("shape", SOFTMAX)
def test_softmax_against_jax_and_scipy(shape, close, rng):
    Z, upstream = logits(shape, rng), rng.normal(size=shape)
    layer = softmax(Z, upstream)
    value, pullback = jax.vjp(lambda z: jax.nn.softmax(z, axis=0), jnp.asarray(Z))
    forward, backward = oracle_sizes(Z, upstream)
    (dZ,) = pullback(jnp.asarray(upstream))
    close("softmax forward / torch, jax, scipy", layer.A, np.asarray(value), forward)
    close("softmax backward / torch, jax", layer.dZ, np.asarray(dZ), backward)
    close("softmax forward / torch, jax, scipy", layer.A, scipy.special.softmax(Z, axis=0), forward)


@pytest.mark.parametrize("shape", [(1, 1, 1), (4, 2, 3), (3, 5, 5), (7, 32, 32)])
def test_flatten_against_torch_and_jax(shape, close, rng, tensor):
    images, m = rng.normal(size=shape), shape[0]
    upstream = rng.normal(size=(shape[1] * shape[2], m))
    layer, leaf = FlattenLayer(shape), tensor(images)
    layer.forward(images)
    layer.backward(upstream)
    columns = torch.flatten(leaf, start_dim=1).T
    columns.backward(torch.tensor(upstream))
    close("flatten / torch, jax", layer.A, columns.detach().numpy())
    close("flatten / torch, jax", layer.dA_prev, leaf.grad.numpy())
    value, pullback = jax.vjp(lambda x: x.reshape(m, -1).T, jnp.asarray(images))
    close("flatten / torch, jax", layer.A, np.asarray(value))
    close("flatten / torch, jax", layer.dA_prev, np.asarray(pullback(jnp.asarray(upstream))[0]))


@pytest.mark.parametrize(("n_in", "m", "n_out"), LINEAR[:-2])
def test_the_uncontracted_derivatives(n_in, m, n_out, close, rng, tensor):
    _, W, _, X, Y = linear(n_in, m, n_out, rng)
    Y_hat = rng.normal(size=Y.shape)
    got = dot_product_tensor(W, X)
    wanted = torch.autograd.functional.jacobian(lambda w: w @ tensor(X), tensor(W))
    close("jacobians / torch, jax", got, wanted.numpy().reshape(got.shape))
    wanted = jax.jacobian(lambda w: w @ X)(jnp.asarray(W))
    close("jacobians / torch, jax", got, np.asarray(wanted).reshape(got.shape))
    by_jax = jax.jacobian(lambda p: jnp.sum((Y - p) ** 2) / (2 * m))(jnp.asarray(Y_hat))
    close("jacobians / torch, jax", cost_jacobian(Y, Y_hat), np.asarray(by_jax).reshape(1, -1))
    assert compute_cost(Y, Y_hat)[1].size == cost_jacobian(Y, Y_hat).size
