"""Elementwise layers against mpmath, torch, JAX and SciPy."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
import scipy.special
import torch

from gradlab.reference import (
    ActivationLayer,
    CosLayer,
    IdentityLayer,
    LeakyReLULayer,
    ReLULayer,
    SigmoidLayer,
    SinLayer,
    TanhLayer,
)

mp = mpmath.mp
SHAPES = [(1, 1), (1, 9), (7, 1), (3, 4), (4, 3), (6, 6), (16, 33)]
EXTREMES = [0.0, 1e-300, 1e-20, 1e-8, 0.5, 1.0, 5.0, 17.0, 19.0, 30.0, 37.0, 40.0, 300.0, 700.0]

# A layer; the function and its derivative for mpmath; the function for torch and for JAX.
LAYERS = {
    "sigmoid": (
        SigmoidLayer,
        lambda z: 1 / (1 + mp.exp(-z)),
        lambda z: 1 / (2 * mp.cosh(z / 2)) ** 2,
        torch.sigmoid,
        jax.nn.sigmoid,
    ),
    "tanh": (TanhLayer, mp.tanh, lambda z: mp.sech(z) ** 2, torch.tanh, jnp.tanh),
    "relu": (
        ReLULayer,
        lambda z: max(z, 0),
        lambda z: int(z > 0),
        torch.relu,
        jax.nn.relu,
    ),
    "leaky relu": (
        LeakyReLULayer,
        lambda z: z if z > 0 else mp.mpf(0.01) * z,
        lambda z: 1 if z > 0 else mp.mpf(0.01),
        torch.nn.functional.leaky_relu,
        jax.nn.leaky_relu,
    ),
    "leaky relu, slope 0.3": (
        lambda shape: LeakyReLULayer(shape, slope=0.3),
        lambda z: z if z > 0 else mp.mpf(0.3) * z,
        lambda z: 1 if z > 0 else mp.mpf(0.3),
        lambda z: torch.nn.functional.leaky_relu(z, 0.3),
        lambda z: jax.nn.leaky_relu(z, 0.3),
    ),
    "sin": (SinLayer, mp.sin, mp.cos, torch.sin, jnp.sin),
    "cos": (CosLayer, mp.cos, lambda z: -mp.sin(z), torch.cos, jnp.cos),
    "identity": (IdentityLayer, lambda z: z, lambda _z: 1, torch.clone, lambda z: z),
    "any": (
        lambda shape: ActivationLayer(shape, np.exp, np.exp),
        mp.exp,
        mp.exp,
        torch.exp,
        jnp.exp,
    ),
}
every_layer = pytest.mark.parametrize("name", LAYERS)
# What the oracles' own backward is accurate to, where that is not the derivative's size.
ORACLE_SIZES = {"sigmoid": scipy.special.expit, "tanh": np.ones_like}


def run(name, Z, upstream):
    layer = LAYERS[name][0](Z.shape)
    layer.forward(Z)
    layer.backward(upstream)
    return layer


@every_layer
@pytest.mark.parametrize("shape", SHAPES[:-1])
def test_against_mpmath(name, shape, close, exact, rng):
    Z, upstream = rng.normal(size=shape) * 4, rng.normal(size=shape)
    _, function, derivative, *_ = LAYERS[name]
    layer = run(name, Z, upstream)
    close("activation forward / mpmath", layer.A, np.vectorize(function, [object])(exact(Z)))
    slopes = np.vectorize(derivative, [object])(exact(Z))
    close("activation backward / mpmath", layer.dZ, slopes * exact(upstream))


@every_layer
def test_the_extremes_against_mpmath(name, close, exact):
    Z = np.array([[-z for z in EXTREMES if z], [z for z in EXTREMES if z]])
    _, function, derivative, *_ = LAYERS[name]
    layer = run(name, Z, np.ones_like(Z))
    close("activation forward / mpmath", layer.A, np.vectorize(function, [object])(exact(Z)))
    close("activation backward / mpmath", layer.dZ, np.vectorize(derivative, [object])(exact(Z)))


@every_layer
@pytest.mark.parametrize("shape", SHAPES)
def test_against_torch(name, shape, close, rng, tensor):
    Z, upstream = rng.normal(size=shape) * 4, rng.normal(size=shape)
    layer, leaf = run(name, Z, upstream), tensor(Z)
    value = LAYERS[name][3](leaf)
    value.backward(torch.tensor(upstream))
    slope = ORACLE_SIZES.get(name)
    scale = None if slope is None else np.abs(upstream) * slope(Z)
    close("activation forward / torch, jax, scipy", layer.A, value.detach().numpy())
    close("activation backward / torch, jax", layer.dZ, leaf.grad.numpy(), scale)


@every_layer
@pytest.mark.parametrize("shape", SHAPES)
def test_against_jax(name, shape, close, rng):
    Z, upstream = rng.normal(size=shape) * 4, rng.normal(size=shape)
    layer = run(name, Z, upstream)
    value, pullback = jax.vjp(LAYERS[name][4], jnp.asarray(Z))
    (dZ,) = pullback(jnp.asarray(upstream))
    slope = ORACLE_SIZES.get(name)
    scale = None if slope is None else np.abs(upstream) * slope(Z)
    close("activation forward / torch, jax, scipy", layer.A, np.asarray(value))
    close("activation backward / torch, jax", layer.dZ, np.asarray(dZ), scale)


def test_sigmoid_against_scipy(close, rng):
    Z = np.concatenate([rng.normal(size=500) * 4, EXTREMES, np.negative(EXTREMES)])[np.newaxis]
    layer = run("sigmoid", Z, np.ones_like(Z))
    close("activation forward / torch, jax, scipy", layer.A, scipy.special.expit(Z))
