"""A table in plain text whose names are never broken."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Between two columns.
_GAP = "   "
#: The last column keeps at least this width, even if the table exceeds its own.
_NARROWEST = 24


def render(columns: Sequence[str], rows: Sequence[Sequence[str]], *, width: int = 100) -> str:
    """Return the table, a line for each row.

    Every column is as wide as its longest cell, except the last: it is wrapped between
    words at `width`.  A word is never broken, so that a name can be searched for and
    copied; a line with a longer one exceeds `width`.

    Examples
    --------
    >>> print(render(("name", "about"), [("LinearLayer", "gradient of b"), ("b", "")]))
    name          about
    ───────────────────────────
    LinearLayer   gradient of b
    b
    """
    cells = [columns, *rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(columns) - 1)]
    indent = sum(widths) + len(_GAP) * len(widths)
    room = max(width - indent, _NARROWEST)
    wrapped = [_lines(row, widths, room) for row in cells]
    rule = "─" * max(len(line) for lines in wrapped for line in lines)
    header, *body = wrapped
    return "\n".join([*header, rule, *(line for lines in body for line in lines)])


def _lines(row: Sequence[str], widths: Sequence[int], room: int) -> list[str]:
    """Return the lines of a row, whose last cell is wrapped to `room` columns."""
    *names, last = row
    padded = [name.ljust(width) for name, width in zip(names, widths, strict=True)]
    indent = " " * (sum(widths) + len(_GAP) * len(widths))
    wrapped = textwrap.wrap(last, room, break_long_words=False, break_on_hyphens=False)
    first, *more = wrapped or [""]
    return [line.rstrip() for line in (_GAP.join([*padded, first]), *(indent + m for m in more))]
