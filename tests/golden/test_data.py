from __future__ import annotations

import tomllib
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from gradlab.errors import GradlabError
from gradlab.golden import article, data, exclusions, number_of, numerals

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORDS = {"zero": "0", "zeros": "0", "two": "2", "three": "3"}


def _printed() -> dict[str, tuple[str, ...]]:
    entries = [*article().inputs.values(), *article().values.values()]
    return {entry.id: entry.printed for entry in entries}


@pytest.fixture
def fresh_caches() -> Iterator[None]:
    data.article.cache_clear()
    yield
    data.article.cache_clear()


def test_every_numeral_is_held_by_one_entry_or_exclusion() -> None:
    assert len(numerals()) > 700
    for numeral in numerals():
        assert bool(numeral.entry) != bool(numeral.exclusion), numeral
        assert numeral.entry in {*_printed(), ""}, numeral
        assert numeral.exclusion in {*exclusions(), ""}, numeral


def test_no_row_of_the_list_is_missing() -> None:
    sources = tomllib.loads(data.read_text("sources.toml"))
    assert Counter(numeral.source for numeral in numerals()) == {
        name: source["numerals"] for name, source in sources.items()
    }
    lines: dict[tuple[str, int], list[int]] = {}
    for numeral in numerals():
        lines.setdefault((numeral.source, numeral.line), []).append(numeral.nth)
    assert all(places == list(range(1, len(places) + 1)) for places in lines.values())


def test_every_numeral_is_what_its_entry_prints() -> None:
    for numeral in numerals():
        if numeral.entry:
            text = WORDS.get(numeral.text.lower(), numeral.text)
            numbers = {number_of(printed) for printed in _printed()[numeral.entry]}
            assert number_of(text) in numbers, numeral


def test_every_printed_number_stands_in_the_text() -> None:
    found: dict[str, set[float]] = {}
    for numeral in numerals():
        if numeral.entry:
            text = WORDS.get(numeral.text.lower(), numeral.text)
            found.setdefault(numeral.entry, set()).add(number_of(text))
    for entry, printed in _printed().items():
        assert found.get(entry) == {number_of(text) for text in printed}, entry


def test_every_entry_stands_where_its_numerals_do() -> None:
    places: dict[str, list[tuple[str, str]]] = {}
    for numeral in numerals():
        places.setdefault(numeral.entry, []).append((numeral.source.split("-")[0], numeral.section))
    tables = tomllib.loads(data.read_text("article.toml"))
    for table in [*tables["input"], *tables["value"]]:
        sources, sections = zip(*places[table["id"]], strict=True)
        assert table["source"].split("; ") == list(dict.fromkeys(sources)), table["id"]
        assert table["section"].split("; ") == list(dict.fromkeys(sections)), table["id"]


def test_every_exclusion_has_a_reason_and_a_numeral() -> None:
    assert {numeral.exclusion for numeral in numerals()} - {""} == set(exclusions())
    assert all(len(reason) > 20 for reason in exclusions().values())


def test_only_numerals_without_a_value_are_excluded() -> None:
    """No decimal fraction is excluded but other people's results and addresses."""
    excluded = {n.exclusion for n in numerals() if n.exclusion and "." in n.text}
    assert excluded == {"others-result", "web"}


def test_both_printings_hold_the_same_entries() -> None:
    """Where one printing lost a letter or a line, the other still has the number."""
    held = {
        source: {numeral.entry for numeral in numerals() if numeral.source == source}
        for source in ("article-1", "article-2")
    }
    assert held["article-1"] == held["article-2"]


def test_an_identifier_used_twice_is_refused(
    monkeypatch: pytest.MonkeyPatch,
    fresh_caches: None,
) -> None:
    text = data.read_text("article.toml") + '\n[[input]]\nid = "w1"\nprinted = "0.1"\n'
    monkeypatch.setattr(data, "read_text", lambda _name: text)
    with pytest.raises(GradlabError, match="two entries called w1; rename one of them"):
        article()


def test_the_packaged_folder_goes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "article.toml").write_text("", "utf-8")
    monkeypatch.setattr(data.resources, "files", lambda _package: tmp_path)
    assert data.folder() == tmp_path / "data"


def test_missing_files_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(data.resources, "files", lambda _package: tmp_path)
    monkeypatch.setattr(data, "__file__", str(tmp_path / "gradlab" / "golden" / "data.py"))
    with pytest.raises(GradlabError, match=r"no golden files in .* install gradlab again"):
        data.folder()
