"""Rows 67 to 72: training and initial values."""

from __future__ import annotations

from gradlab.faults.fault import Evidence, Fault, FiniteDifferences
from gradlab.faults.mutants import costs, routines, training

_INITIALIZERS = ("plain", "xavier", "he")
_SPLIT = ("batches-by-splitting",)
_DRAWN = ("weights-drawn-transposed", "weights-drawn-uniform")

FAULTS = (
    Fault(
        "tail-dropped",
        67,
        "Only full mini-batches are formed, so that the examples of the last, smaller one are "
        "never used in the epoch; where there are fewer examples than a batch holds, none is.",
        "every example once",
        FiniteDifferences.MISSES,
        Evidence.BATCHES,
        {
            "batches": training.tail_dropped,
            "train": routines.training_on(training.tail_dropped),
        },
        (*_SPLIT, "updated-from-the-last-layer"),
        source="github.com/NervanaSystems/neon/issues/9",
    ),
    Fault(
        "tail-unshuffled",
        67,
        "The last, smaller mini-batch is cut from X and Y as they were before the shuffle, so "
        "that some examples are used twice in an epoch and others never.",
        "every example once",
        FiniteDifferences.MISSES,
        Evidence.BATCHES,
        {"batches": training.tail_unshuffled},
        _SPLIT,
    ),
    Fault(
        "labels-unshuffled",
        68,
        "X is shuffled and Y is not, so that the examples are trained on each other's labels; "
        "both have to be indexed with the same permutation.",
        "pairs kept",
        FiniteDifferences.MISSES,
        Evidence.BATCHES,
        {
            "batches": training.labels_unshuffled,
            "train": routines.training_on(training.labels_unshuffled),
        },
        (*_SPLIT, "updated-from-the-last-layer"),
        source="github.com/xudonmao/VMT/issues/1",
    ),
    Fault(
        "adam-uncorrected",
        69,
        "Adam's averages start at 0 and are used without the division by 1 − βᵗ that makes up "
        "for it, so that the first step is (1 − β₁)/√(1 − β₂) ≈ 3.2 times too large.",
        "optimizer trace",
        FiniteDifferences.MISSES,
        Evidence.OPTIMIZER,
        {"adam": training.averages_uncorrected},
        ("adam-correction-in-the-rate",),
        source="github.com/BVLC/caffe/issues/4224",
    ),
    Fault(
        "optimizer-overwrites-gradients",
        70,
        "The optimizer builds its step inside the gradient's array, so that a caller that kept the "
        "gradient (a log, a clip, a second optimizer) finds the step there instead.",
        "purity",
        FiniteDifferences.MISSES,
        Evidence.MUTATION,
        dict.fromkeys(
            ("gradient_descent", "momentum", "rmsprop", "adam"), training.gradients_overwritten
        ),
        ("step-of-negated-gradient", "adam-correction-in-the-rate"),
        source="github.com/apache/mxnet/issues/15759",
    ),
    Fault(
        "weights-zero",
        71,
        "The weights start at 0, so that all units of a layer compute the same, get the same "
        "gradient, and stay the same for ever.",
        "no initial symmetry",
        FiniteDifferences.MISSES,
        Evidence.DISTRIBUTION,
        dict.fromkeys(_INITIALIZERS, training.weights_zero),
        _DRAWN,
    ),
    Fault(
        "units-identical",
        71,
        "One row of weights is drawn and given to every unit: the numbers are random and the "
        "units are copies of each other, which training cannot distinguish.",
        "no initial symmetry",
        FiniteDifferences.MISSES,
        Evidence.DISTRIBUTION,
        dict.fromkeys(_INITIALIZERS, training.units_identical),
        _DRAWN,
    ),
    Fault(
        "weights-wrong-scale",
        71,
        "The weights have the wrong standard deviation: 1 without plain's factor 0.01, or the "
        "variance 1/n_in (xavier) or 2/n_in (he) used as the standard deviation without its "
        "root.",
        "initial variance",
        FiniteDifferences.MISSES,
        Evidence.DISTRIBUTION,
        training.weights_wrong_scale,
        _DRAWN,
        source="github.com/mlverse/torch/issues/555",
    ),
    Fault(
        "weights-scaled-by-outputs",
        71,
        "The variance is taken from n_out, the first axis of W, where xavier's 1/n_in and he's "
        "2/n_in count the inputs of a unit, its second axis.",
        "initial variance",
        FiniteDifferences.MISSES,
        Evidence.DISTRIBUTION,
        dict.fromkeys(("xavier", "he"), training.weights_by_outputs),
        _DRAWN,
    ),
    Fault(
        "activated-before-cost",
        72,
        "Probabilities go into a cost that expects logits, so that the softmax (or the sigmoid) "
        "is applied twice, forward and backward alike: a certain and right prediction still "
        "costs, and training slows down.",
        "zero at the labels",
        FiniteDifferences.MISSES,
        Evidence.FUNCTION,
        costs.activated_again,
        ("cross-entropy-by-log-sum-exp",),
        source="github.com/tflearn/tflearn/pull/562",
    ),
)
