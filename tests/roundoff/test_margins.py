"""The table of margins: one entry for each usage, with its reason."""

import numpy as np
import pytest

from gradlab.roundoff import MARGINS, unit_roundoff


@pytest.mark.parametrize("usage", MARGINS)
def test_every_margin_states_its_reason_and_covers_what_was_seen(usage):
    margin = MARGINS[usage]
    assert len(margin.reason.split()) > 10
    assert margin.draws >= 2
    assert margin.factor >= 2
    assert all(0 < step < 2.0**-10 for step in margin.steps)


def test_the_table_cannot_be_changed():
    with pytest.raises(TypeError):
        MARGINS["mine"] = MARGINS["result"]


def test_a_bound_is_the_spread_widened_and_a_floor():
    unit = unit_roundoff(np.ones(1))
    margin = MARGINS["equivalence"]
    bound = margin.bound(np.array([1e-10, 0.0]), 2.0, unit, terms=10)
    np.testing.assert_array_equal(bound, [8e-10 + 72 * unit, 72 * unit])
    assert MARGINS["baseline"].bound(1.0, 5.0, unit) == 8.0
