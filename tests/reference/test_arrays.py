from __future__ import annotations

import numpy as np
import pytest

from gradlab.reference._arrays import as_columns, as_float, with_shape


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint64"])
def test_whole_numbers_become_float64(dtype):
    assert as_float(np.ones(2, dtype), "x").dtype == np.float64


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "longdouble", "complex128"])
def test_floats_are_handed_on_as_they_are(dtype):
    array = np.ones(2, dtype)
    assert as_float(array, "x") is array


@pytest.mark.parametrize("values", [["a"], [None], np.array(["2020-05-20"], "datetime64[D]")])
def test_what_is_not_a_number(values):
    with pytest.raises(ValueError, match="x must hold numbers; got an array of dtype"):
        as_float(values, "x")


def test_a_matrix_object_becomes_a_plain_array():
    assert type(as_columns(np.ones((2, 2)).view(np.recarray), "x")) is np.ndarray


def test_a_hint_only_where_transposing_helps():
    with pytest.raises(ValueError, match=r"got \(4, 3\)$"):
        as_columns(np.ones((4, 3)), "x", rows=2)
    with pytest.raises(ValueError, match=r"got \(4, 2\); x\.T would fit$"):
        as_columns(np.ones((4, 2)), "x", rows=2)
    with pytest.raises(ValueError, match=r"got \(2,\)$"):
        as_columns(np.ones(2), "x", rows=2)


def test_nothing_is_broadcast():
    with pytest.raises(ValueError, match=r"^x must have the shape of y, \(3, 1\); got \(3,\)$"):
        with_shape(np.ones(3), "x", (3, 1), "y")
