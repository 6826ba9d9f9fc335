"""Which tensors of a reading are checked, and which are data or have no part in the output."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters.reading_session import Execution
from gradlab.adapters.templates import tensors_of
from gradlab.domain import Content, Exemption, Role, TensorSpec

if TYPE_CHECKING:
    from gradlab.adapters.attempt import Attempt
    from gradlab.adapters.reading import Reading
    from gradlab.domain import Domain


def given_specs(reading: Reading) -> list[TensorSpec]:
    """Describe the tensors that forward is given.

    The labels of a model, which computes its predictions from weights, are data like
    its inputs: what holds of labels beside predictions does not hold of them.
    """
    tensors, model = tensors_of(reading.call.forward), is_model(reading)
    return [
        replace(tensor, role=Role.INPUT).spec(name)
        if model and tensor.role is Role.LABEL and tensor.content is not Content.INTEGER
        else tensor.spec(name)
        for name, tensor in tensors.items()
    ]


def is_model(reading: Reading) -> bool:
    """Whether predictions are computed from weights, and held against labels."""
    tensors = tensors_of(reading.call.forward).values()
    weights = any(tensor.role is Role.PARAMETER for tensor in tensors)
    return not reading.upstream and weights and any(not tensor.differentiable for tensor in tensors)


def exemptions_of(reading: Reading) -> tuple[Exemption, ...]:
    """Return the laws that presuppose predictions which are not there."""
    if not is_model(reading):
        return ()
    reason = "its predictions are computed from weights inside, and no input of it is a prediction"
    return tuple(Exemption(law, reason) for law in ("extremes", "zero at the labels"))


def checked_tensors(attempt: Attempt, domain: Domain) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the tensors whose gradients are checked, and a note on those that are not."""
    reading = attempt.reading
    tensors = tensors_of(reading.call.forward)
    labelled = any(not tensor.differentiable for tensor in tensors.values())
    checked, data, idle = [], [], []
    for spec in domain:
        name = spec.name
        origin = tensors.get(name)
        if not spec.differentiable or (origin is not None and not origin.differentiable):
            continue
        if name in reading.gradients or name not in attempt.values:
            checked.append(name)
        elif labelled and spec.role is Role.INPUT:
            data.append(name)
        elif _idle(attempt, name):
            idle.append(name)
        else:
            checked.append(name)
    notes = []
    if data:
        notes.append(f"no gradient of {', '.join(data)} is returned, and none is expected: data")
    if idle:
        notes.append(f"the output does not depend on {', '.join(idle)}: not checked")
    return tuple(checked), tuple(notes)


def _idle(attempt: Attempt, name: str) -> bool:
    """Whether moving a tensor moves no output."""
    reading, values = attempt.reading, attempt.values
    moved = {**values, name: values[name] * 1.37 + 0.11}
    try:
        one, other = (_outputs(reading, at) for at in (values, moved))
    except Exception:  # noqa: BLE001 - code under test may raise whatever it likes
        return False
    return all(np.array_equal(a, b, equal_nan=True) for a, b in zip(one, other, strict=True))


def _outputs(reading: Reading, values: dict[str, Any]) -> tuple[Any, ...]:
    execution = Execution(reading, reading.sizes)
    return tuple(
        np.array(o) for o in execution.forward({n: np.array(v) for n, v in values.items()})
    )
