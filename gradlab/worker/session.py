"""Objects of a file that stay available while their code runs in a worker."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from gradlab.errors import GradlabError
from gradlab.worker.file_process import FileProcess
from gradlab.worker.proxy import remote_training
from gradlab.worker.targets import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradlab.subject import Subject
    from gradlab.worker.options import Options


def names_in(file: str, options: Options) -> list[str]:
    """Return the names of what there is to check in a file, in its own order.

    Raises
    ------
    GradlabError
        When the file cannot be run, or holds nothing to check.
    """
    process = FileProcess(file, options)
    try:
        process.open()
        return process.resolve([])[0]
    finally:
        process.close()


@contextmanager
def open_session(target: str, options: Options) -> Iterator[ObjectSession]:
    """Run a file in a worker and yield one of its objects: ``FILE::NAME``.

    Raises
    ------
    GradlabError
        When the file cannot be run, or has no such name, or several and none was
        given.
    """
    file, names = parse(target)
    process = FileProcess(file, options)
    try:
        process.open()
        wanted, unknown = process.resolve(list(names), differentiable=True)
        if unknown:
            raise GradlabError(unknown[0].findings[0].message)
        if len(wanted) != 1:
            msg = f"{target} holds {', '.join(wanted)}; say which, as in {file}::{wanted[0]}"
            raise GradlabError(msg)
        yield ObjectSession(wanted[0], process)
    finally:
        process.close()


class ObjectSession:
    """One object of a file, whose worker keeps running between requests.

    Attributes
    ----------
    name
        Its own name in the file.
    """

    def __init__(self, name: str, process: FileProcess) -> None:
        self.name = name
        self._process = process
        self._layer: Subject | None = None

    @property
    def notes(self) -> list[str]:
        """Notes on how the file was executed."""
        return self._process.notes

    def layer(self) -> Subject:
        """Adapt it as `gradlab check` does, with its whole budget of time.

        A new one, in a new worker, after the worker has exited.
        """
        if self._layer is None or not self._process.alive:
            self._layer = self._process.subject(self.name)
        self._process.set_budget()
        return self._layer

    def training(self) -> Subject:
        """Adapt its training."""
        return remote_training(self._process.connection(), self.name)

    def reseed(self) -> None:
        """Put the worker's global random generators where they were before the file was run."""
        self._process.reseed(self.name)
