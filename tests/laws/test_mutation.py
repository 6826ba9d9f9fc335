"""No returned array is changed later, and none shares memory."""

import numpy as np
import pytest

from gradlab.records import Status

LAW = "aliasing"
SHARED = {}


def buffered(home):
    """Write a result into the room that `home` gives for it."""

    def write(self, result):
        room = home(self).setdefault(result.shape, np.empty(result.shape))
        room[...] = result
        return room

    return write


own = buffered(lambda s: vars(s).setdefault("rooms", {}))
of_all = buffered(lambda _: SHARED)


def test_the_array_that_is_overwritten_is_named(ask):
    finding = ask("mutant:gradient-buffer-reused/identity", LAW)["Z"]
    assert finding.status is Status.FAIL
    assert finding.message == (
        "the gradient of Z is overwritten by a later forward and backward, in the array that was "
        f"returned: entry [3, 0] was {finding.expected:.6g} and is {finding.got:.6g}; "
        "at all sizes distinct (n=4, m=2)"
    )


def test_an_output_in_a_buffer(broken, layer):
    assert broken(layer(lambda s, x: own(s, 2 * x), lambda s, c: 2 * c), LAW) == {"output"}


def test_a_buffer_that_all_instances_use(ask, layer):
    found = ask(layer(lambda s, x: 2 * x, lambda s, c: of_all(s, 2 * c)), LAW)["x"]
    assert found.status is Status.FAIL
    assert "shares memory with that of another instance" in found.message or (
        "is overwritten by a" in found.message
    )


def test_an_output_that_backward_works_in(ask, layer):
    def forward(self, x):
        self.a = np.tanh(x)
        return self.a

    def backward(self, c):
        self.a *= self.a
        return c * (1 - self.a)

    found = ask(layer(forward, backward), LAW)["output"]
    assert found.message.startswith("the output is overwritten by the backward that followed")


def test_a_gradient_that_is_the_parameter_itself(ask, layer):
    def forward(self, x, p):
        self.p = p
        return x + p**2 / 2

    def backward(self, c):
        return {"x": c.copy(), "p": self.p}

    found = ask(layer(forward, backward, parameter=True), LAW)["p"]
    assert found.message.startswith("the gradient of p shares memory with the parameter p: what is")


@pytest.mark.parametrize(
    ("forward", "backward"),
    [
        (lambda s, x: x, lambda s, c: c),  # the very arrays that came in
        (lambda s, x: x.reshape(x.shape), lambda s, c: c.T.copy().T),  # views
        (lambda s, x: own(s, 2 * x).copy(), lambda s, c: own(s, 2 * c).copy()),
    ],
)
def test_near_misses(broken, layer, forward, backward):
    assert broken(layer(forward, backward), LAW) == set()


def test_two_gradients_in_one_array_are_views_of_a_fresh_one(broken, layer):
    def backward(self, c):
        both = np.hstack([c, np.sum(c, axis=1, keepdims=True)])
        return {"x": both[:, :-1], "p": both[:, -1:]}

    assert broken(layer(lambda s, x, p: x + p, backward, parameter=True), LAW) == set()


def accumulate(self, c):
    if not hasattr(self, "dx"):
        self.dx = np.zeros(c.shape)
    self.dx += 2 * c
    return self.dx


@pytest.mark.parametrize(("declared", "tensors"), [(True, set()), (False, {"x"})])
def test_gradients_that_add_up_in_place_may_where_that_is_declared(
    broken, layer, declared, tensors
):
    subject = layer(lambda s, x: 2 * x, accumulate, accumulates=declared)
    assert broken(subject, LAW) == tensors
