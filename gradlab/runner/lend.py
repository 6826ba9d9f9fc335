"""Objects of a file that stay at hand while their code runs in a worker."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradlab.records import GradlabError
from gradlab.runner.files import Run
from gradlab.runner.remote import describe, describe_training

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradlab.runner.files import Options
    from gradlab.runner.remote import Link
    from gradlab.subject import Subject


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
        yield Borrowed(wanted[0], run.link(), run.notes, options)
    finally:
        run.close()


@dataclass(frozen=True)
class Borrowed:
    """One object of a file that runs in a worker."""

    name: str
    _link: Link
    notes: list[str]
    _options: Options

    def layer(self) -> Subject:
        """Adapt it as `gradlab check` does."""
        return describe(self._link, self.name, self._options.convention, self._options.like)

    def training(self) -> Subject:
        """Adapt its training."""
        return describe_training(self._link, self.name)

    def restart(self) -> None:
        """Put the worker's global random generators where they were before the file was run."""
        self._link.call(self.name, {"op": "restart"}, lambda _result: None)


class Held:
    """One subject of a file, given as ``FILE::NAME``, whose worker lives on between questions.

    Use as a context manager; the worker ends with it.

    Raises
    ------
    GradlabError
        When `target` names no single thing, or what it names cannot be run.
    """

    def __init__(self, target: str, options: Options) -> None:
        file, *names = target.split("::")
        if len(names) != 1:
            msg = f"{target} names no single layer; expected FILE::NAME, as in {file}::LinearLayer"
            raise GradlabError(msg)
        self.name = names[0]
        self._run = Run(file, options)
        self._subject: Subject | None = None

    def __enter__(self) -> Held:
        self._run.open()
        return self

    def __exit__(self, *_: object) -> None:
        self._run.close()

    def subject(self) -> Subject:
        """Return the subject, with all of its time before it; after a death, a new one."""
        if self._subject is None or not self._run.alive:
            self._subject = self._run.subject(self.name)
        self._run.allow()
        return self._subject
