"""Initializers as people write them, all correct."""

import numpy as np


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
