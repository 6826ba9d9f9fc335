"""Optimizers as people write them, all correct."""

import math

import numpy as np


class DictAdam:
    """New parameters come back; gradients under the parameters' names."""

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.m, self.v, self.t = {}, {}, 0

    def step(self, params, grads):
        self.t += 1
        new = {}
        for k in params:
            self.m[k] = self.beta1 * self.m.get(k, 0) + (1 - self.beta1) * grads[k]
            self.v[k] = self.beta2 * self.v.get(k, 0) + (1 - self.beta2) * grads[k] ** 2
            m_hat = self.m[k] / (1 - self.beta1**self.t)
            v_hat = self.v[k] / (1 - self.beta2**self.t)
            new[k] = params[k] - self.lr * m_hat / (np.sqrt(v_hat) + self.eps)
        return new


class InPlaceAdam:
    """In place, gradients as dW1, with the correction in the learning rate."""

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        self.lr, self.b1, self.b2, self.epsilon = learning_rate, beta_1, beta_2, epsilon
        self.iter, self.m, self.v = 0, None, None

    def update(self, params, grads):
        if self.m is None:
            self.m = {k: np.zeros_like(p) for k, p in params.items()}
            self.v = {k: np.zeros_like(p) for k, p in params.items()}
        self.iter += 1
        lr_t = self.lr * math.sqrt(1 - self.b2**self.iter) / (1 - self.b1**self.iter)
        for k in params:
            g = grads["d" + k]
            self.m[k] += (1 - self.b1) * (g - self.m[k])
            self.v[k] += (1 - self.b2) * (g**2 - self.v[k])
            params[k] -= lr_t * self.m[k] / (np.sqrt(self.v[k]) + self.epsilon)


class ListMomentum:
    """Lists of arrays, velocity with the learning rate inside."""

    def __init__(self, lr, momentum=0.9):
        self.lr, self.momentum, self.velocity = lr, momentum, None

    def update(self, params, grads):
        if self.velocity is None:
            self.velocity = [np.zeros_like(p) for p in params]
        for i, g in enumerate(grads):
            self.velocity[i] = self.momentum * self.velocity[i] - self.lr * g
            params[i] += self.velocity[i]


class ArrayRMSprop:
    """One array at a time."""

    def __init__(self, learning_rate=0.01, rho=0.9):
        self.learning_rate, self.rho, self.s = learning_rate, rho, 0

    def update(self, w, dw):
        self.s = self.rho * self.s + (1 - self.rho) * dw**2
        return w - self.learning_rate * dw / np.sqrt(self.s + 1e-8)


class TupleBetasAdam(DictAdam):
    """The betas in a tuple, as torch has them."""

    def __init__(self, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(lr, *betas, eps)


class FixedRMSprop:
    """Nothing but the learning rate can be chosen."""

    def __init__(self, lr=0.01):
        self.lr, self.cache = lr, {}

    def step(self, params, grads):
        for k, g in grads.items():
            self.cache[k] = 0.99 * self.cache.get(k, np.zeros_like(g)) + 0.01 * g * g
            params[k] = params[k] - self.lr * g / (np.sqrt(self.cache[k]) + 1e-7)
        return params


class SGD:
    """The step takes the learning rate."""

    def step(self, params, grads, learning_rate):
        return {k: p - learning_rate * grads[k] for k, p in params.items()}


def update_parameters_with_gd(parameters, grads, learning_rate):
    L = len(parameters) // 2
    for layer in range(1, L + 1):
        for p in ("W", "b"):
            key = f"{p}{layer}"
            parameters[key] = parameters[key] - learning_rate * grads["d" + key]
    return parameters


def update_parameters_with_momentum(parameters, grads, v, beta, learning_rate):
    L = len(parameters) // 2
    for layer in range(1, L + 1):
        for p in ("W", "b"):
            key = f"{p}{layer}"
            v["d" + key] = beta * v["d" + key] + (1 - beta) * grads["d" + key]
            parameters[key] = parameters[key] - learning_rate * v["d" + key]
    return parameters, v


def update_parameters_with_adam(
    parameters, grads, v, s, t, learning_rate=0.01, beta1=0.9, beta2=0.999, epsilon=1e-8
):
    v_corrected, s_corrected = {}, {}
    for key in parameters:
        d = "d" + key
        v[d] = beta1 * v[d] + (1 - beta1) * grads[d]
        v_corrected[d] = v[d] / (1 - beta1**t)
        s[d] = beta2 * s[d] + (1 - beta2) * np.power(grads[d], 2)
        s_corrected[d] = s[d] / (1 - beta2**t)
        step = v_corrected[d] / (np.sqrt(s_corrected[d]) + epsilon)
        parameters[key] = parameters[key] - learning_rate * step
    return parameters, v, s, v_corrected, s_corrected


def sgd_momentum(w, dw, config=None):
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    v = config.get("velocity", np.zeros_like(w))
    v = config["momentum"] * v - config["learning_rate"] * dw
    next_w = w + v
    config["velocity"] = v
    return next_w, config


def rmsprop(w, dw, config=None):
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("decay_rate", 0.99)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("cache", np.zeros_like(w))
    decay = config["decay_rate"]
    config["cache"] = decay * config["cache"] + (1 - decay) * dw**2
    step = config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"])
    return w - step, config
