from __future__ import annotations

import math

import pytest

from gradlab.reference.annealing import (
    constant,
    cosine_annealing,
    exponential_annealing,
    inverse_annealing,
    step_annealing,
)

SCHEDULES = {
    "step": (step_annealing(0.8, 0.5, 3), lambda t: 0.8 / 2 ** (t // 3)),
    "exponential": (exponential_annealing(0.8, 0.1), lambda t: 0.8 * math.exp(-0.1 * t)),
    "inverse": (inverse_annealing(0.8, 0.1), lambda t: 8 / (10 + t)),
    "cosine": (
        cosine_annealing(0.8, 10, final=0.2),
        lambda t: 0.5 + 0.3 * math.cos(math.pi * min(t, 10) / 10),
    ),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_starts_high_and_falls_by_its_formula(name):
    schedule, formula = SCHEDULES[name]
    rates = [schedule(t) for t in range(15)]
    assert rates[0] == 0.8
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < 0.4
    assert rates == pytest.approx([formula(t) for t in range(15)], rel=1e-14)


def test_a_constant_one_does_not():
    assert {constant(0.3)(t) for t in (0, 1, 1000)} == {0.3}


def test_counts_must_be_positive():
    with pytest.raises(ValueError, match="at least 1; got 0"):
        step_annealing(1.0, 0.5, every=0)
    with pytest.raises(ValueError, match="at least 1; got 0"):
        cosine_annealing(1.0, updates=0)
