"""Strings of the code under test, made safe to print.

A name, a warning or an exception of the code under test may hold terminal control
sequences, or a line that looks like one of the report's own.
"""

from __future__ import annotations

import unicodedata

#: Longer lines and texts are cut.
LONGEST_LINE, MOST_LINES = 2000, 60

# Control and format characters (among them those that reorder text), surrogates, separators.
_ESCAPED = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def one_line(text: str) -> str:
    r"""Return the text on one line: control characters are escaped, a long line is cut.

    Examples
    --------
    >>> one_line("done\n1 pass  (seed 0)\x1b[2J")
    'done\\n1 pass  (seed 0)\\x1b[2J'
    """
    escaped = "".join(map(_escaped, text[: LONGEST_LINE + 1]))
    if len(text) > LONGEST_LINE:
        return f"{escaped[:LONGEST_LINE]} … ({len(text):,} characters)"
    return escaped


def lines(text: str) -> list[str]:
    r"""Return each line of a text as `one_line` does, up to `MOST_LINES`.

    Examples
    --------
    >>> lines("a traceback:\n  line 1\x07")
    ['a traceback:', '  line 1\\x07']
    """
    found = text.split("\n")
    kept = [one_line(line) for line in found[:MOST_LINES]]
    return kept if len(found) <= MOST_LINES else [*kept, f"… ({len(found):,} lines)"]


def _escaped(character: str) -> str:
    if unicodedata.category(character) not in _ESCAPED:
        return character
    return character.encode("unicode-escape").decode("ascii")
