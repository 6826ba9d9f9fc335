"""A linear layer, written by hand. `gradlab check examples/linear.py` passes."""

import numpy as np


class LinearLayer:
    def __init__(self, input_shape, n_out, ini_type="plain"):
        n_in, self.m = input_shape
        scale = {"plain": 0.01, "xavier": np.sqrt(1 / n_in), "he": np.sqrt(2 / n_in)}[ini_type]
        self.params = {
            "W": scale * np.random.randn(n_out, n_in),
            "b": np.zeros((n_out, 1)),
        }
        self.Z = np.zeros((n_out, self.m))

    def forward(self, A_prev):
        self.A_prev = A_prev
        self.Z = self.params["W"] @ A_prev + self.params["b"]

    def backward(self, upstream_grad):
        self.dW = upstream_grad @ self.A_prev.T
        self.db = np.sum(upstream_grad, axis=1, keepdims=True)
        self.dA_prev = self.params["W"].T @ upstream_grad

    def update_params(self, learning_rate=0.1):
        self.params["W"] = self.params["W"] - learning_rate * self.dW
        self.params["b"] = self.params["b"] - learning_rate * self.db
