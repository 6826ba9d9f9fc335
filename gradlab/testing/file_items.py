"""Files named with ``--gradlab``: each runs in a process of its own and is never imported here."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from gradlab.errors import GradlabError
from gradlab.records import EXECUTION
from gradlab.settings import active
from gradlab.testing.subject_item import SubjectItem
from gradlab.worker import NothingToCheckError, Options, check_files, names_in

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from gradlab.report.report import Report


class File(pytest.File):
    """A file named with ``--gradlab``, and the names in it that are to be checked."""

    def __init__(self, *, shown: str, wanted: list[str], alone: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._shown, self._wanted, self._alone = shown, wanted, alone

    def collect(self) -> Iterator[pytest.Item]:
        """Yield an item for each name; if none are given, the file is run to find them.

        A file that cannot be run has one item, which fails: an error of collection
        would keep all other files from being checked.  So has a file that holds nothing
        to check and was named alone; one of several files, as patterns name them, has
        an item that is skipped.
        """
        options = Options(seed=active().seed, project=active().exempt)
        try:
            wanted = self._wanted or names_in(self._shown, options)
        except NothingToCheckError as error:
            if self._alone and self.path.name != "__init__.py":
                yield Unreadable.from_parent(self, name=EXECUTION, reason=error)
            else:
                yield Empty.from_parent(self, name="nothing to check", reason=str(error))
            return
        except GradlabError as error:
            yield Unreadable.from_parent(self, name=EXECUTION, reason=error)
            return
        lines = _lines_of_definitions(self.path)
        for name in wanted:
            yield SubjectItem.from_parent(
                self,
                name=name,
                check=partial(_check_file, f"{self._shown}::{name}", options),
                line=lines.get(name, 0),
            )


def _check_file(target: str, options: Options, _item: pytest.Item) -> Report:
    return check_files([target], options)


def _lines_of_definitions(path: Path) -> dict[str, int]:
    """Return the first line of each top-level class and function, counted from 0.

    The source is parsed, not run.  A notebook has no lines that an editor would know.
    """
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return {}
    return {
        node.name: node.lineno - 1
        for node in tree.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
    }


class Unreadable(SubjectItem):
    """The one item of a file that holds nothing to check, or cannot be run: it fails."""

    def __init__(self, *, reason: GradlabError, **kwargs: Any) -> None:
        super().__init__(check=self._refuse, **kwargs)
        self._reason = reason

    def _refuse(self, _item: pytest.Item) -> Report:
        raise self._reason

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return the file as the location, and as the heading of the failure."""
        return self.path, 0, f"{self.path.name}::{self.name}"


class Empty(pytest.Item):
    """The one item of a file without layers among other files: it is skipped."""

    def __init__(self, *, reason: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._reason = reason

    def runtest(self) -> None:
        """Skip, with what was looked for."""
        pytest.skip(self._reason)


class Files:
    """Adds the files named with ``--gradlab`` to the collected nodes, and keeps pytest off them."""

    def __init__(self, targets: list[str], folder: Path) -> None:
        self._wanted: dict[str, list[str]] = {}
        for target in targets:
            file, *wanted = target.split("::")
            self._wanted.setdefault(file, []).extend(wanted)
        self._folder = folder
        self._paths = {(folder / file).resolve() for file in self._wanted}

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Ignore these files in pytest's own collection, which would import them."""
        return True if collection_path.resolve() in self._paths else None

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Add a node for each file to the session, beside the paths that pytest collects."""
        report = yield
        if isinstance(collector, pytest.Session) and report.passed:
            report.result += [
                File.from_parent(
                    collector,
                    path=(self._folder / file).resolve(),
                    shown=file,
                    wanted=wanted,
                    alone=len(self._wanted) == 1,
                )
                for file, wanted in self._wanted.items()
            ]
        return report
