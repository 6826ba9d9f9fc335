"""Faults of routines beside their formulas: what is shared, drawn, shuffled, saved."""

from __future__ import annotations

from gradlab.faults.fault import CONSTRUCTED, Evidence, Fault, FiniteDifferences
from gradlab.faults.mutants import networks, routines

_INITIALIZERS = ("plain", "xavier", "he")
_REMEMBERING = ("momentum", "rmsprop", "adam")
_SPLIT = ("batches-by-splitting",)
_DRAWN = ("weights-drawn-transposed", "weights-drawn-uniform")
_STEPS = ("step-of-negated-gradient", "adam-correction-in-the-rate")
_NETWORK = ("gradients-by-example",)

FAULTS = (
    Fault(
        "first-unit-skipped",
        34,
        "The loop over the units of the first layer starts at 1, forward and backward alike: unit "
        "0 computes the same for every input and its weights never learn.",
        "symmetric units",
        FiniteDifferences.MISSES,
        Evidence.FUNCTION,
        {"network": networks.first_unit_skipped},
        _NETWORK,
        source=CONSTRUCTED,
    ),
    Fault(
        "hidden-biases-skipped",
        34,
        "Only the last layer adds its biases, forward and backward alike: the gradients of the "
        "others are 0, and are those of the function that is computed.",
        "linear layers collapse",
        FiniteDifferences.MISSES,
        Evidence.FUNCTION,
        {"network": networks.hidden_biases_skipped},
        _NETWORK,
        source=CONSTRUCTED,
    ),
    Fault(
        "parameters-on-the-class",
        36,
        "The dictionary of parameters is an attribute of the class, or a default argument, so "
        "that what is set in one network is set in all of them.",
        "two instances",
        FiniteDifferences.MISSES,
        Evidence.INSTANCES,
        {"network": networks.parameters_on_class},
        _NETWORK,
        source=CONSTRUCTED,
    ),
    Fault(
        "memory-shared-by-optimizers",
        36,
        "The velocity or the average of squares is an attribute of the class, or a default "
        "argument {}, so that two optimizers at work mix their gradients.",
        "two instances",
        FiniteDifferences.MISSES,
        Evidence.INSTANCES,
        dict.fromkeys(_REMEMBERING, routines.memory_on_class),
        _STEPS,
        source=CONSTRUCTED,
    ),
    Fault(
        "generator-ignored",
        36,
        "The numbers come from a new generator, np.random.default_rng(), and not from the one "
        "that was handed over, so that no result can be had twice.",
        "repeat",
        FiniteDifferences.MISSES,
        Evidence.UNREPEATABLE,
        {
            **dict.fromkeys(_INITIALIZERS, routines.initialized_from_clock),
            "batches": routines.split_from_clock,
        },
        (*_DRAWN, *_SPLIT),
        source="github.com/ehsanhaghighat/sciann/issues/53",
    ),
    Fault(
        "generator-ignored-in-training",
        36,
        "The loop shuffles with a new generator, np.random.default_rng(), and not with the one "
        "that was handed over: from the same start each training ends somewhere else.",
        "one seed, one training",
        FiniteDifferences.MISSES,
        Evidence.UNREPEATABLE,
        {"train": routines.training_on(routines.split_from_clock)},
        ("updated-from-the-last-layer",),
        source="github.com/breze-no-salt/breze/issues/63 (the order of mini-batches)",
    ),
    Fault(
        "saved-in-six-digits",
        38,
        "The parameters are written as text of six digits (the format 'g'), so that the network "
        "that is loaded is not quite the one that was saved.",
        "saved and loaded",
        FiniteDifferences.MISSES,
        Evidence.SAVED,
        {"network": networks.saved_rounded},
        _NETWORK,
        source="github.com/uf3/uf3/issues/8",
    ),
    Fault(
        "dropout-left-on",
        52,
        "Inputs of the last layer are weighted at random in every call, evaluation included, and "
        "no seed holds them: the network that was trained is never the one that is used.",
        "one seed, one training",
        FiniteDifferences.DEPENDS,
        Evidence.UNREPEATABLE,
        {"network": networks.dropout_left_on},
        _NETWORK,
    ),
    Fault(
        "empty-batch",
        67,
        "The loop runs over m // size + 1 batches, of which the last is empty where the size "
        "divides m; its mean is 0/0 = NaN.",
        "batch sizes",
        FiniteDifferences.MISSES,
        Evidence.BATCHES,
        {"batches": routines.empty_batch},
        _SPLIT,
        source="github.com/scverse/annbatch/pull/132",
    ),
    Fault(
        "shuffled-in-place",
        68,
        "np.random.shuffle permutes its arguments in place, so that the caller's "
        "examples stand in another order afterwards, and no longer beside what else belongs to "
        "them.",
        "purity",
        FiniteDifferences.MISSES,
        Evidence.MUTATION,
        {
            "batches": routines.shuffled_in_place,
            "train": routines.training_on(routines.shuffled_in_place),
        },
        (*_SPLIT, "updated-from-the-last-layer"),
        source=CONSTRUCTED,
    ),
    Fault(
        "same-order-every-epoch",
        68,
        "The generator is made anew from one seed at every call, so that all epochs take the "
        "examples in the same order.",
        "shuffled",
        FiniteDifferences.MISSES,
        Evidence.UNSEEDED,
        {"batches": routines.same_order},
        _SPLIT,
        source="github.com/pytorch/pytorch/issues/31771",
    ),
    Fault(
        "epsilon-outside-the-quotient",
        69,
        "A bracket is missing, g/√s + ε for g/(√s + ε), so that ε moves every parameter by a "
        "little and keeps no division from 0/0.",
        "zero gradient",
        FiniteDifferences.MISSES,
        Evidence.OPTIMIZER,
        routines.epsilon_outside,
        _STEPS,
        source=CONSTRUCTED,
    ),
    Fault(
        "epsilon-missing",
        69,
        "The step is divided by √s alone: a parameter whose gradient was 0 from the first step on "
        "becomes 0/0 = NaN, and stays NaN.",
        "epsilon",
        FiniteDifferences.MISSES,
        Evidence.OPTIMIZER,
        routines.epsilon_missing,
        _STEPS,
        source="github.com/lessw2020/FAdam_PyTorch/issues/1 (an ε that is 0 with the gradient)",
    ),
    Fault(
        "weights-all-positive",
        71,
        "np.random.rand is used for np.random.randn: it draws on [0, 1): all weights are "
        "positive and their mean is not 0, so that what a unit adds up grows with n_in.",
        "initial mean",
        FiniteDifferences.MISSES,
        Evidence.DISTRIBUTION,
        routines.weights_all_positive,
        _DRAWN,
        source=CONSTRUCTED,
    ),
    Fault(
        "biases-of-ones",
        71,
        "The biases start at 1, np.ones for np.zeros, so that every unit starts out shifted, and "
        "all in the same direction.",
        "zero biases",
        FiniteDifferences.MISSES,
        Evidence.DISTRIBUTION,
        dict.fromkeys(_INITIALIZERS, routines.biases_of_ones),
        _DRAWN,
        source=CONSTRUCTED,
    ),
)
