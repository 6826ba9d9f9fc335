"""Forward and backward once more give the same once more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.laws.case import Case, Law, entry_name, most_different, run

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.records import Finding

    Array = NDArray[Any]


def _check(case: Case) -> list[Finding]:
    session = case.subject.open(case.copy_values())
    first, second = (run(session, case.values, case.cotangents).named() for _ in range(2))
    return [
        _same(case, name, first[name], second[name])
        for name in first
        if name in second and (name.startswith("output") or name in case.subject.checked)
    ]


def _same(case: Case, name: str, first: Array, second: Array) -> Finding:
    is_output = name.startswith("output")
    what = name if is_output else f"gradient of {name}"
    if first.shape != second.shape:
        message = f"{what} has shape {first.shape} the first time, {second.shape} the second"
        return case.failed(LAW.name, name, message)
    expected = first if is_output else after_another(case, first)
    if np.array_equal(expected, second, equal_nan=True):
        return case.passed(LAW.name, name, "the same both times")
    index = most_different(second, expected)
    was, is_ = float(first[index]), float(second[index])
    message = (
        f"{what}, {entry_name(index)}: {was:.6g} the first time, {is_:.6g} the second time, "
        "from the same values"
    )
    said = how_it_grows(case, first, second)
    return case.failed(
        LAW.name,
        name,
        message,
        got=is_,
        expected=float(expected[index]),
        index=index,
        notes=(said,) if said else (),
    )


def after_another(case: Case, gradient: Array) -> Array:
    """Return what one more backward makes of a gradient: the same, or its double if it adds up."""
    return 2 * gradient if case.subject.accumulates else gradient


def how_it_grows(case: Case, first: Array, second: Array) -> str:
    """Say what a second result does that is wrong: add up, or not, against the declaration."""
    if case.subject.accumulates:
        same = np.array_equal(second, first)
        return "gradients are replaced, and are declared to add up over calls" if same else ""
    if np.allclose(second, 2 * first, rtol=1e-12, atol=0.0):
        return "the second is twice the first: results add up over calls and are not replaced"
    return ""


LAW = Law(
    "repeat",
    "forward and backward twice at the same values give the same twice",
    _check,
    source="the chain rule: a gradient depends on the values and the upstream gradient alone",
    applies_to="every layer and cost; where gradients are declared to add up, the second is twice "
    "the first",
)
