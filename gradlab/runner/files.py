"""Check files: run each in a worker, and reach the verdicts here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
import contextlib
import shlex

from gradlab.adapters import attach
from gradlab.engine import check_subject, unrunnable
from gradlab.records import GradlabError, Report, SubjectReport
from gradlab.runner.discover import NOTHING
from gradlab.runner.process import DeadlineError, DiedError, Worker
from gradlab.runner.remote import Link, describe
from gradlab.runner.source import check_path

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_IMPORT_SECONDS, _SUBJECT_SECONDS = 10.0, 20.0


@dataclass(frozen=True)
class Options:
    """How files are checked.

    Attributes
    ----------
    like, convention
        As in `gradlab.check`; None leaves them to be recognised.
    deadline
        Seconds for importing a file, and again for each of its subjects; None
        means 10 and 20.
    progress
        Called with the name of what is being checked.
    """

    like: str | None = None
    convention: str | None = None
    seed: int = 0
    deadline: float | None = None
    progress: Callable[[str], None] = lambda _name: None

    @property
    def import_seconds(self) -> float:
        """How long importing a file may take."""
        return self.deadline or _IMPORT_SECONDS

    @property
    def subject_seconds(self) -> float:
        """How long the code of one subject may take, all its calls together."""
        return self.deadline or _SUBJECT_SECONDS
