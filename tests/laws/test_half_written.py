"""Half-written layers under the names of reference layers: a finding, no exception of gradlab's."""

import numpy as np
import pytest

from gradlab import Status, check

NAMES = ("LinearLayer", "SigmoidLayer", "TanhLayer", "ReLULayer", "SoftmaxLayer", "FlattenLayer")
FORWARDS = {
    "input": "self.Z = x",
    "transpose": "self.A = np.tanh(x).T",
    "returns transpose": "return np.tanh(x).T",
    "zeros": "self.A = np.zeros((2, 2))",
    "returns zeros": "return np.zeros_like(x)",
    "number": "self.A = 0",
    "list": "return [[1, 2], [3]]",
}
BACKWARDS = {
    "zeros": "self.dZ = np.zeros((2, 2))",
    "input": "self.dZ = g",
    "transpose": "return g.T",
    "number": "return 0",
    "string": "return 'todo'",
}
CODE = """
class {name}:
    def __init__(self, *sizes):
        self.W, self.b = np.ones((3, 2)), np.zeros((3, 1))

    def forward(self, x):
        {forward}

    def backward(self, g):
        {backward}
"""


def define(name, forward, backward):
    names = {"__name__": "layers", "np": np}
    source = CODE.format(name=name, forward=FORWARDS[forward], backward=BACKWARDS[backward])
    exec(source, names)  # noqa: S102 - the text above
    return names[name]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("forward", FORWARDS)
def test_a_half_written_layer_does_not_pass(name, forward):
    for backward in BACKWARDS:
        report = check(define(name, forward, backward))
        assert report.status is not Status.PASS, (backward, str(report))
        bugs = [f.message for f in report.findings if "a bug of gradlab's" in f.message]
        assert bugs == [], backward


class Pool:
    """Keeps every second feature; rows are examples."""

    def forward(self, x):
        self.shape = x.shape
        return x[:, ::2]

    def backward(self, dout):
        dx = np.zeros(self.shape)
        dx[:, ::2] = dout
        return dx


class Mean:
    """The mean of each example."""

    def forward(self, x):
        self.shape = x.shape
        return x.mean(axis=1)

    def backward(self, dout):
        return np.broadcast_to(dout[:, None] / self.shape[1], self.shape)


@pytest.mark.parametrize("cls", [Pool, Mean])
def test_pooling_without_parameters_passes(cls):
    report = check(cls)
    assert report.status is Status.PASS, str(report)
