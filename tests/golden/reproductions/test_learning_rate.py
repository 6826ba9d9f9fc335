"""The four behaviours on an illustrative quadratic, and what really happens on OR."""

from __future__ import annotations

import numpy as np
import pytest

from gradlab.golden import article
from gradlab.golden.reproductions import learning_rate
from gradlab.golden.reproductions.learning_rate import costs_on_or, descent_on_a_quadratic

START = {"w1": 0.1, "w2": 0.6, "b": 0.0}


@pytest.mark.parametrize(
    ("name", "behaviour"),
    [
        ("rate_low", "many steps"),
        ("rate_high", "few steps"),
        ("rate_tiny", "practically no progress"),
        ("rate_large", "diverges"),
    ],
)
@pytest.mark.parametrize("curvature", [0.081, 0.1, 0.2])
def test_the_four_behaviours_do_not_hang_on_the_curvature(
    name: str, behaviour: str, curvature: float
) -> None:
    assert descent_on_a_quadratic(article().inputs[name].number, curvature) == behaviour


def test_a_descent_between_the_behaviours_is_undecided() -> None:
    assert descent_on_a_quadratic(1e-3) == "undecided"


def test_fifty_does_not_diverge_on_or() -> None:
    costs = np.array(costs_on_or(50.0, **START, n_epochs=5000))
    rises = np.flatnonzero(np.diff(costs) > 0)
    assert rises.tolist() == [0]
    assert costs[1] < 0.1
    assert costs[-1] < 1e-5


def test_fifty_ends_far_below_one_on_or() -> None:
    at_one, at_fifty = (costs_on_or(rate, **START, n_epochs=5000)[-1] for rate in (1.0, 50.0))
    assert at_fifty < at_one / 50


def test_the_curve_that_looks_flat_still_falls_by_43_percent() -> None:
    costs = costs_on_or(1.0, **START, n_epochs=5001)
    assert round(100 * (1 - costs[5000] / costs[3000])) == 43


def test_moves_in_gradients_tells_a_move_that_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    class Doubling:
        def __init__(self, rate: float) -> None:
            self.rate = rate

        def step(self, _parameters: object, _gradients: object) -> dict[str, np.ndarray]:
            return {"b": np.array([-2 * self.rate * 0.125])}

    monkeypatch.setattr(learning_rate, "GradientDescent", Doubling)
    assert learning_rate.moves_in_gradients(0.5) == "1.0 gradients at a learning rate of 0.5"
