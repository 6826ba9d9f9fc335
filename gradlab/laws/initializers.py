"""Laws of initial weights and biases; `gradlab.laws.concentration` holds the statistics."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gradlab.laws.case import Law, entry_name
from gradlab.laws.concentration import ONE_TEST, mean_bound, variance_range
from gradlab.laws.routine_case import RoutineCase, failed, passed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gradlab.interfaces import InitializerInterface, InitialParameters
    from gradlab.records import Finding

    InitializerCase = RoutineCase[InitializerInterface]
    Rule = Callable[[int, int], float]

#: Inputs and outputs differ, once each way: what one counts cannot be had from the other.
_SIZES = ((60, 240), (240, 60))
_DEEP = (240, 60, 240, 80)

#: The variances that go by a name, from n_in and n_out, the article's first.
RULES: Mapping[str, tuple[tuple[str, Rule], ...]] = {
    "plain": (("0.01²", lambda _i, _o: 1e-4),),
    "xavier": (
        ("1/n_in", lambda i, _o: 1 / i),
        ("2/(n_in + n_out)", lambda i, o: 2 / (i + o)),
    ),
    "he": (("2/n_in", lambda i, _o: 2 / i),),
}
#: What people write instead, to be named when it is met.
_MISTAKES: tuple[tuple[str, Rule], ...] = (
    ("1, a factor is missing", lambda _i, _o: 1.0),
    ("(1/n_in)², the root of 1/n_in is missing", lambda i, _o: 1 / i**2),
    ("(2/n_in)², the root of 2/n_in is missing", lambda i, _o: 4 / i**2),
    ("1/n_out, the outputs were counted", lambda _i, o: 1 / o),
    ("2/n_out, the outputs were counted", lambda _i, o: 2 / o),
    ("1/n_in, the rule of xavier", lambda i, _o: 1 / i),
    ("2/n_in, the rule of he", lambda i, _o: 2 / i),
    ("2/(n_in + n_out), Glorot's rule", lambda i, o: 2 / (i + o)),
    ("1/(3·n_in), a uniform on ±1/√n_in", lambda i, _o: 1 / (3 * i)),
)


def drawn(case: InitializerCase, seed: int | None = None) -> tuple[InitialParameters, ...]:
    """Draw all the layers that the statistics are taken of."""
    chosen = int(case.rng("draw").integers(2**31)) if seed is None else seed
    if case.interface.whole_network:
        return case.interface.draw(_DEEP, chosen)
    wide, narrow = (case.interface.draw(sizes, chosen + i) for i, sizes in enumerate(_SIZES))
    return (*wide, *narrow)


def _variance(case: InitializerCase) -> list[Finding]:
    rules = RULES.get(case.routine.like)
    if rules is None:
        return []
    layers = drawn(case)
    for number, (text, rule) in enumerate(rules):
        wrong = next((layer for layer in layers if not _fits(layer, rule)), None)
        if wrong is None:
            return passed(VARIANCE.name, "W", f"the variance of the weights is {text}")
        if number == 0:
            first = wrong
    text, rule = rules[0]
    return _off(first, text, rule)


def _mean_square(layer: InitialParameters) -> float:
    return float(np.mean(np.square(layer.W, dtype=float)))


def _fits(layer: InitialParameters, rule: Rule) -> bool:
    n_out, n_in = layer.W.shape
    low, high = variance_range(rule(n_in, n_out), layer.W.size)
    return low <= _mean_square(layer) <= high


def _off(layer: InitialParameters, text: str, rule: Rule) -> list[Finding]:
    n_out, n_in = layer.W.shape
    got, should = _mean_square(layer), rule(n_in, n_out)
    low, high = variance_range(should, layer.W.size)
    message = (
        f"the variance of {layer.name} ({n_out} units of {n_in} inputs) is {got:.3g}, should be "
        f"{text} = {should:.3g}; a right draw of {layer.W.size} weights lies between {low:.3g} "
        f"and {high:.3g} but once in {1 / ONE_TEST:.0e}"
    )
    named = [what for what, other in _MISTAKES if other(n_in, n_out) != should]
    notes = [
        f"this is about {what}"
        for what, other in _MISTAKES
        if what in named and _fits(layer, other)
    ]
    bound = max(high - should, should - low)
    return failed(
        VARIANCE.name,
        "W",
        message,
        got=got,
        expected=should,
        bound=bound,
        notes=tuple(notes[:1]),
    )


def _mean(case: InitializerCase) -> list[Finding]:
    for layer in drawn(case):
        mean = float(np.mean(layer.W, dtype=float))
        # Against the weights' own size: the mean of their squares is one more thing
        # measured, and what it may be too large by is allowed for.
        count = layer.W.size
        low, _ = variance_range(1.0, count)
        bound = mean_bound(math.sqrt(_mean_square(layer) / low), count)
        if not abs(mean) <= bound:
            message = (
                f"the mean of {layer.name} is {mean:.3g}, should be 0 ± {bound:.1g}; a right draw "
                f"of {count} weights is outside but once in {1 / ONE_TEST:.0e}"
            )
            details = {"got": mean, "expected": 0.0, "bound": bound}
            return failed(MEAN.name, "W", message, **details)
    return passed(MEAN.name, "W", "the mean of the weights is 0")


def _symmetry(case: InitializerCase) -> list[Finding]:
    for layer in drawn(case):
        units, kept = np.unique(layer.W, axis=0, return_index=True)
        if len(units) == len(layer.W):
            continue
        copy = int(np.setdiff1d(np.arange(len(layer.W)), kept)[0])
        alike = np.all(np.equal(layer.W, layer.W[copy]), axis=1)
        original = int(np.flatnonzero(alike)[0])
        what = "all weights are 0" if not layer.W.any() else "their incoming weights are equal"
        message = (
            f"{len(units)} of the {len(layer.W)} units of {layer.name} are different: units "
            f"{original} and {copy} are copies of each other ({what}), and stay so for ever"
        )
        return failed(SYMMETRY.name, "W", message)
    return passed(SYMMETRY.name, "W", "no two units start alike")


def _biases(case: InitializerCase) -> list[Finding]:
    layers = [layer for layer in drawn(case) if layer.b is not None]
    for layer in layers:
        biases = np.asarray(layer.b)
        if np.any(biases != 0):
            index = tuple(int(i) for i in np.argwhere(biases != 0)[0])
            name = layer.name.replace("W", "b")
            is_ = float(biases[index])
            message = f"{name}, {entry_name(index)}: got {is_:.6g}, should be 0"
            return failed(BIASES.name, "b", message, got=is_, expected=0.0, index=index)
    return passed(BIASES.name, "b", "the biases are 0") if layers else []


def _reproducible(case: InitializerCase) -> list[Finding]:
    seed = int(case.rng("draw").integers(2**31))
    once, again = drawn(case, seed), drawn(case, seed)
    for first, second in zip(once, again, strict=True):
        if not np.array_equal(first.W, second.W):
            message = (
                f"{first.name} differs between two draws from one seed; take a generator or a "
                "seed as an argument, or draw from NumPy's global stream"
            )
            return failed(REPEAT.name, "W", message)
    return passed(REPEAT.name, "W", "one seed, one draw")


_ONCE = "which errs at most once in 10¹² runs"

VARIANCE: Law[InitializerCase] = Law(
    "initial variance",
    f"the weights have the variance that their rule prescribes, by a test {_ONCE}",
    _variance,
    source="the guide, initialization of W and b; Glorot and Bengio (2010); He et al. (2015)",
    applies_to="initializers that are known to be plain, xavier or he",
)
MEAN: Law[InitializerCase] = Law(
    "initial mean",
    f"the weights have the mean 0, by a test {_ONCE}",
    _mean,
    source="the guide, initialization of W and b",
    applies_to="every initializer",
)
SYMMETRY: Law[InitializerCase] = Law(
    "no initial symmetry",
    "no two units of a layer start with the same incoming weights",
    _symmetry,
    source="the article, question 4: why random initialization of weights?",
    applies_to="every initializer",
)
BIASES: Law[InitializerCase] = Law(
    "zero biases",
    "the biases start at 0",
    _biases,
    source="the guide, initialization of W and b",
    applies_to="initializers that return biases",
)
REPEAT: Law[InitializerCase] = Law(
    "repeat",
    "the same seed draws the same weights",
    _reproducible,
    source="the article's coding section: np.random.seed(48)",
    applies_to="every initializer",
)

LAWS: tuple[Law[InitializerCase], ...] = (VARIANCE, MEAN, SYMMETRY, BIASES, REPEAT)
