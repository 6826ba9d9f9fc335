"""Forward and gradients are the reference's, under the convention's scaling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.errors import GradlabError
from gradlab.laws.case import Case, Law, entry_name, most_different, unit_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.records import Finding
    from gradlab.subject import Subject, Values

    Array = NDArray[Any]

# How far the inputs are moved, relative to their size, to see rounding at work.
# A saturated tanh keeps one and the same float over many units in the last place
# of its input, so that small moves alone would show no rounding at all.
_LAST_PLACE = 0.0  # stands for: to the next number
_MOVES = (_LAST_PLACE, _LAST_PLACE, 2.0**-44, 2.0**-36, 2.0**-28, 2.0**-20, 2.0**-14)
_MARGIN = 8


def _check(case: Case) -> list[Finding]:
    twin = case.subject.twin
    if twin is None:
        return []
    got, expected = _results(case.subject, case, case.values), _results(twin, case, case.values)
    bounds = _rounding(case, twin, got, expected)
    names = [name for name in expected if name in got]
    return [_compare(case, name, got[name], expected[name], bounds.get(name)) for name in names]


def _results(subject: Subject, case: Case, values: Values) -> dict[str, Array]:
    """Run forward and backward once: the output, then each gradient that came back."""
    session = subject.open(values)
    handed = {name: value.copy() for name, value in values.items()}
    outputs = session.forward(handed)
    results = {"output": np.array(outputs[0])}
    if outputs[0].shape != case.outputs[0].shape:
        return results
    claimed = session.backward(handed, case.copy_cotangents())
    scaling = subject.scaling(values)
    for name in case.subject.checked:
        gradient = claimed.get(name)
        if gradient is not None:
            results[name] = np.array(gradient) / scaling.get(name, 1.0)
    return results


def _rounding(
    case: Case, twin: Subject, got: dict[str, Array], expected: dict[str, Array]
) -> dict[str, Array]:
    """Measure what rounding can explain, entry by entry.

    Subject and twin are run again at moved inputs.  If both compute the same
    function their difference is rounding wherever it is taken, and its changes
    show how large rounding is; if they don't, the difference hardly changes
    over so small a move, and the bound stays small beside it.  What moving the
    inputs in the last place does to the twin itself is allowed for too: two
    right formulas may differ by as much (sin(z + π/2) and cos(z) near a zero).
    """
    names = [n for n, value in expected.items() if n in got and got[n].shape == value.shape]
    bound = {
        name: 4 * unit_of(got[name]) * np.maximum(np.abs(expected[name]), _natural(case, name))
        for name in names
    }
    spread = {name: np.zeros(expected[name].shape) for name in names}
    rng = np.random.default_rng([case.seed, 31])
    for move in _MOVES:
        moved = {
            name: _moved(value, move, rng) if name in case.subject.checked else value
            for name, value in case.values.items()
        }
        try:
            ours, theirs = _results(case.subject, case, moved), _results(twin, case, moved)
        except (GradlabError, ValueError):
            continue  # moved out of the domain: a probability beyond 1
        for name in names:
            apart = (ours[name] - theirs[name]) - (got[name] - expected[name])
            spread[name] = np.maximum(spread[name], np.abs(apart))
            if move == _LAST_PLACE:
                spread[name] = np.maximum(spread[name], np.abs(theirs[name] - expected[name]))
    return {name: bound[name] + _MARGIN * spread[name] for name in names}


def _natural(case: Case, name: str) -> float:
    """How large a gradient of this tensor is before anything cancels: |c||F|/|x|.

    1 − a² of a saturated tanh is 0 where 4e-26 is exact: the error is that of
    rounding 1, and says nothing against the formula.  A forward has no such floor.
    """
    if name == "output":
        return 0.0
    passed_on, moved = 0.0, np.inf
    # A cost that is hit has next to no value here; somewhere generic it has.
    for at in (case, case.elsewhere):
        for c, out in zip(at.cotangents, at.outputs, strict=True):
            passed_on = max(passed_on, float(np.max(np.abs(c * out), initial=0.0)))
        size = float(np.max(np.abs(at.values[name]), initial=0.0))
        moved = min(moved, size or np.inf)
    return passed_on / (moved if np.isfinite(moved) else 1.0)


def _moved(value: Array, move: float, rng: np.random.Generator) -> Array:
    if move == _LAST_PLACE:
        towards = rng.choice([-np.inf, np.inf], value.shape).astype(value.dtype)
        return np.asarray(np.nextafter(value, towards))
    return np.asarray(value * (1 + move * rng.uniform(-1.0, 1.0, value.shape)))


def _compare(case: Case, name: str, got: Array, expected: Array, bound: Array | None) -> Finding:
    what = "the forward's output" if name == "output" else f"the gradient of {name}"
    whose = case.subject.twin.name if case.subject.twin else ""
    if bound is None:
        message = f"{what} has shape {got.shape}, that of the {whose} has shape {expected.shape}"
        return case.failed(LAW.name, name, message)
    # Written so that a NaN on one side only is a difference.
    same = (np.abs(got - expected) <= bound) | (np.isnan(got) & np.isnan(expected))
    same |= got == expected
    if same.all():
        return case.passed(LAW.name, name, f"{what} is that of the {whose}")
    index = most_different(np.where(same, expected, got), expected)
    is_, should, room = float(got[index]), float(expected[index]), float(bound[index])
    hint = "the forward is wrong: " if name == "output" else ""
    message = (
        f"{hint}{what}, {entry_name(index)}: got {is_:.6g}, "
        f"the {whose} has {should:.6g} ± {room:.0e}"
    )
    return case.failed(LAW.name, name, message, got=is_, expected=should, bound=room, index=index)


LAW = Law(
    "reference",
    "forward and gradients are those of the reference",
    _check,
    source="gradlab.reference, each layer of which names its own source",
    applies_to="what is named like a reference layer, or declared to be like one",
)
