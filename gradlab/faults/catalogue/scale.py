"""Rows 1 to 9: scale and sign."""

from __future__ import annotations

from gradlab.faults.fault import CONSTRUCTED, Evidence, Fault, FiniteDifferences
from gradlab.faults.mutants import costs, gradients, training
from gradlab.faults.mutants.layers import ELEMENTWISE, on_layers

_OPTIMIZERS = ("gradient_descent", "momentum", "rmsprop", "adam")
_SQUARED = ("squared_error", "squared_error_loss")
_OFF_BY_ONE = "github.com/nagadomi/kaggle-cifar10-torch7/pull/6"

FAULTS = (
    Fault(
        "cost-gradient-not-averaged",
        1,
        "The cost is an average over the m examples and its gradient is not divided by m, so "
        "that every gradient is m times too large; the 1/m of the average belongs to both.",
        "gradient",
        FiniteDifferences.CATCHES,
        Evidence.GRADIENT,
        {
            **dict.fromkeys(costs.MEAN, costs.gradient_not_averaged),
            "l2_penalty": training.penalty_rescaled(by=lambda m: m),
        },
        ("cost-as-mean-of-losses", "penalty-as-inner-product"),
    ),
    Fault(
        "averaged-twice",
        1,
        "dW and db are divided by m although the gradient that arrives from the cost was "
        "divided by m already, so that they are m times too small; 1/m is applied once, where "
        "the average is taken.",
        "gradient",
        FiniteDifferences.CATCHES,
        Evidence.GRADIENT,
        {"linear": gradients.averaged_again},
        ("weight-gradient-by-example", "bias-gradient-as-m-times-mean"),
        source="community.deeplearning.ai/t/63071 (a course forum)",
    ),
    Fault(
        "averaged-in-forward",
        1,
        "The layer divides by m, Z = W·A_prev/m + b, forward and backward alike, so that its "
        "output for an example depends on how many others there are; 1/m belongs to the cost.",
        "sum over examples",
        FiniteDifferences.MISSES,
        Evidence.FUNCTION,
        {"linear": gradients.averaged_in_forward},
        ("weight-gradient-by-example", "bias-gradient-as-m-times-mean"),
        source=CONSTRUCTED,
    ),
    Fault(
        "bias-gradient-averaged",
        2,
        "db is the mean of the upstream gradient over the batch; the bias is added once for "
        "every example, so its gradient is the sum.",
        "gradient",
        FiniteDifferences.CATCHES,
        Evidence.GRADIENT,
        {"linear": gradients.bias_averaged},
        ("bias-gradient-as-m-times-mean", "bias-gradient-as-product"),
        source="github.com/kvfrans/notes/issues/5",
    ),
    Fault(
        "square-factor-kept",
        3,
        "The gradient keeps the factor 2 of the derivative of the square although the ½ in "
        "front of the square cancels it, so that it is twice too large.",
        "gradient",
        FiniteDifferences.CATCHES,
        Evidence.GRADIENT,
        {
            **dict.fromkeys(_SQUARED, costs.factor_kept),
            "l2_penalty": training.penalty_rescaled(by=lambda _m: 2),
        },
        ("half-of-doubled-difference", "penalty-as-inner-product"),
        source="github.com/SethHWeidman/DLFS_code/issues/20",
    ),
    Fault(
        "summed-not-averaged",
        4,
        "Cost and gradient both add up the losses of the examples where they should average "
        "them: each is the other's derivative, and both grow with the size of the batch.",
        "batch duplication",
        FiniteDifferences.MISSES,
        Evidence.FUNCTION,
        dict.fromkeys(costs.MEAN, costs.summed),
        ("cost-as-mean-of-losses",),
    ),
    Fault(
        "last-example-skipped",
        4,
        "The loop over the examples ends one too early, at m − 1, and the sum is still divided by "
        "m: the last example has no loss, and no gradient.",
        "mean of the losses",
        FiniteDifferences.MISSES,
        Evidence.FUNCTION,
        dict.fromkeys(costs.MEAN, costs.last_skipped),
        ("cost-as-mean-of-losses",),
        source=f"{_OFF_BY_ONE} (a loop over batches)",
    ),
    Fault(
        "half-missing",
        5,
        "The ½ is missing from cost and gradient alike: each is the other's derivative and both "
        "are twice those of the definition, so that only the definition shows it.",
        "reference",
        FiniteDifferences.MISSES,
        Evidence.FUNCTION,
        {
            **dict.fromkeys(_SQUARED, costs.half_missing),
            "l2_penalty": training.penalty_rescaled(by=lambda _m: 2, cost_by=lambda _m: 2),
        },
        ("half-of-doubled-difference", "penalty-as-inner-product"),
        source="github.com/davisking/dlib/issues/1169",
    ),
    Fault(
        "cost-negated",
        6,
        "The minus in front of the logarithm (or of everything) is missing in cost and gradient "
        "alike: each is the other's derivative, and descending makes the predictions worse.",
        "non-negative",
        FiniteDifferences.MISSES,
        Evidence.FUNCTION,
        dict.fromkeys(costs.MEAN, costs.negated),
        ("cost-as-mean-of-losses",),
        source="github.com/cs231n/cs231n.github.io/pull/244",
    ),
    Fault(
        "gradient-sign-flipped",
        6,
        "The gradient has the wrong sign (Y − Ŷ for Ŷ − Y, or the minus of cos′ = −sin lost), "
        "so that gradient descent climbs.",
        "gradient",
        FiniteDifferences.CATCHES,
        Evidence.GRADIENT,
        {
            **dict.fromkeys((*costs.MEAN, "squared_error_loss"), costs.sign_flipped),
            **gradients.sign_lost,
        },
        ("half-of-doubled-difference", "cost-as-mean-of-losses", "derivative-as-shifted-wave"),
    ),
    Fault(
        "update-ascends",
        6,
        "update_params adds α·dW and α·db where it should subtract them, so that the cost "
        "goes up; the gradients themselves are right.",
        "descent",
        FiniteDifferences.MISSES,
        Evidence.UPDATE,
        {"linear": gradients.update_ascends},
        ("step-of-negated-gradient",),
        source="github.com/pytorch/pytorch/issues/1871",
    ),
    Fault(
        "optimizer-ascends",
        6,
        "The optimizer returns θ + α·step where it should return θ − α·step, so that the cost "
        "goes up; what it remembers between the steps is right.",
        "descent",
        FiniteDifferences.MISSES,
        Evidence.OPTIMIZER,
        dict.fromkeys(_OPTIMIZERS, training.steps_uphill),
        ("step-of-negated-gradient",),
    ),
    Fault(
        "decay-missing-from-gradient",
        7,
        "The cost contains the penalty λ/(2m)·Σ‖W‖² and the gradients lack its derivative "
        "λ/m·W, so that the weights do not decay; with a small λ the error hides below a loose "
        "tolerance.",
        "gradient",
        FiniteDifferences.DEPENDS,
        Evidence.GRADIENT,
        {
            "l2_penalty": training.penalty_rescaled(by=lambda _m: 0),
            "network": training.decay_without_gradient,
        },
        ("penalty-as-inner-product", "gradients-by-example"),
        source="github.com/Burton2000/CS231n-2017/issues/9",
    ),
    Fault(
        "decay-on-biases",
        8,
        "The penalty, and its gradient, run over the biases too; a bias is one number for each "
        "unit and cannot overfit as weights do, so it is left out.",
        "mean of the losses",
        FiniteDifferences.MISSES,
        Evidence.FUNCTION,
        {"network": training.biases_decayed},
        ("gradients-by-example",),
        source="github.com/rasmusbergpalm/DeepLearnToolbox/issues/32",
    ),
    Fault(
        "upstream-ignored",
        9,
        "The backward computes the local gradient and never multiplies it by the upstream "
        "gradient, as if it were all ones; every gradient is the local one times what arrives "
        "from above.",
        "cotangent linearity",
        FiniteDifferences.CATCHES,
        Evidence.GRADIENT,
        on_layers(("linear", *ELEMENTWISE), gradients.upstream_ignored),
        ("upstream-times-ones", "bias-gradient-as-product"),
        source="github.com/yizt/numpy_neural_network/issues/6",
    ),
)
