"""Objects of a file that stay at hand while their code runs in a worker."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from gradlab.errors import GradlabError
from gradlab.worker.check_files import Run
from gradlab.worker.proxy import describe_training

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradlab.subject import Subject
    from gradlab.worker.check_files import Options


def names_in(file: str, options: Options) -> list[str]:
    """Return the names of what there is to check in a file, in its own order.

    Raises
    ------
    GradlabError
        When the file cannot be run, or holds nothing to check.
    """
    run = Run(file, options)
    try:
        run.open()
        return run.resolve([])[0]
    finally:
        run.close()


@contextmanager
def borrow(target: str, options: Options) -> Iterator[Borrowed]:
    """Run a file in a worker, and lend what is in it under one name: ``FILE::NAME``.

    Raises
    ------
    GradlabError
        When the file cannot be run, or has no such name, or several and none was
        given.
    """
    file, *names = target.split("::")
    run = Run(file, options)
    try:
        run.open()
        wanted, unknown = run.resolve(names)
        if unknown:
            raise GradlabError(unknown[0].findings[0].message)
        if len(wanted) != 1:
            msg = f"{target} holds {', '.join(wanted)}; say which, as in {file}::{wanted[0]}"
            raise GradlabError(msg)
        yield Borrowed(wanted[0], run)
    finally:
        run.close()


class Borrowed:
    """One object of a file, whose worker lives on between questions.

    Attributes
    ----------
    name
        Its own name in the file.
    """

    def __init__(self, name: str, run: Run) -> None:
        self.name = name
        self._run = run
        self._layer: Subject | None = None

    @property
    def notes(self) -> list[str]:
        """What there is to say about the run of the file."""
        return self._run.notes

    def layer(self) -> Subject:
        """Adapt it as `gradlab check` does, with all of its time before it.

        After the worker's death it is another one, in a new worker.
        """
        if self._layer is None or not self._run.alive:
            self._layer = self._run.subject(self.name)
        self._run.allow()
        return self._layer

    def training(self) -> Subject:
        """Adapt its training."""
        return describe_training(self._run.link(), self.name)

    def restart(self) -> None:
        """Put the worker's global random generators where they were before the file was run."""
        self._run.restart(self.name)
