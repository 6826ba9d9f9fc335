"""Second forward, backward twice, two instances, repeat: what a session may remember."""

import numpy as np
import pytest

from gradlab.records import Status


def keep(self, x):
    self.x = x
    return np.sin(x)


def right(self, c):
    return c * np.cos(self.x)


def once(self, c):
    x, self.x = self.x, None
    return c * np.cos(x)


def adding(self, c):
    self.dx = getattr(self, "dx", 0) + c * np.cos(self.x)
    return self.dx


def test_a_cache_that_is_filled_once_is_named(ask):
    finding = ask("mutant:stale-cache/relu", "second forward")["Z"]
    assert finding.status is Status.FAIL
    assert finding.message == (
        "after a forward at one point and then at another, the gradient of Z, entry [0, 0]: got "
        f"{finding.got:.6g}, should be 0, as a new instance has it at the second point; it is "
        "still that of the first point; at all sizes distinct (n=4, m=2)"
    )


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize(
    ("fault", "law"),
    [("stale-cache", "second forward"), ("cache-shared-by-instances", "two instances")],
)
def test_a_relu_is_asked_where_two_points_differ(broken, fault, law, seed):
    assert broken(f"mutant:{fault}/relu", law, seed) == {"Z"}


def test_an_output_that_depends_on_the_forward_before(broken, layer):
    def forward(self, x):
        self.mean = 0.9 * getattr(self, "mean", x) + 0.1 * x
        return self.mean

    assert "output" in broken(layer(forward, lambda s, c: c), "second forward")


def test_a_cache_of_the_class_is_named(ask):
    finding = ask("mutant:cache-shared-by-instances/sigmoid", "two instances")["Z"]
    assert finding.message == (
        "with another instance's calls in between, the gradient of Z, entry "
        f"{list(finding.index)}: got {finding.got:.6g}, should be {finding.expected:.6g}, as the "
        "instance returns it alone; it is that of the other instance; "
        "at all sizes distinct (n=4, m=2)"
    )


def test_a_cache_that_backward_works_in_is_named(ask):
    finding = ask("mutant:cache-overwritten/sigmoid", "backward twice")["Z"]
    assert finding.message == (
        "in a second backward after one forward the gradient of Z, entry [1, 0]: got "
        f"{finding.got:.6g}, should be {finding.expected:.6g}, the first gradient; "
        "at all sizes distinct (n=4, m=2)"
    )


@pytest.mark.parametrize("seed", range(30))
def test_a_leaky_relu_is_asked_where_its_cache_changes(broken, seed):
    assert broken("mutant:cache-overwritten/leaky_relu", "backward twice", seed) == {"Z"}


def test_a_second_backward_may_be_refused(ask, layer):
    (finding,) = ask(layer(keep, once), "backward twice").values()
    assert finding.status is Status.PASS
    assert finding.message == "a second backward after one forward is refused"


@pytest.mark.parametrize("law", ["repeat", "backward twice"])
@pytest.mark.parametrize(
    ("backward", "declared", "said"),
    [
        (right, False, ""),
        (adding, True, ""),
        (adding, False, "the second is twice the first: results add up over calls and are not "),
        (right, True, "gradients are replaced, and are declared to add up over calls"),
    ],
)
def test_replace_or_add_up_as_declared(ask, layer, law, backward, declared, said):
    finding = ask(layer(keep, backward, accumulates=declared), law)["x"]
    assert finding.status is (Status.FAIL if said else Status.PASS)
    assert said in "".join([finding.message, *finding.notes])


@pytest.mark.parametrize("law", ["second forward", "two instances"])
def test_one_backward_after_one_forward_adds_nothing_up(broken, layer, law):
    assert broken(layer(keep, adding, accumulates=True), law) == set()


@pytest.mark.parametrize("law", ["second forward", "backward twice"])
def test_a_result_of_another_shape_or_none_is_told(ask, layer, law):
    calls = []

    def backward(self, c):
        calls.append(1)
        return c[:1] if len(calls) % 2 == 0 else c

    found = ask(layer(lambda s, x: 1.0 * x, backward), law)["x"]
    assert found.status is Status.FAIL
    assert "and should be of shape" in found.message
