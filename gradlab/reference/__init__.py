"""What is right: the layers, costs and networks of the article and the guide, in NumPy.

The article is 'Nothing but NumPy: Understanding & Creating Neural Networks with
Computational Graphs from Scratch', the guide 'Building and understanding a
neural network from scratch'.  Code in the article's style runs against this
package by changing only the import.  Data is (features, examples) throughout.
"""

from gradlab.reference.costs import (
    binary_cross_entropy,
    binary_cross_entropy_from_logits,
    compute_cost,
    l2_penalty,
    one_hot,
    softmax_cross_entropy,
    squared_error_loss,
)
from gradlab.reference.initializers import initialize_parameters
from gradlab.reference.jacobians import cost_jacobian, dot_product_tensor
from gradlab.reference.layers import (
    ActivationLayer,
    CosLayer,
    FlattenLayer,
    IdentityLayer,
    Layer,
    LeakyReLULayer,
    LinearLayer,
    ReLULayer,
    SigmoidLayer,
    SinLayer,
    SoftmaxLayer,
    TanhLayer,
    softmax,
)

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
    "binary_cross_entropy",
    "binary_cross_entropy_from_logits",
    "compute_cost",
    "cost_jacobian",
    "dot_product_tensor",
    "initialize_parameters",
    "l2_penalty",
    "one_hot",
    "softmax",
    "softmax_cross_entropy",
    "squared_error_loss",
]
