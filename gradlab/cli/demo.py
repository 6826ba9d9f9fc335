"""``gradlab demo``: the article's walk through an example, with real numbers."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gradlab.cli import output
from gradlab.cli.shared import refusal
from gradlab.errors import GradlabError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@click.command(short_help="Walk through one of the article's examples.")
@click.argument("name", metavar="or|xor|xor-cross")
@click.option(
    "--lr", "learning_rate", type=float, default=1.0, show_default=True, help="The learning rate."
)
@click.option(
    "--epochs",
    type=int,
    default=5000,
    show_default=True,
    help="How long to train; 0 shows the first iteration only.",
)
@click.option("--seed", type=int, help="Of the initial weights.  [default: the article's weights]")
@click.option(
    "--plot",
    "plot_to",
    metavar="FILE.png",
    help="Draw learning curve and decision boundary; needs matplotlib.",
)
def demo(
    name: str, learning_rate: float, epochs: int, seed: int | None, plot_to: str | None
) -> None:
    """Walk through forward, cost, backward, update and training of one example.

    OR is one layer; XOR has a hidden one; xor-cross has the product of the
    features as a third feature instead.
    """
    from gradlab.demo import plot, run, walk  # noqa: PLC0415 - so that --help is quick

    try:
        with _training(epochs) as on_epoch:
            done = run(name, learning_rate, epochs, seed, on_epoch=on_epoch)
        output.write(walk(done))
        if plot_to is not None:
            plot(done, Path(plot_to))
            output.write(f"\ndrawn: {plot_to}")
    except GradlabError as error:
        raise refusal(str(error)) from error


@contextlib.contextmanager
def _training(epochs: int) -> Iterator[Callable[[int, float], None] | None]:
    """Show a progress bar during the training, on a terminal only."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415 - a log needs none of it
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("training", total=epochs)
        yield lambda epoch, cost: bar.update(
            task, completed=epoch + 1, description=f"training, cost {cost:.6f}"
        )
