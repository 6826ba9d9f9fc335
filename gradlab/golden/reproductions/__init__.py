"""What reproduces the printed numbers, by name.

A reproduction takes printed inputs and returns results by name; every one of them
belongs to an entry of `article.toml`.  Nothing printed is written down here: a
constant of a formula is measured on the reference implementation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradlab.golden.reproductions import constants, guide, learning_rate, one_layer, two_layers

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradlab.golden.reproductions.networks import Results

REPRODUCTIONS: dict[str, Callable[..., Results]] = {
    function.__name__: function
    for function in (
        constants.cost_scaling,
        constants.crosses,
        constants.default_learning_rate,
        constants.layer_axes,
        constants.local_gradient_of_the_bias,
        constants.loss_factor,
        constants.or_labels,
        constants.or_shapes,
        constants.quadrants,
        constants.sigmoid_constants,
        constants.sigmoid_tails,
        constants.three_equations,
        constants.xor_labels,
        guide.cross_entropy_constants,
        guide.images,
        guide.xavier_moments,
        one_layer.bias_step,
        one_layer.first_example,
        one_layer.line_without_bias,
        one_layer.or_steps,
        one_layer.or_training,
        two_layers.layer_counts,
        two_layers.xor_training,
    )
}

BEHAVIOURS: dict[str, Callable[..., str]] = {
    function.__name__: function
    for function in (
        guide.equal_weights,
        learning_rate.descent_on_a_quadratic,
        learning_rate.moves_in_gradients,
    )
}
