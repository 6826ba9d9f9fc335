"""The network of vectorized.py, layer by layer; `gradlab check` passes, `gradlab compare` does not.

The gradients are right. But a training step updates the second layer before it goes
back through it, so that the first layer's gradient is taken with weights that the
forward pass never saw.
"""

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
        self.backward_2(upstream_grad)
        self.backward_1()

    def backward_2(self, upstream_grad):
        self.dZ2 = upstream_grad * self.A2 * (1 - self.A2)
        self.dW2 = self.dZ2 @ self.A1.T
        self.db2 = np.sum(self.dZ2, axis=1, keepdims=True)

    def backward_1(self):
        dZ1 = (self.params["W2"].T @ self.dZ2) * self.A1 * (1 - self.A1)
        self.dW1 = dZ1 @ self.X.T
        self.db1 = np.sum(dZ1, axis=1, keepdims=True)
        self.dX = self.params["W1"].T @ dZ1

    def update(self, layer, dW, db, learning_rate):
        self.params[f"W{layer}"] = self.params[f"W{layer}"] - learning_rate * dW
        self.params[f"b{layer}"] = self.params[f"b{layer}"] - learning_rate * db

    def train_step(self, X, Y, learning_rate=1.0):
        m = X.shape[1]
        error = self.forward(X) - Y
        self.backward_2(error / m)
        self.update(2, self.dW2, self.db2, learning_rate)
        self.backward_1()
        self.update(1, self.dW1, self.db1, learning_rate)
        return np.sum(error**2) / (2 * m)
