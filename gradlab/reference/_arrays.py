"""The conditions of the reference on its arguments."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]


def as_float(values: ArrayLike, name: str) -> Array:
    """Return `values` as an array of floats, unchanged where it is one already.

    Integers and booleans become float64, so that no result is truncated.
    Real and complex floats keep their precision: a complex step must survive.

    Raises
    ------
    ValueError
        If the entries are not numbers.
    """
    array = np.asarray(values)
    if array.dtype.kind in "biu":
        return array.astype(np.float64)
    if array.dtype.kind not in "fc":
        msg = f"{name} must hold numbers; got an array of dtype {array.dtype}"
        raise ValueError(msg)
    return array


def as_columns(values: ArrayLike, name: str, *, rows: int | None = None) -> Array:
    """Return `values` as a float matrix with one example in each column.

    Raises
    ------
    ValueError
        If it is not two-dimensional, or has another number of rows than `rows`.
    """
    array = as_float(values, name)
    expected = "features" if rows is None else str(rows)
    if array.ndim != 2 or (rows is not None and array.shape[0] != rows):
        msg = (
            f"{name} must have the shape ({expected}, examples), one example in each column; "
            f"got {array.shape}"
        )
        if array.ndim == 2 and rows == array.shape[1]:
            msg += f"; {name}.T would fit"
        raise ValueError(msg)
    return array


def with_shape(values: ArrayLike, name: str, shape: tuple[int, ...], of: str) -> Array:
    """Return `values` as floats if they have exactly `shape`, which is that of `of`.

    Nothing is broadcast: (m,) against (m, 1) would quietly become (m, m).

    Raises
    ------
    ValueError
        If the shape is another one.
    """
    array = as_float(values, name)
    if array.shape != shape:
        msg = f"{name} must have the shape of {of}, {shape}; got {array.shape}"
        raise ValueError(msg)
    return array
