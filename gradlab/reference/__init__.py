"""What is right: the layers, costs and networks of the article and the guide, in NumPy.

The article is 'Nothing but NumPy: Understanding & Creating Neural Networks with
Computational Graphs from Scratch', the guide 'Building and understanding a
neural network from scratch'.  Code in the article's style runs against this
package by changing only the import.  Data is (features, examples) throughout.
"""

from gradlab.reference import annealing, datasets, functions, graph, walkthrough
from gradlab.reference.batching import batches
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
from gradlab.reference.network import Network
from gradlab.reference.optimizers import Adam, GradientDescent, Momentum, Optimizer, RMSprop
from gradlab.reference.training import train

__all__ = [
    "ActivationLayer",
    "Adam",
    "CosLayer",
    "FlattenLayer",
    "GradientDescent",
    "IdentityLayer",
    "Layer",
    "LeakyReLULayer",
    "LinearLayer",
    "Momentum",
    "Network",
    "Optimizer",
    "RMSprop",
    "ReLULayer",
    "SigmoidLayer",
    "SinLayer",
    "SoftmaxLayer",
    "TanhLayer",
    "annealing",
    "batches",
    "binary_cross_entropy",
    "binary_cross_entropy_from_logits",
    "compute_cost",
    "cost_jacobian",
    "datasets",
    "dot_product_tensor",
    "functions",
    "graph",
    "initialize_parameters",
    "l2_penalty",
    "one_hot",
    "softmax",
    "softmax_cross_entropy",
    "squared_error_loss",
    "train",
    "walkthrough",
]
