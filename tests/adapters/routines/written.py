"""Routines as people write them, all correct, each in another way."""

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


OPTIMIZERS = {
    DictAdam: "adam",
    InPlaceAdam: "adam",
    ListMomentum: "momentum",
    ArrayRMSprop: "rmsprop",
    TupleBetasAdam: "adam",
    FixedRMSprop: "rmsprop",
    SGD: "gradient_descent",
    update_parameters_with_gd: "gradient_descent",
    update_parameters_with_momentum: "momentum",
    update_parameters_with_adam: "adam",
    sgd_momentum: "momentum",
    rmsprop: "rmsprop",
}


def initialize_parameters_he(layers_dims):
    np.random.seed(3)
    parameters = {}
    for layer in range(1, len(layers_dims)):
        n_in, n_out = layers_dims[layer - 1], layers_dims[layer]
        parameters[f"W{layer}"] = np.random.randn(n_out, n_in) * np.sqrt(2 / n_in)
        parameters[f"b{layer}"] = np.zeros((n_out, 1))
    return parameters


def xavier_init(fan_in, fan_out, rng):
    edge = np.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-edge, edge, (fan_in, fan_out)), np.zeros(fan_out)


def init_weights_plain(n_in, n_out, seed=0):
    return np.random.RandomState(seed).randn(n_out, n_in) * 0.01


def glorot_truncated(in_features, out_features):
    deviation = np.sqrt(1 / in_features)
    W = np.random.randn(out_features, in_features)
    while (far := np.abs(W) > 2).any():
        W[far] = np.random.randn(int(far.sum()))
    return {"W": W * deviation / 0.8796256610342398}


INITIALIZERS = {
    initialize_parameters_he: "he",
    xavier_init: "xavier",
    init_weights_plain: "plain",
    glorot_truncated: "xavier",
}


def random_mini_batches(X, Y, mini_batch_size=64, seed=0):
    np.random.seed(seed)
    m = X.shape[1]
    mini_batches = []
    permutation = list(np.random.permutation(m))
    shuffled_X, shuffled_Y = X[:, permutation], Y[:, permutation].reshape((Y.shape[0], m))
    full = math.floor(m / mini_batch_size)
    for k in range(full):
        cut = slice(k * mini_batch_size, (k + 1) * mini_batch_size)
        mini_batches.append((shuffled_X[:, cut], shuffled_Y[:, cut]))
    if m % mini_batch_size != 0:
        rest = slice(full * mini_batch_size, m)
        mini_batches.append((shuffled_X[:, rest], shuffled_Y[:, rest]))
    return mini_batches


def iterate_batches(inputs, targets, batch_size, shuffle=True):
    order = np.random.permutation(len(inputs)) if shuffle else np.arange(len(inputs))
    for start in range(0, len(inputs), batch_size):
        chosen = order[start : start + batch_size]
        yield inputs[chosen], targets[chosen]


BATCHES = (random_mini_batches, iterate_batches)


class TwoLayerNet:
    """In the manner of cs231n: rows, integer classes, a penalty that is not divided by m."""

    def __init__(self, input_dim=12, hidden_dim=10, num_classes=10, weight_scale=1e-1, reg=0.3):
        rng = np.random.default_rng(0)
        self.params = {
            "W1": weight_scale * rng.standard_normal((input_dim, hidden_dim)),
            "b1": np.zeros(hidden_dim),
            "W2": weight_scale * rng.standard_normal((hidden_dim, num_classes)),
            "b2": np.zeros(num_classes),
        }
        self.reg = reg

    def loss(self, X, y):
        W1, b1, W2, b2 = (self.params[k] for k in ("W1", "b1", "W2", "b2"))
        h = np.maximum(0, X @ W1 + b1)
        scores = h @ W2 + b2
        scores = scores - scores.max(axis=1, keepdims=True)
        p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        N = len(y)
        loss = -np.log(p[np.arange(N), y]).mean()
        loss += 0.5 * self.reg * (np.sum(W1**2) + np.sum(W2**2))
        dscores = p.copy()
        dscores[np.arange(N), y] -= 1
        dscores /= N
        dh = (dscores @ W2.T) * (h > 0)
        grads = {
            "W2": h.T @ dscores + self.reg * W2,
            "b2": dscores.sum(axis=0),
            "W1": X.T @ dh + self.reg * W1,
            "b1": dh.sum(axis=0),
        }
        return loss, grads


def fit(model, X, y, epochs, lr=0.1):
    for _ in range(epochs):
        _, grads = model.cost_and_gradients(X, y)
        model.parameters = {k: p - lr * grads[k] for k, p in model.parameters.items()}


class Value:
    """In the manner of micrograd."""

    def __init__(self, data, _children=()):
        self.data, self.grad = data, 0.0
        self._backward = lambda: None
        self._prev = set(_children)

    def __add__(self, other):
        out = Value(self.data + other.data, (self, other))

        def _backward():
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out

    def __mul__(self, other):
        out = Value(self.data * other.data, (self, other))

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out

    def backward(self):
        topo, visited = [], set()

        def build(v):
            if v not in visited:
                visited.add(v)
                for child in v._prev:
                    build(child)
                topo.append(v)

        build(self)
        self.grad = 1.0
        for v in reversed(topo):
            v._backward()
