"""The script that lists the numerals; the texts themselves are not in the repository."""

from __future__ import annotations

import hashlib
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType

    Load = Callable[[str], ModuleType]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("b=-0.125 and [-0.044, -0.035]", ["-0.125", "-0.044", "-0.035"]),
        ("z < -2, i-1, 1-A, lines 61-80", ["-2", "1", "1", "61", "80"]),
        ("Fig.1. Fig 17.a. 100.0% [[ 0.  1.]]", ["1", "17", "100.0", "0", "1"]),
        ("x₁² * x₁₀, 5*10⁻¹⁰, 1ˢᵗ 3ʳᵈ", ["₁", "²", "₁₀", "5", "10", "⁻¹⁰", "1", "3"]),
        ("O(nΒ²), 10β»ΒΉβ°, 3Κ³α΅", ["²", "10", "⁻¹⁰", "3"]),
        ("Part Ⅱ, ZERO, two, np.zeros, biases of zeros", ["Ⅱ", "ZERO", "two", "zeros"]),
        ("one, single, first, twofold", []),
        ("A1, dA2, 32x32, 2_layer", ["1", "2", "32", "32", "2"]),
        ("10.1.1.101.2647", ["10.1.1.101.2647"]),
        ("0.0009514180100050973", ["0.0009514180100050973"]),
    ],
)
def test_numerals_of(load_script: Load, line: str, expected: list[str]) -> None:
    assert load_script("numerals").numerals_of(line) == expected


def test_places_count_lines_and_numerals_from_one(load_script: Load) -> None:
    found = load_script("numerals").list_text("t", "x\n1 and 2\n3", [(1, "top"), (3, "end")])
    assert [(n.line, n.nth, n.text, n.section) for n in found] == [
        (2, 1, "1", "top"),
        (2, 2, "2", "top"),
        (3, 1, "3", "end"),
    ]


@pytest.fixture
def folder(load_script: Load, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A text, its entry in sources.toml, and a script that works on them."""
    (tmp_path / "text.txt").write_text("a 1\nb 2", "utf-8")
    digest = hashlib.sha256(b"a 1\nb 2").hexdigest()
    sources = f'[t]\nsha256 = "{digest}"\nsections = [[1, "top"]]\n'
    (tmp_path / "sources.toml").write_text(sources, "utf-8")
    script = load_script("numerals")
    monkeypatch.setattr(script, "HERE", tmp_path)
    monkeypatch.setattr(script, "TABLE", tmp_path / "numerals.tsv")
    return tmp_path


def _run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["numerals.py", *arguments])
    sys.modules["golden_numerals"].main()


def test_the_list_is_refused_written_kept_and_refused_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="run again with --write"):
        _run(monkeypatch, str(folder))
    _run(monkeypatch, str(folder), "--write")
    assert capsys.readouterr().out == "t: 2\n2 numerals, 2 of them held by nothing yet\n"
    table = folder / "numerals.tsv"
    table.write_text(table.read_text("utf-8").replace("1\ttop\t?", "1\ttop\tentry:a"), "utf-8")
    _run(monkeypatch, str(folder), "--write")
    assert table.read_text("utf-8").splitlines()[1:] == [
        "t\t1\t1\t1\ttop\tentry:a",
        "t\t2\t1\t2\ttop\t?",
    ]
    _run(monkeypatch, str(folder))
    assert capsys.readouterr().out.endswith("2 numerals, 1 of them held by nothing yet\n")
    table.write_text(table.read_text("utf-8").replace("t\t2\t1", "t\t2\t3"), "utf-8")
    with pytest.raises(SystemExit, match="does not list the numerals"):
        _run(monkeypatch, str(folder))


def test_a_folder_without_the_text_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "text.txt").write_text("changed", "utf-8")
    with pytest.raises(SystemExit, match=r"holds no \.txt file with the SHA-256 of t"):
        _run(monkeypatch, str(folder), "--write")


def test_the_committed_list_reads_back_to_the_byte(load_script: Load) -> None:
    script = load_script("numerals")
    assert script.table_of(script.read_table(script.TABLE)) == script.TABLE.read_text("utf-8")
