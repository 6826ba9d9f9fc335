"""The pictures of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradlab.report.plots import draw_training

if TYPE_CHECKING:
    import os

    from gradlab.demo.run import Run

#: Half a unit around the points, as the article's pictures have, in steps that hide no curve.
AXIS = np.linspace(-0.5, 1.5, 241)


def plot(outcome: Run, path: str | os.PathLike[str]) -> None:
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
