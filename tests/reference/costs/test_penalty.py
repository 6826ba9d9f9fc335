from __future__ import annotations

import numpy as np
import pytest

from gradlab.reference import l2_penalty


def test_the_penalty_and_its_gradient(rng, gradient_of):
    weights = [rng.normal(size=(3, 2)), rng.normal(size=(1, 3))]
    penalty, gradients = l2_penalty(weights, m=5, lambda_=0.7)
    expected = 0.7 / 10 * sum(w * w for W in weights for w in W.ravel().tolist())
    np.testing.assert_allclose(penalty, expected, rtol=1e-14)
    first = gradient_of(lambda W: l2_penalty([W, weights[1]], 5, 0.7)[0], weights[0])
    second = gradient_of(lambda W: l2_penalty([weights[0], W], 5, 0.7)[0], weights[1])
    np.testing.assert_allclose(gradients[0], first, rtol=1e-14)
    np.testing.assert_allclose(gradients[1], second, rtol=1e-14)


def test_a_penalty_without_examples_or_below_zero():
    for m, lambda_ in [(0, 1.0), (1, -1.0)]:
        with pytest.raises(ValueError, match=f"got m={m}, lambda_={lambda_}"):
            l2_penalty([[[1.0]]], m, lambda_)
