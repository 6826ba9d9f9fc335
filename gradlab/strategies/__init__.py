"""Where to look: Hypothesis strategies for layers and everything that goes into them.

This is the only room of gradlab that imports `hypothesis`.  Strategies are
functions that return strategies, as in `hypothesis.extra.numpy`; what they draw
shrinks to small shapes and simple numbers, and prints as Python that makes it
again when pasted after ``import numpy as np`` and ``from gradlab import strategies``.
"""

from gradlab.strategies._arrays import (
    Feature,
    adversarial_arrays,
    arrays,
    cotangents,
    features,
    laid_out,
)
from gradlab.strategies._layers import CostCase, LayerCase, LayerSpec, costs, layers
from gradlab.strategies._networks import NetworkCase, networks
from gradlab.strategies._printing import expression, snippet
from gradlab.strategies._shapes import shapes, sizes
from gradlab.strategies._training import BatchPlan, OptimizerSpec, Plan, batch_plans, optimizers
from gradlab.strategies._values import parameters, values

__all__ = [
    "BatchPlan",
    "CostCase",
    "Feature",
    "LayerCase",
    "LayerSpec",
    "NetworkCase",
    "OptimizerSpec",
    "Plan",
    "adversarial_arrays",
    "arrays",
    "batch_plans",
    "costs",
    "cotangents",
    "expression",
    "features",
    "laid_out",
    "layers",
    "networks",
    "optimizers",
    "parameters",
    "shapes",
    "sizes",
    "snippet",
    "values",
]
