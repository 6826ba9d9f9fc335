"""Projects with right and wrong layers, tested by a pytest inside of pytest."""

import re

import pytest

# A run inside of this process forgets what it imported; NumPy can be loaded only once.
import gradlab.faults
import gradlab.strategies
import gradlab.testing.conformance
import gradlab.testing.file_items
import gradlab.testing.summary  # noqa: F401

LAYERS = """
import numpy as np


class SigmoidLayer:
    def __init__(self, shape):
        self.A = np.zeros(shape)

    def forward(self, Z):
        self.A = 1 / (1 + np.exp(-Z))

    def backward(self, upstream_grad):
        self.dZ = upstream_grad * self.A * (1 - self.A)


class WrongSigmoid(SigmoidLayer):
    def backward(self, upstream_grad):
        self.dZ = upstream_grad * self.A


class Tanh:
    def __init__(self, shape):
        self.A = np.zeros(shape)

    def forward(self, Z):
        self.A = np.tanh(Z)

    def backward(self, upstream_grad):
        upstream_grad *= 1 - self.A**2
        self.dZ = upstream_grad


def square(values):
    return values["x"] ** 2


def square_backward(values, cotangent):
    return {"x": 2 * values["x"] * cotangent}


def wrong_backward(values, cotangent):
    return {"x": values["x"] * cotangent}


def no_backward(values, cotangent):
    return {}


POINT = {"x": np.array([1.0, -2.0])}
"""


@pytest.fixture
def project(pytester):
    """A project with layers.py; the tests are written by each test."""
    pytester.makepyfile(layers=LAYERS)
    pytester.syspathinsert()
    return pytester


class Seen:
    """What a run of pytest showed."""

    def __init__(self, result, folder):
        self.result = result
        self.folder = folder
        self.lines = result.outlines

    @property
    def errors(self):
        """What is shown of exceptions, without the letter in front."""
        return [line[1:].removeprefix("       ") for line in self.lines if line.startswith("E ")]

    @property
    def section(self):
        """The lines of gradlab's section at the end; None where there is none."""
        heads = [i for i, line in enumerate(self.lines) if line.strip("= ") == "gradlab"]
        assert len(heads) <= 1
        if not heads:
            return None
        after = self.lines[heads[0] + 1 :]
        ends = [i for i, line in enumerate(after) if line.startswith("==") or " in " in line]
        return after[: ends[0]]

    def below(self, title):
        """The lines below the heading of one failure, up to the next heading."""
        at = next(i for i, line in enumerate(self.lines) if line.strip("_ ") == title)
        after = self.lines[at + 1 :]
        ends = [i for i, line in enumerate(after) if re.match(r"_{3,} |={3,} |\[gw", line)]
        return after[: ends[0]]


@pytest.fixture
def run(project):
    """Run pytest on the project, in this process; give back what it showed."""

    def run_pytest(*arguments, test=None, code=None):
        if test is not None:
            project.makepyfile(test_it=test)
        result = project.runpytest_inprocess("-q", "-p", "no:cacheprovider", *arguments)
        if code is not None:
            assert result.ret == code
        return Seen(result, project.path)

    return run_pytest
