"""The operations of NumPy for which the complex step is valid, and tests for ties.

Every other operation counts as not analytic: an operation that is missing here
costs evaluations and never a wrong derivative.
"""

from __future__ import annotations

from typing import Any

import numpy as np

#: Analytic where they are defined; branch cuts lie where the real function has no value.
ANALYTIC = frozenset({
    "add", "subtract", "multiply", "divide", "negative", "positive", "matmul", "vecdot",
    "power", "square", "reciprocal", "sqrt", "exp", "exp2", "expm1", "log", "log2", "log10",
    "log1p", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh",
    "arcsinh", "arccosh", "arctanh", "erf", "erfc", "wofz", "expit", "matvec", "vecmat",
})  # fmt: skip

#: They compare real parts first, and are analytic on both sides of a tie.
ORDER = frozenset({"maximum", "minimum", "fmax", "fmin"})
COMPARISON = frozenset({"less", "less_equal", "greater", "greater_equal", "equal", "not_equal"})
#: They return booleans that do not depend on the imaginary part of finite numbers.
BOOLEAN = frozenset({"isfinite", "isnan", "isinf"})

#: Functions of NumPy that move entries, or add and multiply them.
FUNCTIONS = frozenset({
    "sum", "mean", "prod", "cumsum", "cumprod", "dot", "inner", "outer", "tensordot",
    "einsum", "kron", "trace", "diff", "convolve", "cross", "reshape", "ravel", "transpose",
    "swapaxes", "moveaxis", "squeeze", "expand_dims", "broadcast_to", "broadcast_arrays",
    "concatenate", "stack", "vstack", "hstack", "dstack", "column_stack", "split", "array_split",
    "hsplit", "vsplit", "append", "insert", "delete", "take", "take_along_axis", "where",
    "choose", "compress", "pad", "roll", "rot90", "flip", "fliplr", "flipud", "tile",
    "repeat", "diag", "diagonal", "diagflat", "tril", "triu", "zeros_like", "ones_like",
    "empty_like", "full_like", "copy", "copyto", "atleast_1d", "atleast_2d", "atleast_3d",
    "shape", "ndim", "size", "solve", "inv", "det", "matrix_power", "multi_dot",
    "put_along_axis", "polyval",
})  # fmt: skip

#: Functions that put entries in the order of their real parts.
SORTING = frozenset({
    "max", "amax", "min", "amin", "sort", "argsort", "argmax", "argmin",
})  # fmt: skip

#: Methods of an array that call the function of the same name.
METHODS = (
    "sum", "mean", "prod", "cumsum", "cumprod", "dot", "trace", "reshape", "ravel", "flatten",
    "transpose", "swapaxes", "squeeze", "take", "repeat", "diagonal", "copy", "max", "min",
    "argsort", "argmax", "argmin",
)  # fmt: skip

#: Methods that are not analytic, or that take the numbers out of the array.
FORBIDDEN = (
    "astype", "view", "item", "tolist", "tobytes", "conj", "conjugate", "std", "var", "round",
    "partition", "argpartition", "fill", "put", "choose", "compress", "searchsorted", "nonzero",
    "any", "all", "byteswap", "getfield", "setfield", "dump", "dumps", "tofile", "resize",
    "clip", "sort",
    "__float__", "__int__", "__complex__", "__bool__", "__index__",
    "__abs__", "__divmod__", "__floordiv__", "__mod__", "__round__", "__reduce__",
    "__reduce_ex__", "__setstate__",
)  # fmt: skip


def tied(values: Any, others: Any) -> bool:
    """Return whether two arrays are equal in an entry where their derivatives differ: a kink.

    Equal means closer than the step moves them: the real part of a product is off by
    the square of the step, so that equal products need not be equal bit for bit.
    """
    apart = np.abs(np.real(values) - np.real(others))
    moved = np.abs(np.imag(values) - np.imag(others))
    return bool(np.any((apart <= moved) & (moved > 0)))


def cancelled(result: Any, first: Any, second: Any) -> bool:
    """Return whether a sum has lost all digits of double precision in some entry.

    Extended precision may then have lost all digits too, so that the difference between
    the two measures nothing.  An exact zero with derivative zero (x minus its own
    maximum) is no cancellation.
    """
    real, imag = np.real(result), np.imag(result)
    lost = np.abs(real) < 2.0**-48 * np.maximum(np.abs(np.real(first)), np.abs(np.real(second)))
    return bool(np.any(lost & ((real != 0) | (imag != 0))))


def tied_extreme(values: Any, axis: Any, sign: int) -> bool:
    """Return whether the largest (sign 1) or smallest (−1) entry is tied with one that moves apart.

    `axis` is None for all axes.
    """
    real, imag = sign * np.real(values), np.imag(values)
    top = np.max(real, axis=axis, keepdims=True)
    among = top - real <= 2 * np.max(np.abs(imag), initial=0.0)
    high = np.max(np.where(among, imag, -np.inf), axis=axis)
    low = np.min(np.where(among, imag, np.inf), axis=axis)
    return bool(np.any(high != low))


def tied_order(values: Any, axis: Any) -> bool:
    """Return whether two entries along `axis` are equal and have different derivatives."""
    ordered = np.sort(values, axis=axis)
    if axis is None:
        axis = 0
    gap = np.diff(ordered, axis=axis)
    return bool(np.any((np.real(gap) <= np.abs(np.imag(gap))) & (np.imag(gap) != 0)))
