"""The laws on what an activation is meant to be: its symmetries and what stays the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.laws.batch_axis import examples_of, extreme_values, meant_to_be
from gradlab.laws.case import Case, Law, entry, evaluate, forward
from gradlab.laws.comparison import Equivalence, assert_equivalent, quietly
from gradlab.reference_table import Property, properties_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from gradlab.laws.comparison import NamedResults
    from gradlab.records import Finding
    from gradlab.subject import Values

    Array = NDArray[Any]
    #: What f(−z) is, from f(z), and how it is written.
    Symmetry = tuple[Callable[[Array], Array], str]

_SYMMETRIES: Mapping[Property, Symmetry] = {
    Property.POINT_SYMMETRIC: (lambda output: np.asarray(1 - output), "1 − f(z)"),
    Property.ODD: (np.negative, "−f(z)"),
    Property.EVEN: (np.positive, "f(z)"),
}

# Entries are put on a grid, so that adding or subtracting a shift is exact even in
# single precision; the shifts are beyond 709, where an exponential overflows.
_GRID = 2.0**-8
_SHIFTS = (1024.0, -1024.0, 2048.0)
# Multiplying by a power of two is exact in floating point, and commutes with rounding.
_FACTORS = (2.0**-6, 2.0**10)


# Symmetry


def _check_symmetry(case: Case) -> list[Finding]:
    holds = properties_of(meant_to_be(case))
    symmetry = next((each for prop, each in _SYMMETRIES.items() if prop in holds), None)
    if symmetry is None:
        return []
    with quietly():
        everywhere = (case.values, *extreme_values(case))
        return [finding for values in everywhere for finding in _symmetric(case, symmetry, values)]


def _symmetric(case: Case, symmetry: Symmetry, values: Values) -> list[Finding]:
    of_output, written = symmetry
    (name,) = case.values

    def straight(values: Values) -> NamedResults:
        return {key: of_output(out) for key, out in forward(case.subject, values).items()}

    def turned(values: Values) -> NamedResults:
        return forward(case.subject, {name: -values[name]})

    def describe(key: str, index: tuple[int, ...], got: str, expected: str) -> str:
        z = f"{-values[name][index]:.6g}" if _is_entry(values[name], index) else "−z"
        return f"f(−z) is {written}: {entry(key, index)}, at {z}: got {got}, should be {expected}"

    for there in (values, {name: -values[name]}):
        for key, out in forward(case.subject, there).items():
            if np.isnan(out).any():
                index = tuple(int(i) for i in np.argwhere(np.isnan(out))[0])
                z = f"{there[name][index]:.6g}" if _is_entry(there[name], index) else "z"
                message = f"f(−z) is {written}: {entry(key, index)}, at {z}: got nan"
                return [case.failed(SYMMETRY.name, key, message, got=np.nan, index=index)]
    return assert_equivalent(
        case, SYMMETRY.name, Equivalence(turned, straight, values, describe, {"output": 1.0})
    )


def _is_entry(array: Array, index: tuple[int, ...]) -> bool:
    """Whether an array has an entry at an index, which may be that of another shape."""
    return array.ndim == len(index) and bool(np.all(np.less(index, array.shape)))


# Shift invariance


def _check_shift(case: Case) -> list[Finding]:
    examples = examples_of(case)
    if Property.SHIFT_INVARIANT not in properties_of(meant_to_be(case)) or examples is None:
        return []
    (name,) = case.subject.checked
    along = np.expand_dims(np.resize(_SHIFTS, examples.count), 1 - examples.axes[name])
    grid = np.round(case.values[name] / _GRID) * _GRID

    def there(values: Values) -> NamedResults:
        return forward(case.subject, values)

    def back(values: Values) -> NamedResults:
        return there({**values, name: values[name] - along})

    def describe(key: str, index: tuple[int, ...], got: str, expected: str) -> str:
        j = index[examples.outputs[0]] if index and examples.outputs[0] is not None else None
        shift = f"{_SHIFTS[j % len(_SHIFTS)]:g}" if j is not None else "a constant (1024 or more)"
        return (
            f"adding {shift} to all logits of an example changes {entry(key, index)}: "
            f"got {got}, should be {expected}"
        )

    with quietly():
        values = {**case.values, name: grid + along}
        # exp(z) is off by u·|z|, and so is log(Σ exp z) − z.
        floor = {"output": float(np.max(np.abs(values[name]), initial=0.0))}
        return assert_equivalent(
            case, SHIFT.name, Equivalence(there, back, values, describe, floor)
        )


# Columns sum to 1


def _check_columns(case: Case) -> list[Finding]:
    examples = examples_of(case)
    normalised = Property.NORMALISED in properties_of(meant_to_be(case))
    if not normalised or examples is None or examples.outputs[0] is None:
        return []
    classes = 1 - examples.outputs[0]

    def sums(values: Values) -> NamedResults:
        return {"output": np.sum(forward(case.subject, values)["output"], axis=classes)}

    def ones(_values: Values) -> NamedResults:
        return {"output": np.ones(examples.count)}

    def describe(_name: str, index: tuple[int, ...], got: str, expected: str) -> str:
        which = f"example {index[0]}" if index else "the examples"
        return f"the probabilities of {which} sum to {got}, should be {expected}"

    return assert_equivalent(case, COLUMNS.name, Equivalence(sums, ones, case.values, describe))


# Independent entries


def _check_entries(case: Case) -> list[Finding]:
    if Property.ELEMENTWISE not in properties_of(meant_to_be(case)):
        return []
    ((name, value),) = case.values.items()
    if value.size < 2:
        return []
    rng = np.random.default_rng([case.seed, 35])
    # The last place of the largest entry is where a maximum over several would be seen.
    places = dict.fromkeys([int(np.argmin(value)), int(rng.integers(value.size))])
    beyond = 1 + float(np.max(np.abs(value)))

    def before(values: Values) -> NamedResults:
        results = evaluate(case.subject, values, case.cotangents)
        return {key: np.stack([r] * len(places)) for key, r in results.items()}

    def after(values: Values) -> NamedResults:
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

    def describe(key: str, index: tuple[int, ...], got: str, expected: str) -> str:
        at = [int(i) for i in np.unravel_index(list(places)[index[0] if index else 0], value.shape)]
        return (
            f"changing entry {at} of {name} changes another entry: {entry(key, index[1:])} was "
            f"{expected} and is {got}"
        )

    if any(out.shape != value.shape for out in case.outputs):
        shapes = ", ".join(str(out.shape) for out in case.outputs)
        return [
            case.failed(ENTRIES.name, "output", f"{name} is {value.shape}, the output {shapes}")
        ]
    return assert_equivalent(case, ENTRIES.name, Equivalence(after, before, case.values, describe))


# Positive homogeneity


def _check_homogeneity(case: Case) -> list[Finding]:
    if Property.HOMOGENEOUS not in properties_of(meant_to_be(case)):
        return []
    (name,) = case.values

    def scaled_after(values: Values) -> NamedResults:
        outputs = forward(case.subject, values)
        return {key: np.stack([out * c for c in _FACTORS]) for key, out in outputs.items()}

    def scaled_before(values: Values) -> NamedResults:
        runs = [forward(case.subject, {name: c * values[name]}) for c in _FACTORS]
        return {key: np.stack([run[key] for run in runs]) for key in runs[0]}

    def describe(key: str, index: tuple[int, ...], got: str, expected: str) -> str:
        c = f"{_FACTORS[index[0]]:g}" if index else "c"
        rule = f"f({c}·z) is {c}·f(z)"
        return f"{rule}: {entry(key, index[1:])}: got {got}, should be {expected}"

    with quietly():
        return assert_equivalent(
            case, HOMOGENEITY.name, Equivalence(scaled_before, scaled_after, case.values, describe)
        )


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

LAWS = (SYMMETRY, SHIFT, COLUMNS, ENTRIES, HOMOGENEITY)
