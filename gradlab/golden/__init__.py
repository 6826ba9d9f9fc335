"""The golden values: what the seeds print, and what follows from what they print.

`article` has every number of the text as printed, with what reproduces it;
`mismatch` reports whether it does.  `derived` has what only the figures show, computed
to 50 digits.  The files, and how they came about, are described in
`golden/README.md`.
"""

from gradlab.golden.compare import computed, mismatch
from gradlab.golden.data import (
    Article,
    Behaviour,
    GoldenInput,
    Numeral,
    Value,
    article,
    derived,
    exclusions,
    numerals,
)
from gradlab.golden.printed import PrintedRounding, matches, number_of
from gradlab.golden.reproductions import BEHAVIOURS, REPRODUCTIONS

__all__ = [
    "BEHAVIOURS",
    "REPRODUCTIONS",
    "Article",
    "Behaviour",
    "GoldenInput",
    "Numeral",
    "PrintedRounding",
    "Value",
    "article",
    "computed",
    "derived",
    "exclusions",
    "matches",
    "mismatch",
    "number_of",
    "numerals",
]
