"""What may be passed for an argument, by its name: a short list, the likeliest first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters import hyperparameters
from gradlab.adapters.label_arguments import label_options, prediction_options
from gradlab.adapters.names import LABELS, PREDICTIONS
from gradlab.adapters.templates import Argument, Dictionary, Setting, TensorArgument
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
class ArgumentContext:
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

    @property
    def weighted(self) -> bool:
        """Whether weights are among the arguments, so that predictions are computed inside."""
        return bool(self.keys) or any(_WEIGHT.fullmatch(name) for name in self.arguments)


def argument_options(name: str, default: Any, context: ArgumentContext) -> list[Argument]:
    """Return what may be passed for an argument of a forward."""
    lower, keys = name.lower().strip("_"), context.keys.get(name, ())
    if name == "G":
        return [Setting(2), Setting(1)]
    numbered = _parameter_dictionaries(keys, context)
    if numbered:
        return list(numbered)
    if keys or hyperparameters.is_dictionary(lower):
        return hyperparameters.dictionaries(lower, keys, context.strings)
    if context.loss and LABELS.fullmatch(lower) and len(context.arguments) > 1:
        return list(label_options(context.name, weighted=context.weighted))
    if default is None:
        return [Setting(None)]
    if default is not NO_DEFAULT and not isinstance(default, np.ndarray):
        return hyperparameters.around(lower, default, context.strings.get(name, ()))
    for recognise in (_cell, _weights, _vectors):
        found = recognise(lower, context)
        if found:
            return found
    return _settings_or_inputs(name, context)


def held_array_options(name: str, context: ArgumentContext) -> list[Argument]:
    """Return the arrays that a constructor may be handed under a parameter's name."""
    lower = name.lower().strip("_")
    recurrent = any(_CELL_WEIGHTS.fullmatch(other.lower()) for other in context.arguments)
    if recurrent:
        return _recurrent(lower)
    return [*_weights(lower, context), *_vectors(lower, context)]


def _recurrent(name: str) -> list[Argument]:
    if _BIAS.fullmatch(name):
        return [_parameter("n_hidden"), _parameter(1, "n_hidden")]
    if _CELL_WEIGHTS.fullmatch(name):
        return [_parameter("n_in", "n_hidden")]
    return [_parameter("n_hidden", "n_hidden")] if _HIDDEN_WEIGHTS.fullmatch(name) else []


def _settings_or_inputs(name: str, context: ArgumentContext) -> list[Argument]:
    """Return the values of a hyperparameter of this name, or what may be an input."""
    lower = name.lower().strip("_")
    known = hyperparameters.values(lower, context.strings.get(name, ()))
    tensor = lower in (context.arguments[0], *_LETTERS) or _of_triplet(lower, context)
    if not known or tensor:
        return _inputs(lower, context)
    settings: list[Argument] = [Setting(value) for value in known]
    return settings if len(lower) > 1 else [*settings[:2], *_inputs(lower, context)]


#: What stands for an argument that has to be given.
NO_DEFAULT = object()


def _of_triplet(name: str, context: ArgumentContext) -> bool:
    """Whether it is the positive or negative example beside an anchor, by their letters."""
    return {"a", "p", "n"} <= set(context.arguments) and name in "apn"


def _real(*shape: int | str, **more: Any) -> TensorArgument:
    return TensorArgument(shape, **more)


def _parameter(*shape: int | str, **more: Any) -> TensorArgument:
    return TensorArgument(shape, _PARAMETER, **more)


def _cell(name: str, context: ArgumentContext) -> list[Argument]:
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


def _weights(name: str, context: ArgumentContext) -> list[Argument]:
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


def _vectors(name: str, context: ArgumentContext) -> list[Argument]:
    images = context.kind in ("conv", "image") or "spatial" in context.name
    if _BIAS.fullmatch(name) and ("a" not in context.arguments):
        if context.kind == "conv":
            return [_parameter("f"), _parameter(1, 1, 1, "f"), _parameter("f", 1)]
        if context.loss:
            return [_parameter(), _parameter("classes"), _parameter(1)]
        shapes = [("n_out",), (1, "n_out"), ("n_out", 1), (1, 1), ()]
        return [_parameter(*shape) for shape in shapes]
    if name == "mask":
        return [
            TensorArgument(shape, Role.LABEL, Content.BINARY)
            for shape in (("m", "t"), ("m", "n_in"), ("m",))
        ]
    if _GAINS.fullmatch(name) or _SHIFTS.fullmatch(name):
        if images:
            return [_parameter("c"), _parameter(1, "c", 1, 1), _parameter(1, 1, 1, "c")]
        return [_parameter("n_in"), _parameter(1, "n_in"), _parameter("n_in", 1)]
    return []


def _inputs(name: str, context: ArgumentContext) -> list[Argument]:
    """Return what may be an input: of the shapes that its kind of layer takes."""
    predicted = PREDICTIONS.fullmatch(name) or name in ("x", "z", "scores", "a", "inputs")
    if context.loss and (len(context.arguments) == 2 or (predicted and not context.weighted)):
        return list(prediction_options(f"{context.name} {name}"))
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
_POSITIVE = _real("m", "n_in", low=0.2)
_ANY_INPUT = (
    *(_ROWS, _COLUMNS, _POSITIVE, _VECTOR, _IMAGES, _IMAGES_LAST, _SEQUENCES),
    *(*_ONE_IMAGE, *_INDICES, _ONE_COLUMN),
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


def _parameter_dictionaries(keys: tuple[str, ...], context: ArgumentContext) -> list[Dictionary]:
    """Return dictionaries of parameters for the keys that the code reads; none for other keys."""
    found = []
    if not keys or not all(_PARAMETER_KEY.fullmatch(key) for key in keys):
        return []
    last: tuple[int | str, ...] = (1, "classes") if _layers(keys) > 1 else ("n_out",)
    for outputs in last:
        layers = ("n_in", "n_hidden", outputs) if _layers(keys) > 1 else ("n_in", outputs)
        items = [(key, _gate(key, context) or _layer_parameter(key, layers)) for key in keys]
        known = tuple((key, item) for key, item in items if item is not None)
        if len(known) == len(keys):
            found.append(Dictionary(known))
    return found


_PARAMETER_KEY = re.compile(r"[A-Za-z]{1,5}_?\d?")


def _layers(keys: tuple[str, ...]) -> int:
    numbers = [int(match[1]) for key in keys if (match := re.fullmatch(r"[Ww](\d)", key))]
    return max(numbers, default=1)


def _layer_parameter(key: str, layers: tuple[int | str, ...]) -> TensorArgument | None:
    match = re.fullmatch(r"([WwBb]|gamma|beta)(\d?)", key)
    if match is None or int(match[2] or 1) >= len(layers):
        return None
    number = int(match[2] or 1)
    if match[1] in "Ww":
        return _parameter(layers[number], layers[number - 1])
    return _parameter(layers[number], 1)


def _gate(key: str, context: ArgumentContext) -> TensorArgument | None:
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
