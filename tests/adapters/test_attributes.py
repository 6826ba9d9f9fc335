"""Where a layer holds its parameters: dictionaries, slots, and slots of its bases."""

import numpy as np
import pytest

from gradlab import Status, check
from gradlab.adapters.attribute_tree import attributes_of


class Base:
    __slots__ = ("W", "__hidden", "dW")

    def __init__(self, n_in=3, n_out=2):
        self.W, self.__hidden = np.ones((n_in, n_out)), 1.0


class Slots(Base):
    __slots__ = ("x",)
    factor = 1.0

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, g):
        self.dW = self.factor * self.x.T @ g
        return g @ self.W.T


class Both(Slots):
    """Has a dictionary beside the slots of its bases."""

    def forward(self, x):
        self.kept = x
        return super().forward(x)


@pytest.mark.parametrize("cls", [Slots, Both])
def test_slots_are_attributes(cls):
    layer = cls()
    layer.forward(np.ones((1, 3)))
    found = attributes_of(layer)
    assert set(found) == {"W", "_Base__hidden", "x"} | ({"kept"} if cls is Both else set())
    assert found["W"] is layer.W


@pytest.mark.parametrize("cls", [Slots, Both])
@pytest.mark.parametrize(("factor", "status"), [(1.0, Status.PASS), (2.0, Status.FAIL)])
def test_a_parameter_in_a_slot_is_checked(cls, factor, status, monkeypatch):
    monkeypatch.setattr(Slots, "factor", factor)
    report = check(cls, laws=["gradient"])
    assert report.status is status
    assert "W" in {finding.tensor for finding in report.findings}


def test_what_exec_defines_without_a_name_is_no_type_of_pythons_own():
    names = {}
    exec("class Layer:\n    def __init__(self): self.W = 1.0\n", names)  # noqa: S102 - the text here
    assert attributes_of(names["Layer"]()) == {"W": 1.0}
    (finding,) = check(names["Layer"]).findings
    assert "Layer has no forward" in finding.message


class Zero:
    """A backward that was begun: it returns zeros."""

    def forward(self, x):
        return np.tanh(x)

    def backward(self, g):
        return np.zeros_like(g)


def test_a_gradient_of_zeros_is_reported_as_such():
    (finding,) = check(Zero).findings
    assert finding.status is Status.ERROR
    assert finding.message.startswith("Zero.backward: every gradient is zero throughout")
