"""What may be passed for an argument, by its name: a short list, the likeliest first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters import hyperparameters
from gradlab.adapters.names import LABELS, PREDICTIONS
from gradlab.adapters.templates import Argument, Dictionary, Setting, SizeArgument, TensorArgument
from gradlab.domain import Content, Role

if TYPE_CHECKING:
    from collections.abc import Mapping

_WEIGHT = re.compile(r"w|w_|weights?|kernels?|filters?|filter_bank|theta|_?w\d?")
_BIAS = re.compile(r"b|b_|bias(es)?|b\d")
_GAINS = re.compile(r"gamma|scale|g|gain")
_SHIFTS = re.compile(r"beta|shift|offset")
_STATES = re.compile(
    r"(prev_?)?(h|c|a|s)_?(prev|0|init|last|t_?1)?|hidden(_state)?|(h|a|c)prev|state"
)
_CELL_WEIGHTS = re.compile(r"(w|u)_?(x|ax|xh|ih|hx|in)")
_HIDDEN_WEIGHTS = re.compile(r"(w|u|v)_?(h|hh|aa|a)")
_PARAMETER = Role.PARAMETER
#: Letters that stand for arrays in a forward, and for settings in a constructor.
_LETTERS = ("a", "b", "c", "g", "h", "t", "v")


@dataclass(frozen=True)
class Context:
    """What is known about the thing whose arguments are filled.

    Attributes
    ----------
    name
        The thing's name, lower case.
    kind
        One of `names.KINDS`, or empty.
    loss
        Whether it is held against labels.
    arguments
        The names of all arguments of its forward, lower case.
    keys
        The keys that the code reads out of each dictionary, by the argument's name.
    strings
        The strings that the code compares each name with.
    """

    name: str
    kind: str
    loss: bool
    arguments: tuple[str, ...]
    keys: Mapping[str, tuple[str, ...]]
    strings: Mapping[str, tuple[str, ...]]


def argument_options(name: str, default: Any, context: Context) -> list[Argument]:
    """Return what may be passed for an argument of a forward."""
    lower = name.lower().strip("_")
    keys = context.keys.get(name, ())
    if keys and all(re.fullmatch(r"(d?[A-Za-z]{1,5}_?\d?|gamma\d?|beta\d?)", key) for key in keys):
        numbered = _parameter_dictionary(keys, context)
        if numbered is not None:
            return [numbered]
    if keys or hyperparameters.is_dictionary(lower):
        return hyperparameters.dictionaries(lower, keys, context.strings)
    if default is not _NO_DEFAULT and default is not None and not isinstance(default, np.ndarray):
        return hyperparameters.around(lower, default, context.strings.get(name, ()))
    if default is None:
        return [Setting(None)]
    if context.loss and LABELS.fullmatch(lower) and len(context.arguments) > 1:
        return _labels(context)
    for recognise in (_cell, _weights, _vectors):
        found = recognise(lower, context)
        if found:
            return found
    known = hyperparameters.values(lower, context.strings.get(name, ()))
    if known and lower not in (context.arguments[0], *_LETTERS) and not _of_triplet(lower, context):
        settings: list[Argument] = [Setting(value) for value in known]
        return settings if len(lower) > 1 else [*settings[:2], *_inputs(lower, context)]
    return _inputs(lower, context)


def _of_triplet(name: str, context: Context) -> bool:
    """Whether it is the positive or negative example beside an anchor, by their letters."""
    return {"a", "p", "n"} <= set(context.arguments) and name in "apn"


_NO_DEFAULT = object()
#: What stands for an argument that has to be given.
NO_DEFAULT = _NO_DEFAULT


def _real(*shape: int | str, **more: Any) -> TensorArgument:
    return TensorArgument(shape, **more)


def _parameter(*shape: int | str, **more: Any) -> TensorArgument:
    return TensorArgument(shape, _PARAMETER, **more)


def _labels(context: Context) -> list[Argument]:
    label = Role.LABEL
    whole = TensorArgument(("m",), Role.INDEX, Content.INTEGER, 0, "classes")
    hot_rows = TensorArgument(("m", "classes"), label, Content.ONE_HOT, axis=1)
    hot_columns = TensorArgument(("classes", "m"), label, Content.ONE_HOT)
    row = TensorArgument((1, "m"), label, Content.BINARY)
    binary = TensorArgument(("m", "n_in"), label, Content.BINARY)
    real = TensorArgument(("m", "n_in"), label)
    real_row, real_flat = TensorArgument((1, "m"), label), TensorArgument(("m",), label)
    column = TensorArgument(("m", 1), label, Content.BINARY)
    flat = TensorArgument(("m",), label, Content.BINARY)
    word = context.name
    if re.search(r"mse|mae|rmse|huber|cosh|l1|l2|square|quadratic|absolute|smooth|cosine", word):
        return [real, real_row, real_flat, binary]
    if re.search(r"hinge|svm|exponential|perceptron", word):
        signs = TensorArgument(("m", "n_in"), label, Content.SIGN)
        flat_signs = TensorArgument(("m",), label, Content.SIGN)
        return [whole, signs, flat_signs, hot_rows]
    if re.search(r"poisson|count", word):
        return [TensorArgument(("m", "n_in"), label, Content.COUNT)]
    if re.search(r"bce|binary|logistic|sigmoid|focal|dice|jaccard|iou|tversky", word):
        return [row, binary, column, flat, real]
    if re.search(r"kl|divergence", word):
        share = TensorArgument(("m", "classes"), label, Content.DISTRIBUTION, axis=1)
        return [share, TensorArgument(("classes", "m"), label, Content.DISTRIBUTION)]
    if re.search(r"temporal|sequence", word):
        return [TensorArgument(("m", "t"), Role.INDEX, Content.INTEGER, 0, "classes"), whole]
    if re.search(r"softmax|cross|nll|categorical|multi", word):
        return [hot_rows, whole, hot_columns, row, binary]
    return [binary, hot_rows, whole, row, hot_columns, real, column, flat]


def _predictions(context: Context) -> list[Argument]:
    word = context.name
    shapes: tuple[tuple[int | str, ...], ...] = (
        *(("m", "n_in"), ("m", "classes"), ("classes", "m"), (1, "m"), ("m", 1), ("m",)),
        *(("m", "t", "classes"), ("n_in", "m"), ("classes", 1)),
    )
    probable = [TensorArgument(shape, content=Content.PROBABILITY) for shape in shapes]
    scores = [TensorArgument(shape) for shape in shapes]
    mixed: list[Argument] = [
        option for pair in zip(probable, scores, strict=True) for option in pair
    ]
    share = TensorArgument(("m", "classes"), content=Content.DISTRIBUTION, axis=1)
    if re.search(r"logit|softmax|svm|hinge|mse|mae|rmse|huber|cosh|l1|l2|square|quadratic", word):
        return [*scores]
    return [*mixed, share]


def _cell(name: str, context: Context) -> list[Argument]:
    if context.kind not in ("cell", "sequence", "attention") and not any(
        _CELL_WEIGHTS.fullmatch(other) for other in context.arguments
    ):
        return []
    gates = 4 if "lstm" in context.name else 1
    wide = f"{gates}*n_hidden" if gates > 1 else "n_hidden"
    columns = bool(context.keys)
    if _CELL_WEIGHTS.fullmatch(name):
        return [_parameter("n_in", wide), _parameter(wide, "n_in")]
    if _HIDDEN_WEIGHTS.fullmatch(name):
        return [_parameter("n_hidden", wide), _parameter(wide, "n_hidden")]
    if (
        _BIAS.fullmatch(name)
        and context.kind in ("cell", "sequence")
        and "affine" not in context.name
    ):
        return [_parameter(wide), _parameter(1, wide), _parameter(wide, 1)]
    if _STATES.fullmatch(name) and context.arguments[0] != name:
        rows, turned = _real("m", "n_hidden"), _real("n_hidden", "m")
        return (
            [turned, rows] if columns else [rows, turned, _real("n_hidden"), _real("n_hidden", 1)]
        )
    return []


def _weights(name: str, context: Context) -> list[Argument]:
    if not _WEIGHT.fullmatch(name):
        return []
    if context.kind in ("conv", "image"):
        shapes: list[tuple[int | str, ...]] = [
            *(("f", "c", 3, 3), (3, 3, "c", "f"), ("f", "c", 2, 3), (3, 3), ("f", "c", 3)),
        ]
    elif context.kind == "embedding":
        shapes = [("vocabulary", "n_out")]
    elif context.loss:
        shapes = [("n_in", "classes"), ("n_in", 1), ("n_in",), ("classes", "n_in")]
    else:
        shapes = [("n_in", "n_out"), ("n_out", "n_in"), ("n_in", 1), (1, "n_in"), ("n_in",)]
    return [_parameter(*shape) for shape in shapes]


def _vectors(name: str, context: Context) -> list[Argument]:
    images = context.kind in ("conv", "image") or "spatial" in context.name
    if _BIAS.fullmatch(name) and ("a" not in context.arguments):
        if context.kind == "conv":
            return [_parameter("f"), _parameter(1, 1, 1, "f"), _parameter("f", 1)]
        if context.loss:
            return [_parameter(), _parameter("classes"), _parameter(1)]
        shapes = [("n_out",), (1, "n_out"), ("n_out", 1), (1, 1), ()]
        return [_parameter(*shape) for shape in shapes]
    if _GAINS.fullmatch(name) or _SHIFTS.fullmatch(name):
        if images:
            return [_parameter("c"), _parameter(1, "c", 1, 1), _parameter(1, 1, 1, "c")]
        return [_parameter("n_in"), _parameter(1, "n_in"), _parameter("n_in", 1)]
    return []


def _inputs(name: str, context: Context) -> list[Argument]:
    """Return what may be an input: of the shapes that its kind of layer takes."""
    if context.loss and (PREDICTIONS.fullmatch(name) or len(context.arguments) == 2):
        return _predictions(context)
    options = _INPUTS.get(context.kind, _ANY_INPUT)
    if context.keys:
        options = _INPUTS_WITH_DICTIONARIES.get(context.kind, options)
    return list(options)


_ROWS, _COLUMNS, _VECTOR = _real("m", "n_in"), _real("n_in", "m"), _real("n_in")
_ONE_COLUMN, _ONE_ROW = _real("n_in", 1), _real(1, "n_in")
_IMAGES, _IMAGES_LAST = _real("m", "c", "h", "w"), _real("m", "h", "w", "c")
_SEQUENCES, _TIME_FIRST = _real("m", "t", "n_in"), _real("t", "m", "n_in")
_STEPS, _COLUMN_SEQUENCES = _real("t", "n_in"), _real("n_in", "m", "t")
_ONE_IMAGE = (_real("h", "w", "c"), _real("c", "h", "w"), _real("h", "w"))
_LINES = (_real("m", "c", "w"), _real("m", "w", "c"))
_INDICES = (
    TensorArgument(("m", "t"), Role.INDEX, Content.INTEGER, 0, "vocabulary"),
    TensorArgument(("m",), Role.INDEX, Content.INTEGER, 0, "vocabulary"),
)
_IMAGE_INPUTS = (_IMAGES, _IMAGES_LAST, *_ONE_IMAGE, *_LINES, _ROWS)
_ANY_INPUT = (
    *(_ROWS, _COLUMNS, _VECTOR, _IMAGES, _IMAGES_LAST, _SEQUENCES),
    *(*_ONE_IMAGE, *_INDICES),
)
#: What a layer may take, by the kind that its name speaks of.
_INPUTS: dict[str, tuple[TensorArgument, ...]] = {
    "conv": _IMAGE_INPUTS,
    "pool": _IMAGE_INPUTS,
    "image": _IMAGE_INPUTS,
    "embedding": (*_INDICES, _ROWS),
    "sequence": (_SEQUENCES, _COLUMN_SEQUENCES, _TIME_FIRST, _STEPS, _ROWS, *_INDICES),
    "cell": (_ROWS, _COLUMNS, _VECTOR, _ONE_COLUMN),
    "attention": (_STEPS, _SEQUENCES, _ROWS, _IMAGES, _COLUMNS),
    "reshape": (_real("m", "h", "w"), _IMAGES, _ROWS, _COLUMNS),
    "dense": (_ROWS, _COLUMNS, _VECTOR, _ONE_COLUMN, _ONE_ROW, _SEQUENCES),
}
_INPUTS_WITH_DICTIONARIES: dict[str, tuple[TensorArgument, ...]] = {
    "sequence": (_COLUMN_SEQUENCES, _SEQUENCES, _TIME_FIRST, _STEPS),
    "cell": (_COLUMNS, _ROWS),
    "": (_COLUMNS, _ROWS, _VECTOR, _IMAGES_LAST),
    "dense": (_COLUMNS, _ROWS, _VECTOR),
}


def _parameter_dictionary(keys: tuple[str, ...], context: Context) -> Dictionary | None:
    """Return a dictionary of parameters for the keys that the code reads."""
    layers = ("n_in", "n_hidden", "classes") if _layers(keys) > 1 else ("n_in", "n_out")
    items: list[tuple[str, Argument]] = []
    for key in keys:
        tensor = _gate(key, context) or _layer_parameter(key, layers)
        if tensor is None:
            return None
        items.append((key, tensor))
    return Dictionary(tuple(items))


def _layers(keys: tuple[str, ...]) -> int:
    numbers = [int(match[1]) for key in keys if (match := re.fullmatch(r"[Ww](\d)", key))]
    return max(numbers, default=1)


def _layer_parameter(key: str, layers: tuple[str, ...]) -> TensorArgument | None:
    match = re.fullmatch(r"([WwBb]|gamma|beta)(\d?)", key)
    if match is None or int(match[2] or 1) >= len(layers):
        return None
    number = int(match[2] or 1)
    if match[1] in "Ww":
        return _parameter(layers[number], layers[number - 1])
    return _parameter(layers[number], 1)


def _gate(key: str, context: Context) -> TensorArgument | None:
    """Return a recurrent cell's parameter in the manner of columns: (n_a, n_a + n_x)."""
    if context.kind not in ("cell", "sequence"):
        return None
    shapes: dict[str, tuple[int | str, ...]] = {
        "Wax": ("n_hidden", "n_in"),
        "Waa": ("n_hidden", "n_hidden"),
        "ba": ("n_hidden", 1),
        "Wya": ("n_out", "n_hidden"),
        "Wy": ("n_out", "n_hidden"),
        "by": ("n_out", 1),
        **{f"W{gate}": ("n_hidden", "n_hidden+n_in") for gate in "fiuco"},
        **{f"b{gate}": ("n_hidden", 1) for gate in "fiuco"},
    }
    return _parameter(*shapes[key]) if key in shapes else None


def size_argument(*symbols: int | str, container: type | None = None) -> SizeArgument:
    """Return sizes as an argument."""
    return SizeArgument(symbols, container)
