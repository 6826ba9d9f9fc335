"""Where a file's imports are looked for: its package, and the folders up to its project's root."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import os
import re
import sys
import types
from dataclasses import dataclass, replace
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import FrameType

_INIT = "__init__.py"


@dataclass(frozen=True)
class Location:
    """Where a file is in its project.

    Attributes
    ----------
    packages
        The folders of the packages that it belongs to, outermost first.
    root
        The topmost folder of the project: the one with ``.git``, else the nearest
        with ``pyproject.toml``, else the parent of the outermost package.
    folders
        Where absolute imports are looked for, in this order.
    """

    path: Path
    packages: tuple[Path, ...]
    root: Path
    folders: tuple[Path, ...]


def locate(path: Path) -> Location:
    """Find the packages and the project that an absolute path belongs to."""
    packages: list[Path] = []
    top = path.parent
    while (top / _INIT).exists() and top != top.parent:
        packages.insert(0, top)
        top = top.parent
    root = _root(path.parent, top)
    above = [folder for folder in path.parent.parents if folder.is_relative_to(root)]
    # The parent of the package comes first: its folder may hold a module of the same name.
    folders = tuple(dict.fromkeys([top, path.parent, *above, root]))
    return Location(path, tuple(packages), root, folders)


def _root(folder: Path, top: Path) -> Path:
    for marker in (".git", "pyproject.toml"):
        found = next((f for f in (folder, *folder.parents) if (f / marker).exists()), None)
        if found is not None and top.is_relative_to(found):
            return found
    return top


class ProjectFinder(MetaPathFinder):
    """Finds a project's own modules, for imports that are written in the project's files.

    A library's imports must not find them: a project may have a module named like
    one that a library needs.  Nor is a folder without ``__init__.py`` preferred to
    an installed package of its name.
    """

    def __init__(self, location: Location) -> None:
        self._folders = [str(folder) for folder in location.folders]
        self._root = str(location.root) + os.sep

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: types.ModuleType | None = None,  # noqa: ARG002 - the interface of importlib
    ) -> ModuleSpec | None:
        """Find a top-level module in the project's folders."""
        if path is not None or not self._is_own(sys._getframe(1)):  # noqa: SLF001 - documented
            return None
        spec = PathFinder.find_spec(fullname, self._folders)
        return spec if spec is not None and spec.origin is not None else None

    def _is_own(self, frame: FrameType | None) -> bool:
        """Whether the import statement is in a file of the project."""
        while frame is not None and "importlib" in frame.f_code.co_filename:
            frame = frame.f_back
        if frame is None:
            return False
        file = frame.f_code.co_filename
        return file.startswith(self._root) and "site-packages" not in file


def extend_path(location: Location) -> None:
    """Have imports look into the project: first for its own files, last for all others."""
    finder = ProjectFinder(location)
    at = sys.meta_path.index(PathFinder) if PathFinder in sys.meta_path else len(sys.meta_path)
    sys.meta_path.insert(at, finder)
    sys.path += [str(folder) for folder in location.folders if str(folder) not in sys.path]


def with_implied_packages(location: Location, trees: Iterable[ast.Module]) -> Location:
    """Count folders without ``__init__.py`` as packages where relative imports need them."""
    levels = [
        node.level for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
    ]
    needed = max(levels, default=0)
    if needed <= len(location.packages):
        return location
    folders = (location.path.parent, *location.path.parent.parents)[:needed]
    return replace(location, packages=tuple(reversed(folders)))


def imports_own_package(trees: Iterable[ast.Module], location: Location) -> bool:
    """Whether a file imports from the package that it belongs to, relatively or by its name."""
    if not location.packages:
        return False
    nodes = [node for tree in trees for node in ast.walk(tree)]
    if any(isinstance(node, ast.ImportFrom) and node.level for node in nodes):
        return True
    top = location.packages[0].name
    return any(top in _imported(node) for node in nodes)


def _imported(node: ast.AST) -> set[str]:
    """Return the top-level names that a statement imports."""
    if isinstance(node, ast.Import):
        return {alias.name.split(".")[0] for alias in node.names}
    return {(node.module or "").split(".")[0]} if isinstance(node, ast.ImportFrom) else set()


def import_packages(location: Location, *, execute: bool) -> tuple[str, list[str]]:
    """Import the packages of a file, outermost first; return the dotted name, and notes.

    A package whose ``__init__.py`` fails, or is not to be executed, is entered
    empty: its modules can be imported all the same.
    """
    name, notes = "", []
    for folder in location.packages:
        own = re.sub(r"\W", "_", folder.name)
        name = _free_name(f"{name}.{own}" if name else own, folder)
        if name in sys.modules:
            continue
        why = _import_package(name, folder) if execute and (folder / _INIT).exists() else ""
        if why:
            notes.append(
                f"{folder.name}/{_INIT} could not be run ({why}); the modules beside it are "
                "imported without it"
            )
        if name not in sys.modules:
            _enter(name, _module_of(name, folder))
    return name, notes


def _free_name(name: str, folder: Path) -> str:
    """Return the name of a package, altered where a package of another folder has it."""
    while name in sys.modules and str(folder) not in getattr(sys.modules[name], "__path__", ()):
        name += "_"
    return name


def _module_of(name: str, folder: Path) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(
        name, folder / _INIT, submodule_search_locations=[str(folder)]
    )
    assert spec is not None  # noqa: S101 - for the types; a .py file has a spec
    return importlib.util.module_from_spec(spec)


def _enter(name: str, module: types.ModuleType) -> None:
    sys.modules[name] = module
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, module)


def _import_package(name: str, folder: Path) -> str:
    """Execute a package; return what it raised, empty if nothing."""
    known = set(sys.modules)
    module = _module_of(name, folder)
    _enter(name, module)
    try:
        assert module.__spec__ is not None  # noqa: S101 - for the types
        assert module.__spec__.loader is not None  # noqa: S101
        module.__spec__.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - somebody else's code may raise anything
        for entered in set(sys.modules) - known:
            if entered == name or entered.startswith(f"{name}."):
                del sys.modules[entered]
        return f"{type(error).__name__}: {error}"
    return ""


def new_module(location: Location, package: str) -> types.ModuleType:
    """Make an empty module for a file: in its package, or under its own name where that is free."""
    path = location.path
    name = f"{package}.{path.stem}" if package else path.stem
    while name in sys.modules:
        name += "_"
    module = types.ModuleType(name)
    module.__file__ = str(path)
    module.__package__ = package
    if package:
        _enter(name, module)
    sys.modules[name] = module
    return module


def already_imported(location: Location, package: str) -> types.ModuleType | None:
    """Return the module of a file that importing its package has executed."""
    name = package if location.path.name == _INIT else f"{package}.{location.path.stem}"
    module = sys.modules.get(name) if package else None
    file = getattr(module, "__file__", None)
    return module if file is not None and Path(file) == location.path else None
