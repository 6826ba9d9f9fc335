"""The correct pairs that false alarms are counted on are correct: long double says so."""

import warnings

import correct
import graded
import numpy as np
import proof
import pytest
import subgradients

PLAIN = [cell for cell in correct.CELLS.values() if cell.modifier == "as it is"]
# The worst that six draws of every cell showed was 20 of these.
ROUNDINGS = 64


@pytest.fixture(autouse=True)
def _strict():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def test_a_third_of_the_families_is_held_out_by_the_stated_rule():
    families = sorted({place.family for place in correct.PLACES.values()})
    assert sorted(correct.HELD_OUT) == families[2::3]
    assert len(families) >= 60
    assert len(correct.CELLS) >= 1500


@pytest.mark.parametrize("modifier", correct.MODIFIERS)
def test_every_backward_is_the_derivative_to_the_rounding_of_its_own_arithmetic(modifier):
    cells = [cell for cell in correct.CELLS.values() if cell.modifier == modifier]
    assert len(cells) >= 100
    for number, cell in enumerate(cells):
        rng = np.random.default_rng(number)
        pair = correct.draw(cell, number, seed=5)
        for name, errors in proof.excess(cell, pair, rng).items():
            assert max(errors) <= ROUNDINGS, (cell.name, name, errors)


@pytest.mark.parametrize(
    "cell",
    [c for c in PLAIN if c.place.condition in ("kink, at", "ties", "rectified maps")],
    ids=lambda cell: cell.place.name,
)
def test_at_a_kink_the_backward_lies_between_the_one_sided_derivatives(cell):
    pair = correct.draw(cell, 3, seed=5)
    # Steps of 2^-31 see that much of a smooth part's second derivative.
    assert proof.between_sides(pair, np.random.default_rng(1)) <= 1e-6


def test_a_wrong_backward_does_not_get_through_the_proof():
    cell = correct.CELLS["gelu, ordinary, as it is"]
    pair = correct.draw(cell, 0, seed=5)
    wrong = correct.Pair(
        pair.forward, lambda v, c: {"x": pair.backward(v, c)["x"] * (1 + 1e-9)}, pair.values
    )
    errors = proof.excess(cell, wrong, np.random.default_rng(0))["x"]
    assert min(errors) > ROUNDINGS


UNITS = [layer for layer in subgradients.LAYERS if layer.name != "relu under a dense layer"]


@pytest.mark.parametrize("layer", UNITS, ids=lambda layer: layer.name)
def test_a_choice_at_a_kink_is_a_subgradient_exactly_when_it_says_so(layer):
    for choice in layer.choices:
        pair = layer.make(choice, 2, 6, np.random.default_rng(4))
        outside = proof.between_sides(pair, np.random.default_rng(4))
        assert (outside <= 1e-6) == choice.valid, (choice.name, outside)


@pytest.mark.parametrize("layer", graded.LAYERS.values(), ids=lambda layer: layer.name)
def test_the_layers_that_errors_are_planted_in_are_right(layer):
    cell = correct.CELLS["linear, ordinary, as it is"]  # for the rounding it allows
    pair = layer.draw(np.random.default_rng(2), 30)
    for name, errors in proof.excess(cell, pair, np.random.default_rng(2)).items():
        assert max(errors) <= ROUNDINGS, (name, errors)


def test_a_planted_error_is_where_and_as_large_as_it_says():
    layer = graded.LAYERS["tanh layer"]
    wrong, chosen = graded.planted(layer, graded.Error(100, 3, 1e-3), "as it is", seed=1)
    right, _ = graded.planted(layer, graded.Error(100, 3, 0.0), "as it is", seed=1)
    c = np.random.default_rng(0).standard_normal((10, 2))
    g = right.backward(right.values, c)["W"]
    error = (wrong.backward(wrong.values, c)["W"] - g) / graded.rms(g)
    assert np.array_equal(np.flatnonzero(error), chosen)
    np.testing.assert_allclose(np.abs(error.flat[chosen]), 1e-3, rtol=1e-9)


@pytest.mark.parametrize("name", graded.PATTERNS)
def test_a_pattern_is_wrong_exactly_where_it_says(name):
    pattern = graded.PATTERNS[name](np.random.default_rng(3), 6)
    pair, rng = pattern.pair, np.random.default_rng(3)
    c = proof.cotangents(pair.forward(pair.values), rng)
    claimed = proof.backward(pair, pair.values, c, float)[pattern.tensor]
    truth = next(g for n, _, g in proof.derivatives(pair, c, rng) if n == pattern.tensor)
    wrong = np.abs(claimed.ravel() - truth) > 1e-9
    assert np.array_equal(wrong, np.ravel(pattern.wrong))
