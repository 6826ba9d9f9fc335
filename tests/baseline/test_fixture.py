"""The fixture as a user's tests see it: each runs pytest in a folder of its own."""

import pytest

import gradlab.baseline.api  # noqa: F401 - NumPy loads once in a process, and outlives the runs here
from gradlab.reference import SigmoidLayer
from gradlab.testing.baseline import Baselines

pytest_plugins = ["pytester"]

LAYER = """
import numpy as np


class Layer:
    def __init__(self, shape):
        pass

    def forward(self, Z):
        self.A = Z * {factor}

    def backward(self, upstream_grad):
        self.dZ = upstream_grad * {factor}
"""
TESTS = """
from layer import Layer
from gradlab.reference import SigmoidLayer


def test_layer(baseline):
    baseline.check(Layer)


def test_other(baseline):
    baseline.check(SigmoidLayer)
"""


@pytest.fixture
def user(pytester):
    """A user's folder: a layer that can be changed, and two tests."""
    pytester.makepyfile(test_net=TESTS)

    def write(factor):
        pytester.makepyfile(layer=LAYER.format(factor=factor))
        # Within a second of the first, a change may go unseen behind the compiled file.
        for cached in pytester.path.rglob("*.pyc"):
            cached.unlink()

    def run(*options):
        return pytester.runpytest_inprocess("-p", "no:cacheprovider", *options)

    write(2)
    user = type("User", (), {"write": staticmethod(write), "run": staticmethod(run)})
    user.folder = pytester.path / "baselines" / "test_net"
    return user


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_write_and_fail_pass_fail_regenerate_pass(user):
    first = user.run()
    first.assert_outcomes(failed=2)
    first.stdout.fnmatch_lines(
        ["there was no baseline: baselines/test_net/test_layer.json has been recorded; review it*"]
    )
    written = contents(user.folder)
    assert set(written) == {"test_layer.json", "test_other.json"}

    user.run().assert_outcomes(passed=2)
    assert contents(user.folder) == written

    user.write(2 + 1e-9)
    changed = user.run()
    changed.assert_outcomes(failed=1, passed=1)
    changed.stdout.fnmatch_lines(
        [
            "FAIL  Layer: same output",
            "*ulp apart, 5.0e-10 of it; rounding explains *",
            "*    run again: pytest test_net.py::test_layer",
            "if the change is intended, run pytest --gradlab-update to record *_layer.json again",
        ]
    )
    assert contents(user.folder) == written

    update = user.run("--gradlab-update")
    update.assert_outcomes(failed=1, passed=1)
    update.stdout.fnmatch_lines(
        [
            "FAIL  Layer: same output",
            "baselines/test_net/test_layer.json has been recorded again; review *",
        ]
    )
    after = contents(user.folder)
    assert after["test_layer.json"] != written["test_layer.json"]
    assert after["test_other.json"] == written["test_other.json"]

    user.run().assert_outcomes(passed=2)
    user.run("--gradlab-update").assert_outcomes(passed=2)
    assert contents(user.folder) == after


@pytest.mark.parametrize("option", [[], ["--gradlab-update"]])
@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: data[:500], "* is damaged: it is no whole JSON document any more; *"),
        (lambda _: b"{}", "* is no gradlab baseline: its first line does not name the format; *"),
        (
            lambda data: data.replace(b'"schema": 1', b'"schema": 2'),
            "* is a baseline of format 2, and this gradlab reads format 1; *",
        ),
    ],
    ids=["truncated", "foreign", "newer"],
)
def test_a_baseline_that_cannot_be_read_is_left_alone(user, option, damage, message):
    user.run()
    path = user.folder / "test_layer.json"
    damaged = damage(path.read_bytes())
    path.write_bytes(damaged)
    result = user.run(*option)
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines([message])
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*api.py*")
    assert path.read_bytes() == damaged


def test_what_cannot_run_is_not_recorded(user):
    user.run()
    written = contents(user.folder)
    user.write("None")
    result = user.run("--gradlab-update")
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["*Layer.forward raised TypeError: *"])
    assert contents(user.folder) == written


def test_classes_parameters_and_names_make_paths_of_their_own(pytester):
    pytester.makepyfile(
        test_many="""
        import pytest
        from gradlab.reference import SigmoidLayer


        class TestLayers:
            @pytest.mark.parametrize("kind", ["a", "b/c", "é"])
            def test_all(self, baseline, kind):
                baseline.check(SigmoidLayer, "first", seed=3)
                baseline.check(SigmoidLayer, "second")
        """
    )
    run = ("-p", "no:cacheprovider")
    for _ in range(2):
        pytester.runpytest_inprocess(*run).assert_outcomes(failed=3)
    pytester.runpytest_inprocess(*run).assert_outcomes(passed=3)
    names = [path.name for path in (pytester.path / "baselines" / "test_many").iterdir()]
    assert len(names) == 6
    assert "TestLayers.test_all[a]-first.json" in names
    assert all(name.isascii() for name in names)


def test_two_checks_of_one_name_are_refused(tmp_path):
    baselines = Baselines(tmp_path / "test_a.py", "test_x", "", False, tmp_path, pytest.fail)
    assert not baselines.outcome(SigmoidLayer).passed
    again = baselines.outcome(SigmoidLayer)
    assert (again.passed, again.message) == (
        False,
        (
            "test_x has already checked test_x.json; give each check of a test its own name, as in "
            "baseline.check(obj, 'second')"
        ),
    )


def test_long_names_that_begin_alike_stay_apart(tmp_path):
    def path(test):
        return Baselines(tmp_path / "test_a.py", test, "", False, tmp_path, pytest.fail).path()

    assert path("test_" + "x" * 300) != path("test_" + "x" * 301)
    assert len(path("test_" + "x" * 300).name) < 140
    assert path("test_x[a b]") != path("test_x[a_b]")
