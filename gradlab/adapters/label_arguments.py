"""What may be passed for labels and predictions of a loss, by the loss's name."""

from __future__ import annotations

import re

from gradlab.adapters.templates import TensorArgument
from gradlab.domain import Content, Role

_LABEL = Role.LABEL

CLASSES = TensorArgument(("m",), Role.INDEX, Content.INTEGER, 0, "classes")
_STEP_CLASSES = TensorArgument(("m", "t"), Role.INDEX, Content.INTEGER, 0, "classes")
_HOT_ROWS = TensorArgument(("m", "classes"), _LABEL, Content.ONE_HOT, axis=1)
_HOT_COLUMNS = TensorArgument(("classes", "m"), _LABEL, Content.ONE_HOT)
_BINARY_ROW = TensorArgument((1, "m"), _LABEL, Content.BINARY)
_BINARY = TensorArgument(("m", "n_in"), _LABEL, Content.BINARY)
_BINARY_COLUMN = TensorArgument(("m", 1), _LABEL, Content.BINARY)
_BINARY_VECTOR = TensorArgument(("m",), _LABEL, Content.BINARY)
_REAL = TensorArgument(("m", "n_in"), _LABEL)
_REAL_ROW = TensorArgument((1, "m"), _LABEL)
_REAL_VECTOR = TensorArgument(("m",), _LABEL)
_SIGNS = TensorArgument(("m", "n_in"), _LABEL, Content.SIGN)
_SIGN_VECTOR = TensorArgument(("m",), _LABEL, Content.SIGN)
_COUNTS = TensorArgument(("m", "n_in"), _LABEL, Content.COUNT)
_SHARES = TensorArgument(("m", "classes"), _LABEL, Content.DISTRIBUTION, axis=1)
_SHARE_COLUMNS = TensorArgument(("classes", "m"), _LABEL, Content.DISTRIBUTION)

Options = tuple[TensorArgument, ...]

#: Labels by words in a loss's name; the first that fit.
_BY_NAME: tuple[tuple[str, Options], ...] = (
    (
        r"mse|mae|rmse|huber|cosh|l1|l2|square|quadratic|absolute|smooth|cosine",
        (_REAL, _REAL_ROW, _REAL_VECTOR, _BINARY),
    ),
    (r"hinge|svm|exponential|perceptron", (CLASSES, _SIGNS, _SIGN_VECTOR, _HOT_ROWS)),
    (r"poisson|count", (_COUNTS,)),
    (
        r"bce|binary|logistic|sigmoid|focal|dice|jaccard|iou|tversky",
        (_BINARY_ROW, _BINARY, _BINARY_COLUMN, _BINARY_VECTOR, _REAL),
    ),
    (r"kl|divergence", (_SHARES, _SHARE_COLUMNS)),
    (r"temporal|sequence", (_STEP_CLASSES, CLASSES)),
    (
        r"softmax|cross|nll|categorical|multi",
        (_HOT_ROWS, CLASSES, _HOT_COLUMNS, _BINARY_ROW, _BINARY),
    ),
)
_ANY: Options = (
    *(_BINARY, _HOT_ROWS, CLASSES, _BINARY_ROW, _HOT_COLUMNS, _REAL),
    *(_BINARY_COLUMN, _BINARY_VECTOR),
)
#: Labels where the predictions are computed inside, from weights.
_OF_MODELS: Options = (
    *(_BINARY_ROW, CLASSES, _HOT_COLUMNS, _HOT_ROWS, _BINARY_VECTOR, _BINARY_COLUMN),
    *(_REAL_VECTOR, _REAL),
)

_SHAPES: tuple[tuple[int | str, ...], ...] = (
    *(("m", "n_in"), ("m", "classes"), ("classes", "m"), (1, "m"), ("m", 1), ("m",)),
    *(("m", "t", "classes"), ("n_in", "m"), ("classes", 1)),
)
_SCORES: Options = tuple(TensorArgument(shape) for shape in _SHAPES)
_PROBABILITIES: Options = tuple(
    TensorArgument(shape, content=Content.PROBABILITY) for shape in _SHAPES
)
_LOGARITHMS: Options = tuple(TensorArgument(shape, high=-0.05) for shape in _SHAPES)
_OF_LOGARITHMS = re.compile(r"log_?(p|y|soft)")
_OF_SCORES = re.compile(r"logit|softmax|svm|hinge|mse|mae|rmse|huber|cosh|l1|l2|square|quadratic")


def label_options(name: str, *, weighted: bool) -> Options:
    """Return what may be passed for the labels of a loss of this name, lower case.

    `weighted` is whether predictions are computed inside from weights.
    """
    if weighted:
        return _OF_MODELS
    return next((found for words, found in _BY_NAME if re.search(words, name)), _ANY)


def prediction_options(name: str) -> Options:
    """Return what may be passed for predictions, by the names of the loss and of the argument."""
    if _OF_LOGARITHMS.search(name):
        return _LOGARITHMS
    if _OF_SCORES.search(name):
        return _SCORES
    mixed = tuple(option for pair in zip(_PROBABILITIES, _SCORES, strict=True) for option in pair)
    return (*mixed, TensorArgument(("m", "classes"), content=Content.DISTRIBUTION, axis=1))
