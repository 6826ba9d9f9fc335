"""What a reading shows of conventions: where 1/m stands, and whether gradients add up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters.attempt import Attempt
from gradlab.adapters.reading_session import Execution
from gradlab.adapters.templates import tensors_of
from gradlab.domain import Role
from gradlab.subject import draw_cotangents

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

#: Methods that set gradients to zero: where there is one, gradients are meant to add up.
_RESETS = (
    *("zero_grad", "zero_grads", "zero_gradients", "zero_gradient", "flush_gradients"),
    *("clear_grad", "clear_grads", "clear_gradients", "reset_grad", "reset_gradients"),
)
_CLOSE = 1e-6


def with_conventions(attempt: Attempt) -> Attempt:
    """Return the attempt with what its gradients show of conventions in the reading."""
    return _with_sums(_with_means(attempt))


def _with_means(attempt: Attempt) -> Attempt:
    """Recognise 1/m in every parameter's gradient and in no input's.

    It is a convention in some code and a mistake in other, and nothing in one layer
    shows which; as a gradient it is not wrong.
    """
    reading = attempt.reading
    tensors = tensors_of(reading.call.forward)
    parameters = {held.name for held in reading.held} | {
        name for name, tensor in tensors.items() if tensor.role is Role.PARAMETER
    }
    compared = set(attempt.ratios)
    inputs = [name for name in compared - parameters if tensors[name].role is Role.INPUT]
    if not reading.upstream or not inputs or not compared & parameters:
        return attempt
    if not all(attempt.ratios[name][0] for name in inputs):
        return attempt
    examples = reading.sizes["m"]
    divided = all(
        abs(attempt.ratios[name][1] * examples - 1) < _CLOSE for name in compared & parameters
    )
    if not divided or parameters - compared:
        return attempt
    scaled = tuple(name for name in attempt.ratios if name in parameters)
    agreeing = {name: (True, ratio) for name, (_, ratio) in attempt.ratios.items()}
    return Attempt(replace(reading, scaled=scaled), attempt.values, agreeing)


def _with_sums(attempt: Attempt) -> Attempt:
    """Recognise gradients that add up, in code that has a method to set them to zero."""
    reading = attempt.reading
    kept = [name for name, at in reading.gradients.items() if at.where == "held"]
    if not kept or not any(hasattr(reading.call.target.obj, name) for name in _RESETS):
        return attempt
    execution = Execution(reading, reading.sizes)
    handed = {name: np.array(value) for name, value in attempt.values.items()}
    outputs = execution.forward(handed)
    cotangents = draw_cotangents(outputs, np.random.default_rng(3))
    first, second = (
        {n: np.array(g) for n, g in execution.backward(handed, cotangents).items() if g is not None}
        for _ in range(2)
    )
    adding = [
        name
        for name in kept
        if name in first and np.any(first[name]) and np.allclose(second[name], 2 * first[name])
    ]
    gradients = {
        name: replace(at, adds_up=name in adding) for name, at in reading.gradients.items()
    }
    return Attempt(replace(reading, gradients=gradients), attempt.values, attempt.ratios)
