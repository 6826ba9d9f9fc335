"""A subject of a file whose worker lives on, and the names in a file."""

import numpy as np
import pytest

from gradlab import GradlabError
from gradlab.runner import Held, Options, names_in
from gradlab.subject import CodeUnderTestError

FILE = """
import os
import numpy as np


class Second:
    def __init__(self, shape):
        self.A = np.zeros(shape)

    def forward(self, Z):
        if (Z == 13).all():
            os._exit(3)
        self.A = np.tanh(Z)

    def backward(self, upstream_grad):
        self.dZ = upstream_grad * (1 - self.A**2)


class First(Second):
    pass
"""
Z, UNLUCKY = {"Z": np.ones((2, 3))}, {"Z": np.full((2, 3), 13.0)}


@pytest.fixture
def file(tmp_path):
    (tmp_path / "student.py").write_text(FILE)
    return str(tmp_path / "student.py")


def test_names_come_in_the_order_of_the_file(file):
    assert names_in(file, Options()) == ["Second", "First"]


def test_a_file_without_names_says_what_is_looked_for(tmp_path):
    (tmp_path / "empty.py").write_text("")
    with pytest.raises(GradlabError, match=r"empty\.py holds nothing to check; gradlab looks for"):
        names_in(str(tmp_path / "empty.py"), Options())


def test_one_worker_answers_for_as_long_as_it_lives(file):
    with Held(f"{file}::First", Options()) as held:
        subject = held.subject()
        assert held.subject() is subject
        np.testing.assert_array_equal(subject.forward(Z)[0], np.tanh(Z["Z"]))
        with pytest.raises(CodeUnderTestError, match="ended its process with exit code 3"):
            subject.forward(UNLUCKY)
        again = held.subject()
        assert again is not subject
        np.testing.assert_array_equal(again.forward(Z)[0], np.tanh(Z["Z"]))


@pytest.mark.parametrize("target", ["student.py", "student.py::First::Second"])
def test_it_is_one_subject(target):
    said = f"{target} names no single layer; expected FILE::NAME, as in student.py::LinearLayer"
    with pytest.raises(GradlabError) as raised:
        Held(target, Options())
    assert str(raised.value) == said
