"""Text of the code under test, made safe to print: one line, no control characters, capped."""

from __future__ import annotations

#: Characters that a message of the code under test may take in a report.
MOST_CHARACTERS = 500


def printable(text: str, most: int = MOST_CHARACTERS) -> str:
    r"""Return `text` as one line of printable characters, at most `most` of them.

    Control characters, line separators, bidirectional overrides and lone
    surrogates are written as Python escapes, so that text of the code under test
    can neither redraw a terminal nor forge a line of a report.  The function is
    idempotent: backslashes are left alone.

    Examples
    --------
    >>> printable("fine\n\x1b[2J1 pass")
    'fine\\n\\x1b[2J1 pass'
    >>> printable("x" * 1000, most=40)
    'xxxxxxxx… (992 characters are left out)'
    """
    if text.isprintable():
        line = text
    else:
        line = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    if len(line) <= most:
        return line
    reserved = len(_left_out(len(line)))
    kept = max(most - reserved, 0)
    return line[:kept] + _left_out(len(line) - kept)


def _left_out(count: int) -> str:
    return f"… ({count} characters are left out)"
