"""How far a mean and a variance of drawn weights may be from the true ones.

What is assumed of a weight with variance σ²: it is *strictly sub-Gaussian*, which
means E exp(t·w) ≤ exp(t²σ²/2) for every t.  Normal weights are, and so are
uniform ones on ±√3·σ, symmetric two-valued ones, and normal ones truncated on
both sides and rescaled to the variance σ² (Arbel, Marchal and Nguyen 2020).  The
weights of one draw are independent.

Then, with probability at least 1 − e^(−x) each, for N weights and q = Σw²/(Nσ²):

- |Σw|/N ≤ σ·√(2x/N), at twice e^(−x) (Chernoff's bound, both sides);
- q ≤ 1 + 2√(x/N) + 2x/N: E exp(λw²) ≤ (1 − 2λσ²)^(−½), the moments of σ²χ²₁,
  from which Laurent and Massart (2000, lemma 1) derive this bound;
- q ≥ 1 − √(6x/N): E exp(−λw²) ≤ exp(−λσ² + λ²·E w⁴/2) and E w⁴ ≤ 3σ⁴.
"""

from __future__ import annotations

import math

#: How often one test errs, at most; a run makes fewer than `TESTS`, so that it
#: errs at most once in 10¹² runs.
ONE_TEST, TESTS = 1e-14, 100

# A test has two sides, and the test of the mean rests on a measured size besides.
_X = math.log(3 / ONE_TEST)


def mean_bound(deviation: float, count: int) -> float:
    """Return how far from 0 the mean of `count` weights may be.

    Examples
    --------
    >>> round(mean_bound(1.0, 10_000), 4)
    0.0817
    """
    return deviation * math.sqrt(2 * _X / count)


def variance_range(variance: float, count: int) -> tuple[float, float]:
    """Return between what the mean square of `count` weights must lie.

    Examples
    --------
    >>> low, high = variance_range(1.0, 10_000)
    >>> round(low, 4), round(high, 4)
    (0.8586, 1.1221)
    """
    low = 1 - math.sqrt(6 * _X / count)
    high = 1 + 2 * math.sqrt(_X / count) + 2 * _X / count
    return variance * max(low, 0.0), variance * high
