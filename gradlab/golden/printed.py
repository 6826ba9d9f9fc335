"""Numbers as they are printed, and when a computed number is the printed one."""

from __future__ import annotations

import enum
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")

#: For a number printed with all the digits of a double: rounding on the way to it
#: differs between machines, by about 5e-15 for one ulp in an activation.
DOUBLE_TOLERANCE = 1e-12


class PrintedRounding(enum.StrEnum):
    """How a printed number was rounded.

    `ABOUT` is compared as `ROUNDED`; it records that the text hedges.
    """

    EXACT = "exact"
    ROUNDED = "rounded"
    ABOUT = "about"
    TRUNCATED = "truncated"
    DOUBLE = "double"


def number_of(text: str) -> float:
    """Return the number that a printed text means.

    Raises
    ------
    ValueError
        If it is no number.

    Examples
    --------
    >>> number_of("0.089"), number_of("⁻¹⁰")
    (0.089, -10.0)
    """
    return float(text.translate(_SUPERSCRIPTS))


def matches(printed: str, rounding: PrintedRounding, value: float) -> bool:
    """Return whether `value`, printed as stated, gives `printed`.

    Halves round away from zero, as by hand; the exact value of the double decides
    what is a half.

    Examples
    --------
    >>> matches("0.109", PrintedRounding.TRUNCATED, 0.10988)
    True
    >>> matches("0.109", PrintedRounding.ROUNDED, 0.10988)
    False
    >>> matches("0.5", PrintedRounding.EXACT, float("nan"))
    False
    """
    if rounding is PrintedRounding.EXACT:
        return value == number_of(printed)
    if rounding is PrintedRounding.DOUBLE:
        expected = number_of(printed)
        return abs(value - expected) <= DOUBLE_TOLERANCE * abs(expected)
    decimal = Decimal(float(value))
    if not decimal.is_finite():
        return False
    unit = Decimal(1).scaleb(int(Decimal(printed).as_tuple().exponent))
    mode = ROUND_DOWN if rounding is PrintedRounding.TRUNCATED else ROUND_HALF_UP
    return decimal.quantize(unit, mode) == Decimal(printed)
