import numpy as np
import pytest
from constructions import ALL, X

from gradlab.numdiff import complex_step, derivative
from gradlab.numdiff.restriction import Restriction

V = np.array([1.2, -1.7, 1.1, 1.9, -1.4])
#: Without extended precision (arm64, Windows) analytic code goes to differences.
ANALYTIC = "complex step" if complex_step.EXTENDED else "differences"
EVERY = [(kind, *entry) for kind, entries in ALL.items() for entry in entries]


def test_there_are_enough_constructions():
    assert len({name for _, name, _, _ in EVERY}) == len(EVERY) >= 69


@pytest.mark.parametrize(("kind", "name", "f", "slope"), EVERY, ids=[e[1] for e in EVERY])
def test_no_construction_gets_a_wrong_number(kind, name, f, slope):
    along = slope(X) * V
    with np.errstate(all="ignore"):
        truth = along if np.shape(f(X)) == X.shape else along.sum()
        estimate = derivative(f, X, V)
    rounding = 1e-15 * (1 + np.abs(truth))
    given = estimate.quality == "ok"
    off = np.abs(estimate.value - truth) > estimate.bound + rounding
    assert not np.any(off & given)
    if kind == "survives":
        assert np.all(given)
    if kind == "silently wrong":
        assert estimate.method != "complex step", name


@pytest.mark.parametrize("f", [np.tanh, lambda x: x / np.sqrt(x @ x), lambda x: np.sin(x + 1e6)])
def test_rounding_is_measured(f):
    estimate = derivative(f, X, V)
    assert estimate.method == ANALYTIC
    assert np.all(estimate.bound < 1e-3 * np.abs(estimate.value))
    if complex_step.EXTENDED:
        assert np.all(estimate.bound < 1e-9 * np.abs(estimate.value))
        assert estimate.evaluations == 4


def test_without_extended_precision_it_is_not_used(monkeypatch):
    monkeypatch.setattr(complex_step, "EXTENDED", False)
    estimate = derivative(np.tanh, X, V)
    assert estimate.method == "differences"
    assert np.all(np.abs(estimate.value - (1 - np.tanh(X) ** 2) * V) <= estimate.bound)
    outcome, reason = complex_step.complex_step(Restriction(np.tanh, X, V), 0)
    assert outcome is None
    assert "no extended precision" in reason


@pytest.mark.parametrize(
    ("f", "reason"),
    [
        (lambda x: np.hypot(x, 1.0), "np.hypot is not known"),
        (lambda _x: 3.0, "its result is not complex"),
        (lambda x: np.asarray(x) ** 2, "outside of NumPy"),
        (lambda x: {}[x[0] * 0] if x.size else x, "raises"),
        (lambda x: np.maximum(x, X), "meets a tie"),
    ],
)
def test_a_function_that_is_not_analytic_is_rejected_with_a_reason(f, reason, monkeypatch):
    monkeypatch.setattr(complex_step, "EXTENDED", True)
    outcome, stated = complex_step.complex_step(Restriction(f, X, V), 0)
    assert outcome is None
    assert reason in stated
