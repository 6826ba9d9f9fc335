"""The computational graph of one iteration, drawn in text.

Values go down the left side, gradients come up the right side; parameters hang to
the right of the layer that uses them.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.demo.run import DemoRun

    Array = NDArray[Any]

#: Digits after the point; the article rounds to three.
DECIMALS = 4
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def number(value: float | np.floating[Any]) -> str:
    """Return a number with four decimals, or with an exponent where that would hide it.

    Examples
    --------
    >>> number(-0.04800646), number(0.0), number(3e-7), number(123456.0)
    ('-0.0480', '0.0000', '3.0000e-07', '1.2346e+05')
    """
    plain = float(value) + 0.0  # no negative zero
    if plain == 0 or 10.0**-DECIMALS <= abs(plain) < 10**DECIMALS:
        return f"{plain:.{DECIMALS}f}"
    return f"{plain:.{DECIMALS}e}"


def subscript(index: object) -> str:
    """Return an index as subscript digits.

    Examples
    --------
    >>> subscript(12)
    '₁₂'
    """
    return str(index).translate(_SUBSCRIPTS)


def draw(outcome: DemoRun) -> str:
    """Return the graph of the first iteration, from the input to the cost."""
    layers = outcome.layers
    blocks = [_box("X", layers[0].A_prev)]
    for index, layer in enumerate(layers, start=1):
        label = subscript(index) if len(layers) > 1 else ""
        source = "X" if index == 1 else f"A{subscript(index - 1)}"
        output = f"A{label}" if index < len(layers) else "Ŷ"
        z, w, b = f"Z{label}", f"W{label}", f"b{label}"
        linear = _box(f"{z} = {w}·{source} + {b}", layer.Z, f"∂Cost/∂{z}", layer.dZ)
        parameters = _box(
            f"{w} | {b}",
            np.hstack([layer.W, layer.b]),
            f"∂Cost/∂{w} | ∂Cost/∂{b}",
            np.hstack([layer.dW, layer.db]),
        )
        blocks.append(_beside(linear, parameters))
        blocks.append(_box(f"{output} = σ({z})", layer.A, f"∂Cost/∂{output}", layer.dA))
    blocks.append(_box("Cost = 1/(2m)·Σ(Y − Ŷ)²", np.array([[outcome.cost]])))
    return "\n".join(_joined(blocks))


def _box(
    title: str, values: Array, gradient: str = "", gradients: Array | None = None
) -> list[str]:
    """Return the lines of a box: a title, values, and below a rule the gradient by them."""
    cells = [[number(value) for value in row] for row in values]
    below = [] if gradients is None else [[number(value) for value in row] for row in gradients]
    cell = max(len(text) for row in (*cells, *below) for text in row)
    rows, rows_below = (
        ["  ".join(text.rjust(cell) for text in row) for row in part] for part in (cells, below)
    )
    width = max(len(rows[0]), len(title) + 2, len(gradient) + 2)
    lines = [f"┌─ {title} {'─' * (width - len(title) - 1)}┐"]
    lines += [f"│ {row.ljust(width)} │" for row in rows]
    if rows_below:
        lines.append(f"├─ {gradient} {'─' * (width - len(gradient) - 1)}┤")
        lines += [f"│ {row.ljust(width)} │" for row in rows_below]
    return [*lines, f"└{'─' * (width + 2)}┘"]


def _beside(left: list[str], right: list[str]) -> list[str]:
    """Return two boxes side by side, an arrow from the right one's values to the left one."""
    height, width = max(len(left), len(right)), max(map(len, left))
    left_lines = [line.ljust(width) for line in left] + [" " * width] * (height - len(left))
    right_lines = right + [""] * (height - len(right))
    joints = {1: " ◀─ ", len(left) - 2: " ─▶ "}
    return [
        (line + joints.get(row, "    ") + other).rstrip()
        for row, (line, other) in enumerate(zip(left_lines, right_lines, strict=True))
    ]


def _joined(blocks: list[list[str]]) -> list[str]:
    """Return the boxes below each other, values going down and gradients up between them."""
    lines = list(blocks[0])
    for before, block in itertools.pairwise(blocks):
        back = " " if before is blocks[0] else "▲"  # the input is not changed
        lines += [f"     ▼           {back}".rstrip(), *block]
    return lines
