import numpy as np

from gradlab.numdiff.restriction import Restriction
from gradlab.numdiff.steps import EXPONENTS, FINER_EXPONENTS, StepSequence, mantissas


def _sequence(f, x):
    line = Restriction(f, x, np.ones_like(x))
    return StepSequence(line, line.at(0.0), mantissas(0))


def test_mantissas_are_full_and_differ():
    for seed in (0, 1, 2):
        values = list(mantissas(seed).values())
        assert len(set(values)) == len(EXPONENTS) + len(FINER_EXPONENTS)
        assert all(1 < value < 1.5 for value in values)
    assert mantissas(1) != mantissas(2)
    assert mantissas(1) == mantissas(1)


def test_usable_exponents_begin_after_the_last_failure():
    sequence = _sequence(np.sqrt, np.array([1e-3]))
    sequence.line.scale = 1.0
    sequence.evaluate(EXPONENTS)
    assert sequence.usable(None) == list(EXPONENTS)
    sequence = _sequence(lambda x: np.sqrt(x - 0.999), np.array([1.0]))
    sequence.evaluate(EXPONENTS)
    assert sequence.usable(None) == [12, 16, 20, 24]
    assert sequence.usable(1) == list(EXPONENTS)


def test_a_step_is_evaluated_once():
    sequence = _sequence(np.sin, np.array([1.0]))
    sequence.evaluate(EXPONENTS)
    calls = sequence.line.calls
    sequence.evaluate(EXPONENTS)
    assert sequence.line.calls == calls == 1 + 2 * len(EXPONENTS)


def test_the_exception_is_recorded():
    def f(x):
        if x[0] != 1.0:
            msg = "not here"
            raise ValueError(msg)
        return x

    sequence = _sequence(f, np.array([1.0]))
    sequence.evaluate(EXPONENTS)
    assert sequence.usable(None) == []
    assert sequence.last_error == "ValueError: not here"
