"""Problems made of plain callables; and the population that measures the verdict."""

import sys
from pathlib import Path

import numpy as np
import pytest

from gradlab.checker import Problem, compare_gradients

# The measured populations live with the benchmarks; the tests use a part of them.
sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks" / "verdict"))


def make(f, g, values, seed=0):
    """A problem over named values, with a random upstream gradient."""
    shape = np.shape(f(values))
    c = np.random.default_rng(9).uniform(0.5, 1.5, shape)
    floats = frozenset(name for name, value in values.items() if value.dtype.kind == "f")
    return Problem(lambda v: (f(v),), lambda v, cs: g(v, *cs), values, (c,), floats, seed)


def ask(f, g, values, seed=0):
    """The verdicts on all tensors of a pair of functions, by name."""
    problem = make(f, g, values, seed)
    found = problem.claimed_gradients(problem.values)
    return compare_gradients(problem, {name: np.asarray(found[name]) for name in found})


@pytest.fixture(name="ask")
def _ask():
    return ask


@pytest.fixture(name="make")
def _make():
    return make
