"""Rows 10 to 18, and 60: shape and axis."""

from __future__ import annotations

from gradlab.faults.fault import Evidence, Fault, FiniteDifferences
from gradlab.faults.mutants import costs, gradients, networks
from gradlab.faults.mutants.layers import LAYERS, on_layers

_FLATTENING = "community.deeplearning.ai/t/149 (a course forum)"

FAULTS = (
    Fault(
        "weight-gradient-transposed",
        10,
        "dW is A_prev·dZᵀ, of shape (n_in, n_out), where W has (n_out, n_in) and dW is "
        "dZ·A_prevᵀ; where W is square the shape gives nothing away and the values are those "
        "of the transpose.",
        "gradient",
        FiniteDifferences.DEPENDS,
        Evidence.GRADIENT,
        {"linear": gradients.weight_transposed},
        ("weight-gradient-transposed-product", "weight-gradient-by-example"),
    ),
    Fault(
        "bias-gradient-per-example",
        11,
        "db is the upstream gradient itself, (n_out, m), a column for each example; the bias "
        "is shared by all of them, so the columns add up to (n_out, 1).",
        "shape",
        FiniteDifferences.CATCHES,
        Evidence.SHAPE,
        {"linear": gradients.bias_per_example},
        ("bias-gradient-as-product",),
        source="github.com/mlpack/mlpack/pull/3679",
    ),
    Fault(
        "bias-gradient-over-every-axis",
        12,
        "db adds up the upstream gradient over the units as well as over the examples, so that "
        "every unit gets the same; the sum runs over the examples only, axis=1.",
        "shape",
        FiniteDifferences.CATCHES,
        Evidence.SHAPE,
        {"linear": gradients.bias_over_every_axis},
        ("bias-gradient-as-product",),
    ),
    Fault(
        "bias-gradient-loses-axis",
        13,
        "db is summed without keepdims=True and has the shape (n_out,) where b has (n_out, 1); "
        "in the update b − α·db the two broadcast into (n_out, n_out).",
        "shape",
        FiniteDifferences.DEPENDS,
        Evidence.SHAPE,
        {"linear": gradients.bias_without_axis, "network": networks.biases_without_axis},
        ("bias-gradient-reshaped", "gradients-by-example"),
    ),
    Fault(
        "bias-along-examples",
        14,
        "The bias has the shape (n_out,) and is added to Z of shape (n_out, m): NumPy lines it "
        "up with the last axis, which raises unless m is n_out, and then adds it along the "
        "examples instead of the units.",
        "gradient",
        FiniteDifferences.DEPENDS,
        Evidence.SPECIAL_SHAPE,
        {"linear": gradients.bias_along_examples},
        ("bias-as-column-of-weights", "softmax-without-keepdims"),
    ),
    Fault(
        "labels-broadcast",
        14,
        "Predictions of shape (m, 1) meet labels of shape (m,), which broadcasts into (m, m): "
        "each prediction is compared with the labels of all examples and not with its own.",
        "zero at the labels",
        FiniteDifferences.MISSES,
        Evidence.FUNCTION,
        dict.fromkeys(("squared_error", "binary_cross_entropy"), costs.against_every_label),
        ("cost-as-mean-of-losses", "softmax-without-keepdims"),
    ),
    Fault(
        "squeezed",
        15,
        "np.squeeze removes every axis of length 1 from the gradient, so that with one example "
        "or one unit it no longer has the shape of its tensor.",
        "shape",
        FiniteDifferences.DEPENDS,
        Evidence.SHAPE,
        on_layers(LAYERS, gradients.squeezed),
        ("cost-squeezed", "bias-gradient-reshaped"),
        source="github.com/NVIDIA/tacotron2/pull/303",
    ),
    Fault(
        "softmax-over-examples",
        16,
        "The softmax is normalised over the examples (axis 1) instead of the classes (axis 0), "
        "forward and backward alike: rows sum to 1 and columns, which are the examples, don't.",
        "columns sum to 1",
        FiniteDifferences.MISSES,
        Evidence.FUNCTION,
        {"softmax": gradients.softmax_over_rows},
        ("softmax-without-keepdims",),
        source="github.com/rickwierenga/MLFundamentals/issues/1",
    ),
    Fault(
        "cross-entropy-over-examples",
        16,
        "The softmax inside the cost is normalised over the examples (axis 1) instead of the "
        "classes (axis 0), in the cost and in its gradient: the cost of an example depends on "
        "the others, and adding a constant to its logits changes it.",
        "shift invariance",
        FiniteDifferences.MISSES,
        Evidence.FUNCTION,
        {"softmax_cross_entropy": costs.softmax_over_rows},
        ("cross-entropy-by-log-sum-exp",),
    ),
    Fault(
        "flatten-in-column-order",
        17,
        "Each image is read column after column (Fortran order) where it is meant row after "
        "row (C order), forward and backward alike: no gradient check sees it, and weights "
        "trained with the other order do not fit.",
        "reference",
        FiniteDifferences.MISSES,
        Evidence.FUNCTION,
        {"flatten": gradients.images_in_column_order},
        ("flatten-by-moving-the-examples-last",),
        source="community.deeplearning.ai/t/409750 (a course forum)",
    ),
    Fault(
        "reshape-for-transpose",
        18,
        "The images are reshaped to (pixels, m) at once where they should be reshaped to "
        "(m, pixels) and transposed, forward and backward alike: the shape is right and every "
        "column holds pixels of several images.",
        "independent examples",
        FiniteDifferences.MISSES,
        Evidence.FUNCTION,
        {"flatten": gradients.images_reshaped},
        ("flatten-by-moving-the-examples-last",),
        source=_FLATTENING,
    ),
    Fault(
        "weights-reshaped-in-backward",
        60,
        "The backward multiplies by W reshaped to (n_in, n_out) where it should multiply by "
        "Wᵀ: the shapes fit and the entries stand in the wrong places, so that it is not the "
        "adjoint of the forward.",
        "adjoint identity",
        FiniteDifferences.CATCHES,
        Evidence.GRADIENT,
        {"linear": gradients.weights_reshaped},
        ("input-gradient-from-the-left",),
    ),
    Fault(
        "columns-reshaped-in-backward",
        60,
        "The backward reshapes the columns straight into images where the forward had "
        "transposed them, so that each pixel's gradient goes to another pixel: it is not the "
        "adjoint of the forward.",
        "adjoint identity",
        FiniteDifferences.CATCHES,
        Evidence.GRADIENT,
        {"flatten": gradients.columns_reshaped},
        ("flatten-by-moving-the-examples-last",),
        source=_FLATTENING,
    ),
)
