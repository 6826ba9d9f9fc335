"""The laws on what an activation is meant to be: its symmetries and what stays the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.domain import Where
from gradlab.laws.agree import Claim, entry, evaluate, hold, quietly
from gradlab.laws.case import Case, Law
from gradlab.laws.examples import Examples, examples_of, meant_to_be, sizes_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gradlab.laws.agree import Results
    from gradlab.records import Finding
    from gradlab.subject import Values

    Array = NDArray[Any]
    #: What f(−z) is, from f(z), and the factor between the two gradients.
    Mirror = tuple[Callable[[Array], Array], float, str]

_ODD: Mirror = (np.negative, 1.0, "−f(z)")
_MIRRORS: dict[str, Mirror] = {
    "sigmoid": (lambda output: np.asarray(1 - output), 1.0, "1 − f(z)"),
    "tanh": _ODD,
    "sin": _ODD,
    "identity": _ODD,
    "cos": (np.positive, -1.0, "f(z)"),
}
_ELEMENTWISE = (*_MIRRORS, "relu", "leaky_relu")
_HOMOGENEOUS = ("relu", "leaky_relu", "identity")
_SHIFTED = ("softmax", "softmax_cross_entropy")

# Entries are put on a grid, so that adding or subtracting a shift is exact even in
# single precision; the shifts are beyond 709, where an exponential overflows.
_GRID = 2.0**-8
_SHIFTS = (1024.0, -1024.0, 2048.0)
# Multiplying by a power of two is exact in floating point, and commutes with rounding.
_FACTORS = (2.0**-6, 2.0**10)


def _input(case: Case) -> str:
    """The name of the one tensor that an activation, or a cost, has a gradient for."""
    return case.subject.checked[0] if len(case.subject.checked) == 1 else ""


# Symmetry


def _check_symmetry(case: Case) -> list[Finding]:
    mirror = _MIRRORS.get(meant_to_be(case))
    name = _input(case)
    if mirror is None or not name:
        return []
    sizes = sizes_of(case.subject.domain, case.values)
    rng = np.random.default_rng([case.seed, 34])
    extreme = case.subject.domain.sample(sizes, rng, Where.EXTREMES)
    both_signs = {name: np.concatenate([extreme[name], -extreme[name]], axis=-1)}
    findings = _mirrored(case, name, mirror, case.values)
    with quietly():
        wide = _widened(case)
        return findings + _mirrored(wide, name, mirror, both_signs)


def _widened(case: Case) -> Case:
    """The case with every upstream gradient twice, for values that stand twice."""
    twice = tuple(np.concatenate([c, c], axis=-1) for c in case.cotangents)
    return Case(
        case.subject,
        case.values,
        twice,
        case.outputs,
        case.gradients,
        f"extreme values ({case.where})",
        case.seed,
    )


def _mirrored(case: Case, name: str, mirror: Mirror, values: Values) -> list[Finding]:
    of_output, of_gradient, written = mirror

    def straight(values: Values) -> Results:
        results = evaluate(case.subject, values, case.cotangents)
        return {
            key: of_gradient * result if key == name else of_output(result)
            for key, result in results.items()
        }

    def turned(values: Values) -> Results:
        return evaluate(case.subject, {name: -values[name]}, case.cotangents)

    def say(key: str, index: tuple[int, ...], got: str, expected: str) -> str:
        at = f"{-values[name][index]:.6g}" if index else "−z"
        rule = f"f(−z) is {written}" if key != name else "the slope at −z is that at z"
        if key == name and of_gradient < 0:
            rule = "the slope at −z is minus that at z"
        return f"{rule}: {entry(key, index)}, at {at}: got {got}, should be {expected}"

    floor = {name: _size_of_gradient(case, name)}
    return hold(case, SYMMETRY.name, Claim(turned, straight, values, say, floor))


def _size_of_gradient(case: Case, name: str) -> float:
    """The size of a gradient where nothing has saturated; 1 − a has its rounding anywhere."""
    gradient = case.gradients.get(name)
    return 0.0 if gradient is None else float(np.max(np.abs(gradient), initial=0.0))


# Shift invariance


def _check_shift(case: Case) -> list[Finding]:
    name = _input(case)
    examples = examples_of(case)
    if meant_to_be(case) not in _SHIFTED or not name or examples is None:
        return []
    value = case.values[name]
    along = np.expand_dims(np.resize(_SHIFTS, examples.count), 1 - examples.axes[name])
    grid = np.round(value / _GRID) * _GRID

    def there(values: Values) -> Results:
        return evaluate(case.subject, values, case.cotangents)

    def back(values: Values) -> Results:
        return there({**values, name: values[name] - along})

    def say(key: str, index: tuple[int, ...], got: str, expected: str) -> str:
        return (
            f"adding one constant to all of an example's logits changes {entry(key, index)}: "
            f"got {got}, should be {expected}; the constants are 1024 and beyond"
        )

    with quietly():
        values = {**case.values, name: grid + along}
        return hold(case, SHIFT.name, Claim(there, back, values, say))


# Columns sum to 1


def _check_columns(case: Case) -> list[Finding]:
    examples = examples_of(case)
    if meant_to_be(case) != "softmax" or examples is None or examples.outputs[0] is None:
        return []
    classes = 1 - examples.outputs[0]

    def sums(values: Values) -> Results:
        handed = {name: value.copy() for name, value in values.items()}
        return {"output": np.sum(case.subject.forward(handed)[0], axis=classes)}

    def ones(_values: Values) -> Results:
        return {"output": np.ones(examples.count)}

    def say(_name: str, index: tuple[int, ...], got: str, expected: str) -> str:
        which = f"example {index[0]}" if index else "the examples"
        return f"the probabilities of {which} sum to {got}, should be {expected}"

    return hold(case, COLUMNS.name, Claim(sums, ones, case.values, say))


# Independent entries


def _check_entries(case: Case) -> list[Finding]:
    name = _input(case)
    if meant_to_be(case) not in _ELEMENTWISE or not name or case.values[name].size < 2:
        return []
    value = case.values[name]
    rng = np.random.default_rng([case.seed, 35])
    # The last place of the largest entry is where a maximum over several would be seen.
    places = dict.fromkeys([int(np.argmin(value)), int(rng.integers(value.size))])
    beyond = 1 + float(np.max(np.abs(value)))

    def before(values: Values) -> Results:
        results = evaluate(case.subject, values, case.cotangents)
        return {key: np.stack([r] * len(places)) for key, r in results.items()}

    def after(values: Values) -> Results:
        base = evaluate(case.subject, values, case.cotangents)
        runs = []
        for place in places:
            changed = values[name].copy()
            changed.flat[place] = beyond
            results = evaluate(case.subject, {name: changed}, case.cotangents)
            for key, result in results.items():
                result.flat[place] = base[key].flat[place]
            runs.append(results)
        return {key: np.stack([run[key] for run in runs]) for key in base}

    def say(key: str, index: tuple[int, ...], got: str, expected: str) -> str:
        at = [int(i) for i in np.unravel_index(list(places)[index[0] if index else 0], value.shape)]
        return (
            f"changing entry {at} of {name} changes another entry: {entry(key, index[1:])} was "
            f"{expected} and is {got}"
        )

    if any(out.shape != value.shape for out in case.outputs):
        shapes = ", ".join(str(out.shape) for out in case.outputs)
        return [case.failed(ENTRIES.name, "output", f"{name} is {value.shape}, the output {shapes}")]
    return hold(case, ENTRIES.name, Claim(after, before, case.values, say))


# Positive homogeneity


def _check_homogeneity(case: Case) -> list[Finding]:
    name = _input(case)
    if meant_to_be(case) not in _HOMOGENEOUS or not name:
        return []
    factors = np.array(_FACTORS)

    def scaled_after(values: Values) -> Results:
        results = evaluate(case.subject, values, case.cotangents)
        return {
            key: np.stack([result * (1.0 if key == name else f) for f in factors])
            for key, result in results.items()
        }

    def scaled_before(values: Values) -> Results:
        runs = [evaluate(case.subject, {name: f * values[name]}, case.cotangents) for f in factors]
        return {key: np.stack([run[key] for run in runs]) for key in runs[0]}

    def say(key: str, index: tuple[int, ...], got: str, expected: str) -> str:
        c = f"{factors[index[0]]:.6g}" if index else "c"
        rule = f"the slope at {c}·z is that at z" if key == name else f"f({c}·z) is {c}·f(z)"
        return f"{rule}: {entry(key, index[1:])}: got {got}, should be {expected}"

    return hold(case, HOMOGENEITY.name, Claim(scaled_before, scaled_after, case.values, say))


SYMMETRY = Law(
    "symmetry",
    "σ(−z) = 1 − σ(z); tanh, sin and the identity are odd, cos is even; at extreme values too",
    _check_symmetry,
    "from the definitions, σ(z) = 1/(1 + exp(−z))",
    "what is meant to be a sigmoid, tanh, sin, cos or the identity",
)
SHIFT = Law(
    "shift invariance",
    "a constant added to all logits of an example changes nothing",
    _check_shift,
    "exp(z + c)/Σ exp(z + c) = exp(z)/Σ exp(z)",
    "what is meant to be a softmax, or its cross-entropy",
)
COLUMNS = Law(
    "columns sum to 1",
    "the probabilities of each example sum to 1",
    _check_columns,
    "the definition of the softmax",
    "what is meant to be a softmax",
)
ENTRIES = Law(
    "independent entries",
    "changing one entry changes only that entry of the output and of the input gradient",
    _check_entries,
    "the article, figure 88: an activation is applied to each entry",
    "what is meant to be an elementwise activation",
)
HOMOGENEITY = Law(
    "positive homogeneity",
    "f(c·z) = c·f(z) for c > 0",
    _check_homogeneity,
    "from the definition, max(z, 0)",
    "what is meant to be a ReLU, a leaky ReLU or the identity",
)
