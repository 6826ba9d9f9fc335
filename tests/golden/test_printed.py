from __future__ import annotations

import math

import pytest

from gradlab.golden import PrintedRounding, matches, number_of


@pytest.mark.parametrize(
    ("printed", "rounding", "value", "expected"),
    [
        ("0.089", PrintedRounding.ROUNDED, 0.0889129, True),
        ("0.089", PrintedRounding.ROUNDED, 0.0885, False),  # the double lies below the half
        ("0.13", PrintedRounding.ROUNDED, 0.125, True),  # a half, to the bit
        ("-0.13", PrintedRounding.ROUNDED, -0.125, True),
        ("0.089", PrintedRounding.ROUNDED, 0.0884999, False),
        ("0.089", PrintedRounding.ROUNDED, 0.0895001, False),
        ("-0.044", PrintedRounding.ROUNDED, -0.0442872, True),
        ("-0.044", PrintedRounding.ROUNDED, 0.0442872, False),
        ("-0.044", PrintedRounding.ROUNDED, -0.0445001, False),
        ("0.109", PrintedRounding.TRUNCATED, 0.10988, True),
        ("0.109", PrintedRounding.TRUNCATED, 0.110001, False),
        ("0.109", PrintedRounding.TRUNCATED, 0.108999, False),
        ("-0.109", PrintedRounding.TRUNCATED, -0.10988, True),
        ("1", PrintedRounding.ABOUT, 0.88, True),
        ("1", PrintedRounding.ABOUT, 0.49, False),
        ("100.0", PrintedRounding.ABOUT, 99.96, True),
        ("100.0", PrintedRounding.ABOUT, 99.94, False),
        ("0.1", PrintedRounding.EXACT, 0.1, True),
        ("0.1", PrintedRounding.EXACT, 0.1 + 1e-16, False),
        ("²", PrintedRounding.EXACT, 2.0, True),
        ("0.000983783942124411", PrintedRounding.DOUBLE, 0.000983783942124411 * (1 + 5e-13), True),
        ("0.000983783942124411", PrintedRounding.DOUBLE, 0.000983783942124411 * (1 + 2e-12), False),
    ],
)
def test_matches(printed: str, rounding: PrintedRounding, value: float, *, expected: bool) -> None:
    assert matches(printed, rounding, value) is expected


@pytest.mark.parametrize("rounding", PrintedRounding)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_nothing_printed_matches_what_is_not_finite(
    rounding: PrintedRounding, value: float
) -> None:
    assert not matches("1", rounding, value)


def test_number_of_reads_superscripts() -> None:
    assert number_of("⁻¹⁰") == -10.0
    assert number_of("-0.125") == -0.125


def test_number_of_refuses_a_word() -> None:
    with pytest.raises(ValueError, match="could not convert"):
        number_of("ZERO")
