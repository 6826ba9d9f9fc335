import ast
import sys
import textwrap

import pytest

from gradlab.errors import GradlabError
from gradlab.worker.discover import Finder
from gradlab.worker.import_path import locate, new_module
from gradlab.worker.load import run_all, run_definitions
from gradlab.worker.source import Piece

FILE = """
from abc import ABC, abstractmethod
from collections import OrderedDict

class Layer:
    def forward(self, x):
        raise NotImplementedError
    def backward(self, c):
        raise NotImplementedError
class Abstract(ABC):
    @abstractmethod
    def forward(self, x): ...
class Half:
    def backward(self, c): ...
class Whole(Layer):
    def forward(self, x): return x
    def backward(self, c): return c
class Config:
    rate = 0.1
Alias = Whole

def affine_forward(x, w): ...
def affine_backward(dout, cache): ...
def relu(Z): ...
def relu_backward(dA, cache): ...
def half_forward(x): ...
def other_backward(x): ...
def sigmoid(Z): ...
def compute_cost(Y, Y_hat):
    return 1.0, Y
def cost_only(Y, Y_hat):
    return 1.0
def loss_of_three(a, b, c):
    return 1.0, a
def todo_loss(Y, Y_hat):
    pass
instance = Whole()
"""


@pytest.fixture
def finder(tmp_path):
    modules = []

    def make(code, *, definitions_only=False):
        tree = ast.parse(textwrap.dedent(code))
        location = locate(tmp_path / "student_file.py")
        module = new_module(location, "")
        modules.append(module.__name__)
        pieces = [Piece(str(location.path), tree)]
        if definitions_only:
            run_definitions(pieces, module, location)
        else:
            run_all(pieces, module)
        return Finder(module, [tree])

    yield make
    for name in modules:
        del sys.modules[name]


def test_layers_pairs_and_costs_are_found_and_helpers_are_not(finder):
    assert [item.name for item in finder(FILE).all()] == [
        "Half",
        "Whole",
        "affine_forward",
        "relu",
        "half_forward",
        "other_backward",
        "compute_cost",
        "loss_of_three",
        "todo_loss",
    ]


def test_a_function_without_its_other_half_is_half_written(finder):
    half = {item.name: item.incomplete for item in finder(FILE).all() if item.incomplete}
    assert half == {
        "half_forward": "half_backward is not implemented yet: half_forward has nothing to be "
        "compared with",
        "other_backward": "other_forward is not implemented yet: other_backward has nothing to be "
        "compared with",
    }


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("affine", "affine_forward"),
        ("affine_backward", "affine_forward"),
        ("relu_backward", "relu"),
        ("sigmoid", "sigmoid"),
        ("OrderedDict", "OrderedDict"),
        ("instance", "instance"),
    ],
)
def test_what_is_asked_for_by_name(finder, asked, name):
    assert finder(FILE).named(asked, "student_file.py").name == name


def test_a_name_that_is_not_there(finder):
    with pytest.raises(GradlabError) as caught:
        finder("class A:\n    def forward(self, x): ...").named("B", "a.py")
    assert str(caught.value) == "a.py has no B; it has A"


def test_definitions_alone_leave_out_what_runs(finder):
    code = """
    import numpy as np, no_such_module as gone
    SIZE = 3
    HALF = SIZE / 2
    double = lambda x: 2 * x
    rows = [print("not run")]
    raise ValueError("not run")
    class Broken(gone.Layer):
        def forward(self, x): ...
    class Good:
        def forward(self, x): ...
    """
    made = finder(code, definitions_only=True)
    names = vars(made._module)
    assert (names["SIZE"], names["HALF"], names["double"](2)) == (3, 1.5, 4)
    assert "rows" not in names
    assert [item.name for item in made.all()] == ["Broken", "Good"]
    with pytest.raises(GradlabError) as caught:
        names["Broken"]()
    assert str(caught.value) == (
        "gone (line 2 of student_file.py) is missing, which `import no_such_module as gone` "
        "imports: no module named 'no_such_module'; looked for no_such_module.py beside "
        "student_file.py, and for an installed package no_such_module; put the file there or "
        "install the package"
    )
