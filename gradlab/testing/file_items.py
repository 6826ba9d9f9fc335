"""Files named with ``--gradlab``: each in a process of its own, beside what pytest collects."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from gradlab.adapters.reference_twin import infer_reference
from gradlab.errors import GradlabError
from gradlab.settings import active
from gradlab.testing.law_items import Laws, Refused
from gradlab.testing.xdist import RUN
from gradlab.worker import Options, check_files, names_in

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path


class File(pytest.File):
    """A file named with ``--gradlab``, and the names in it that are to be checked."""

    def __init__(self, *, shown: str, wanted: list[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._shown, self._wanted = shown, wanted

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        """Name what is to be checked; where no names are given, the file is run for them."""
        options = Options(seed=active().seed, project=active().exempt)
        try:
            wanted = self._wanted or names_in(self._shown, options)
        except GradlabError as error:
            yield Unreadable.from_parent(self, name=RUN, why=str(error))
            return
        for name in wanted:
            ask = partial(check_files, [f"{self._shown}::{name}"], options)
            yield Laws.from_parent(self, name=name, ask=ask, like=infer_reference(name))


class Unreadable(pytest.Item):
    """The one test of a file that holds nothing to check, or cannot be run: it fails.

    An error of collection would keep all other files from being checked.
    """

    def __init__(self, *, why: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._why = why

    def runtest(self) -> None:
        """Say why."""
        raise Refused(self._why)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *_: Any, **__: Any) -> str:
        """Show the reason alone."""
        return str(excinfo.value)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Head the failure by the file."""
        return self.path, 0, f"{self.path.name}::{self.name}"


class Files:
    """Adds the files named with ``--gradlab`` to what is collected."""

    def __init__(self, targets: list[str], folder: Path) -> None:
        self._wanted: dict[str, list[str]] = {}
        for target in targets:
            file, *wanted = target.split("::")
            self._wanted.setdefault(file, []).extend(wanted)
        self._folder = folder

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Hang the files below the session, beside the paths that pytest collects by itself."""
        report = yield
        if isinstance(collector, pytest.Session) and report.passed:
            report.result += [
                File.from_parent(
                    collector, path=(self._folder / file).resolve(), shown=file, wanted=wanted
                )
                for file, wanted in self._wanted.items()
            ]
        return report
