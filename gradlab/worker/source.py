"""Reading a `.py` file or a notebook as pieces of code, each with a place that people know."""

from __future__ import annotations

import ast
import json
import linecache
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradlab.errors import GradlabError

#: Of files that can be checked.
SUFFIXES = (".py", ".ipynb")
_MAGIC = re.compile(r"^(\s*)(?:(?:[\w.,\s]+=\s*)?[%!].*|\?.*|\??[\w.]+\?{1,2}\s*)$")
# Cell magics that still run their cell as Python.
_PYTHON_CELLS = ("%%time", "%%timeit", "%%capture", "%%prun", "%%python", "%%python3")


@dataclass(frozen=True)
class Piece:
    """A file, or one cell of a notebook.

    `place` is what a traceback calls it: the path, for a cell followed by
    ``", cell 3"``; the code cells are counted from 1.
    """

    place: str
    tree: ast.Module


@dataclass(frozen=True)
class ModuleSource:
    """The code of a file, and notes on what of it is left out."""

    pieces: list[Piece]
    notes: list[str]


def check_path(shown: str) -> Path:
    """Return the absolute path of a file to check.

    Raises
    ------
    GradlabError
        When there is none, or when it is neither Python nor a notebook.
    """
    path = Path(shown)
    if path.is_dir():
        msg = f"{shown} is a folder; name one file in it"
        raise GradlabError(msg)
    if path.suffix not in SUFFIXES:
        msg = f"{shown} is neither a .py file nor an .ipynb notebook"
        raise GradlabError(msg)
    if not path.exists():
        msg = f"{shown} does not exist; look for a slip in the path, seen from {_here()}"
        raise GradlabError(msg)
    return path.resolve()


def _here() -> str:
    # The whole path would make the same mistake read differently on every machine.
    return f"the folder {Path.cwd().name!r}"


def read(path: Path) -> ModuleSource:
    """Read and parse a file; a notebook comes cell by cell, less cells that are not Python.

    Raises
    ------
    GradlabError
        When it cannot be read, or is a ``.py`` file that is not Python; the message
        states where.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        msg = f"{path.name} cannot be read: {error.strerror}"
        raise GradlabError(msg) from error
    if path.suffix == ".py":
        return ModuleSource([Piece(str(path), _parse(content, path.name))], [])
    pieces, notes = [], []
    for number, text in enumerate(_code_cells(content, path.name), start=1):
        try:
            pieces.append(_cell(path, number, text))
        except GradlabError as error:
            notes.append(f"a cell is left out, because it is not Python: {error}")
    return ModuleSource(pieces, notes)


def _parse(code: str | bytes, place: str) -> ast.Module:
    try:
        return ast.parse(code)
    except SyntaxError as error:
        line = (error.text or "").strip()
        where = f", line {error.lineno}" if error.lineno else ""
        msg = f"{place}{where}: {error.msg}{f': {line}' if line else ''}"
        raise GradlabError(msg) from error
    except (ValueError, RecursionError, MemoryError) as error:
        msg = f"{place} cannot be read as Python: {str(error) or 'nested too deeply'}"
        raise GradlabError(msg) from error


def _code_cells(content: bytes, name: str) -> list[str]:
    try:
        notebook = json.loads(content)
        cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        return ["".join(cell["source"]) for cell in cells]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        msg = f"{name} is not a notebook: expected JSON with a list of cells, as Jupyter 4 has it"
        raise GradlabError(msg) from error


def _cell(path: Path, number: int, text: str) -> Piece:
    place = f"{path}, cell {number}"
    shown = f"{path.name}, cell {number}"
    try:
        tree = _parse(text, shown)
    except GradlabError:
        # Only a cell that is no Python can hold magics; the lines keep their numbers.
        text = _without_magics(text)
        tree = _parse(text, shown)
    lines = [f"{line}\n" for line in text.splitlines()]
    linecache.cache[place] = (len(text), None, lines, place)
    return Piece(place, tree)


def _without_magics(text: str) -> str:
    first: Any = text.lstrip().split(maxsplit=1)
    if first and first[0].startswith("%%") and first[0] not in _PYTHON_CELLS:
        return ""
    return "\n".join(_MAGIC.sub(r"\1pass", line) for line in text.splitlines())
