"""Results have the number format that their arguments call for; integers lose no fractions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.domain import Content, Role
from gradlab.errors import GradlabError
from gradlab.laws.case import AT_ONE_SIZE, Case, Law, entry_name, result_name
from gradlab.laws.comparison import same_results

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gradlab.domain import TensorSpec
    from gradlab.records import Finding
    from gradlab.roundoff import Mismatch

    Array = NDArray[Any]
    Named = Mapping[str, Array]

# Integers are drawn up to here: large ones would only saturate.
_LARGEST = 3
# Contents that integers can represent.
_COUNTED = (Content.REAL, Content.BINARY, Content.ONE_HOT)


def _check(case: Case) -> list[Finding]:
    return [
        *_formats(case, case.results.gradients, np.dtype(np.float64)),
        *_single(case),
        *(
            finding
            for position, tensor in enumerate(case.subject.domain)
            if tensor.role in (Role.INPUT, Role.LABEL) and tensor.content in _COUNTED
            for finding in _integers(case, tensor, position)
        ),
    ]


def _single(case: Case) -> list[Finding]:
    """Evaluate in float32, where the code takes it."""
    values = {
        name: v.astype(np.float32) if v.dtype.kind == "f" else v for name, v in case.values.items()
    }
    cotangents = tuple(c.astype(np.float32) for c in case.cotangents)
    try:
        gradients = case.run(values, cotangents).gradients
    except GradlabError:
        return []  # refused, and so not worked on in another format
    return _formats(case, gradients, np.dtype(np.float32))


def _formats(case: Case, gradients: Named, given: np.dtype[Any]) -> list[Finding]:
    """Compare each gradient's format with that of the values, `given`."""
    return [
        _format(case, name, gradients[name].dtype, given)
        for name in case.subject.checked
        if name in gradients
    ]


def _format(case: Case, name: str, got: np.dtype[Any], given: np.dtype[Any]) -> Finding:
    if got == given:
        return case.passed(LAW.name, name, "the gradient has the number format of the values")
    if got.kind == "f" and np.promote_types(got, given) == got:
        # No digit is lost: the format is wider than it need be, and the message names it.
        return case.passed(LAW.name, name, f"{given} comes in, a gradient of {got} goes out")
    message = f"the gradient of {name} is of {got}, where all values are of {given}"
    return case.failed(LAW.name, name, message)


def _integers(case: Case, tensor: TensorSpec, position: int) -> list[Finding]:
    """Compare what integers give with what the same numbers give as floats."""
    numbers = _whole(case, tensor, case.rng(67, position))
    if numbers is None:
        return []
    whole = case.moved_to({**case.values, tensor.name: numbers.astype(float)})
    try:
        got = case.run({**case.values, tensor.name: numbers})
    except GradlabError:
        return []  # refused, and so not cut off

    def describe(name: str, found: Mismatch) -> str:
        cut = ": its fractions are cut off" if found.got == np.trunc(found.expected) else ""
        return (
            f"with {tensor.name} in integers {result_name(name)}, {entry_name(found.index)}: got "
            f"{found.got_text}, should be {found.expected_text}, as the same numbers give it in "
            f"floats{cut}"
        )

    return same_results(whole, LAW.name, got.named(), describe=describe)


def _whole(case: Case, tensor: TensorSpec, rng: np.random.Generator) -> Array | None:
    """Draw integers in the tensor's range; None where it has none of the usual size."""
    value = case.values[tensor.name]
    if tensor.content is not Content.REAL:
        return value.astype(np.int64)
    low, high = tensor.limits(case.sizes)
    first = max(np.ceil(low), -_LARGEST)
    last = min(np.floor(high), first + 2 * _LARGEST)
    # Kinks and poles are at 0, and 0 does not distinguish integers from fractions.
    numbers = [number for number in np.arange(first, last + 1) if number]
    if not numbers or tensor.scale < 1 / _LARGEST:
        return None
    # Each as often as the others, so that both signs are there.
    spread = np.resize(rng.permutation(numbers), value.size)
    return rng.permutation(spread).reshape(value.shape).astype(np.int64)


LAW = Law(
    "dtype",
    "gradients have the number format of the values, or a wider one, and integers give what the "
    "same numbers give as floats",
    _check,
    source="numpy.result_type of inputs and parameters",
    applies_to="every layer and cost; a format that is refused is left out",
    patterns=AT_ONE_SIZE,
)
