"""How often each feature is drawn: it really appears, and the documentation says how often."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gradlab.strategies import _census, arrays
from gradlab.strategies._census import COUNTED, EXAMPLES, Count, census, drawn_from, table

PAGE = Path(__file__).parents[2] / "docs" / "strategies.md"

#: What must never be drawn.
NEVER = {
    "cotangents()": {"all ones", "two neighbours equal", "an entry below 0.5 in size"},
    "arrays()": {"two entries equal"},
}


@pytest.fixture(scope="module")
def counted() -> list[Count]:
    return census(runs=2)


def test_every_feature_is_drawn_and_the_others_never(counted: list[Count]) -> None:
    for count in counted:
        if count.feature in NEVER.get(count.strategy, ()):
            assert count.count == 0, count
        else:
            assert count.count >= 0.01 * count.draws, count


def test_no_adversarial_feature_crowds_out_the_others(counted: list[Count]) -> None:
    for count in counted:
        if count.strategy == "adversarial_arrays()":
            assert count.count <= 0.5 * count.draws, count


def test_half_of_the_values_of_a_domain_are_generic(counted: list[Count]) -> None:
    (generic,) = [count for count in counted if count.feature == "none of these"]
    assert 0.35 <= generic.count / generic.draws <= 0.75


def rows(text: str) -> dict[tuple[str, str], float]:
    """Read a table: strategy and feature, and the percentage."""
    found: dict[tuple[str, str], float] = {}
    strategy = ""
    lines = re.findall(r"^(.{21}) (.{39}) +([\d.]+) %$", text, re.MULTILINE)
    for name, feature, percentage in lines:
        strategy = name.strip() or strategy
        found[strategy, feature.strip()] = float(percentage)
    return found


def test_the_documentation_s_table_has_every_row_and_is_not_out_of_date(
    counted: list[Count],
) -> None:
    documented = rows(PAGE.read_text(encoding="utf-8"))
    drawn = rows(table(counted))
    assert documented.keys() == drawn.keys()
    assert len(drawn) == sum(len(tests) for _, tests in COUNTED.values())
    # Two tests' worth here, five there: shares of 200 and of 500 examples differ by four
    # standard deviations at 17 points, and Hypothesis's draws are not independent.
    for row, percentage in drawn.items():
        assert abs(percentage - documented[row]) <= 20, row


def test_draws_are_the_same_each_time() -> None:
    one, other = (drawn_from(arrays((2, 2)), runs=2) for _ in range(2))
    assert len(one) <= 2 * EXAMPLES
    assert [x.tolist() for x in one] == [x.tolist() for x in other]


def test_the_table_names_a_strategy_once() -> None:
    counts = [Count("shapes()", "square", 1, 4), Count("shapes()", "distinct", 3, 4)]
    assert table(counts).splitlines() == [
        "shapes()              square                                   25.0 %",
        "                      distinct                                 75.0 %",
    ]


def test_the_command_prints_the_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    counts = [Count("shapes()", "square", 1, 4)]
    monkeypatch.setattr(_census, "census", lambda: counts)
    command = Path(_census.__file__).with_name("__main__.py").read_text()
    # Not by runpy: pytest's own loader, which plugins are imported with, has no code for it.
    exec(compile(command, "__main__.py", "exec"), {"__name__": "__main__"})  # noqa: S102
    assert capsys.readouterr().out == table(counts) + "\n"
