"""The network of loop.py with all examples in one pass: `gradlab compare` passes."""

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
        self.A1 = sigmoid(self.params["W1"] @ X + self.params["b1"])
        self.A2 = sigmoid(self.params["W2"] @ self.A1 + self.params["b2"])
        return self.A2

    def backward(self, upstream_grad):
        dZ2 = upstream_grad * self.A2 * (1 - self.A2)
        self.dW2 = dZ2 @ self.A1.T
        self.db2 = np.sum(dZ2, axis=1, keepdims=True)
        dZ1 = (self.params["W2"].T @ dZ2) * self.A1 * (1 - self.A1)
        self.dW1 = dZ1 @ self.X.T
        self.db1 = np.sum(dZ1, axis=1, keepdims=True)
        self.dX = self.params["W1"].T @ dZ1

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
