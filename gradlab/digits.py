"""Numbers in messages, with as many digits as they need to be told apart."""

from __future__ import annotations

_FEWEST, _MOST = 6, 17


def distinct(first: float, second: float) -> tuple[str, str]:
    """Write two numbers with as many significant digits, six at least, as distinguish them.

    Numbers that are equal are written with six digits.

    Examples
    --------
    >>> distinct(0.5, 0.25)
    ('0.5', '0.25')
    >>> distinct(-0.301854, -0.30185401)
    ('-0.301854', '-0.30185401')
    >>> distinct(1 / 3, 1 / 3)
    ('0.333333', '0.333333')
    """
    for digits in range(_FEWEST, _MOST + 1):
        pair = f"{first:.{digits}g}", f"{second:.{digits}g}"
        if pair[0] != pair[1]:
            return pair
    return f"{first:.{_FEWEST}g}", f"{second:.{_FEWEST}g}"


def apart_from(number: float, special: float, *, digits: int = _FEWEST) -> str:
    """Write a number with as many significant digits as distinguish it from a special one.

    Examples
    --------
    >>> apart_from(1.00000003, 1.0), apart_from(2.0, 1.0), apart_from(1.0, 1.0)
    ('1.00000003', '2', '1')
    """
    for more in range(digits, _MOST + 1):
        text = f"{number:.{more}g}"
        if text != f"{special:.{more}g}":
            return text
    return f"{number:.{digits}g}"
