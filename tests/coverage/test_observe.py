import sys

import numpy as np
import pytest

from gradlab.coverage import Condition, Line, Observation, Scope
from gradlab.coverage.conditions import ConditionLog, WatchedArray, unwatch, watch

HARD = """
    class Layer:
        def __init__(self, shape):
            self.shape = shape

        def forward(self, Z):
            self.Z = Z
            self.A = np.where(Z > 3, Z, 0.5 * Z)

        def backward(self, upstream):
            slope = np.where(self.Z > 3, 1.0, 0.5)
            if slope.shape[1] > 30:
                slope = slope * 2
            self.dZ = upstream * slope
"""


def described(lines):
    return [line.describe() for line in lines]


def test_lines_that_did_not_run_are_named(write):
    found = write(HARD).observe()
    assert described(found.not_run) == ["backward, line 15, `slope = slope * 2`"]
    assert {line.function for line in found.run} == {"forward", "backward"}


def test_the_constructor_is_not_under_observation(write):
    assert "__init__" not in {line.function for line in write(HARD).observe().lines}


def test_sides_of_conditions_in_forward_and_backward(write):
    layer = write(HARD)
    found = layer.observe()
    assert [c.describe() for c in found.one_sided] == [
        "forward, line 10, greater in `self.A = np.where(Z > 3, Z, 0.5 * Z)`",
        "backward, line 13, greater in `slope = np.where(self.Z > 3, 1.0, 0.5)`",
    ]
    wider = layer.observe({"Z": 9.0 * layer.values()["Z"]})
    assert wider.one_sided == ()
    assert wider.extends(found)
    assert not found.extends(wider)


def test_lines_that_only_raise_are_left_out(write):
    found = write("""
        class Layer:
            def __init__(self, shape):
                self.shape = shape

            def forward(self, Z):
                if Z.ndim != 2:
                    message = "two axes"
                    raise ValueError(message)
                self.A = 2 * Z

            def backward(self, upstream):
                try:
                    self.dZ = 2 * upstream
                except TypeError as error:
                    raise ValueError from error
    """).observe()
    assert found.not_run == ()


def test_functions_that_forward_calls_are_observed(write):
    found = write("""
        def helper(Z):
            if Z.size < 0:
                return 3 * Z
            return 2 * Z


        class Layer:
            def __init__(self, shape):
                self.shape = shape

            def forward(self, Z):
                self.A = helper(Z)

            def backward(self, upstream):
                self.dZ = 2 * upstream
    """).observe()
    assert described(found.not_run) == ["helper, line 6, `return 3 * Z`"]


def test_a_conversion_to_plain_arrays_is_reported(write):
    found = write("""
        class Layer:
            def __init__(self, shape):
                self.shape = shape

            def forward(self, Z):
                self.A = 2 * np.array(Z)

            def backward(self, upstream):
                self.dZ = 2 * np.array(upstream)
    """).observe()
    assert found.unobserved == ("conditions are not observed: the code converts its arrays first",)


def test_a_point_at_which_the_code_raises_is_not_finite(write):
    layer = write("""
        class Layer:
            def __init__(self, shape):
                self.shape = shape

            def forward(self, Z):
                if Z.max() > 50:
                    raise ValueError
                self.A = 2 * Z

            def backward(self, upstream):
                self.dZ = 2 * upstream
    """)
    assert layer.observe().finite
    assert not layer.observe({"Z": np.full((2, 3), 99.0)}).finite


def test_a_result_that_is_not_finite_is_reported(write):
    layer = write("""
        class Layer:
            def __init__(self, shape):
                self.shape = shape

            def forward(self, Z):
                self.Z = Z
                self.A = np.exp(Z)

            def backward(self, upstream):
                self.dZ = upstream * self.A
    """)
    assert layer.observe().finite
    assert not layer.observe({"Z": np.full((2, 3), 999.0)}).finite


def test_what_runs_afterwards_is_not_traced(write):
    before = sys.gettrace()
    write(HARD).observe()
    assert sys.gettrace() is before


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="sys.monitoring coexists with tracers")
def test_a_tracer_that_is_there_already_is_left_alone(write):
    layer = write(HARD)
    before = sys.gettrace()

    def tracer(*_):
        return None

    sys.settrace(tracer)
    try:
        found = layer.observe()
        assert sys.gettrace() is tracer
    finally:
        sys.settrace(before)
    assert found.unobserved == (
        "lines are not observed: a debugger or a coverage tool is tracing already",
    )


class TestWatchedArray:
    """It computes what a plain array computes."""

    @pytest.fixture
    def log(self):
        return ConditionLog(lambda file: file == __file__)

    @pytest.mark.parametrize(
        "compute",
        [
            lambda x: x @ x.T,
            lambda x: np.einsum("ij,kj->ik", x, x),
            lambda x: np.sum(x, axis=0, keepdims=True),
            lambda x: np.pad(x, 1)[1:-1],
            lambda x: np.add.reduce(x, axis=1),
            lambda x: np.concatenate([x, 2 * x]),
            lambda x: np.divmod(x, 2.0)[1],
            lambda x: np.clip(x, -1, 1),
            lambda x: np.linalg.norm(x, axis=1),
            lambda x: x.reshape(-1).astype(np.float32),
            lambda x: np.lib.stride_tricks.sliding_window_view(x, 2, axis=1),
            lambda x: np.sort(x, axis=1),
            lambda x: np.maximum(x, 0, out=np.empty_like(x)),
        ],
    )
    def test_results_are_those_of_plain_arrays(self, compute, log):
        x = np.random.default_rng(0).standard_normal((3, 4))
        found = unwatch(compute(watch(x, log)))
        np.testing.assert_array_equal(found, compute(x))

    def test_in_place_operations_change_the_array(self, log):
        x = np.arange(6.0).reshape(2, 3)
        watched = watch(x, log)
        watched[watched > 3] = 0
        watched += 1
        np.add.at(watched, ([0, 0], [0, 0]), 5.0)
        np.testing.assert_array_equal(x, [[11, 2, 3], [4, 1, 1]])
        assert isinstance(watched, WatchedArray)

    @pytest.mark.parametrize(
        ("compute", "operation", "sides"),
        [
            (lambda x: x > 0, "greater", {"true", "false"}),
            (lambda x: x > 9, "greater", {"false"}),
            (lambda x: np.maximum(x, 0), "maximum", {"below", "above"}),
            (lambda x: np.maximum(x, 9), "maximum", {"below"}),
            (lambda x: np.clip(x, -9, 9), "clip", {"false"}),
            (lambda x: np.clip(x, -1, 9), "clip", {"true", "false"}),
            (lambda x: x[np.array([True, False, True])], "boolean mask", {"true", "false"}),
            (lambda x: np.where(np.array([True, True, True]), x, 0), "where", {"true"}),
        ],
    )
    def test_sides(self, compute, operation, sides, log):
        compute(watch(np.array([-2.0, 1.0, 2.0]), log))
        assert {c.operation: met for c, met in log.sides.items()} == {operation: sides}

    def test_two_conditions_on_one_line_are_two(self, log):
        x = watch(np.array([-2.0, 1.0, 2.0]), log)
        assert np.any((x > 0) & (x > 1))
        assert len(log.sides) == 2

    def test_a_comparison_in_another_file_counts_where_the_code_under_test_calls_it(self, log):
        np.heaviside(watch(np.array([1.0]), log), 0.0)
        np.isclose(watch(np.array([1.0]), log), 1.0)
        assert all(condition.file == __file__ for condition in log.sides)


def test_observations_add_up():
    line = Line("f.py", 3, "forward", "forward", "x")
    other = Line("f.py", 4, "forward", "forward", "y")
    condition = Condition("f.py", 3, "forward", 8, "greater", "x > 0")
    one = Observation(frozenset({line, other}), frozenset({line}), {condition: frozenset({"true"})})
    two = Observation(
        frozenset({line, other}), frozenset({other}), {condition: frozenset({"false"})}
    )
    assert not one.complete
    assert (one | two).complete
    assert (one | two).not_run == ()


class TestScope:
    def test_files_below_the_folder_are_under_test(self, tmp_path):
        scope = Scope(folders=(str(tmp_path),))
        assert scope.covers(str(tmp_path / "layers" / "a.py"))
        assert not scope.covers(str(tmp_path.parent / "a.py"))

    def test_libraries_are_not_even_where_they_lie_below_the_folder(self):
        assert not Scope(folders=("/",)).covers(np.__file__)
        assert not Scope(folders=("/",)).covers(Scope.covers.__code__.co_filename)

    def test_a_library_is_where_it_is_named(self):
        folder = np.__file__.rsplit("/", 1)[0]
        assert Scope(folders=(folder,)).covers(np.__file__)
        assert Scope(files=(np.__file__,)).covers(np.__file__)
