"""Rows 37 to 42: floating point."""

from __future__ import annotations

from gradlab.faults.fault import CONSTRUCTED, Evidence, Fault, FiniteDifferences
from gradlab.faults.mutants import costs, numerics
from gradlab.faults.mutants.layers import LAYERS, on_layers

#: Layers whose result is no integer where the input is one.
_FRACTIONAL = ("linear", "sigmoid", "tanh", "leaky_relu", "sin", "cos", "softmax")

FAULTS = (
    Fault(
        "integers-truncate",
        37,
        "The result is written into an array made like the input (np.zeros_like(Z)); where the "
        "input holds integers, as the OR table does, every fraction is cut off.",
        "dtype",
        FiniteDifferences.MISSES,
        Evidence.INTEGERS,
        on_layers(_FRACTIONAL, numerics.in_dtype_of_input),
        ("result-in-float-dtype",),
        source="github.com/numpy/numpy/issues/16578",
    ),
    Fault(
        "float32-inside",
        38,
        "The input is cast to float32 and the result back to float64: it shows 16 digits and "
        "has 7, which a check with a loose tolerance cannot see and one with a tight tolerance "
        "calls a wrong gradient.",
        "precision",
        FiniteDifferences.DEPENDS,
        Evidence.ROUNDING,
        {
            **on_layers(LAYERS, numerics.single_precision),
            **dict.fromkeys(costs.MEAN, costs.single_precision),
        },
        ("more-precision-inside", "cost-as-mean-of-losses"),
    ),
    Fault(
        "softmax-overflows",
        39,
        "exp(z) is taken of the logits as they are: above 709 it is infinite and the result "
        "inf/inf = NaN; subtracting the largest logit of the column first changes nothing else.",
        "shift invariance",
        FiniteDifferences.MISSES,
        Evidence.EXTREMES,
        {"softmax": numerics.softmax_unshifted, "softmax_cross_entropy": costs.softmax_overflowing},
        ("softmax-without-keepdims", "cross-entropy-by-log-sum-exp"),
        source="github.com/numenta/nupic-legacy/pull/3818",
    ),
    Fault(
        "log-of-zero",
        40,
        "The logarithm is taken of a probability that rounds to 0: the loss of a certain and "
        "right prediction becomes 0·(−inf) = NaN, and that of a confident wrong one infinite "
        "where the logits give a finite value.",
        "extremes",
        FiniteDifferences.MISSES,
        Evidence.EXTREMES,
        costs.log_of_zero,
        ("cross-entropy-by-log-sum-exp", "cost-as-mean-of-losses"),
        source="github.com/chainer/chainer/issues/584",
    ),
    Fault(
        "stable-form-incomplete",
        40,
        "The form that cannot overflow is copied with a piece missing, e⁻ᶻ for the exponential of "
        "−|z| or the largest logit not added back, in cost and gradient alike: finite everywhere "
        "and another function.",
        "stable form",
        FiniteDifferences.MISSES,
        Evidence.FUNCTION,
        costs.stable_form_incomplete,
        ("cross-entropy-by-log-sum-exp",),
        source=CONSTRUCTED,
    ),
    Fault(
        "exponential-overflows",
        41,
        "The activation is written with exponentials that overflow far from zero, "
        "e⁻ᶻ/(1 + e⁻ᶻ) at large negative z, and inf/inf is NaN; the exponential of −|z| never "
        "overflows.",
        "symmetry",
        FiniteDifferences.MISSES,
        Evidence.EXTREMES,
        numerics.overflowing,
        ("sigmoid-as-tanh", "tanh-as-sigmoid"),
        source="github.com/chainer/chainer/pull/1047",
    ),
    Fault(
        "derivative-overflows",
        41,
        "The derivative is written e⁻ᶻ/(1 + e⁻ᶻ)², whose square overflows at large negative z: "
        "inf/inf is NaN where the derivative is 0.",
        "extremes",
        FiniteDifferences.MISSES,
        Evidence.EXTREMES,
        numerics.overflowing_slope,
        ("derivative-from-activation", "sigmoid-as-tanh"),
        source="github.com/jeshraghian/snntorch/pull/433",
    ),
    Fault(
        "nan-at-certain-prediction",
        42,
        "The gradient (Ŷ − Y)/(Ŷ(1 − Ŷ)) is 0/0 = NaN where the prediction is certain and "
        "right; a NaN compares false with everything, so that `if difference > tolerance` lets "
        "it pass.",
        "extremes",
        FiniteDifferences.DEPENDS,
        Evidence.EXTREMES,
        {"binary_cross_entropy": costs.zero_over_zero},
        ("cost-as-mean-of-losses",),
    ),
)
