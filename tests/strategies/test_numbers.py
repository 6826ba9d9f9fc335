"""The numbers that entries are drawn from: brief, ordered by simplicity, inside the range."""

from __future__ import annotations

import numpy as np
import pytest

from gradlab.domain import Content, TensorSpec
from gradlab.strategies._numbers import (
    LARGE_COTANGENTS,
    SMALL_COTANGENTS,
    WELL_SCALED,
    in_rows,
    inside,
)


def starts(rows: tuple[tuple[float, ...], ...], count: int) -> list[tuple[float, ...]]:
    return [row[:count] for row in rows]


def test_rows_start_with_their_simplest_numbers_and_come_in_that_order() -> None:
    assert [row[0] for row in WELL_SCALED] == [0.0, 1.0, -1.0, 2.0, -2.0, -0.5]
    assert starts(WELL_SCALED, 5)[0] == (0.0, 0.5, 0.25, 0.75, 0.1)
    assert starts(SMALL_COTANGENTS, 2) == [(0.5, 0.75), (-0.5, -0.75)]
    assert starts(LARGE_COTANGENTS, 2) == [(1.0, 1.25), (-1.0, -1.25)]


def test_the_rows_hold_every_number_once() -> None:
    numbers = [number for row in WELL_SCALED for number in row]
    assert sorted(numbers) == [k / 100 for k in range(-299, 300)]
    assert not any(np.signbit(number) for number in numbers if number == 0)
    assert min(map(len, WELL_SCALED)) >= 99


def test_a_short_row_joins_the_first_one() -> None:
    rows = in_rows([*(k / 100 for k in range(100)), 1.0, -1.0])
    assert starts(rows, 4) == [(0.0, 1.0, -1.0, 0.5)]
    assert in_rows([2.0, 1.0]) == ((1.0, 2.0),)


@pytest.mark.parametrize(
    ("low", "high", "scale", "kinks"),
    [
        (-np.inf, np.inf, 1.0, (0.0,)),
        (-np.inf, np.inf, 1e3, ()),
        (0.0, np.inf, 1e-3, (0.0,)),
        (-np.inf, 0.0, 1.0, (-1.0,)),
        (0.0, 1.0, 1.0, (0.5,)),
        (0.5, 0.5, 1.0, ()),
        (0.125, 0.1251, 1.0, ()),
        (1 / 3, 1 / 3 + 1e-9, 1.0, ()),
        (1e6, np.inf, 1.0, ()),
        (-np.inf, -1e6, 1.0, ()),
        (0.0, 1e-300, 1.0, ()),
        (0.0, 1e-9, 1.0, (0.0, 1e-9)),
    ],
)
def test_numbers_are_in_the_range_off_its_kinks(
    low: float, high: float, scale: float, kinks: tuple[float, ...]
) -> None:
    tensor = TensorSpec("x", ("n",), low=low, high=high, scale=scale, kinks=kinks)
    numbers = [number for row in inside(tensor, low, high) for number in row]
    assert len(numbers) > 0
    assert all(low <= number <= high for number in numbers)
    assert not set(numbers) & set(kinks)
    assert len(set(numbers)) == len(numbers)


def test_probabilities_are_inside_the_open_interval() -> None:
    tensor = TensorSpec("p", ("n",), content=Content.PROBABILITY, low=0.99)
    numbers = [number for row in inside(tensor, 0.99, np.inf) for number in row]
    assert all(0.99 <= number < 1 for number in numbers)
    assert len(numbers) >= 20
