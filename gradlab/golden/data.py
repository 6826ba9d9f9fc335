"""The golden files, from the installed package or from a checkout.

A wheel carries the repository's `golden` folder as `gradlab/golden/data`; in a
checkout it is at the top.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradlab.errors import GradlabError
from gradlab.golden.printed import PrintedRounding, number_of

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


@dataclass(frozen=True)
class GoldenInput:
    """A number that the text gives.

    Attributes
    ----------
    printed
        Its text; several texts for a product that is printed as such.
    number
        What it means.
    derived
        The section of `derived.toml` that uses it; empty where a value does.
    """

    id: str
    printed: tuple[str, ...]
    number: float
    derived: str = ""


@dataclass(frozen=True)
class Value:
    """A number that follows from inputs, or several that belong together.

    Attributes
    ----------
    by, result
        The name of a reproduction, and the one of its results that this is.
    given
        The inputs it is called with.
    """

    id: str
    printed: tuple[str, ...]
    rounding: PrintedRounding
    by: str
    result: str
    given: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class Behaviour:
    """What inputs lead to according to the text, in words.

    Attributes
    ----------
    of
        The inputs.
    by
        The name of a function from them to a word.
    shows
        The word.
    """

    id: str
    of: tuple[str, ...]
    by: str
    shows: str


@dataclass(frozen=True)
class Article:
    """The entries of `article.toml`, by their identifiers."""

    inputs: dict[str, GoldenInput]
    values: dict[str, Value]
    behaviours: dict[str, Behaviour]


@dataclass(frozen=True)
class Numeral:
    """A row of `numerals.tsv`: a numeral of the texts, its place and what holds it.

    `entry` is the identifier of an entry and `exclusion` a class of
    `exclusions.toml`; one of the two is empty.
    """

    source: str
    line: int
    nth: int
    text: str
    section: str
    entry: str
    exclusion: str


def folder() -> Traversable:
    """Return the folder of the golden files.

    Raises
    ------
    GradlabError
        If there is none, neither in the package nor beside it.
    """
    packaged = resources.files("gradlab.golden").joinpath("data")
    beside = Path(__file__).parents[2] / "golden"
    for place in (packaged, beside):
        if place.joinpath("article.toml").is_file():
            return place
    msg = f"no golden files in {packaged} nor in {beside}; install gradlab again"
    raise GradlabError(msg)


def read_text(name: str) -> str:
    """Return the text of one golden file."""
    return folder().joinpath(name).read_text("utf-8")


@cache
def article() -> Article:
    """Return the entries of `article.toml`.

    Raises
    ------
    GradlabError
        If two entries have the same identifier.

    Examples
    --------
    >>> entry = article().values["bias.loss"]
    >>> entry.printed, entry.rounding.value, entry.by
    (('0.109',), 'truncated', 'bias_step')
    """
    tables = tomllib.loads(read_text("article.toml"))
    ids = [table["id"] for kind in tables.values() for table in kind]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        msg = f"article.toml has two entries called {', '.join(twice)}; rename one of them"
        raise GradlabError(msg)
    return Article(
        inputs={table["id"]: _input(table) for table in tables["input"]},
        values={table["id"]: _value(table) for table in tables["value"]},
        behaviours={table["id"]: _behaviour(table) for table in tables["behaviour"]},
    )


@cache
def derived() -> dict[str, Any]:
    """Return `derived.toml`: by section, ``given`` and then each number as a text.

    The texts have 17 significant digits, lists of them where it is an array.

    Examples
    --------
    >>> derived()["or_first_step"]["cost"]
    '8.8912947523055017e-2'
    """
    return tomllib.loads(read_text("derived.toml"))


@cache
def exclusions() -> dict[str, str]:
    """Return the classes of numerals that have no entry, with their reasons."""
    tables = tomllib.loads(read_text("exclusions.toml"))
    return {name: table["reason"] for name, table in tables.items()}


@cache
def numerals() -> tuple[Numeral, ...]:
    """Return every numeral of the texts, in order."""
    return tuple(_numeral(line) for line in read_text("numerals.tsv").splitlines()[1:])


def _numeral(line: str) -> Numeral:
    source, number, nth, text, section, held_by = line.split("\t")
    kind, _, name = held_by.partition(":")
    entry, exclusion = (name, "") if kind == "entry" else ("", name)
    return Numeral(source, int(number), int(nth), text, section, entry, exclusion)


def _input(table: dict[str, Any]) -> GoldenInput:
    printed = _tuple(table["printed"])
    number = number_of(table.get("number", printed[0]))
    return GoldenInput(table["id"], printed, number, table.get("derived", ""))


def _value(table: dict[str, Any]) -> Value:
    return Value(
        id=table["id"],
        printed=_tuple(table["printed"]),
        rounding=PrintedRounding(table["rounding"]),
        by=table["by"],
        result=table["result"],
        given=_tuple(table.get("given", [])),
        note=table.get("note", ""),
    )


def _behaviour(table: dict[str, Any]) -> Behaviour:
    return Behaviour(table["id"], _tuple(table["of"]), table["by"], table["shows"])


def _tuple(texts: str | list[str]) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else tuple(texts)
