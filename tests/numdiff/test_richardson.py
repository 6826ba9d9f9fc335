import numpy as np
import pytest

from gradlab.numdiff.richardson import extrapolate
from gradlab.numdiff.steps import EXPONENTS, mantissas

STEPS = np.array([mantissas(3)[e] * 2.0**-e for e in EXPONENTS])


def _select(f, slope, noise, *, one_sided=False):
    rng = np.random.default_rng(0)
    plus = f(STEPS) + noise * rng.uniform(-1, 1, STEPS.shape)
    other = f(np.zeros(1)) if one_sided else f(-STEPS) + noise * rng.uniform(-1, 1, STEPS.shape)
    slopes = ((plus - other) / (STEPS if one_sided else 2 * STEPS))[:, None]
    level = np.full(slopes.shape, noise)
    found = extrapolate(STEPS, slopes, level, level, one_sided=one_sided, safety=1.0)
    return abs(found.value[0] - slope), found


@pytest.mark.parametrize("one_sided", [False, True])
@pytest.mark.parametrize("noise", [1e-16, 1e-12, 1e-8, 1e-5])
def test_the_bound_holds_and_follows_the_noise(noise, one_sided):
    error, found = _select(lambda t: np.exp(np.sin(t)), 1.0, noise, one_sided=one_sided)
    assert error <= found.bound[0]
    assert found.bound[0] < 1e5 * noise + 1e-7


def test_slow_convergence_is_seen():
    error, found = _select(lambda t: np.abs(t) * t * 50 + t, 1.0, 1e-16)
    assert error <= found.bound[0]


def test_a_better_noise_level_gives_a_finer_step():
    _, quiet = _select(lambda t: np.exp(np.sin(t)), 1.0, 1e-16)
    _, loud = _select(lambda t: np.exp(np.sin(t)), 1.0, 1e-6)
    assert quiet.step[0] > loud.step[0]
