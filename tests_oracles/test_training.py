"""Initializers, optimizers, schedules and whole trainings against torch, JAX, SciPy and mpmath."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
import scipy.stats
import torch
from jax.example_libraries import optimizers as jax_optimizers

from gradlab.reference import (
    Adam,
    GradientDescent,
    LinearLayer,
    Momentum,
    Network,
    RMSprop,
    SigmoidLayer,
    TanhLayer,
    binary_cross_entropy,
    compute_cost,
    initialize_parameters,
    train,
)
from gradlab.reference.annealing import (
    cosine_annealing,
    exponential_annealing,
    inverse_annealing,
    step_annealing,
)
from gradlab.reference.datasets import or_gate, xor_gate

mp = mpmath.mp
STEPS = 40


@pytest.mark.parametrize("n_in", [1, 2, 3, 50, 784])
@pytest.mark.parametrize(
    ("ini_type", "gain", "scale"), [("xavier", "linear", 1), ("he", "relu", 2)]
)
def test_initial_scale(ini_type, gain, scale, n_in, close):
    W = initialize_parameters(n_in, 5, ini_type, rng=np.random.default_rng(3))["W"]
    factor = W / np.random.default_rng(3).standard_normal((5, n_in))
    torchs = torch.nn.init.calculate_gain(gain) / math.sqrt(n_in)
    close("initial scale / torch, jax", factor, np.full((5, n_in), torchs))
    draw = jax.nn.initializers.variance_scaling(scale, "fan_in", "normal", dtype=jnp.float64)
    key = jax.random.key(0)
    jaxs = draw(key, (n_in, 5)) / jax.random.normal(key, (n_in, 5), jnp.float64)
    close("initial scale / torch, jax", factor, np.asarray(jaxs).T)


@pytest.mark.parametrize("ini_type", ["plain", "xavier", "he"])
def test_initial_weights_are_normal(ini_type):
    """Kolmogorov and Smirnov's distance; by chance it is beyond 2/√N in 1 of 1500 seeds."""
    scale = {"plain": 0.01, "xavier": 1 / 20, "he": math.sqrt(2) / 20}[ini_type]
    drawn = initialize_parameters(
        400, 500, ini_type, rng=np.random.default_rng(7), random_bias=True
    )
    for values, spread in [(drawn["W"], scale), (drawn["b"], 0.01)]:
        distance = scipy.stats.kstest(values.ravel() / spread, "norm").statistic
        assert distance < 2 / math.sqrt(values.size)
        wider = scipy.stats.kstest(values.ravel() / (3 * spread), "norm").statistic
        assert wider > 2 / math.sqrt(values.size)


def ours(optimizer, start, gradients):
    theta, trace = start, []
    for gradient in gradients:
        theta = optimizer.step({"theta": theta}, {"theta": gradient})["theta"]
        trace.append(theta)
    return np.array(trace)


def torchs(make, start, gradients):
    theta, trace = torch.nn.Parameter(torch.tensor(start)), []
    optimizer = make([theta])
    for gradient in gradients:
        theta.grad = torch.tensor(gradient)
        optimizer.step()
        trace.append(theta.detach().numpy().copy())
    return np.array(trace)


def jaxs(make, start, gradients):
    initialise, update, read = make
    state, trace = initialise(jnp.asarray(start)), []
    for i, gradient in enumerate(gradients):
        state = update(i, jnp.asarray(gradient), state)
        trace.append(np.asarray(read(state)))
    return np.array(trace)


def exact_recurrence(kind, start, gradients, rate=0.05, beta=0.9, beta2=0.99, dampening=0.0):
    """The formulas at 400 digits, every constant being the float64 that the optimizer was given."""
    rate, beta, beta2, epsilon = map(mp.mpf, (rate, beta, beta2, 1e-8))
    theta, v, s, trace = start, 0 * start, 0 * start, []
    root = np.vectorize(mp.sqrt, otypes=[object])
    for t, g in enumerate(gradients, start=1):
        if kind == "gradient descent":
            step = g
        elif kind == "momentum":
            v = step = beta * v + (1 - mp.mpf(dampening)) * g
        elif kind == "rmsprop":
            s = beta * s + (1 - beta) * g * g
            step = g / (root(s) + epsilon)
        else:
            v, s = beta * v + (1 - beta) * g, beta2 * s + (1 - beta2) * g * g
            step = v / (1 - beta**t) / (root(s / (1 - beta2**t)) + epsilon)
        theta = theta - rate * step
        trace.append(theta)
    return np.array(trace)


OPTIMIZERS = {
    "gradient descent": (
        lambda: GradientDescent(0.05),
        lambda p: torch.optim.SGD(p, lr=0.05),
        jax_optimizers.sgd(0.05),
        {"kind": "gradient descent"},
    ),
    "momentum": (
        lambda: Momentum(0.05, beta=0.9),
        lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9),
        jax_optimizers.momentum(0.05, 0.9),
        {"kind": "momentum"},
    ),
    "momentum, averaged": (  # torch starts such an average undampened, and jax has none
        lambda: Momentum(0.05, beta=0.9, dampening=0.9),
        None,
        None,
        {"kind": "momentum", "dampening": 0.9},
    ),
    "rmsprop": (  # jax's adds ε under the root
        lambda: RMSprop(0.05, beta=0.9),
        lambda p: torch.optim.RMSprop(p, lr=0.05, alpha=0.9),
        None,
        {"kind": "rmsprop"},
    ),
    "adam": (
        lambda: Adam(0.05, beta1=0.9, beta2=0.99),
        lambda p: torch.optim.Adam(p, lr=0.05, betas=(0.9, 0.99)),
        jax_optimizers.adam(0.05, b1=0.9, b2=0.99),
        {"kind": "adam"},
    ),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("shape", [(1, 1), (3, 2), (1, 9), (5, 5)])
@pytest.mark.parametrize("size", [1e-4, 1.0, 1e4])
def test_the_trace_of_an_optimizer(name, shape, size, close, exact, rng):
    make, by_torch, by_jax, formula = OPTIMIZERS[name]
    start, gradients = rng.normal(size=shape), rng.normal(size=(STEPS, *shape)) * size
    trace = ours(make(), start, gradients)
    way = np.abs(np.diff([start, *trace], axis=0)).sum(axis=0)
    scale = np.abs(trace).max(axis=0) + np.abs(start) + way
    wanted = exact_recurrence(start=exact(start), gradients=exact(gradients), **formula)
    close("optimizer trace / mpmath", trace, wanted, scale)
    if by_torch is not None:
        close("optimizer trace / torch, jax", trace, torchs(by_torch, start, gradients), scale)
    if by_jax is not None:
        close("optimizer trace / torch, jax", trace, jaxs(by_jax, start, gradients), scale)


SCHEDULES = {
    "step": (
        step_annealing(0.8, 0.7, every=7),
        lambda o: torch.optim.lr_scheduler.StepLR(o, step_size=7, gamma=0.7),
    ),
    "exponential": (
        exponential_annealing(0.8, 0.05),
        lambda o: torch.optim.lr_scheduler.ExponentialLR(o, gamma=math.exp(-0.05)),
    ),
    "inverse": (
        inverse_annealing(0.8, 0.05),
        lambda o: torch.optim.lr_scheduler.LambdaLR(o, lambda t: 1 / (1 + 0.05 * t)),
    ),
    "cosine": (
        cosine_annealing(0.8, updates=60, final=0.1),
        lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=60, eta_min=0.1),
    ),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule(name, close):
    schedule, make = SCHEDULES[name]
    theta = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([theta], lr=0.8)
    scheduler, rates = make(optimizer), []
    for _ in range(60):
        rates.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    close("schedule / torch", [schedule(t) for t in range(60)], rates)


def network(rng, cost, activation):
    hidden = LinearLayer((2, 4), 3, "xavier", rng=rng)
    final = LinearLayer((3, 4), 1, "xavier", rng=rng)
    return Network([hidden, activation((3, 4)), final, SigmoidLayer((1, 4))], cost=cost)


def torch_costs(parameters, X, Y, activation, cost, make_optimizer):
    leaves = {name: torch.tensor(value, requires_grad=True) for name, value in parameters.items()}
    optimizer, costs = make_optimizer(list(leaves.values())), []
    inputs, labels = torch.tensor(X), torch.tensor(Y)
    for _ in range(200):
        hidden = activation(leaves["W1"] @ inputs + leaves["b1"])
        output = torch.sigmoid(leaves["W2"] @ hidden + leaves["b2"])
        value = cost(output, labels)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        costs.append(value.item())
    return costs


@pytest.mark.parametrize("data", [or_gate, xor_gate])
@pytest.mark.parametrize(
    ("ours_", "theirs"),
    [
        (lambda: GradientDescent(1.0), lambda p: torch.optim.SGD(p, lr=1.0)),
        (lambda: Momentum(0.3), lambda p: torch.optim.SGD(p, lr=0.3, momentum=0.9)),
        (lambda: RMSprop(0.01), lambda p: torch.optim.RMSprop(p, lr=0.01)),
        (lambda: Adam(0.01), lambda p: torch.optim.Adam(p, lr=0.01)),
    ],
    ids=["gradient descent", "momentum", "rmsprop", "adam"],
)
@pytest.mark.parametrize(
    ("cost", "torch_cost", "activation", "torch_activation"),
    [
        (compute_cost, lambda p, y: ((p - y) ** 2).sum() / 8, SigmoidLayer, torch.sigmoid),
        (binary_cross_entropy, torch.nn.BCELoss(), TanhLayer, torch.tanh),
    ],
    ids=["squared error", "cross-entropy"],
)
def test_a_whole_training(
    data, ours_, theirs, cost, torch_cost, activation, torch_activation, close, rng
):
    (X, Y), net = data(), network(rng, cost, activation)
    wanted = torch_costs(net.parameters, X, Y, torch_activation, torch_cost, theirs)
    close("training / torch", train(net, X, Y, 200, optimizer=ours_()), wanted)
