"""A subject in a process that has run nothing else."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from gradlab.adapters import CONVENTIONS
from gradlab.errors import GradlabError
from gradlab.worker.parent import Worker
from gradlab.worker.proxy import Connection, remote_subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradlab.subject import Subject

# Seconds for running the file, and for the forward and backward in it.
_SECONDS = 30.0


@contextmanager
def in_new_process(origin: str, convention: str, seed: int) -> Iterator[Subject]:
    """Open code in a new Python process, for as long as the context lasts.

    Parameters
    ----------
    origin
        ``file::name``, as in `Subject.origin`.
    convention
        The convention in which it is written.
    seed
        Of the global random streams, before the file is run.

    Raises
    ------
    GradlabError
        When no process can be started, or the file cannot be run in it.
    """
    file, name = origin.rsplit("::", 1)
    declared = convention if convention in CONVENTIONS else None
    with Worker() as worker:
        connection = Connection(worker)
        loaded = connection.load(file, seed=seed, seconds=_SECONDS)
        if loaded.failed:
            raise GradlabError(loaded.failed)
        yield remote_subject(connection, name, {"convention": declared})
