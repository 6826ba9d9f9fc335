import numpy as np

from gradlab.numdiff.restriction import Line
from gradlab.numdiff.steps import FINER, LADDER, Ladder, mantissas


def _ladder(f, x):
    line = Line(f, x, np.ones_like(x))
    return Ladder(line, line.at(0.0), mantissas(0))


def test_mantissas_are_full_and_differ():
    for seed in (0, 1, 2):
        values = list(mantissas(seed).values())
        assert len(set(values)) == len(LADDER) + len(FINER)
        assert all(1 < value < 1.5 for value in values)
    assert mantissas(1) != mantissas(2)
    assert mantissas(1) == mantissas(1)


def test_a_run_begins_after_the_last_failure():
    ladder = _ladder(np.sqrt, np.array([1e-3]))
    ladder.line.stretch = 1.0
    ladder.climb(LADDER)
    assert ladder.run(None) == list(LADDER)
    ladder = _ladder(lambda x: np.sqrt(x - 0.999), np.array([1.0]))
    ladder.climb(LADDER)
    assert ladder.run(None) == [12, 16, 20, 24]
    assert ladder.run(1) == list(LADDER)


def test_a_step_is_evaluated_once():
    ladder = _ladder(np.sin, np.array([1.0]))
    ladder.climb(LADDER)
    calls = ladder.line.calls
    ladder.climb(LADDER)
    assert ladder.line.calls == calls == 1 + 2 * len(LADDER)


def test_what_the_code_raises_is_kept_in_words():
    def f(x):
        if x[0] != 1.0:
            msg = "not here"
            raise ValueError(msg)
        return x

    ladder = _ladder(f, np.array([1.0]))
    ladder.climb(LADDER)
    assert ladder.run(None) == []
    assert ladder.trouble == "ValueError: not here"
