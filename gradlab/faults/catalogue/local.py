"""Rows 19 to 25: the local derivative."""

from __future__ import annotations

from gradlab.faults.fault import Evidence, Fault, FiniteDifferences
from gradlab.faults.mutants import gradients

FAULTS = (
    Fault(
        "derivative-of-wrong-variable",
        19,
        "The derivative's formula is written in the other variable: z(1 − z) for σ′ = a(1 − a), "
        "1 − z² for tanh′ = 1 − a², cos a for sin′ = cos z; a is the output and z the input of "
        "the activation.",
        "gradient",
        FiniteDifferences.CATCHES,
        Evidence.GRADIENT,
        gradients.z_for_a,
        ("derivative-from-activation", "derivative-as-shifted-wave"),
    ),
    Fault(
        "activated-twice-in-derivative",
        19,
        "The derivative is a function of z and is called with a, which has been through the "
        "activation already: σ′(a) is σ(a)(1 − σ(a)), and σ′(z) is a(1 − a).",
        "gradient",
        FiniteDifferences.CATCHES,
        Evidence.GRADIENT,
        gradients.activated_twice,
        ("derivative-from-activation",),
        source="github.com/davidrmiller/neural2d/issues/40",
    ),
    Fault(
        "factor-dropped",
        20,
        "A factor of the derivative is missing: a for a(1 − a), 1 − a for 1 − a², 0 for the "
        "slope of a leaky ReLU below zero, u − Σu·a for a·(u − Σu·a) in the softmax.",
        "gradient",
        FiniteDifferences.CATCHES,
        Evidence.GRADIENT,
        gradients.factor_dropped,
        ("derivative-from-activation", "softmax-by-its-jacobian", "kink-with-the-other-slope"),
        source="github.com/Bot-Academy/NeuralNetworkFromScratch/pull/3",
    ),
    Fault(
        "mask-from-upstream",
        21,
        "The gradient passes where the upstream gradient is positive; it has to pass where the "
        "input of the ReLU was positive, whatever sign the gradient has.",
        "gradient",
        FiniteDifferences.CATCHES,
        Evidence.GRADIENT,
        gradients.mask_from_upstream,
        ("mask-from-activation", "masked-in-a-copy"),
    ),
    Fault(
        "mask-always-true",
        22,
        "The mask is a >= 0 on the output of the ReLU, which is never negative, so that every "
        "gradient passes; the output is to be compared with >, the input with either.",
        "gradient",
        FiniteDifferences.CATCHES,
        Evidence.GRADIENT,
        gradients.mask_always_true,
        ("mask-from-activation", "kink-with-the-other-slope"),
    ),
    Fault(
        "max-for-maximum",
        23,
        "np.max(Z, 0) takes the largest feature of each example (0 is the axis), where "
        "np.maximum(Z, 0) compares each entry with zero; forward and backward agree with each "
        "other, and a unit's output depends on the other units.",
        "independent entries",
        FiniteDifferences.MISSES,
        Evidence.FUNCTION,
        {"relu": gradients.maximum_over_features},
        ("positive-part-as-half-sum",),
        source="github.com/ahmedfgad/NumPyCNN/issues/4",
    ),
    Fault(
        "capped-at-one",
        23,
        "np.clip(Z, 0, 1) is used for np.maximum(Z, 0), forward and backward alike: what is above "
        "1 is cut off and learns nothing; a ReLU has no upper end.",
        "positive homogeneity",
        FiniteDifferences.MISSES,
        Evidence.FUNCTION,
        {"relu": gradients.capped},
        ("positive-part-as-half-sum", "mask-from-activation"),
        source="github.com/torch/nn/issues/1000 (a clamp that ends at 1 by default)",
    ),
    Fault(
        "softmax-elementwise",
        24,
        "The softmax's backward multiplies by a(1 − a), which is only the diagonal of its "
        "Jacobian; every output of a column depends on every input of it, so that "
        "dZ = a·(u − Σu·a).",
        "gradient",
        FiniteDifferences.CATCHES,
        Evidence.GRADIENT,
        {"softmax": gradients.softmax_elementwise},
        ("softmax-by-its-jacobian",),
        source="github.com/SebLague/Neural-Network-Experiments/pull/5",
    ),
    Fault(
        "kink-divides-zero-by-zero",
        25,
        "The derivative is taken as A/Z, which is right on both sides of the kink and 0/0 = NaN "
        "at it; every value from the left derivative to the right one is a subgradient, and "
        "NaN is none.",
        "subgradient",
        FiniteDifferences.MISSES,
        Evidence.KINK,
        gradients.zero_over_zero,
        ("kink-with-the-other-slope", "mask-from-activation"),
        source="github.com/trusthlt/nlp-with-deep-learning-lectures/pull/4 (on the right values)",
    ),
    Fault(
        "kink-counted-twice",
        25,
        "Both branches are taken at the kink (z >= 0 and z <= 0), so that the derivative there "
        "is the sum of the two slopes, which is more than either and no subgradient.",
        "subgradient",
        FiniteDifferences.MISSES,
        Evidence.KINK,
        gradients.counted_twice,
        ("kink-with-the-other-slope",),
    ),
)
