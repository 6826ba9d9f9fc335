from __future__ import annotations

import numpy as np
import pytest

from gradlab.reference import compute_cost, squared_error_loss


def test_integer_labels_and_predictions_are_not_truncated():
    cost, gradient = compute_cost(np.array([[0, 1]]), np.array([[1, 0]]))
    assert cost == 0.5
    np.testing.assert_array_equal(gradient, [[0.5, -0.5]])


@pytest.mark.parametrize("shape", [(), (3,), (3, 1)])
def test_the_loss_of_one_example_is_its_cost_in_a_batch_of_one(shape, rng):
    y, y_hat = rng.normal(size=shape), rng.normal(size=shape)
    loss, gradient = squared_error_loss(y, y_hat)
    cost, cost_gradient = compute_cost(y.reshape(-1, 1), y_hat.reshape(-1, 1))
    np.testing.assert_allclose(loss, cost, rtol=1e-15)
    np.testing.assert_array_equal(gradient, cost_gradient.reshape(shape))


def test_a_loss_is_of_one_example():
    with pytest.raises(ValueError, match=r"a loss is of one example; got \(1, 2\): use compute_"):
        squared_error_loss([[0, 1]], [[0.5, 0.5]])
    with pytest.raises(ValueError, match=r"y_hat must have the shape of y, \(2,\); got \(\)"):
        squared_error_loss([0, 1], 0.5)
