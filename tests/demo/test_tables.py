from __future__ import annotations

import pytest

from gradlab.demo import EXAMPLES, DemoRun, run
from gradlab.demo.tables import (
    WIDTH,
    backward_tables,
    forward_tables,
    prediction_table,
    training_table,
    update_table,
)

NAMES = [example.name for example in EXAMPLES]


def _all_tables(outcome: DemoRun) -> list[str]:
    return [
        *(table for _, table in forward_tables(outcome)),
        *(table for _, table in backward_tables(outcome)),
        update_table(outcome),
        training_table(outcome),
        prediction_table(outcome),
    ]


def test_the_update_of_or() -> None:
    assert update_table(run("or", epochs=0)) == (
        " parameter   before   gradient   step −α·gradient    after\n"
        " ─────────────────────────────────────────────────────────\n"
        " w₁          0.1000    -0.0480             0.0480   0.1480\n"
        " w₂          0.6000    -0.0387             0.0387   0.6387\n"
        " b           0.0000    -0.0370             0.0370   0.0370"
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("learning_rate", [1.0, 1e300])
def test_nothing_is_cut_off(name: str, learning_rate: float) -> None:
    for table in _all_tables(run(name, learning_rate, epochs=2)):
        assert "…" not in table
        assert max(map(len, table.splitlines())) <= WIDTH


@pytest.mark.parametrize("name", NAMES)
def test_the_shares_of_the_examples_add_up_to_the_gradient(name: str) -> None:
    summed = 0
    for _, table in backward_tables(run(name, epochs=0)):
        for line in table.splitlines()[2:]:
            cells = line.split()
            numbers = [float(cell) for cell in cells if cell.lstrip("-")[0].isdigit()]
            if "flowing back  ∂Cost/∂w" in line or "flowing back  ∂Cost/∂b" in line:
                *shares, total = numbers[-5:]
                assert abs(sum(shares) - total) < 3e-4  # five numbers rounded to four decimals
                summed += 1
    assert summed == {"or": 3, "xor": 13, "xor-cross": 4}[name]


def test_every_neuron_of_xor_is_walked_back_through() -> None:
    titles = [title for title, _ in backward_tables(run("xor", epochs=0))]
    assert titles == [
        "output neuron: z₂ and its activation",
        "into layer 1",
        "hidden neuron 1: z₁.₁ and its activation",
        "hidden neuron 2: z₁.₂ and its activation",
        "hidden neuron 3: z₁.₃ and its activation",
    ]


@pytest.mark.parametrize(
    ("epochs", "shown"),
    [
        (0, [0]),
        (1, [0, 1]),
        (3, [0, 1, 2, 3]),
        (25, [0, 1, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 25]),
    ],
)
def test_the_first_and_the_last_epoch_are_shown(epochs: int, shown: list[int]) -> None:
    rows = training_table(run("or", epochs=epochs)).splitlines()[2:]
    assert [int(row.split()[0]) for row in rows] == shown


def test_predictions_are_at_the_points_of_the_example() -> None:
    rows = prediction_table(run("xor-cross")).splitlines()[2:]
    assert [tuple(row.split()[i] for i in (0, 1, 2, 4)) for row in rows] == [
        ("0", "0", "0", "0"),
        ("0", "1", "1", "1"),
        ("1", "0", "1", "1"),
        ("1", "1", "0", "0"),
    ]
