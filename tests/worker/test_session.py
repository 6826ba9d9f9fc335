"""An object of a file whose worker lives on, and the names in a file."""

import numpy as np
import pytest

from gradlab import GradlabError
from gradlab.errors import CodeUnderTestError
from gradlab.worker import Options, names_in, open_session

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
    with open_session(f"{file}::First", Options()) as session:
        subject = session.layer()
        assert session.layer() is subject
        np.testing.assert_array_equal(subject.forward(Z)[0], np.tanh(Z["Z"]))
        with pytest.raises(CodeUnderTestError, match="ended its process with exit code 3"):
            subject.forward(UNLUCKY)
        again = session.layer()
        assert again is not subject
        np.testing.assert_array_equal(again.forward(Z)[0], np.tanh(Z["Z"]))


@pytest.mark.parametrize(
    ("names", "held"), [("", "Second, First"), ("::First::Second", "First, Second")]
)
def test_it_is_one_object(file, names, held):
    said = f"{file}{names} holds {held}; say which, as in {file}::{held.partition(',')[0]}"
    with pytest.raises(GradlabError) as raised, open_session(f"{file}{names}", Options()):
        pass
    assert str(raised.value) == said


def test_a_file_with_one_name_needs_none(tmp_path):
    (tmp_path / "student.py").write_text(FILE.partition("class First")[0])
    with open_session(str(tmp_path / "student.py"), Options()) as session:
        assert session.name == "Second"
        assert session.notes == []


def test_whoever_asks_for_the_layer_gives_it_all_of_its_time(file):
    with open_session(f"{file}::Second", Options(deadline=50)) as session:
        subject = session.layer()
        worker = session._process.connection().worker
        subject.forward(Z)
        assert worker._cpu_left < 50
        assert session.layer() is subject
        assert worker._cpu_left == 50
