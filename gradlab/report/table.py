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
    widths = [max(len(row[i]) for row in cells) for i in range(len(columns))]
    before = sum(widths[:-1]) + len(_GAP) * (len(columns) - 1)
    room = max(width - before, _NARROWEST)
    wrapped = [[*row[:-1], _wrap(row[-1], room)] for row in cells]
    lines = [line for row in wrapped for line in _lines(row, widths)]
    rule = "─" * max(len(line) for line in lines)
    header = len(wrapped[0][-1])
    return "\n".join([*lines[:header], rule, *lines[header:]])


def _wrap(text: str, width: int) -> list[str]:
    lines = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
    return lines or [""]


def _lines(row: Sequence[object], widths: Sequence[int]) -> list[str]:
    *names, (first, *more) = row
    padded = [str(name).ljust(width) for name, width in zip(names, widths[:-1], strict=True)]
    indent = " " * (sum(widths[:-1]) + len(_GAP) * len(names))
    return [line.rstrip() for line in (_GAP.join([*padded, first]), *(indent + m for m in more))]
