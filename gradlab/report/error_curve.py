"""The picture of error against step: as a line of text, and as a plot."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from gradlab.numdiff.records import Explanation

_BLOCKS = "▁▂▃▄▅▆▇█"


def sparkline(picture: Explanation) -> str:
    """Return the picture in a few lines of text.

    Each block is one step, from the coarsest to the finest; its height is the
    logarithm of the error.  A dot stands for a step without a value.

    Examples
    --------
    >>> import numpy as np
    >>> from gradlab.numdiff import explain
    >>> text = sparkline(explain(np.exp, np.array([1.0]), np.array([1.0])))
    >>> text.startswith("derivative of output [0]: 2.71828183 ±")
    True
    """
    index = ", ".join(map(str, picture.output))
    name = f"output [{index}]" if picture.output else "the output"
    first = (
        f"derivative of {name}: {picture.value:.9g} ± {picture.bound:.2g} "
        f"({picture.method}, {picture.status})"
    )
    if not np.isfinite(picture.value):
        return f"{name} has no derivative to measure against ({picture.method}, {picture.status})"
    errors = picture.errors[np.isfinite(picture.errors) & (picture.errors > 0)]
    if errors.size == 0:
        return f"{first}\nevery step gives the same"
    scale = (
        f"error of a plain central difference, steps {picture.steps[0]:.1e} to "
        f"{picture.steps[-1]:.1e}, errors {errors.max():.1e} to {errors.min():.1e}:"
    )
    lines = [first, scale, "  " + _blocks(picture.errors)]
    if np.isfinite(picture.chosen):
        place = int(np.argmin(np.abs(np.log(picture.steps / picture.chosen))))
        lines.append("  " + " " * place + f"^ extrapolated from {picture.chosen:.1e} on")
    return "\n".join(lines)


def one_line(picture: Explanation) -> str:
    """Return the picture in one line; empty where there is no error to draw.

    Examples
    --------
    >>> import numpy as np
    >>> from gradlab.numdiff import explain
    >>> one_line(explain(np.exp, np.array([1.0]), np.array([1.0])))[:44]
    'error of plain differences, steps 6e-01 to 7'
    """
    errors = picture.errors[np.isfinite(picture.errors) & (picture.errors > 0)]
    if errors.size == 0 or not np.isfinite(picture.value):
        return ""
    first, last = picture.steps[0], picture.steps[-1]
    return (
        f"error of plain differences, steps {first:.0e} to {last:.0e}: {_blocks(picture.errors)} "
        f"(errors {errors.max():.0e} to {errors.min():.0e})"
    )


def _blocks(errors: Any) -> str:
    known = np.isfinite(errors)
    floor = np.min(errors[known & (errors > 0)])
    logs = np.log(np.maximum(np.where(known, errors, floor), floor))
    low, high = float(logs.min()), float(logs.max())
    heights = (logs - low) / ((high - low) or 1.0) * (len(_BLOCKS) - 1)
    return "".join(
        _BLOCKS[round(float(height))] if seen else "·"
        for height, seen in zip(heights, known, strict=True)
    )


def plot(picture: Explanation, path: str | Path | None = None) -> Any:
    """Return a matplotlib figure of the picture, and save it if a path is given.

    Needs matplotlib.
    """
    pyplot = importlib.import_module("matplotlib.figure")
    figure = pyplot.Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.add_subplot()
    drawn = np.where(picture.errors > 0, picture.errors, np.nan)
    axes.loglog(picture.steps, drawn, "o-", markersize=4, color="C0",
                label="plain central difference")  # fmt: skip
    known = drawn[np.isfinite(drawn)]
    low = min([*known, picture.bound or np.inf], default=1.0)
    if 0 < picture.bound < np.inf:
        axes.axhspan(low / 10, picture.bound, color="C2", alpha=0.2,
                     label=f"gradlab's bound, {picture.bound:.1e}")  # fmt: skip
    if np.isfinite(picture.chosen):
        axes.axvline(picture.chosen, color="C3", linestyle="--",
                     label=f"finest step used, {picture.chosen:.1e}")  # fmt: skip
    if known.size:
        axes.set_ylim(low / 10, max(known.max(), picture.bound) * 10
                      if np.isfinite(picture.bound) else None)  # fmt: skip
    axes.invert_xaxis()
    axes.set_xlabel("step t in f(x + t v), coarse to fine")
    axes.set_ylabel("distance from the reported derivative")
    index = ", ".join(map(str, picture.output))
    axes.set_title(f"output [{index}]: {picture.value:.9g} by {picture.method}, "
                   f"{picture.evaluations} evaluations with the picture")  # fmt: skip
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.legend()
    if path is not None:
        figure.savefig(path, dpi=120)
    return figure
