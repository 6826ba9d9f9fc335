"""What the command line names: files, objects in files, folders."""

from __future__ import annotations

import ast
import glob
import os
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gradlab.errors import GradlabError
from gradlab.worker.source import SUFFIXES, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Folders of installed packages and caches; a search leaves them out, and hidden ones.
_LEFT_OUT = ("node_modules", "__pycache__", "site-packages")
_DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.Lambda)


@dataclass(frozen=True)
class FileTarget:
    """A file to check.

    Attributes
    ----------
    names
        Of objects in it; empty for all that there is to check.
    alone
        Whether it was named by itself, so that a file without anything to check is
        an error.
    searched
        Whether it was found in a folder, so that it runs only if it defines
        something.
    error
        Why there is nothing to run; empty otherwise.
    """

    file: str
    names: tuple[str, ...] = ()
    alone: bool = False
    searched: bool = False
    error: str = ""


def parse(text: str) -> tuple[str, tuple[str, ...]]:
    r"""Split ``FILE::NAME::NAME`` into the file and the names.

    Raises
    ------
    GradlabError
        When the file or a name is empty.

    Examples
    --------
    >>> parse(r"C:\layers\linear.py::Linear")
    ('C:\\layers\\linear.py', ('Linear',))
    """
    file, *names = text.split("::")
    if not file or not all(names):
        msg = f"{text!r} names no {'object' if file else 'file'}; expected FILE or FILE::NAME"
        raise GradlabError(msg)
    return file, tuple(names)


def expand(texts: Iterable[str]) -> list[FileTarget]:
    """Turn what was named into files: a folder is searched, a pattern is matched.

    Raises
    ------
    GradlabError
        When a target names no file or no object.
    """
    parsed = [parse(text) for text in texts]
    targets = [target for file, names in parsed for target in _expanded(file, names)]
    if len(targets) == 1 and not targets[0].searched:
        (target,) = targets
        return [replace(target, alone=Path(target.file).name != "__init__.py")]
    return list(dict.fromkeys(targets))


def _expanded(file: str, names: tuple[str, ...]) -> list[FileTarget]:
    path = Path(file)
    if path.is_dir():
        found = sorted(_in_folder(path))
        if names or not found:
            error = (
                f"{file} is a folder; name a file in it, as in FILE.py::{names[0]}"
                if names
                else f"{file} is a folder without .py files and notebooks"
            )
            return [FileTarget(file, names, error=error)]
        return [FileTarget(str(each), searched=True) for each in found]
    if not path.exists() and glob.has_magic(file):
        # The shell of Windows leaves patterns to the program.
        matched = sorted(glob.glob(file, recursive=True))  # noqa: PTH207 - the text may be absolute
        if matched:
            return [FileTarget(each, names, searched=True) for each in matched]
        return [FileTarget(file, names, error=f"{file} matches no file")]
    return [FileTarget(file, names)]


def _in_folder(folder: Path) -> Iterator[Path]:
    """Find the Python files and notebooks in a folder, less what git ignores."""
    tracked = _git_files(folder)
    found = _walk(folder) if tracked is None else iter(tracked)
    return (path for path in found if path.suffix in SUFFIXES and path.is_file())


def _git_files(folder: Path) -> list[Path] | None:
    """Return what git tracks or would track; None outside of a repository, or without git."""
    # A repository's own configuration may name a program for fsmonitor.
    command = ["git", "-c", "core.fsmonitor=false", "ls-files", "-coz", "--exclude-standard"]
    try:
        ran = subprocess.run(  # noqa: S603 - a fixed command
            command, cwd=folder, capture_output=True, check=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError):
        return None
    names = [os.fsdecode(name) for name in ran.stdout.split(b"\0") if name]
    return [folder / name for name in dict.fromkeys(names)]


def _walk(folder: Path) -> Iterator[Path]:
    for here, folders, files in os.walk(folder):
        kept = [name for name in folders if not _is_left_out(Path(here, name))]
        folders[:] = sorted(kept)
        yield from (Path(here, name) for name in files)


def _is_left_out(folder: Path) -> bool:
    is_environment = (folder / "pyvenv.cfg").exists()
    return folder.name.startswith(".") or folder.name in _LEFT_OUT or is_environment


def defines_nothing(file: str) -> bool:
    """Whether a file's code defines no class and no function, so that it need not run."""
    try:
        trees = [piece.tree for piece in read(Path(file)).pieces]
    except GradlabError:
        return False  # the worker reports what is wrong with it
    return not any(isinstance(node, _DEFINITIONS) for tree in trees for node in ast.walk(tree))
