"""Forward and backward once more give the same once more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.laws.case import Case, Law, entry_name, most_different

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.records import Finding

    Array = NDArray[Any]


def _check(case: Case) -> list[Finding]:
    session = case.subject.open(case.copy_values())
    # Copies, since code that writes into its earlier results must not look repeatable.
    outputs, gradients = [], []
    for _ in range(2):
        values = case.copy_values()
        outputs.append([np.array(out) for out in session.forward(values)])
        claimed = session.backward(values, case.copy_cotangents())
        gradients.append({k: np.array(g) for k, g in claimed.items() if g is not None})
    findings = [
        _same(case, _output_name(i, len(outputs[0])), *pair)
        for i, pair in enumerate(zip(*outputs, strict=True))
    ]
    first, second = gradients
    return findings + [
        _same(case, name, first[name], second[name])
        for name in case.subject.checked
        if name in first and name in second
    ]


def _output_name(position: int, count: int) -> str:
    return "output" if count == 1 else f"output {position}"


def _same(case: Case, name: str, first: Array, second: Array) -> Finding:
    what = name if name.startswith("output") else f"gradient of {name}"
    if first.shape != second.shape:
        message = f"{what} has shape {first.shape} the first time, {second.shape} the second"
        return case.failed(LAW.name, name, message)
    if np.array_equal(first, second, equal_nan=True):
        return case.passed(LAW.name, name, "the same both times")
    index = most_different(second, first)
    was, is_ = float(first[index]), float(second[index])
    message = (
        f"{what}, {entry_name(index)}: {was:.6g} the first time, {is_:.6g} the second time, "
        "from the same values"
    )
    return case.failed(
        LAW.name, name, message, got=is_, expected=was, index=index, notes=_grows(first, second)
    )


def _grows(first: Array, second: Array) -> tuple[str, ...]:
    if np.allclose(second, 2 * first, rtol=1e-12, atol=0.0):
        return ("the second is twice the first: results add up over calls and are not replaced",)
    return ()


LAW = Law("repeat", "forward and backward twice at the same values give the same twice", _check)
