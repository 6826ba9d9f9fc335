"""Graph classes of arrays: gradients have their tensors' shapes (P5)."""

import numpy as np
import pytest

from gradlab import check
from gradlab.records import Status


class Tensor:
    """A right one; `undo` sums a gradient over the axes that were broadcast."""

    def __init__(self, data, parents=()):
        self.data = np.asarray(data, dtype=float)
        self.grad = np.zeros_like(self.data)
        self.parents, self.step = parents, lambda: None

    @staticmethod
    def undo(gradient, shape):
        gradient = gradient.sum(axis=tuple(range(gradient.ndim - len(shape))))
        axes = tuple(a for a, n in enumerate(shape) if n == 1)
        return gradient.sum(axis=axes, keepdims=True)

    def _combined(self, other, value, mine, theirs):
        out = type(self)(value, (self, other))

        def step():
            self.grad = self.grad + self.undo(out.grad * mine, self.data.shape)
            other.grad = other.grad + self.undo(out.grad * theirs, other.data.shape)

        out.step = step
        return out

    def __add__(self, other):
        return self._combined(other, self.data + other.data, 1.0, 1.0)

    def __mul__(self, other):
        return self._combined(other, self.data * other.data, other.data, self.data)

    def backward(self):
        order, seen = [], set()

        def visit(node):
            if id(node) not in seen:
                seen.add(id(node))
                for parent in node.parents:
                    visit(parent)
                order.append(node)

        visit(self)
        self.grad = np.ones_like(self.data)
        for node in reversed(order):
            node.step()


class NeverUndone(Tensor):
    @staticmethod
    def undo(gradient, shape):
        return gradient


class AddedInPlace(Tensor):
    """The sum raises, because the gradient has another shape than its tensor."""

    def _combined(self, other, value, mine, theirs):
        out = type(self)(value, (self, other))

        def step():
            self.grad += out.grad * mine
            other.grad += out.grad * theirs

        out.step = step
        return out


class MeanOverBroadcast(Tensor):
    @staticmethod
    def undo(gradient, shape):
        full = Tensor.undo(gradient, shape)
        return full * full.size / gradient.size


class SameShapesOnly(Tensor):
    """Refuses to broadcast, which is no mistake."""

    def _combined(self, other, value, mine, theirs):
        if self.data.shape != other.data.shape:
            raise ValueError("shapes differ")
        return super()._combined(other, value, mine, theirs)


class Value:
    """Of numbers: arrays are not what it is for."""

    def __init__(self, data, parents=()):
        self.data, self.grad, self.parents, self.step = data, 0.0, parents, lambda: None

    undo = staticmethod(lambda gradient, shape: gradient)
    _combined = Tensor._combined
    __add__, __mul__ = Tensor.__add__, Tensor.__mul__
    backward = Tensor.backward


@pytest.mark.parametrize("cls", [Tensor, SameShapesOnly])
def test_a_right_class_passes(cls):
    report = check(cls)
    assert report.status is Status.PASS
    assert ("gradient", "arrays") in {(f.law, f.tensor) for f in report.findings}


@pytest.mark.parametrize(
    ("cls", "words"),
    [
        (NeverUndone, "the gradient of y has shape (3, 4), where (4,) was expected"),
        (AddedInPlace, "raised ValueError"),
        (MeanOverBroadcast, "the gradient of y"),
    ],
)
def test_broadcasting_that_is_not_undone_fails(cls, words):
    failures = check(cls).failures
    assert failures
    assert any(words in finding.message for finding in failures)


def test_a_class_of_numbers_is_not_given_arrays():
    class Number(Value):
        def _combined(self, other, value, mine, theirs):
            assert isinstance(value, float)
            out = type(self)(value, (self, other))

            def step():
                self.grad += out.grad * mine
                other.grad += out.grad * theirs

            out.step = step
            return out

    report = check(Number)
    assert report.status is Status.PASS
    assert ("gradient", "arrays") not in {(f.law, f.tensor) for f in report.findings}
