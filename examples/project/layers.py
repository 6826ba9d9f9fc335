"""Layers of a project that has tests. One of them is wrong."""

import numpy as np


class LinearLayer:
    def __init__(self, input_shape, n_out):
        n_in, self.m = input_shape
        self.params = {"W": 0.01 * np.random.randn(n_out, n_in), "b": np.zeros((n_out, 1))}
        self.Z = np.zeros((n_out, self.m))

    def forward(self, A_prev):
        self.A_prev = A_prev
        self.Z = self.params["W"] @ A_prev + self.params["b"]

    def backward(self, upstream_grad):
        self.dW = upstream_grad @ self.A_prev.T
        self.db = np.sum(upstream_grad, axis=1, keepdims=True)
        self.dA_prev = self.params["W"].T @ upstream_grad


class SigmoidLayer:
    def __init__(self, shape):
        self.A = np.zeros(shape)

    def forward(self, Z):
        self.A = 1 / (1 + np.exp(-Z))

    def backward(self, upstream_grad):
        self.dZ = upstream_grad * self.A  # a factor (1 - A) is missing


class TanhLayer:
    def __init__(self, shape):
        self.A = np.zeros(shape)

    def forward(self, Z):
        self.A = np.tanh(Z)

    def backward(self, upstream_grad):
        upstream_grad *= 1 - self.A**2
        self.dZ = upstream_grad


def softplus(values):
    return np.logaddexp(0.0, values["x"])


def softplus_backward(values, cotangent):
    return {"x": cotangent / (1 + np.exp(-values["x"]))}
