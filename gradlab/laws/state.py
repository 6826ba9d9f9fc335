"""Laws on state: results depend on the arguments, and on no earlier or other call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.errors import GradlabError
from gradlab.laws.case import (
    AT_ONE_SIZE,
    Case,
    Law,
    Results,
    backward,
    entry_name,
    result_name,
    run,
)
from gradlab.laws.comparison import same_results
from gradlab.roundoff import distinct, mismatch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.records import Finding
    from gradlab.roundoff import Mismatch

    Array = NDArray[Any]


# Repeat


def _check_repeat(case: Case) -> list[Finding]:
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
        return case.failed(REPEAT.name, name, message)
    found = mismatch(second, first if is_output else _after_second(case, first))
    if found is None:
        return case.passed(REPEAT.name, name, "the same both times")
    before, after = distinct(float(first[found.index]), found.got)
    message = (
        f"{what}, {entry_name(found.index)}: {before} the first time, {after} the second time, "
        "from the same values"
    )
    hint = _accumulation_hint(case, first, second)
    return case.failed(
        REPEAT.name,
        name,
        message,
        got=found.got,
        expected=found.expected,
        index=found.index,
        notes=(hint,) if hint else (),
    )


def _after_second(case: Case, gradient: Array) -> Array:
    """Return the gradient expected of a second backward: the same, or twice it if accumulated."""
    return 2 * gradient if case.subject.accumulates else gradient


def _accumulation_hint(case: Case, first: Array, second: Array) -> str:
    """Name a second result that accumulates, or does not, against the declaration."""
    if case.subject.accumulates:
        same = np.array_equal(second, first)
        return "gradients are replaced, and are declared to add up over calls" if same else ""
    if np.allclose(second, 2 * first, rtol=1e-12, atol=0.0):
        return "the second is twice the first: results add up over calls and are not replaced"
    return ""


# Second forward


def _check_second_forward(case: Case) -> list[Finding]:
    later = case.second_point
    session = case.subject.open(case.copy_values())
    session.forward(case.copy_values())
    got = run(session, later.values, later.cotangents).named()
    of_first = case.results.named()

    def describe(name: str, found: Mismatch) -> str:
        message = (
            f"after a forward at one point and then at another, {result_name(name)}, "
            f"{entry_name(found.index)}: got {found.got_text}, should be {found.expected_text}, "
            "as a new instance has it at the second point"
        )
        kept = name in of_first and np.array_equal(got[name], of_first[name])
        return f"{message}; it is still that of the first point" if kept else message

    return same_results(later, SECOND_FORWARD.name, got, describe=describe)


# Backward twice


def _check_backward_twice(case: Case) -> list[Finding]:
    # A cache that is used up may hold the right numbers by chance at one point.
    return [*_backward_twice_at(case), *_backward_twice_at(case.second_point)]


def _backward_twice_at(case: Case) -> list[Finding]:
    law = BACKWARD_TWICE.name
    values = case.copy_values()
    session = case.subject.open(values)
    session.forward(values)
    first = backward(session, values, case.cotangents)
    try:
        second = backward(session, values, case.cotangents)
    except GradlabError:
        return [case.passed(law, "", "a second backward after one forward is refused")]
    expected = {name: _after_second(case, gradient) for name, gradient in first.items()}

    def describe(name: str, found: Mismatch) -> str:
        which = "twice the first gradient" if case.subject.accumulates else "the first gradient"
        message = (
            f"in a second backward after one forward the gradient of {name}, "
            f"{entry_name(found.index)}: got {found.got_text}, should be {found.expected_text}, "
            f"{which}"
        )
        hint = _accumulation_hint(case, first[name], second[name])
        return f"{message}; {hint}" if hint else message

    return same_results(case, law, second, expected=expected, describe=describe)


# Two instances


def _check_two_instances(case: Case) -> list[Finding]:
    cases = (case, case.second_point)
    copied = [each.copy_values() for each in cases]
    sessions = [case.subject.open(values) for values in copied]
    outputs = [
        tuple(np.array(out) for out in session.forward(values))
        for session, values in zip(sessions, copied, strict=True)
    ]
    gradients = [
        backward(session, values, case.cotangents)
        for session, values in zip(sessions, copied, strict=True)
    ]
    first, second = map(Results, outputs, gradients)
    return [*_as_alone(first, *cases), *_as_alone(second, *reversed(cases))]


def _as_alone(results: Results, alone: Case, other: Case) -> list[Finding]:
    """Compare an instance's results with those that it returns alone."""
    got, of_other = results.named(), other.results.named()

    def describe(name: str, found: Mismatch) -> str:
        message = (
            f"with another instance's calls in between, {result_name(name)}, "
            f"{entry_name(found.index)}: got {found.got_text}, should be {found.expected_text}, "
            "as the instance returns it alone"
        )
        taken = np.array_equal(got[name], of_other.get(name, ()))
        return f"{message}; it is that of the other instance" if taken else message

    return same_results(alone, TWO_INSTANCES.name, got, describe=describe)


REPEAT = Law(
    "repeat",
    "forward and backward twice at the same values return the same twice",
    _check_repeat,
    source="the chain rule: a gradient depends on the values and the upstream gradient alone",
    applies_to="every layer and cost; where gradients are declared to add up, the second is twice "
    "the first",
)
SECOND_FORWARD = Law(
    "second forward",
    "after a forward at another point, the backward is the one for that point",
    _check_second_forward,
    source="a backward differentiates at the values of the latest forward",
    applies_to="every layer and cost",
    patterns=AT_ONE_SIZE,
)
BACKWARD_TWICE = Law(
    "backward twice",
    "a second backward after one forward returns the same gradients, or is refused",
    _check_backward_twice,
    source="a backward reads the cache of its forward, and does not use it up",
    applies_to="every layer and cost; where gradients are declared to add up, the second is twice "
    "the first",
    patterns=AT_ONE_SIZE,
)
TWO_INSTANCES = Law(
    "two instances",
    "two instances whose calls alternate return what each returns alone",
    _check_two_instances,
    source="an instance's cache and parameters are its own",
    applies_to="every layer and cost",
    patterns=AT_ONE_SIZE,
)

LAWS = (REPEAT, SECOND_FORWARD, BACKWARD_TWICE, TWO_INSTANCES)
