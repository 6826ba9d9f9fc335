"""The reference layers: data as (features, examples), results on the layer."""

from gradlab.reference.layers.activations import (
    ActivationLayer,
    CosLayer,
    IdentityLayer,
    LeakyReLULayer,
    ReLULayer,
    SigmoidLayer,
    SinLayer,
    TanhLayer,
)
from gradlab.reference.layers.base import Layer
from gradlab.reference.layers.flatten import FlattenLayer
from gradlab.reference.layers.linear import LinearLayer
from gradlab.reference.layers.softmax import SoftmaxLayer, softmax

__all__ = [
    "ActivationLayer",
    "CosLayer",
    "FlattenLayer",
    "IdentityLayer",
    "Layer",
    "LeakyReLULayer",
    "LinearLayer",
    "ReLULayer",
    "SigmoidLayer",
    "SinLayer",
    "SoftmaxLayer",
    "TanhLayer",
    "softmax",
]
