"""Forward and gradients equal the reference's, under the convention's scaling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.laws.case import Case, Law, copies, entry_name
from gradlab.laws.comparison import failure, limits_of
from gradlab.roundoff import (
    MARGINS,
    Neighbourhood,
    gradient_scale,
    mismatch,
    spread_between,
    unit_roundoff,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.records import Finding
    from gradlab.subject import Subject, Values

    Array = NDArray[Any]

_MARGIN = MARGINS["reference"]


def _check(case: Case) -> list[Finding]:
    twin = case.subject.twin
    if twin is None:
        return []
    got, expected = _results(case.subject, case, case.values), _results(twin, case, case.values)
    bounds = _bounds(case, twin, got, expected)
    names = [name for name in expected if name in got]
    return [_compare(case, name, got[name], expected[name], bounds.get(name)) for name in names]


def _results(subject: Subject, case: Case, values: Values) -> dict[str, Array]:
    """Run forward and backward once; return the output and the gradients by name."""
    session = subject.open(values)
    copied = copies(values)
    outputs = session.forward(copied)
    results = {"output": np.array(outputs[0])}
    if outputs[0].shape != case.outputs[0].shape:
        return results
    claimed = session.backward(copied, case.copy_cotangents())
    scaling = subject.scaling(values)
    for name in case.subject.checked:
        gradient = claimed.get(name)
        if gradient is not None:
            results[name] = np.array(gradient) / scaling.get(name, 1.0)
    return results


def _bounds(
    case: Case, twin: Subject, got: dict[str, Array], expected: dict[str, Array]
) -> dict[str, Array]:
    """Return how much of each difference may be rounding, entry by entry."""

    def ours(values: Values) -> dict[str, Array]:
        return _results(case.subject, case, values)

    def theirs(values: Values) -> dict[str, Array]:
        return _results(twin, case, values)

    near = Neighbourhood(case.values, _MARGIN, moving=case.subject.checked, limits=limits_of(case))
    rng = np.random.default_rng([case.seed, 31])
    spread = spread_between((ours, got), (theirs, expected), near, rng)
    return {
        name: _MARGIN.bound(
            changes,
            np.maximum(np.abs(expected[name]), _scale(case, name)),
            unit_roundoff(got[name]),
        )
        for name, changes in spread.items()
    }


def _scale(case: Case, name: str) -> float:
    """Return how large a gradient is before anything cancels; 0 for the output, which shows it.

    A cost has next to no value where its labels are hit; at a second point it has one.
    """
    if name == "output":
        return 0.0
    return max(
        gradient_scale(map(np.multiply, at.cotangents, at.outputs), at.values[name])
        for at in (case, case.second_point)
    )


def _compare(case: Case, name: str, got: Array, expected: Array, bound: Array | None) -> Finding:
    what = "the forward's output" if name == "output" else f"the gradient of {name}"
    whose = case.subject.twin.name if case.subject.twin else ""
    if bound is None:
        message = f"{what} has shape {got.shape}, that of the {whose} has shape {expected.shape}"
        return case.failed(LAW.name, name, message)
    found = mismatch(got, expected, bound)
    if found is None:
        return case.passed(LAW.name, name, f"{what} is that of the {whose}")
    hint = "the forward is wrong: " if name == "output" else ""
    is_, should = found.written()
    message = (
        f"{hint}{what}, {entry_name(found.index)}: got {is_}, "
        f"the {whose} has {should} ± {found.bound:.0e}"
    )
    return failure(case, LAW.name, name, message, found)


LAW = Law(
    "reference",
    "forward and gradients are those of the reference",
    _check,
    source="gradlab.reference, each layer of which names its own source",
    applies_to="what is named like a reference layer, or declared to be like one",
)
