"""What looks like something to check and is not, with the reason."""

import ast
import textwrap

import pytest

from gradlab.worker.discover import Finder
from gradlab.worker.import_path import locate, new_module
from gradlab.worker.load import run_all
from gradlab.worker.skipped import find_skipped
from gradlab.worker.source import Piece

LAYER = """
def forward(self, x): return x
def backward(self, g): return g
"""

DECORATED = """
class Deco:
    def __init__(self, f): pass
    def __call__(self): pass
x_backward = Deco(0)
"""
INNER = """
class Node:
    def forward(self, x):
        def _backward(): pass
        return x
    def backward(self, g): return g
"""


@pytest.fixture
def skipped(tmp_path):
    """Execute code as a file; return the reasons by name."""

    def find(code):
        tree = ast.parse(textwrap.dedent(code))
        module = new_module(locate(tmp_path / "student_file.py"), "")
        run_all([Piece("student_file.py", tree)], module)
        return dict(find_skipped(module, [tree], Finder(module, [tree]).all()))

    return find


def cls(name, indent=0, bases=""):
    code = f"class {name}{bases}:\n{textwrap.indent(LAYER, '    ')}"
    return textwrap.indent(code, " " * indent)


@pytest.mark.parametrize(
    ("code", "name", "reason"),
    [
        ("def pool_backward_any(d, cache): return d", "pool_backward_any", "no forward belongs"),
        ("def conv_fwd_naive(x, w): return x", "conv_fwd_naive", "no backward belongs"),
        ("relu_backward = lambda g: g", "relu_backward", "it is a lambda"),
        ("tanh_prime = lambda x: 1 - x", "tanh_prime", "it is a lambda"),
        ("def my_loss(x): return float(x)", "my_loss", "it returns no gradient"),
        ("class SGD:\n    def update(self, a): return a", "SGD", "not recognized as an optimizer"),
        ("class Net:\n    def forward(self, a): return a", "Net", None),
        ("class Net:\n    def fprop(self, a): return a", "Net", None),
        ("from textwrap import dedent as relu_backward", "relu_backward", None),
        ("from student_layers import Layer", "Layer", "it comes from student_layers"),
        ("def make():\n" + cls("Inner", 4), "Inner", "it is defined inside make"),
        ("class Outer:\n" + cls("Inner", 4), "Inner", "it is defined inside Outer"),
        ("if __name__ == '__main__':\n" + cls("Late", 4), "Late", "it was not defined"),
        (cls("Twice") + cls("Twice"), "Twice of line 1", "has the same name"),
        ("import abc\n" + cls("Base", 0, "(abc.ABC)").replace(
            "    def", "    @abc.abstractmethod\n    def"), "Base", "it is abstract"),
        (DECORATED, "x_backward", "it is an object of class Deco"),
        ("from student_layers import Layer\nlayer = Layer()", "layer", "an object of class Layer"),
    ],
)  # fmt: skip
def test_what_is_not_checked_has_a_reason(skipped, code, name, reason, tmp_path, monkeypatch):
    (tmp_path / "student_layers.py").write_text(cls("Layer"))
    monkeypatch.syspath_prepend(tmp_path)
    found = skipped(code)
    if reason is None:
        assert name not in found
    else:
        assert reason in found[name]


@pytest.mark.parametrize(
    "code",
    [
        cls("Layer"),
        "def relu(x): return x\ndef relu_backward(d, c): return d",
        "def relu_forward(x): return x, x\ndef relu_backward(d, c): return d",
        "def mse_loss(x, y): return 1.0, x",
        cls("Layer") + "Other = Layer\nlayer = Layer()",
        "class Base:\n    def forward(self, x): raise NotImplementedError\n"
        "    def backward(self, g): raise NotImplementedError\n" + cls("Layer", 0, "(Base)"),
        INNER,
        "import numpy as np\nfrom numpy import gradient as backward\nbackward_steps = 3",
        "def helper(x): return x\nclass Config:\n    rate = 1\nLAYERS = [3, 4]\nlayer_sizes = (1,)",
        "from math import exp as loss",
        "from typing import Protocol\n" + cls("Layer", 0, "(Protocol)"),
    ],
)
def test_what_is_checked_or_no_layer_is_not_listed(skipped, code):
    assert skipped(code) == {}
