"""The plugin's door: what it costs, what it refuses, and the property suites behind it."""

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import gradlab.faults
import gradlab.strategies
import gradlab.testing.file_items  # noqa: F401

#: What the plugin loads in every project.
LIGHT = {
    "gradlab",
    "gradlab._version",
    "gradlab.errors",
    "gradlab.testing",
    "gradlab.testing.plugin",
    "gradlab.testing.session",
}
PROPERTIES = Path(__file__).parents[2] / "properties"


def test_it_comes_with_the_install():
    found = entry_points(group="pytest11", name="gradlab")
    assert [point.value for point in found] == ["gradlab.testing.plugin"]


def test_loading_it_loads_nothing_else():
    script = (
        "import pytest, sys; before = set(sys.modules); import gradlab.testing.plugin; "
        "print(*set(sys.modules) - before)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert set(ran.stdout.split()) == LIGHT


def test_a_project_that_does_not_use_it_loads_neither_numpy_nor_hypothesis(pytester):
    pytester.makepyfile(
        f"""
        import sys

        def test_nothing():
            ours = {{name for name in sys.modules if name.split(".")[0] == "gradlab"}}
            assert ours == {LIGHT!r}
            assert not {{"numpy", "hypothesis", "rich", "click"}} & set(sys.modules)
        """
    )
    ran = pytester.runpytest_subprocess("-p", "no:hypothesispytest", "-p", "no:xdist")
    ran.assert_outcomes(passed=1)


def test_it_can_be_switched_off(pytester):
    pytester.makepyfile("def test_it(gradcheck): pass\ndef test_two(baseline): pass")
    pytester.runpytest_inprocess().assert_outcomes(passed=2)
    ran = pytester.runpytest_inprocess("-p", "no:gradlab")
    ran.assert_outcomes(errors=2)
    ran.stdout.fnmatch_lines(["*fixture 'gradcheck' not found", "*fixture 'baseline' not found"])
    refused = pytester.runpytest_inprocess("-p", "no:gradlab", "--gradlab-update")
    refused.stderr.fnmatch_lines(["*unrecognized arguments: --gradlab-update"])


def test_a_mistake_in_the_settings_is_a_usage_error(pytester):
    pytester.makepyprojecttoml("[tool.gradlab]\nsed = 1")
    pytester.makepyfile("def test_it(): pass")
    ran = pytester.runpytest_inprocess()
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    said = "pyproject.toml, [tool.gradlab]: there is no key 'sed'; did you mean 'seed'? known are "
    assert ran.errlines[0] == f"ERROR: {said}seed, examples, inconclusive, exempt"


def test_the_options_are_explained(pytester):
    ran = pytester.runpytest_inprocess("--help")
    shown = " ".join(line.strip() for line in ran.outlines)
    assert "gradients written by hand:" in shown
    for option in (
        "--gradlab=FILE[::NAME] [FILE[::NAME] ...]",
        "--gradlab-subject",
        "--gradlab-report",
        "--gradlab-update",
    ):
        assert option.split("=")[0] in shown


WRONG = """
import numpy as np


class TanhLayer:
    def __init__(self, shape):
        self.A = np.zeros(shape)

    def forward(self, Z):
        self.A = np.tanh(Z)

    def backward(self, upstream_grad):
        upstream_grad *= 1 - self.A**2
        self.dZ = upstream_grad


class Other(TanhLayer):
    pass
"""


@pytest.fixture
def suites(pytester):
    """Run the property suites on a layer of student.py."""
    pytester.makepyfile(student=WRONG)
    pytester.makepyprojecttoml("[tool.gradlab]\nexamples = 5")

    def run(name, *options):
        named = ("--gradlab-subject", f"student.py::{name}")
        return pytester.runpytest_inprocess(
            "-q", "-p", "no:cacheprovider", "--rootdir=.", str(PROPERTIES), *named, *options
        )

    return run


def test_the_property_suites_run_on_a_layer_that_is_named(suites):
    ran = suites("TanhLayer", "-k", "shape or purity")
    ran.assert_outcomes(failed=1, passed=1, deselected=ran.parseoutcomes()["deselected"])
    errors = [line[1:].strip() for line in ran.outlines if line.startswith("E ")]
    assert errors[0] == "AssertionError: TanhLayer: purity of upstream gradient: FAIL  (seed 0)"
    assert any(line.startswith("values={'Z': np.array(") for line in errors)
    assert "gradlab/" not in "\n".join(ran.outlines)


def test_the_property_suites_leave_out_what_the_project_does(suites, pytester):
    pytester.makepyprojecttoml('[tool.gradlab.exempt]\npurity = "ours"\n"shape[W]" = "no W here"')
    ran = suites("TanhLayer", "-rs", "-k", "shape or purity")
    ran.assert_outcomes(skipped=1, passed=1, deselected=ran.parseoutcomes()["deselected"])
    ran.stdout.fnmatch_lines(["SKIPPED *law 'purity' left out: ours"])


def test_the_property_suites_say_that_there_is_no_such_layer(suites):
    ran = suites("SinLayer", "-k", "purity")
    ran.assert_outcomes(errors=1, deselected=ran.parseoutcomes()["deselected"])
    assert "student.py has no SinLayer; it has TanhLayer, Other" in ran.outlines


def test_a_subject_is_one_layer(suites):
    ran = suites("TanhLayer::Other", "-k", "purity")
    assert (
        "student.py::TanhLayer::Other holds TanhLayer, Other; say which, as in "
        "student.py::TanhLayer" in ran.outlines
    )
