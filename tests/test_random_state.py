"""Random numbers of the code under test are the same at each forward (A4)."""

import os
import random
import types

import numpy as np
import pytest

from gradlab import adapt, check
from gradlab.random_state import fixed_randomness, generators_in, hold_randomness, restart
from gradlab.records import Status

SHARED = np.random.default_rng(5)
KEEP = 0.6


class _Dropout:
    """A right dropout; `draw` returns uniform numbers."""

    def __init__(self):
        self.rng = self.generator()

    def generator(self):
        return np.random

    def draw(self, shape):
        return self.rng.random(shape)

    def forward(self, x):
        self.mask = (self.draw(x.shape) < KEEP) / KEEP
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


class GlobalStream(_Dropout):
    pass


class Unseeded(_Dropout):
    def generator(self):
        return np.random.default_rng()


class Seeded(_Dropout):
    def generator(self):
        return np.random.default_rng(3)


class Legacy(_Dropout):
    def generator(self):
        return np.random.RandomState(3)


class Python(_Dropout):
    def generator(self):
        return random.Random()  # noqa: S311 - code under test

    def draw(self, shape):
        return np.reshape([self.rng.random() for _ in range(int(np.prod(shape)))], shape)


class OfTheModule(_Dropout):
    def draw(self, shape):
        return SHARED.random(shape)


class MadeInForward(_Dropout):
    def draw(self, shape):
        return np.random.default_rng().random(shape)


def in_closure():
    rng = np.random.default_rng(7)

    class Dropout(_Dropout):
        def draw(self, shape):
            return rng.random(shape)

    return Dropout


RIGHT = [GlobalStream, Unseeded, Seeded, Legacy, Python, OfTheModule, MadeInForward]


@pytest.mark.parametrize("dropout", [*RIGHT, in_closure()], ids=lambda c: c.__name__)
def test_a_right_dropout_passes_whatever_it_draws_from(dropout):
    assert check(dropout).status is Status.PASS


@pytest.mark.parametrize("dropout", RIGHT, ids=lambda c: c.__name__)
def test_a_lost_mask_fails(dropout):
    def backward(self, dout):
        return dout / KEEP

    lost = type(dropout.__name__, (dropout,), {"backward": backward})
    assert ("gradient", "x") in {(f.law, f.tensor) for f in check(lost).failures}


@pytest.mark.parametrize("dropout", RIGHT, ids=lambda c: c.__name__)
def test_a_mask_that_is_drawn_again_in_backward_fails(dropout):
    def backward(self, dout):
        return dout * (self.draw(dout.shape) < KEEP) / KEEP

    again = type(dropout.__name__, (dropout,), {"backward": backward})
    if dropout is MadeInForward:
        return  # its generator is made anew, and draws on from the same entropy
    assert ("gradient", "x") in {(f.law, f.tensor) for f in check(again).failures}


def test_the_callers_generators_are_as_they_were():
    np.random.seed(11)
    random.seed(11)
    expected = np.random.rand(), random.random()  # noqa: S311 - code under test
    np.random.seed(11)
    random.seed(11)
    entropy = np.random.bit_generator.randbits
    check(GlobalStream)
    assert (np.random.rand(), random.random()) == expected  # noqa: S311 - code under test
    assert np.random.bit_generator.randbits is entropy


def test_unseeded_generators_differ_from_each_other_and_not_from_run_to_run():
    with fixed_randomness(), fixed_randomness():
        restart()
        first = [np.random.default_rng().random() for _ in range(2)]
        restart()
        assert [np.random.default_rng().random() for _ in range(2)] == first
        assert first[0] != first[1]
    assert np.random.default_rng().random() != np.random.default_rng().random()


def test_entropy_is_restored_after_an_exception():
    entropy = np.random.bit_generator.randbits
    with pytest.raises(ZeroDivisionError), fixed_randomness():
        _ = 1 / 0
    assert np.random.bit_generator.randbits is entropy


def test_generators_are_found_wherever_they_are_held():
    one, two, three = (np.random.default_rng(seed) for seed in range(3))
    holder = types.SimpleNamespace(deep={"list": [types.SimpleNamespace(rng=one)]}, other=(two,))
    assert generators_in(holder) == [two, one]
    assert generators_in(lambda x, rng=three: rng) == [three, SHARED]
    assert generators_in(np.random.random, random.random, np) == []


def test_a_subject_draws_the_same_at_each_forward():
    subject = hold_randomness(adapt(Seeded), Seeded)
    x = {"x": np.ones((6, 5))}
    session = subject.open(x)
    (first,), (second,) = session.forward(x), session.forward(x)
    assert np.array_equal(first, second)
    assert 0 < np.count_nonzero(first) < first.size


class FromTheSystem(_Dropout):
    def draw(self, shape):
        return np.frombuffer(os.urandom(int(np.prod(shape))), np.uint8).reshape(shape) / 256


class Drifting:
    """No randomness: its output depends on calls before."""

    calls = 0

    def forward(self, x):
        Drifting.calls += 1
        self.mask = np.full(x.shape, 1.0 + Drifting.calls)
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


def test_what_cannot_be_held_is_inconclusive():
    report = check(FromTheSystem)
    assert report.status is Status.INCONCLUSIVE
    (finding, *_) = [f for f in report.findings if f.status is Status.INCONCLUSIVE]
    assert finding.message.startswith("random: two identical calls differ; pass a seed or a ")


def test_state_that_is_shared_is_no_randomness():
    assert check(Drifting).status is Status.FAIL
