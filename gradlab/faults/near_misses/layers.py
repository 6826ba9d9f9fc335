"""Near misses of layers: they look like a fault and are right."""

from __future__ import annotations

import numpy as np

from gradlab.faults.fault import NearMiss
from gradlab.faults.mutants.gradients import LEAK
from gradlab.faults.mutants.layers import (
    ACTIVATIONS,
    CACHING,
    ELEMENTWISE,
    LAYERS,
    on_gradients,
    on_layers,
    with_slope,
)
from gradlab.faults.near_misses import layer_variants
from gradlab.reference import functions

_SHIFT = np.pi / 2

LINEAR = (
    NearMiss(
        "bias-gradient-as-product",
        "dZ times a column of ones adds up the examples, which is the sum over them.",
        {"linear": on_gradients(db=lambda _layer, dZ: dZ @ np.ones((dZ.shape[1], 1), dZ.dtype))},
    ),
    NearMiss(
        "bias-gradient-as-m-times-mean",
        "The mean is taken and multiplied by m again, which is the sum.",
        {"linear": on_gradients(db=layer_variants.m_times_mean)},
    ),
    NearMiss(
        "bias-gradient-reshaped",
        "The sum is taken without keepdims and given its second axis back.",
        {
            "linear": on_gradients(
                db=lambda layer, dZ: np.sum(dZ, axis=1).reshape(layer.params["b"].shape)
            )
        },
    ),
    NearMiss(
        "weight-gradient-by-example",
        "The outer products of the examples are added up one by one, from zeros made anew at "
        "each call: a reordered sum.",
        {"linear": on_gradients(dW=layer_variants.weight_by_example)},
    ),
    NearMiss(
        "weight-gradient-transposed-product",
        "The product is taken the other way round and transposed: (A_prev·dZᵀ)ᵀ is dZ·A_prevᵀ.",
        {"linear": on_gradients(dW=lambda layer, dZ: (layer.A_prev @ dZ.T).T.copy())},
    ),
    NearMiss(
        "input-gradient-from-the-left",
        "The weights multiply from the right and the result is transposed: (dZᵀ·W)ᵀ is Wᵀ·dZ.",
        {"linear": on_gradients(dA_prev=lambda layer, dZ: (dZ.T @ layer.params["W"]).T.copy())},
    ),
    NearMiss(
        "bias-as-column-of-weights",
        "[W b]·[A_prev; 1] is W·A_prev + b, and the last column of its gradient is db.",
        {"linear": layer_variants.bias_as_column},
    ),
)

FORMULAS = (
    NearMiss(
        "derivative-from-activation",
        "a(1 − a) and 1 − a² are σ′(z) and tanh′(z), written in the output.",
        {
            "sigmoid": with_slope(lambda _Z, A, _dA: A * (1 - A)),
            "tanh": with_slope(lambda _Z, A, _dA: 1 - A**2),
        },
    ),
    NearMiss(
        "derivative-as-shifted-wave",
        "sin(z + π/2) is cos z, and cos(z + π/2) is −sin z.",
        {
            "sin": with_slope(lambda Z, _A, _dA: np.sin(Z + _SHIFT)),
            "cos": with_slope(lambda Z, _A, _dA: np.cos(Z + _SHIFT)),
        },
    ),
    NearMiss(
        "sigmoid-as-tanh",
        "(1 + tanh(z/2))/2 is σ(z), and never overflows.",
        {
            "sigmoid": layer_variants.with_function(
                lambda Z: (1 + np.tanh(Z / 2)) / 2, lambda Z: (1 - np.tanh(Z / 2) ** 2) / 4
            )
        },
    ),
    NearMiss(
        "tanh-as-sigmoid",
        "2σ(2z) − 1 is tanh(z).",
        {
            "tanh": layer_variants.with_function(
                lambda Z: 2 * functions.sigmoid(2 * Z) - 1,
                lambda Z: 4 * functions.sigmoid_derivative(2 * Z),
            )
        },
    ),
    NearMiss(
        "mask-from-activation",
        "A ReLU's output is positive exactly where its input is.",
        {
            "relu": with_slope(lambda _Z, A, _dA: 1.0 * (A > 0)),
            "leaky_relu": with_slope(lambda _Z, A, _dA: np.where(A > 0, 1.0, LEAK)),
        },
    ),
    NearMiss(
        "kink-with-the-other-slope",
        "At the kink the slope of the right side is as valid a subgradient as that of the left.",
        {
            "relu": with_slope(lambda Z, _A, _dA: 1.0 * (Z >= 0)),
            "leaky_relu": with_slope(lambda Z, _A, _dA: np.where(Z >= 0, 1.0, LEAK)),
        },
    ),
    NearMiss(
        "positive-part-as-half-sum",
        "(z + |z|)/2 is max(z, 0), and ½ is a subgradient at the kink.",
        {
            "relu": layer_variants.with_function(
                lambda Z: (Z + np.abs(Z)) / 2, lambda Z: (1 + np.sign(Z)) / 2
            )
        },
    ),
    NearMiss(
        "masked-in-a-copy",
        "Entries are overwritten in place, in copies of the arguments.",
        {
            "relu": layer_variants.masked_in_a_copy(0.0),
            "leaky_relu": layer_variants.masked_in_a_copy(LEAK),
        },
    ),
    NearMiss(
        "softmax-without-keepdims",
        "The sums have the shape (m,), which broadcasts along the columns: with examples in "
        "the columns that is what is meant.",
        {"softmax": layer_variants.softmax_without_keepdims},
    ),
    NearMiss(
        "softmax-by-its-jacobian",
        "(diag(a) − a·aᵀ)·u is a·(u − Σu·a).",
        {"softmax": layer_variants.softmax_by_jacobian},
    ),
    NearMiss(
        "flatten-by-moving-the-examples-last",
        "The examples' axis is moved to the end before the reshape: no column mixes images.",
        {"flatten": layer_variants.examples_moved_last},
    ),
)

STATE = (
    NearMiss(
        "forward-again-in-backward",
        "The backward computes the cache anew from the latest input.",
        on_layers(CACHING, layer_variants.forward_again),
    ),
    NearMiss(
        "buffer-cleared-and-copied",
        "The gradients are added up in a buffer that is kept, cleared before and copied after, "
        "and replaced where the shape changes.",
        on_layers(LAYERS, layer_variants.buffer_copied),
    ),
    NearMiss(
        "upstream-times-ones",
        "The ones are a factor beside the upstream gradient and not in its place.",
        on_layers(ELEMENTWISE, layer_variants.upstream_times_ones),
    ),
    NearMiss(
        "result-in-float-dtype",
        "The room for the result is made for the dtype of the result.",
        on_layers(LAYERS, layer_variants.float_room),
    ),
    NearMiss(
        "more-precision-inside",
        "The computation has more digits than the result, and not fewer.",
        on_layers(
            tuple(name for name in ACTIVATIONS if name != "identity"),
            layer_variants.extended_precision,
        ),
    ),
)
