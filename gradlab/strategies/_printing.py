"""Printing of drawn values as Python that makes them again when pasted.

NumPy's own ``repr`` rounds to 8 digits, leaves out the middle of large arrays
and shows neither memory order nor whether an array is read-only.  So Hypothesis is
configured here to print arrays as `expression` writes them.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis.vendor.pretty import RepresentationPrinter, for_type_by_name, pretty

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

#: Above this size an array of one value is printed as that value and the shape.
_LISTED = 8


class Pasteable:
    """A dataclass whose ``repr`` makes an equal value when pasted after ``snippet``'s imports."""

    def __repr__(self) -> str:
        fields = ", ".join(
            f"{name}={expression(value)}" for name, value in _changed_fields(self).items()
        )
        return f"strategies.{type(self).__name__}({fields})"

    def _repr_pretty_(self, printer: RepresentationPrinter, cycle: bool) -> None:
        """Break the line between fields where it gets long; Hypothesis calls this."""
        del cycle  # frozen: no value holds itself
        with printer.group(4, f"strategies.{type(self).__name__}(", ")"):
            for place, (name, value) in enumerate(_changed_fields(self).items()):
                if place:
                    printer.text(",")
                printer.breakable(" " if place else "")
                printer.text(f"{name}=")
                printer.pretty(value)


def _changed_fields(record: Any) -> dict[str, object]:
    """The fields that differ from their defaults."""
    fields = dataclasses.fields(record)
    return {
        field.name: value
        for field in fields
        if not _by_default(field, value := getattr(record, field.name))
    }


def _by_default(field: dataclasses.Field[Any], value: object) -> bool:
    """Whether the constructor gives the field this value when it is left out."""
    if field.default_factory is not dataclasses.MISSING:
        return not value
    return field.default is not dataclasses.MISSING and bool(value == field.default)


def expression(value: object) -> str:
    """Write `value` as a Python expression that makes it again.

    Arrays keep every digit, their dtype, and whether they are in Fortran order,
    not contiguous or read-only.

    Examples
    --------
    >>> expression(np.array([[0.1, -0.0]], dtype=np.float32))
    'np.array([[0.1, -0.0]], dtype=np.float32)'
    >>> expression(np.zeros((2, 2), order="F"))
    'np.asfortranarray(np.array([[0.0, 0.0], [0.0, 0.0]]))'
    >>> expression(np.arange(4)[::2])
    'np.repeat(np.array([0, 2]), 2, axis=0)[::2]'
    """
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, np.generic):
        return f"np.{type(value).__name__}({_number(value.item())})"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k!r}: {expression(v)}" for k, v in value.items()) + "}"
    if isinstance(value, tuple):
        inner = ", ".join(map(expression, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, list):
        return f"[{', '.join(map(expression, value))}]"
    return _number(value)


def snippet(**values: object) -> str:
    """Write a program that makes the `values` again, each under its name.

    Examples
    --------
    >>> print(snippet(x=np.array([0.5, -1.0])))
    import numpy as np
    <BLANKLINE>
    x = np.array([0.5, -1.0])
    """
    lines = [
        f"{name} = {pretty(value) if isinstance(value, Pasteable) else expression(value)}"
        for name, value in values.items()
    ]
    text = "\n".join(lines)
    imports = ["import numpy as np"] if "np." in text else []
    if "strategies." in text:
        imports.append("from gradlab import strategies")
    return "\n".join([*imports, "", text]) if imports else text


def _array(array: Array) -> str:
    """Write an array, from the outside in: read-only, then the order, then the entries."""
    if not array.flags.writeable:
        writeable = array if array.flags.f_contiguous else array.view()
        return f"np.broadcast_to({_ordered(writeable)}, {array.shape})"
    return _ordered(array)


def _ordered(array: Array) -> str:
    if array.flags.c_contiguous:
        return _entries(array)
    if array.flags.f_contiguous:
        return f"np.asfortranarray({_entries(array)})"
    steps = zip(array.strides, array.shape, strict=True)
    backwards = [stride < 0 and side > 1 for stride, side in steps]
    if any(backwards):
        turn = tuple(slice(None, None, -1 if back else None) for back in backwards)
        return f"{_entries(array[turn])}[{_slices(['::-1' if b else ':' for b in backwards])}]"
    axis = max(axis for axis, side in enumerate(array.shape) if side > 1)
    kept = _slices(["::2" if place == axis else ":" for place in range(axis + 1)])
    return f"np.repeat({_entries(array)}, 2, axis={axis})[{kept}]"


def _slices(parts: list[str]) -> str:
    while parts[-1] == ":":
        parts = parts[:-1]
    return ", ".join(parts)


def _entries(array: Array) -> str:
    named = "" if array.dtype in (np.float64, np.dtype(int), bool) else f"np.{array.dtype.name}"
    if array.size == 0:
        dtype = named or f"np.{array.dtype.name}"
        return f"np.zeros({array.shape}" + (")" if dtype == "np.float64" else f", dtype={dtype})")
    dtype = f", dtype={named}" if named else ""
    first = array.flat[0]
    if array.size > _LISTED and array.tobytes() == first.tobytes() * array.size:
        return f"np.full({array.shape}, {_entry(first)}{dtype})"
    return f"np.array({_nested(array)}{dtype})"


def _nested(array: Array) -> str:
    if array.ndim == 0:
        return _entry(array[()])
    return f"[{', '.join(_nested(np.asarray(part)) for part in array)}]"


def _entry(entry: Any) -> str:
    # The shortest digits that identify a float32 are fewer than those of its float64
    return _number(float(str(entry)) if isinstance(entry, np.floating) else entry.item())


def _number(number: object) -> str:
    if isinstance(number, float) and not math.isfinite(number):
        return "np.nan" if math.isnan(number) else f"{'-' if number < 0 else ''}np.inf"
    return repr(number)


def _print_array(array: object, printer: RepresentationPrinter, cycle: bool) -> None:
    del cycle  # an array of numbers does not hold itself
    printer.text(expression(array))


for_type_by_name("numpy", "ndarray", _print_array)
