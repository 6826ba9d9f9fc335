"""The table of margins: one entry for each usage, with its reason."""

import ast
from pathlib import Path

import numpy as np
import pytest

import gradlab
from gradlab.roundoff import MARGINS, unit_roundoff

PACKAGE = Path(gradlab.__file__).parent


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


def test_every_usage_is_used_once_and_no_module_perturbs_by_itself():
    used, perturbing = [], []
    for path in PACKAGE.rglob("*.py"):
        name = path.relative_to(PACKAGE).as_posix()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("MARGINS"):
                used.append(ast.literal_eval(node.slice))
            if isinstance(node, ast.Attribute) and node.attr == "nextafter":
                perturbing.append(name)
    assert sorted(used) == sorted(MARGINS)
    # Strategies use it for the ends of an open range.
    assert set(perturbing) <= {"roundoff/ulp.py", "strategies/_numbers.py"}
