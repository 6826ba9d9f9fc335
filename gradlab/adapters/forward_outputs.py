"""Where a forward leaves its outputs: returned, first in a tuple, or in attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters.attribute_tree import numbers_below
from gradlab.adapters.backward_arguments import cotangents_in, output_count
from gradlab.adapters.calls import empty_result
from gradlab.adapters.reading import Outputs
from gradlab.adapters.target import Style
from gradlab.errors import CodeUnderTestError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.adapters.attribute_tree import Path
    from gradlab.adapters.layer_calls import Run
    from gradlab.adapters.reading import BackwardArgument, Call

    Array = NDArray[Any]

#: Names of the attribute that holds the output of a forward that returns nothing.
_OUTPUTS = ("A", "Z", "Y_hat", "Y", "out", "output", "a", "z", "y", "outputs", "value", "loss")
_MOST_VALUES = 4000


def find_outputs(run: Run, before: dict[Path, tuple[int, Any]], call: Call) -> Outputs:
    """Return where the forward left its output."""
    if call.target.style is Style.VALUE_AND_GRADIENT:
        parts = run.result if isinstance(run.result, tuple) else ()
        numbers = [i for i, part in enumerate(parts) if _is_number(part)]
        if not numbers or len(parts) < 2:
            msg = f"{call.target.name} returned no pair of a number and gradients"
            raise CodeUnderTestError(msg)
        return Outputs(count=numbers[0])
    if run.result is not None:
        return Outputs(count=output_count(run.result, 1))
    given = {id(value) for value in run.arguments.values()}
    changed = [
        path
        for path, value in numbers_below(run.instance).items()
        if id(value) not in given
        and len(path.steps) == 1
        and isinstance(value, np.ndarray | np.floating)
        and (path not in before or before[path][0] != id(value))
    ]
    for name in _OUTPUTS:
        for path in changed:
            if path.last == name:
                return Outputs(paths=(path,))
    if len(changed) == 1:
        return Outputs(paths=(changed[0],))
    raise empty_result(call.target.forward_title, call.target.forward_function, "an output")


def _is_number(part: Any) -> bool:
    if isinstance(part, np.ndarray | np.generic):
        return part.size == 1 and part.dtype.kind == "f"
    return isinstance(part, float)


def check_finite(outputs: tuple[Array, ...]) -> None:
    """Refuse outputs that are empty, very large or not finite.

    Raises
    ------
    CodeUnderTestError
        If they are.
    """
    size = sum(output.size for output in outputs)
    if not 0 < size <= _MOST_VALUES or not all(np.all(np.isfinite(out)) for out in outputs):
        msg = "the output is empty, very large or not finite"
        raise CodeUnderTestError(msg)


def count_of(run: Run, filling: tuple[BackwardArgument, ...], call: Call) -> int:
    """Return how many of a returned tuple are outputs, or which of it is the value."""
    if call.target.style is Style.VALUE_AND_GRADIENT:
        parts = run.result if isinstance(run.result, tuple) else ()
        return next(i for i, part in enumerate(parts) if _is_number(part))
    return output_count(run.result, cotangents_in(filling))
