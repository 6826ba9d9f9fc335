from __future__ import annotations

import pytest

from gradlab.demo import EXAMPLES, run
from gradlab.demo.drawing import draw, number

OR = """\
┌─ X ────────────────────────────┐
│ 0.0000  0.0000  1.0000  1.0000 │
│ 0.0000  1.0000  0.0000  1.0000 │
└────────────────────────────────┘
     ▼
┌─ Z = W·X + b ──────────────────────┐    ┌─ W | b ───────────────────┐
│  0.0000   0.6000   0.1000   0.7000 │ ◀─ │  0.1000   0.6000   0.0000 │
├─ ∂Cost/∂Z ─────────────────────────┤    ├─ ∂Cost/∂W | ∂Cost/∂b ─────┤
│  0.0312  -0.0203  -0.0296  -0.0184 │ ─▶ │ -0.0480  -0.0387  -0.0370 │
└────────────────────────────────────┘    └───────────────────────────┘
     ▼           ▲
┌─ Ŷ = σ(Z) ─────────────────────────┐
│  0.5000   0.6457   0.5250   0.6682 │
├─ ∂Cost/∂Ŷ ─────────────────────────┤
│  0.1250  -0.0886  -0.1188  -0.0830 │
└────────────────────────────────────┘
     ▼           ▲
┌─ Cost = 1/(2m)·Σ(Y − Ŷ)² ─┐
│ 0.0889                    │
└───────────────────────────┘"""


def test_the_graph_of_or() -> None:
    assert draw(run("or", epochs=0)) == OR


@pytest.mark.parametrize("name", [example.name for example in EXAMPLES])
@pytest.mark.parametrize("seed", [None, 0, 1])
def test_the_lines_of_a_box_are_equally_long(name: str, seed: int | None) -> None:
    lines = draw(run(name, epochs=0, seed=seed)).splitlines()
    width = 0
    for line in lines:
        if line.startswith("┌"):
            width = len(line)
        if line[0] in "┌│├└":
            assert len(line) == width
    assert sum(line[0] == "┌" for line in lines) == (6 if name == "xor" else 4)


@pytest.mark.parametrize("name", [example.name for example in EXAMPLES])
def test_it_fits_a_terminal(name: str) -> None:
    assert max(map(len, draw(run(name, epochs=0)).splitlines())) <= 80


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0000"),
        (-0.0, "0.0000"),
        (0.00012, "0.0001"),
        (0.00009, "9.0000e-05"),
        (-9999.0, "-9999.0000"),
        (10000.0, "1.0000e+04"),
    ],
)
def test_numbers_keep_their_digits(value: float, text: str) -> None:
    assert number(value) == text
