from __future__ import annotations

import numpy as np
import pytest

from gradlab.reference import FlattenLayer


@pytest.mark.parametrize("shape", [(1, 1, 1), (4, 2, 3), (3, 5, 2), (0, 2, 2)])
def test_every_image_is_a_column_row_after_row(shape, rng):
    images = rng.normal(size=shape)
    m, height, width = shape
    layer = FlattenLayer((2, 2, 2))
    layer.forward(images)
    assert layer.A.shape == (height * width, m)
    for example, row, column in np.ndindex(shape):
        assert layer.A[row * width + column, example] == images[example, row, column]


def test_the_guides_images():
    layer = FlattenLayer((10000, 32, 32))
    assert layer.A.shape == (1024, 10000)
    assert not layer.A.any()


def test_backward_puts_every_entry_back(rng):
    images = rng.normal(size=(4, 2, 3))
    layer = FlattenLayer((4, 2, 3))
    layer.forward(images)
    layer.backward(layer.A)
    np.testing.assert_array_equal(layer.dA_prev, images)
    assert layer.value is layer.A
    assert layer.input_gradient is layer.dA_prev
    assert layer.gradients == {}


def test_results_share_no_memory_with_what_came_in(rng):
    for shape in [(4, 2, 3), (1, 2, 3), (4, 1, 1)]:
        images, upstream = rng.normal(size=shape), rng.normal(size=(shape[1] * shape[2], shape[0]))
        layer = FlattenLayer(shape)
        layer.forward(images)
        layer.backward(upstream)
        assert not np.shares_memory(layer.A, images)
        assert not np.shares_memory(layer.dA_prev, upstream)


def test_integers_become_floats():
    layer = FlattenLayer((1, 1, 2))
    layer.forward([[[1, 2]]])
    assert layer.A.dtype == np.float64


def test_errors():
    layer = FlattenLayer((2, 2, 2))
    with pytest.raises(RuntimeError, match=r"backward was called before FlattenLayer.forward"):
        layer.backward(np.ones((4, 2)))
    with pytest.raises(ValueError, match=r"\(examples, height, width\); got \(2, 4\)"):
        layer.forward(np.ones((2, 4)))
    layer.forward(np.ones((2, 2, 2)))
    with pytest.raises(ValueError, match=r"of A, \(4, 2\); got \(2, 4\)"):
        layer.backward(np.ones((2, 4)))
    with pytest.raises(ValueError, match="input_shape must be a tuple of 3 sizes"):
        FlattenLayer((2, 2))
