"""Rows 26 to 36: state and protocol."""

from __future__ import annotations

from gradlab.faults.fault import Evidence, Fault, FiniteDifferences
from gradlab.faults.mutants import caches, costs, networks, state, training
from gradlab.faults.mutants.layers import ACTIVATIONS, CACHING, LAYERS, on_layers

FAULTS = (
    Fault(
        "stale-cache",
        26,
        "The cache is filled by the first forward and not by the later ones, so that backward "
        "differentiates at the first input for ever; the first check of a new layer passes.",
        "second forward",
        FiniteDifferences.MISSES,
        Evidence.STALE,
        on_layers(CACHING, state.first_cache_kept),
        ("forward-again-in-backward", "weight-gradient-by-example"),
    ),
    Fault(
        "gradients-accumulate",
        27,
        "Each backward adds to the gradients (+=) where it should replace them, so that the "
        "second call returns the sum of two.",
        "repeat",
        FiniteDifferences.MISSES,
        Evidence.REPEAT,
        {**on_layers(LAYERS, state.accumulating), "network": networks.gradients_accumulate},
        ("weight-gradient-by-example", "buffer-cleared-and-copied", "gradients-by-example"),
        source="github.com/karpathy/micrograd/issues/53",
    ),
    Fault(
        "shared-gradient-replaced",
        28,
        "A node that several others use keeps the gradient of the last one (=) where those of "
        "all paths add up (+=).",
        "shared parameters",
        FiniteDifferences.DEPENDS,
        Evidence.GRADIENT,
        {"graph": training.last_path_only},
        ("paths-one-by-one",),
        source="github.com/sony/nnabla/pull/532",
    ),
    Fault(
        "updated-before-input-gradient",
        29,
        "W is updated before dA_prev = Wᵀ·dZ is computed, so that the gradient flows back "
        "through weights that took no part in the forward.",
        "gradient",
        FiniteDifferences.CATCHES,
        Evidence.GRADIENT,
        {"linear": state.updated_before_input_gradient},
        ("input-gradient-from-the-left",),
        source="github.com/VikParuchuri/zero_to_gpt/issues/12",
    ),
    Fault(
        "updated-on-the-way-back",
        29,
        "In the training loop each layer takes its step before it hands the gradient on, so "
        "that the layers below get a gradient through the new weights; each layer by itself is "
        "right.",
        "update order",
        FiniteDifferences.MISSES,
        Evidence.TRAINING,
        {"train": training.updated_on_the_way},
        ("updated-from-the-last-layer",),
        source="github.com/joelgrus/data-science-from-scratch/issues/31",
    ),
    Fault(
        "input-overwritten",
        30,
        "The forward overwrites its argument (np.exp(Z, out=Z), Z[Z < 0] = 0, "
        "Y_hat -= Y, Y -= Y_hat), so that the caller's data, or the layer before, hold something "
        "else afterwards.",
        "purity",
        FiniteDifferences.MISSES,
        Evidence.MUTATION,
        {
            **on_layers(
                tuple(name for name in ACTIVATIONS if name != "identity"), state.input_overwritten
            ),
            **costs.input_overwritten,
            "network": networks.labels_overwritten,
        },
        (
            "masked-in-a-copy",
            "half-of-doubled-difference",
            "softmax-without-keepdims",
            "gradients-by-example",
        ),
    ),
    Fault(
        "upstream-overwritten",
        31,
        "The backward multiplies the upstream gradient in place (dA *= …), which belongs to "
        "the layer above and may be used once more.",
        "purity",
        FiniteDifferences.MISSES,
        Evidence.MUTATION,
        on_layers(
            tuple(name for name in ACTIVATIONS if name != "identity"), state.upstream_overwritten
        ),
        ("masked-in-a-copy", "upstream-times-ones"),
        source="github.com/NVIDIA/apex/issues/1430",
    ),
    Fault(
        "cache-overwritten",
        32,
        "The backward turns the cached activations into the local derivative in place "
        "(A *= 1 − A), so that the layer's output is gone and a second backward starts from "
        "something else.",
        "backward twice",
        FiniteDifferences.MISSES,
        Evidence.REPEAT,
        caches.cache_overwritten,
        ("derivative-from-activation", "masked-in-a-copy", "softmax-by-its-jacobian"),
    ),
    Fault(
        "gradient-buffer-reused",
        33,
        "The gradients are written into arrays that the next backward uses again, so that a "
        "gradient that was kept changes under its owner.",
        "aliasing",
        FiniteDifferences.MISSES,
        Evidence.OVERWRITTEN,
        on_layers(LAYERS, state.gradient_buffers),
        ("buffer-cleared-and-copied",),
    ),
    Fault(
        "parameters-share-memory",
        33,
        "All layers start from the same array of zeros as their bias and update it in place, "
        "so that a step of one moves the bias of every other.",
        "two instances",
        FiniteDifferences.MISSES,
        Evidence.UPDATE,
        {"linear": state.shared_bias},
        ("bias-as-column-of-weights",),
    ),
    Fault(
        "last-column-skipped",
        34,
        "The loop over the columns ends one too early, at m − 1, forward and backward alike: "
        "the last example keeps the zeros that were there before.",
        "order of examples",
        FiniteDifferences.MISSES,
        Evidence.FUNCTION,
        on_layers(LAYERS, state.last_column_skipped),
        ("buffer-cleared-and-copied",),
        source="github.com/nagadomi/kaggle-cifar10-torch7/pull/6 (a loop over batches)",
    ),
    Fault(
        "batch-size-frozen",
        34,
        "The result is written into an array of the shape that the constructor was given, so "
        "that another number of examples (the last mini-batch, a prediction for one) raises, "
        "or is spread over all columns.",
        "batch size",
        FiniteDifferences.DEPENDS,
        Evidence.BATCH_SIZE,
        on_layers(LAYERS, state.room_of_constructor),
        ("buffer-cleared-and-copied",),
        source="github.com/itdxer/neupy/issues/113",
    ),
    Fault(
        "gradients-not-cleared",
        35,
        "The gradients of the earlier steps are not cleared, so that the second step uses the "
        "sum of both gradients; the first step is right.",
        "two-step trace",
        FiniteDifferences.MISSES,
        Evidence.TRAINING,
        {"train": training.gradients_not_cleared},
        ("updated-from-the-last-layer",),
        source="github.com/jcjohnson/pytorch-examples/issues/31",
    ),
    Fault(
        "cache-shared-by-instances",
        36,
        "The cache is a global (or an attribute of the class) and not the instance's, so that "
        "backward uses the input of whichever layer ran forward last.",
        "two instances",
        FiniteDifferences.MISSES,
        Evidence.INSTANCES,
        on_layers(CACHING, state.cache_on_class),
        ("forward-again-in-backward", "bias-as-column-of-weights"),
    ),
    Fault(
        "global-batch-size",
        36,
        "The number of examples is read from a global m of the notebook (4, for the OR table) "
        "and not from the labels that were handed in, in cost and gradient alike: right for "
        "that table, wrong for every other batch.",
        "batch duplication",
        FiniteDifferences.MISSES,
        Evidence.FUNCTION,
        dict.fromkeys(costs.MEAN, costs.batch_size_global),
        ("cost-as-mean-of-losses",),
    ),
)
