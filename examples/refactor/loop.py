"""A two-layer network that goes through its examples one by one, as the article starts."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


class Network:
    def __init__(self, n_in=2, n_hidden=3, n_out=1):
        self.params = {
            "W1": 0.5 * np.random.randn(n_hidden, n_in),
            "b1": np.zeros((n_hidden, 1)),
            "W2": 0.5 * np.random.randn(n_out, n_hidden),
            "b2": np.zeros((n_out, 1)),
        }

    def forward(self, X):
        self.X = X
        self.A1, self.A2 = [], []
        for i in range(X.shape[1]):
            x = X[:, i : i + 1]
            a1 = sigmoid(self.params["W1"] @ x + self.params["b1"])
            a2 = sigmoid(self.params["W2"] @ a1 + self.params["b2"])
            self.A1.append(a1)
            self.A2.append(a2)
        return np.concatenate(self.A2, axis=1)

    def backward(self, upstream_grad):
        self.dW1, self.db1 = np.zeros_like(self.params["W1"]), np.zeros_like(self.params["b1"])
        self.dW2, self.db2 = np.zeros_like(self.params["W2"]), np.zeros_like(self.params["b2"])
        self.dX = np.zeros_like(self.X)
        for i in range(self.X.shape[1]):
            x, a1, a2 = self.X[:, i : i + 1], self.A1[i], self.A2[i]
            dz2 = upstream_grad[:, i : i + 1] * a2 * (1 - a2)
            dz1 = (self.params["W2"].T @ dz2) * a1 * (1 - a1)
            self.dW2 += dz2 @ a1.T
            self.db2 += dz2
            self.dW1 += dz1 @ x.T
            self.db1 += dz1
            self.dX[:, i : i + 1] = self.params["W1"].T @ dz1

    def train_step(self, X, Y, learning_rate=1.0):
        m = X.shape[1]
        error = self.forward(X) - Y
        self.backward(error / m)
        for name, gradient in (
            ("W1", self.dW1),
            ("b1", self.db1),
            ("W2", self.dW2),
            ("b2", self.db2),
        ):
            self.params[name] = self.params[name] - learning_rate * gradient
        return np.sum(error**2) / (2 * m)
