"""Values of hyperparameters by their usual names, and of the arguments of constructors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters.templates import Argument, Dictionary, Setting, SizeArgument

if TYPE_CHECKING:
    from collections.abc import Mapping


def tanh_derivative(x: Any) -> Any:
    """Return the derivative of tanh, for layers that are handed an activation and its slope."""
    return 1 - np.tanh(x) ** 2


#: Names and what is tried for them, in order.  A pattern matches the whole name, lower case.
_VALUES: tuple[tuple[str, tuple[Any, ...]], ...] = (
    (r"strides?|stride_?[xy]|s|strd", (1, 2, (1, 1), (2, 2))),
    (r"pad|paddings?|p_?size|pad_?size|pad_?[hw]|n_?pad", (0, 1, "same", "valid", (0, 0), (1, 1))),
    (r"pool_?(h|w|height|width)", (2, 3)),
    (r"f|hf|wf|fh|fw|filter_?(h|w|height|width)|kernel_?(h|w|height|width)", (2, 3)),
    (
        r"(kernel|filter|window)_?(size|shape|dims?)|k_?size|kernel|ks|k|field",
        (3, 2, (2, 3), (3, 3)),
    ),
    (
        r"(pool(ing)?_?)?(size|shape|window)|block_?size|upsample_?(size|factor)|scale_?factor",
        (2, (2, 2), 3),
    ),
    (r"mode", ("train", "max", "average")),
    (
        (
            r"p|drop_?prob(ability)?|p_?drop(out)?|drop(out)?_?(rate|ratio|p|prob|probability)?|rate|prob"
            r"|ratio|probability"
        ),
        (0.4, 0.6),
    ),
    (r"keep_?prob(ability)?|p_?keep|keep", (0.7, 1.0)),
    (r"momentum|mu|decay|rho|running_?momentum", (0.9,)),
    (r"eps(ilon)?|e_?ps", (1e-5,)),
    (
        r"reg(ulari[sz]ation)?(_?strength)?|lambda?d?_?|l1|l2|weight_?decay(_?lambda)?|lmbda?|lam",
        (0.3, 0.0),
    ),
    (r"alpha|slope|leak|negative_?slope|leaky_?slope|a", (0.3, 1.0)),
    (r"delta|margin|threshold|d|tau|temperature|temp|beta", (1.0, 0.5)),
    (r"dilations?|dilation_?rate", (1,)),
    (r"groups?|n_?groups?|num_?groups?|g", (1, 2)),
    (r"n?_?heads?|num_?heads?|n_?heads?|h", (2, 1)),
    (r"axis|dim", (1, 0, -1)),
    (
        r"activation(_?(name|function|fn|type))?|act(_?(name|fn|func|type))?|nonlinearity",
        ("relu", "sigmoid", "tanh", None),
    ),
    (r"(is_?)?train(ing)?(_?(flag|flg|mode))?|is_?train(ing)?|retain_?\w+|train_?flg", (True,)),
    (r"(use_?|has_?|with_?)?bias|use_?b|affine|include_?bias", (True,)),
    (r"device|xp|backend", ("numpy",)),
    (r"dtype", (np.float64,)),
    (r"(random_?)?(seed|state)", (0,)),
    (r"rng|generator|random_?state", (None,)),
    (r"optimi[sz]er|opt|regulari[sz]er|logger|callback", (None,)),
    (r"weight_?scale|std|init_?scale|sigma|stddev|scale|weight_?init_?std|init_?std", (0.1,)),
    (
        (
            r"(w(eight)?s?_?)?(init(iali[sz]er|iali[sz]ation)?|ini)(_?(type|method|mode|fn))?"
            r"|kernel_?init\w*|bias_?init\w*|ini_type"
        ),
        ("plain", "xavier", "he", "random", "normal", "glorot_uniform", None),
    ),
    (r"verbose|debug|print_?\w+|plot\w*", (False,)),
    (r"reduction|average|size_?average", ("mean", "sum")),
    (r"name|label_?name|layer_?name|id|scope|tag", ("layer", 0)),
    (r"lr|learning_?rate|l_?rate|eta|step_?size", (0.5,)),
    (r"layer_?(number|index|id|num)|l|index|i|num|order|t", (1,)),
    (r"inplace|trainable|requires_?grad", (False,)),
    (r"num_?classes|n_?classes|smoothing|label_?smoothing", (0.1,)),
    (r"gamma", (2.0,)),
    (r"batch_?size", (3,)),
    (
        (
            r"(activation|act|f|func|function)_?(fn|func|function)?_?(prime|deriv(ative)?|grad|d)"
            r"|(d|grad|deriv)_?(activation|act|f|func)|fun_?d|prime|derivative"
        ),
        (tanh_derivative,),
    ),
    (r"scalar|power|exponent|degree|order", (3,)),
)

_DICTIONARY = re.compile(
    r"\w*_?params?|h_?params?|hyper_?param\w*|config|cfg|options|settings|conv_param|kwargs|args"
)

#: Arguments of constructors that are sizes, and of what.
_SIZES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        (
            r"(n|num|d)?_?(in|inp|inputs?|x)(_?(features?|dims?|size|units|n|nodes|neurons|len|length"
            r"|width|d|shape))?|fan_?in|in_?f|dim_?in|size_?in|input_?dimension|n_?features?|features"
            r"|num_?features?|d_?model|embed_?dim|embedding_?dim|dim(ension)?s?|n_?prev|prev(_?size)?"
            r"|n_?dims?|input_?nodes|no_?of_?inputs?|number_?of_?inputs?|model_?dim|hidden|d"
        ),
        ("n_in",),
    ),
    (
        (
            r"(n|num|d)?_?(out|outputs?)(_?(features?|dims?|size|units|n|nodes|neurons|len|length|width"
            r"|d|shape))?|fan_?out|out_?f|dim_?out|size_?out|output_?dimension|(n|num|no)?_?(of_?)?"
            r"(units|neurons|nodes|perceptrons)|n_?units|output_?nodes|number_?of_?\w*(neurons|units)"
            r"|n_?curr|size|width|no_?of_?(neurons|outputs?)"
        ),
        ("n_out",),
    ),
    (
        (
            r"(n|num)?_?(in|input|inp|img)_?(channels?|ch|maps?|depth|planes|c|chan)|(n|num)?_?channels?"
            r"|c_?in|depth|in_?planes|n_?c_?prev|inchannels?"
        ),
        ("c",),
    ),
    (
        (
            r"(n|num)?_?(out|output)_?(channels?|ch|maps?|planes|c|chan)|(n|num|no)?_?(of_?)?(filters?"
            r"|kernels?|maps)|c_?out|n_?c|outchannels?"
        ),
        ("f",),
    ),
    (
        (
            r"(n_?|num_?)?hidden(_?(size|dims?|units|nodes|state|features))?|n_?h|h_?dim|state_?size"
            r"|d_?ff|hidden_?d|dim_?feedforward|rnn_?(size|units)|n_?a|hid\w*"
        ),
        ("n_hidden",),
    ),
    (r"vocab(ulary)?(_?size)?|num_?embeddings?|n_?tokens?|n_?words|vocab_?\w+|v", ("vocabulary",)),
    (r"(n|num)_?classes|classes|n_?class|k", ("classes",)),
    (r"seq_?len(gth)?|max_?len(gth)?|time_?steps?|n_?steps|block_?size|context_?\w*|t", ("t",)),
    (r"m|batch_?size|n_?examples|num_?examples|n_?samples|bs|batch", ("m",)),
    (r"n", ("n_in",)),
)

#: Names that speak of a size and of nothing else, so that a default is one size of many.
_PLAIN_SIZES = re.compile(r"n_?in|n_?out|hidden|units|features|neurons|inputs?|outputs?|vocab")

_SHAPES = re.compile(
    r"(in(put)?|x|z|a|z_|data|image|img)?_?(shape|dims?)(_?in)?|shape_?in|in(put)?_?size|x_?dim"
)
_LAYER_LISTS = re.compile(
    r"layers?(_?(dims?|sizes?|shape))?|dims|sizes|(hidden_?)?(dims|sizes|layers)|architecture"
    r"|n_?units_?per_?layer|layer_?sizes|structure|topology"
)


def values(name: str, strings: tuple[str, ...] = ()) -> tuple[Any, ...]:
    """Return what is tried for a hyperparameter; nothing where its name is unknown.

    `strings` are those that the code compares it with.

    Examples
    --------
    >>> values("stride"), values("keep_prob"), values("unheard_of")
    ((1, 2, (1, 1), (2, 2)), (0.7, 1.0), ())
    """
    known = next((found for pattern, found in _VALUES if re.fullmatch(pattern, name)), ())
    if strings:
        preferred = [value for value in known if value in strings]
        return tuple(dict.fromkeys([*preferred, *strings]))
    return known


def is_dictionary(name: str) -> bool:
    """Whether an argument's name is that of a dictionary of hyperparameters."""
    return bool(_DICTIONARY.fullmatch(name))


def dictionaries(
    name: str, keys: tuple[str, ...], strings: Mapping[str, tuple[str, ...]]
) -> list[Argument]:
    """Return dictionaries of the keys that the code reads: first, second and third values."""
    wanted = [key for key in keys if not _is_state(key)]
    listed = {key: values(key.lower(), strings.get(key, ())) for key in wanted}
    if any(not found for found in listed.values()):
        return []
    if "dropout" in name or "p" in listed:
        listed = {key: (_DROPPED if key == "p" else found) for key, found in listed.items()}
    versions: list[Argument] = []
    for turn in range(3):
        items = tuple(
            (key, Setting(found[min(turn, len(found) - 1)])) for key, found in listed.items()
        )
        version = Dictionary(items)
        if version not in versions:
            versions.append(version)
    return versions


_DROPPED = (0.6,)


def _is_state(key: str) -> bool:
    """Whether a key holds what a layer keeps for itself, and has a default when it is missing."""
    return key.startswith("running_") or key in ("seed", "moving_mean", "moving_var")


def around(name: str, default: Any, strings: tuple[str, ...]) -> list[Argument]:
    """Return an argument's default, then what is usual under its name."""
    known = values(name, strings)
    options = [default]
    if isinstance(default, int | float | str) and not isinstance(default, bool):
        options += [value for value in known if type(value) is type(default) and value != default]
    return [Setting(value) for value in options]


def _is_size(default: Any) -> bool:
    """Whether a default is a size that could be another; a single unit is a choice."""
    return isinstance(default, int) and not isinstance(default, bool) and default > 1


def constructor_options(
    name: str, default: Any, given: bool, axes: tuple[int | str, ...], strings: tuple[str, ...]
) -> list[Argument]:
    """Return what may be passed for an argument of a constructor.

    `axes` are the symbols of the input's shape; `given` is whether there is a default.
    """
    lower = name.lower().strip("_")
    if given and (default is None or isinstance(default, bool) or callable(default)):
        return [Setting(default)]
    found: list[Argument] = []
    if _SHAPES.fullmatch(lower):
        found += [SizeArgument(axes, tuple), SizeArgument(axes[1:], tuple)]
    sizes = [symbols for pattern, symbols in _SIZES if re.fullmatch(pattern, lower)]
    found += [SizeArgument(symbols) for symbols in sizes]
    if lower in ("output_shape", "out_shape", "shape_out") and axes:
        whole = "*".join(map(str, axes))
        rest = "*".join(map(str, axes[1:]))
        found += [SizeArgument((whole, 1), tuple), SizeArgument((*axes[:1], rest), tuple)]
    if given and sizes and _is_size(default) and _PLAIN_SIZES.search(lower):
        return [*found[:1], *around(lower, default, strings)]
    if given:
        return [*around(lower, default, strings), *found[:1]]
    if not sizes and _LAYER_LISTS.fullmatch(lower):
        found += [SizeArgument(("n_in", "n_hidden", "n_out"), list)]
    found += [Setting(value) for value in values(lower, strings)]
    return found
