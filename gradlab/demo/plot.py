"""The picture of a training run: learning curve, decision boundary, shaded boundary.

Source: the article, figures 48, 49, 74, 75, 84, 85 and 93.  matplotlib comes with the
extra ``[plot]`` and is imported when a picture is drawn.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.errors import GradlabError

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from gradlab.demo.run import DemoRun

    Array = NDArray[Any]

#: The article's colours: green where the label or the output is 1, red where it is 0.
GREEN, RED = "#2a7f3f", "#c0392b"
LIGHT_GREEN, LIGHT_RED = "#d5ecd4", "#f6d5d1"
THRESHOLD = 0.5
TICKS = (-0.5, 0, 0.5, 1, 1.5)  # few enough not to run into each other
SIZE, DOTS_PER_INCH = (13.5, 5.2), 100
#: Half a unit around the points, as the article's pictures have, in steps that hide no curve.
AXIS = np.linspace(-0.5, 1.5, 241)


def plot(outcome: DemoRun, path: str | os.PathLike[str]) -> None:
    """Write learning curve, decision boundary and shaded boundary as one PNG file.

    Source: the article, figures 48, 49, 74, 75, 84, 85 and 93.

    Parameters
    ----------
    path
        A file name that ends in ``.png``.

    Raises
    ------
    GradlabError
        If matplotlib is not installed, or the file cannot be written.
    """
    example = outcome.example
    x1, x2 = np.meshgrid(AXIS, AXIS)
    grid = example.features(np.stack([x1.ravel(), x2.ravel()]))
    draw_training(
        path,
        title=f"{example.title}: learning rate {outcome.learning_rate:g}, {outcome.epochs} epochs",
        costs=outcome.costs,
        points=example.points,
        labels=example.Y[0],
        axis=AXIS,
        outputs=outcome.network.forward(grid).reshape(x1.shape),
    )


def draw_training(
    path: str | os.PathLike[str],
    *,
    title: str,
    costs: Sequence[float],
    points: Array,
    labels: Array,
    axis: Array,
    outputs: Array,
) -> None:
    """Write a picture of three parts: learning curve, decision boundary, shaded boundary.

    Parameters
    ----------
    path
        A file name that ends in ``.png``.
    costs
        One for each epoch, from epoch 0.
    points, labels
        (2, m) and (m,) of 0 and 1.
    axis
        (k,): the coordinates along either feature at which the network was evaluated.
    outputs
        (k, k): the network's outputs; row i has the second feature at ``axis[i]``.

    Raises
    ------
    GradlabError
        If matplotlib is not installed, or the file cannot be written.
    """
    if Path(path).suffix.lower() != ".png":
        msg = f"the picture's file name must end in .png; got {str(path)!r}"
        raise GradlabError(msg)
    figure = _new_figure()
    curve, line, shaded = figure.subplots(1, 3)
    figure.suptitle(title)
    _draw_costs(curve, costs)
    data = {"points": points, "labels": labels, "axis": axis, "outputs": outputs}
    _draw_boundary(line, "Decision boundary", **data)
    shaded.contourf(axis, axis, outputs, levels=[-1, THRESHOLD, 2], colors=[LIGHT_RED, LIGHT_GREEN])
    _draw_boundary(shaded, "Shaded: output 0 (red), 1 (green)", **data)
    handles, names = shaded.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower right", ncols=len(names), frameon=False)
    try:
        figure.savefig(path, dpi=DOTS_PER_INCH)
    except OSError as error:
        msg = f"the picture cannot be written to {str(path)!r}: {error.strerror}"
        raise GradlabError(msg) from error


def _new_figure() -> Figure:
    try:
        from matplotlib.figure import Figure as FigureClass  # noqa: PLC0415 - an extra, and slow
    except ImportError as error:
        msg = "plots need matplotlib: python -m pip install matplotlib"
        raise GradlabError(msg) from error
    return FigureClass(figsize=SIZE, layout="constrained")


def _draw_costs(axes: Axes, costs: Sequence[float]) -> None:
    marker = "o" if len(costs) == 1 else ""  # a line of one point cannot be seen
    axes.plot(np.arange(len(costs)), costs, color="#1f4e8c", marker=marker)
    axes.set(title="Learning curve", xlabel="epoch", ylabel="cost")
    top = max(costs) or 1.0  # any height will do where all costs are 0
    axes.set_ylim(-0.03 * top, 1.05 * top)  # a curve at 0 would hide behind the frame
    axes.locator_params(axis="x", integer=True)
    axes.grid(visible=True, alpha=0.3)


def _draw_boundary(
    axes: Axes, title: str, *, points: Array, labels: Array, axis: Array, outputs: Array
) -> None:
    if outputs.min() < THRESHOLD < outputs.max():
        axes.contour(axis, axis, outputs, levels=[THRESHOLD], colors="black")
        axes.plot([], [], color="black", label="boundary, ŷ = ½")
    else:
        title += "\n(no boundary in view)"
    (x_on, y_on), (x_off, y_off) = points[:, labels == 1], points[:, labels == 0]
    axes.scatter(x_on, y_on, marker="x", s=90, linewidths=2.5, color=GREEN, label="y = 1", zorder=3)
    axes.scatter(x_off, y_off, marker="o", s=70, color=RED, label="y = 0", zorder=3)
    axes.set(title=title, xlabel="x₁", ylabel="x₂", aspect="equal", xticks=TICKS, yticks=TICKS)
