"""A reader's own program, as after the article: layers in a row, a loop, four calls a layer.

Only the import would have to change for it to run on the article's own modules.
"""

from __future__ import annotations

import numpy as np
import pytest

from gradlab.reference import LinearLayer, SigmoidLayer, compute_cost

PRINTED = {
    4600: 0.001018305488651183,
    4700: 0.000983783942124411,
    4800: 0.0009514180100050973,
    4900: 0.0009210166430616655,
}


@pytest.mark.usefixtures("legacy_stream")
def test_xor_with_the_articles_seed_gives_its_printed_costs():
    inputs = np.array([[0, 0, 1, 1], [0, 1, 0, 1]])
    labels = np.array([[0, 1, 1, 0]])
    np.random.seed(48)
    hidden = LinearLayer(input_shape=inputs.shape, n_out=3, ini_type="xavier")
    hidden_out = SigmoidLayer(hidden.Z.shape)
    final = LinearLayer(input_shape=hidden_out.A.shape, n_out=1, ini_type="xavier")
    final_out = SigmoidLayer(final.Z.shape)
    costs = {}
    for epoch in range(5000):
        hidden.forward(inputs)
        hidden_out.forward(hidden.Z)
        final.forward(hidden_out.A)
        final_out.forward(final.Z)
        cost, slope = compute_cost(Y=labels, Y_hat=final_out.A)
        if epoch % 100 == 0:
            costs[epoch] = cost
        final_out.backward(slope)
        final.backward(final_out.dZ)
        hidden_out.backward(final.dA_prev)
        hidden.backward(hidden_out.dZ)
        final.update_params(learning_rate=1)
        hidden.update_params(learning_rate=1)
    assert {epoch: costs[epoch] for epoch in PRINTED} == pytest.approx(PRINTED, rel=1e-12, abs=0)
    np.testing.assert_array_equal(final_out.A > 0.5, labels)
