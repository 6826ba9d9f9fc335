"""List every numeral of the seeds' text with its place.

    python golden/numerals.py FOLDER            compare the text with numerals.tsv
    python golden/numerals.py FOLDER --write    write numerals.tsv anew

FOLDER holds the seeds as ``.txt`` files, which are not part of this repository;
a file is recognised by its SHA-256 (`sources.toml`).  What holds a numeral (an
entry of `article.toml` or an exclusion of `exclusions.toml`) is written into the
last column by hand; ``--write`` keeps it where the numeral stands where it stood,
and puts a question mark for a new one, which the tests refuse.

What counts as a numeral: a run of digits with a decimal point, a percent sign or
an exponent left outside; superscript and subscript runs; Roman numerals that are
characters of their own; the words 'zero' and 'two' to 'billions'.  The words
'one', 'single' and the ordinals ('first') are not listed: they are articles,
pronouns and enumerations nearly everywhere.  Printing 1 of the article went
through a wrong encoding that dropped bytes: its superscripts are put together
again, its subscripts and Roman numerals are gone and stand in printing 2.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
import tomllib
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

HERE = Path(__file__).parent
TABLE = HERE / "numerals.tsv"
HEADER = "source\tline\tnth\tnumeral\tsection\theld by"
UNKNOWN = "?"

# What the wrong encoding left of a superscript; ʳ left a ³ too, after a Κ, and is no numeral.
_MANGLED = {"β»": "⁻", "ΒΉ": "¹", "β°": "⁰", "Β²": "²", "Β³": "³", "Κ³": "ʳ"}

_NUMERAL = re.compile(
    r"(?:(?<=[=\[(,< ])-)?\d+(?:\.\d+)*"  # a sign counts where nothing is subtracted from
    r"|⁻?[⁰¹²³⁴-⁹]+"
    r"|[₀-₉]+"
    r"|[\u2160-\u217f]"
    r"|(?<![\w.])(?:zeros?|two|three|four|five|six|seven|eight|nine|ten"
    r"|hundreds?|thousands?|millions?|billions?)(?!\w)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Numeral:
    """One numeral: where it stands and what holds it.

    `nth` counts the numerals of a line from 1; `held_by` is ``entry:ID``,
    ``excluded:CLASS`` or a question mark.
    """

    source: str
    line: int
    nth: int
    text: str
    section: str
    held_by: str = UNKNOWN

    @property
    def place(self) -> tuple[str, int, int, str]:
        """What makes it the same numeral as one of an earlier list."""
        return (self.source, self.line, self.nth, self.text)

    def row(self) -> str:
        """Return its line of the table."""
        place = f"{self.source}\t{self.line}\t{self.nth}"
        return f"{place}\t{self.text}\t{self.section}\t{self.held_by}"


def numerals_of(line: str) -> list[str]:
    """Return the numerals of a line of text, in order.

    Examples
    --------
    >>> numerals_of("b=-0.125, x₁² at [[ 0.  1.]], 5*10⁻¹⁰ in 1ˢᵗ, A[i-1], Part Ⅱ of two")
    ['-0.125', '₁', '²', '0', '1', '5', '10', '⁻¹⁰', '1', '1', 'Ⅱ', 'two']
    """
    for mangled, meant in _MANGLED.items():
        line = line.replace(mangled, meant)
    return _NUMERAL.findall(line)


def list_text(source: str, text: str, sections: list[tuple[int, str]]) -> list[Numeral]:
    """Return the numerals of a whole text; a section is its first line and its name."""
    found = []
    for number, line in enumerate(text.split("\n"), start=1):
        section = next(name for first, name in reversed(sections) if first <= number)
        found += [
            Numeral(source, number, nth, numeral, section)
            for nth, numeral in enumerate(numerals_of(line), start=1)
        ]
    return found


def list_folder(folder: Path) -> list[Numeral]:
    """Return the numerals of all seeds, in the order of `sources.toml`."""
    files = {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in folder.glob("*.txt")}
    found: list[Numeral] = []
    for name, source in tomllib.loads((HERE / "sources.toml").read_text("utf-8")).items():
        if source["sha256"] not in files:
            sys.exit(f"{folder} holds no .txt file with the SHA-256 of {name}, {source['sha256']}")
        text = files[source["sha256"]].read_text("utf-8")
        sections = [(first, section) for first, section in source["sections"]]
        found += list_text(name, text, sections)
    return found


def read_table(path: Path) -> list[Numeral]:
    """Return the list as it is committed."""
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()[1:]]
    return [
        Numeral(source, int(line), int(nth), text, section, held_by)
        for source, line, nth, text, section, held_by in rows
    ]


def keep_holders(found: list[Numeral], earlier: list[Numeral]) -> list[Numeral]:
    """Return `found` with what held each numeral in the earlier list."""
    holders = {numeral.place: numeral.held_by for numeral in earlier}
    return [replace(one, held_by=holders.get(one.place, UNKNOWN)) for one in found]


def table_of(numerals: list[Numeral]) -> str:
    """Return the text of numerals.tsv."""
    return "\n".join([HEADER, *(numeral.row() for numeral in numerals)]) + "\n"


def main() -> None:
    """Compare the seeds with the committed list, or write it."""
    parser = argparse.ArgumentParser(description="List every numeral of the seeds' text.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true", help="write numerals.tsv")
    arguments = parser.parse_args()
    earlier = read_table(TABLE) if TABLE.exists() else []
    found = keep_holders(list_folder(arguments.folder), earlier)
    text = table_of(found)
    if arguments.write:
        TABLE.write_text(text, "utf-8")
    elif not TABLE.exists() or text != TABLE.read_text("utf-8"):
        sys.exit("numerals.tsv does not list the numerals of this text; run again with --write")
    counts = Counter(numeral.source for numeral in found)
    unknown = sum(numeral.held_by == UNKNOWN for numeral in found)
    print(", ".join(f"{source}: {count}" for source, count in counts.items()))
    print(f"{len(found)} numerals, {unknown} of them held by nothing yet")


if __name__ == "__main__":
    main()
