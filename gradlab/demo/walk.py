"""The article's walk through one example, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradlab.demo.drawing import draw, number
from gradlab.demo.tables import (
    backward_tables,
    forward_tables,
    prediction_table,
    training_table,
    update_table,
)

if TYPE_CHECKING:
    from gradlab.demo.run import DemoRun


def walk(outcome: DemoRun) -> str:
    """Return the walk: forward, cost, backward, update, new cost, training.

    The text is the same to the byte for the same run.

    Examples
    --------
    >>> from gradlab.demo import run
    >>> text = walk(run("or", epochs=1))
    >>> [line for line in text.splitlines() if line.startswith("Cost")]
    ['Cost, the average of the losses: 0.0889', 'Cost: 0.0889 → 0.0840, lower.']
    """
    sections = [
        _heading(outcome),
        _section("Forward", "Inputs go in, each neuron computes z = w·inputs + b and σ(z)."),
        *(f"{title}\n{table}" for title, table in forward_tables(outcome)),
        f"Cost, the average of the losses: {number(outcome.cost)}",
        _section(
            "Backward",
            "Each node multiplies the gradient that flows in by its local gradient and sends the\n"
            "product back. Parameters are shared by the examples: their gradients add up.",
        ),
        *(f"{title}\n{table}" for title, table in backward_tables(outcome)),
        _section("The graph", "Values ▼ go forward, gradients ▲ come back.\n\n" + draw(outcome)),
        _section(f"Update, learning rate α = {outcome.learning_rate:g}", update_table(outcome)),
        _cost_line(outcome),
        _section(f"Training, {outcome.epochs} epochs", training_table(outcome)),
        _section("Predictions", prediction_table(outcome)),
        _accuracy_line(outcome),
    ]
    return "\n\n".join(sections) + "\n"


def _heading(outcome: DemoRun) -> str:
    example = outcome.example
    title = f"{example.title} (the article's figures {example.figures})"
    settings = (
        f"{example.describe_start(outcome.seed)}, "
        f"learning rate {outcome.learning_rate:g}, {outcome.epochs} epochs"
    )
    return f"{title}\n{'═' * len(title)}\n{settings}"


def _section(title: str, body: str) -> str:
    return f"{title}\n{'─' * len(title)}\n{body}"


def _cost_line(outcome: DemoRun) -> str:
    before, after = outcome.cost, outcome.cost_after
    word = "lower" if after < before else "higher" if after > before else "the same"
    return f"Cost: {number(before)} → {number(after)}, {word}."


def _accuracy_line(outcome: DemoRun) -> str:
    example = outcome.example
    accuracy = outcome.network.accuracy(example.features(example.points), example.Y)
    return f"Accuracy: {100 * accuracy:.1f}%"
