from __future__ import annotations

import itertools

import pytest

from gradlab.demo import EXAMPLES, run, walk

NAMES = [example.name for example in EXAMPLES]


@pytest.mark.parametrize("name", NAMES)
def test_the_text_is_the_same_on_every_terminal(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = walk(run(name, epochs=3))
    for variable, value in {"COLUMNS": "30", "FORCE_COLOR": "1", "TERM": "dumb"}.items():
        monkeypatch.setenv(variable, value)
        assert walk(run(name, epochs=3)) == first
    assert "\x1b" not in first
    assert all(line == line.rstrip() for line in first.splitlines())
    assert "\n\n\n" not in first


@pytest.mark.parametrize("name", NAMES)
def test_the_parts_come_in_the_articles_order(name: str) -> None:
    lines = walk(run(name, epochs=3)).splitlines()
    titles = [title for title, rule in itertools.pairwise(lines) if set(rule) == {"─"}]
    assert titles == [
        "Forward",
        "Backward",
        "The graph",
        "Update, learning rate α = 1",
        "Training, 3 epochs",
        "Predictions",
    ]


def test_another_learning_rate_changes_the_numbers() -> None:
    one, two = walk(run("or", 1.0, epochs=0)), walk(run("or", 2, epochs=0))
    assert "Cost: 0.0889 → 0.0840, lower." in one
    assert "w₁          0.1000    -0.0480             0.0480   0.1480" in one
    assert "Cost: 0.0889 → 0.0796, lower." in two
    assert "w₁          0.1000    -0.0480             0.0960   0.1960" in two


def test_a_rise_is_called_one() -> None:
    assert "Cost: 0.0889 → 0.0934, higher." in walk(run("or", 50.0, epochs=0))


def test_a_step_too_small_to_see_is_called_the_same() -> None:
    assert "Cost: 0.0889 → 0.0889, the same." in walk(run("or", 1e-300, epochs=0))


@pytest.mark.parametrize(
    ("name", "seed", "start"),
    [
        ("or", None, "the article's weights, learning rate 1, 0 epochs"),
        ("xor-cross", None, "the article's weights, learning rate 1, 0 epochs"),
        ("xor", None, "Xavier weights of the article's seed, 48, learning rate 1, 0 epochs"),
        ("or", 3, "Xavier weights of seed 3, learning rate 1, 0 epochs"),
    ],
)
def test_the_heading_says_where_the_weights_come_from(
    name: str, seed: int | None, start: str
) -> None:
    assert walk(run(name, epochs=0, seed=seed)).splitlines()[2] == start
