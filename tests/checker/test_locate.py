"""Wrong entries are named: single ones, several, and whole patterns, at a stated cost."""

import numpy as np
import pytest

from gradlab.checker import Problem, compare_gradients
from gradlab.checker.group_testing import find_by_bisection, find_by_digits
from gradlab.checker.residual import ComplexStep, Differences
from gradlab.checker.rounding import Rounding
from gradlab.checker.search import EntrySearch
from gradlab.numdiff import analytic
from gradlab.numdiff.complex_step import EXTENDED
from gradlab.records import Status

RNG = np.random.default_rng(5)


def tanh(v):
    return np.tanh(v["x"])


def tanh_gradient(v, c):
    return {"x": c * (1 - np.tanh(v["x"]) ** 2)}


def through_float(v):
    """The same, but the complex step cannot follow it."""
    return np.tanh(np.asarray(v["x"], dtype=float))


def spoiled(change):
    """The right gradient with `change` made to it in place, or in a copy that it returns."""

    def backward(v, c):
        gradient = tanh_gradient(v, c)["x"]
        changed = change(gradient)
        return {"x": gradient if changed is None else changed}

    return backward


def search_for(f, g, x, *, complex_step):
    problem = Problem(
        lambda v: (f(v),), lambda v, cs: g(v, *cs), {"x": x}, (np.ones(x.shape),), {"x"}
    )
    claims = {"x": np.asarray(problem.claimed_gradients(problem.values)["x"])}
    if complex_step:
        code, reason = analytic(problem.flat_output, {"x": x}, {"x": np.ones(x.shape)})
        assert code is not None, reason
        method = ComplexStep(problem, claims, code, Rounding(problem))
    else:
        method = Differences(problem, claims, Rounding(problem))
    return EntrySearch(method, "x")


def multiply(index, factor):
    def change(gradient):
        gradient[index] *= factor

    return change


PATTERNS = {
    "every entry is 2 times what it should be": lambda g: 2 * g,
    "every entry is the negative of what it should be": lambda g: -g,
    "it is the transpose of what it should be": lambda g: np.ascontiguousarray(g.T),
    "wrong in row 3, and nowhere else": multiply(3, 1.5),
    "wrong in column 0, and nowhere else": multiply((slice(None), 0), 1.5),
}


@pytest.mark.parametrize("f", [tanh, through_float])
@pytest.mark.parametrize("size", [6, 20])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_is_named(ask, f, size, pattern):
    x = RNG.standard_normal((size, size))
    verdict = ask(f, spoiled(PATTERNS[pattern]), {"x": x})["x"]
    assert verdict.status is Status.FAIL
    # A factor that wrong entries share is told too where each of them was looked at.
    assert verdict.pattern.startswith(pattern)


@pytest.mark.parametrize("size", [6, 20])
def test_a_mistake_on_one_side_of_zero_is_named(ask, size):
    x = RNG.standard_normal((size, size))
    said = ask(tanh, spoiled(lambda g: np.where(x < 0, 0.5 * g, g)), {"x": x})["x"]
    assert said.status is Status.FAIL
    assert said.pattern.startswith("wrong wherever x < 0, and nowhere else")
    assert all(x[entry.index] < 0 for entry in said.entries)


@pytest.mark.parametrize("rows", [5, 40])
def test_indices_that_repeat_are_named(ask, rows):
    ids = np.array([0, 2, 2, 3, 2])
    table = RNG.standard_normal((rows, 8))

    def lost(v, c):
        gradient = np.zeros_like(v["E"])
        gradient[v["ids"]] = c  # where np.add.at is meant
        return {"E": gradient}

    said = ask(lambda v: v["E"][v["ids"]], lost, {"E": table, "ids": ids})["E"]
    assert said.status is Status.FAIL
    assert all(entry.index[0] == 2 for entry in said.entries)
    assert "row 2" in said.pattern or "index is repeated" in said.pattern


@pytest.mark.skipif(not EXTENDED, reason="no extended precision here, so no complex step")
@pytest.mark.parametrize(
    ("shape", "error"),
    [
        ((10, 13), 0.1),
        ((10, 13), 1e-6),
        ((100, 100), 0.1),
        ((100, 100), 1e-6),
        ((1000, 1000), 1e-6),
    ],
)
def test_one_entry_of_a_million_is_read_off_in_six_derivatives(shape, error):
    x = RNG.standard_normal(shape)
    where = shape[0] // 3, shape[1] - 2

    def change(gradient):
        gradient[where] += error

    search = search_for(tanh, spoiled(change), x, complex_step=True)
    flat = find_by_digits(search, np.arange(x.size))
    assert np.unravel_index(flat, shape) == where
    assert search.derivatives <= 6


@pytest.mark.skipif(not EXTENDED, reason="no extended precision here, so no complex step")
@pytest.mark.parametrize("count", [1, 5, 50])
def test_several_entries_are_named_exactly_within_the_budget(count):
    x = RNG.standard_normal((100, 100))
    wrong = np.random.default_rng(count).choice(x.size, count, replace=False)

    def change(gradient):
        gradient.ravel()[wrong] *= 1.01

    search = search_for(tanh, spoiled(change), x, complex_step=True)
    located = find_by_bisection(search)
    assert located.complete
    assert {np.ravel_multi_index(e.index, x.shape) for e in located.entries} == set(wrong)
    assert search.derivatives <= 2 * count * np.log2(x.size) + 20


def test_two_wrong_entries_are_no_single_one():
    x = RNG.standard_normal(1000)
    search = search_for(tanh, spoiled(multiply([3, 700], 1.1)), x, complex_step=EXTENDED)
    assert find_by_digits(search, np.arange(x.size)) is None


@pytest.mark.parametrize("seed", range(3))
def test_by_differences_one_entry_of_ten_thousand_is_named(ask, seed):
    x = RNG.standard_normal((100, 100))
    said = ask(through_float, spoiled(multiply((37, 4), 1.5)), {"x": x}, seed)["x"]
    assert said.status is Status.FAIL
    assert [entry.index for entry in said.entries] == [(37, 4)]


def test_a_right_gradient_has_no_wrong_entry():
    x = RNG.standard_normal((30, 30))
    search = search_for(tanh, tanh_gradient, x, complex_step=EXTENDED)
    assert search.whole.agrees
    assert find_by_digits(search, np.arange(x.size)) is None
    assert not find_by_bisection(search).entries


def test_a_mismatch_that_differences_cannot_confirm_is_no_failure():
    """1e-13 of an entry shows under the complex step, and under no difference."""
    x = RNG.standard_normal((4, 5))
    problem = Problem(
        lambda v: (np.tanh(v["x"]),),
        lambda v, cs: {"x": tanh_gradient(v, *cs)["x"] * (1 + 3e-13)},
        {"x": x},
        (np.ones(x.shape),),
        frozenset({"x"}),
    )
    said = compare_gradients(
        problem, {"x": np.asarray(problem.claimed_gradients(problem.values)["x"])}
    )["x"]
    assert said.status is not Status.FAIL
    if EXTENDED and said.status is Status.INCONCLUSIVE:
        assert "cannot confirm" in said.reason
