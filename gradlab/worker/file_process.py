"""One file under test: its process, its names, and the checks of what is in it."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gradlab.adapters import attach
from gradlab.errors import (
    GradlabError,
    InternalError,
    NotADerivativeError,
    internal_errors,
)
from gradlab.kinds import Kind
from gradlab.laws import LAWS, selection
from gradlab.records import Skipped, Status
from gradlab.run_laws import merge_reports, run_laws, unrunnable
from gradlab.subject import Subject
from gradlab.worker import limits
from gradlab.worker.discover import NOTHING
from gradlab.worker.parent import (
    WALL_FACTOR,
    DeadlineError,
    ExitedError,
    Worker,
    out_of_wall_time,
)
from gradlab.worker.proxy import (
    Connection,
    remote_subject,
    remote_subject_of_any_kind,
    remote_update,
)
from gradlab.worker.source import check_path
from gradlab.worker.time_limit import OutOfTimeError, wall_limit

if TYPE_CHECKING:
    from gradlab.interfaces import Routine
    from gradlab.laws.selection import Request
    from gradlab.records import SubjectReport
    from gradlab.worker.options import Options


def _attached(subject: Subject, like: str | None) -> Subject:
    """Attach the reference, which computes in this process."""
    found = attach(subject, like)
    return replace(found, notes=tuple(dict.fromkeys(found.notes)))


# The worker and its end here report by themselves first, with more to say.
_GRACE_SECONDS = 3.0


class NothingToCheckError(GradlabError):
    """A file holds nothing that gradlab looks for."""


class _NotExecutedError(GradlabError):
    """The file could not be executed; its definitions may be."""


class FileProcess:
    """One file, and the worker that runs it: a new one after the last has ended."""

    def __init__(self, file: str, options: Options) -> None:
        self.notes: list[str] = []
        #: What the options exempt and there is in a subject.
        self.fitting: set[str] = set()
        #: Under which something is found that is checked, and what is not.
        self.names: set[str] = set()
        self.skipped: list[Skipped] = []
        self._file = file
        self._options = options
        self._definitions_only = False
        self._packages = True
        self._connection: Connection | None = None
        self._cpu_seconds = 0.0
        self._started = time.monotonic()
        self._found: list[str] = []
        self._differentiable: list[str] = []

    def open(self) -> None:
        """Run the file; where that fails, its definitions alone."""
        self._options.progress(self._file)
        try:
            connection = self._start()
        except _NotExecutedError as refusal:
            self._definitions_only = True
            connection = self._start()
            self.notes.append(
                f"{self._file}: read for its imports, functions, classes and constants only, "
                f"because {refusal}"
            )
        printed = connection.worker.printed.take()
        if printed:
            self.notes.append(f"{self._file}: {printed}")
        if not limits.has_memory_limit():
            self.notes.append(limits.NO_MEMORY_LIMIT)

    def resolve(
        self, names: list[str], *, differentiable: bool = False
    ) -> tuple[list[str], list[SubjectReport]]:
        """Return what to check by its own name, and a report on each name that is not there.

        Where no names are given, that is all there is to check in the file, or, where
        there are any, its layers and costs only.

        Raises
        ------
        NothingToCheckError
            When there is nothing to check.
        """
        if not names and not self._found:
            looked_at = "; ".join(f"{each.name}: {each.reason}" for each in self.skipped)
            msg = f"{self._file} {NOTHING}" + (f"; not checked: {looked_at}" if looked_at else "")
            raise NothingToCheckError(msg)
        own = (self._differentiable if differentiable else []) or self._found
        wanted = [] if names else own
        unknown: list[SubjectReport] = []
        for name in names:
            try:
                wanted.append(self._live().call(name, {"op": "find", "name": name}, str))
            except GradlabError as error:
                unknown.append(unrunnable(name, error))
        return list(dict.fromkeys(wanted)), unknown

    def check(self, name: str, request: Request, *, requested: bool = True) -> SubjectReport | None:
        """Check one subject; None if no requested law applies to a subject of its kind.

        What was found by a loose name only, and was not `requested` by name, is skipped
        if it is no derivative.
        """
        options, rerun = self._options, self.again(name)
        options.progress(f"{self._file}::{name}")
        try:
            self._check_total()
            limit = wall_limit(WALL_FACTOR * options.subject_seconds + _GRACE_SECONDS)
            with limit, internal_errors(f"the check of {name}"):
                report = self._check(name, request, rerun)
        except NotADerivativeError as error:
            if not requested:
                self.skipped.append(Skipped(f"{self._file}::{name}", str(error)))
                return None
            report = unrunnable(name, error, rerun=rerun)
        except GradlabError as error:
            report = unrunnable(name, error, rerun=rerun)
        except OutOfTimeError:
            late = out_of_wall_time(f"the check of {name}", options.subject_seconds)
            report = unrunnable(name, DeadlineError(late), rerun=rerun)
        return None if report is None else self._after(report)

    def _check_total(self) -> None:
        """Raise an error if the time for the file as a whole is used up."""
        total = self._options.file_seconds
        worker = 0.0 if self._connection is None else self._connection.worker.cpu_seconds
        for used, limit, kind in (
            (self._cpu_seconds + worker, total, "CPU"),
            (time.monotonic() - self._started, WALL_FACTOR * total, "wall"),
        ):
            if used >= limit:
                msg = (
                    f"not checked: {self._file} as a whole has used up its {limit:g} s of {kind} "
                    "time; check it by name, or raise the limit with --deadline SECONDS"
                )
                raise DeadlineError(msg)

    def _check(self, name: str, request: Request, rerun: str) -> SubjectReport | None:
        options, connection = self._options, self.connection()
        subject = remote_subject_of_any_kind(connection, name, options.how)
        if isinstance(subject, Subject):
            subject = _attached(subject, options.like)
        updates = LAWS[Kind.UPDATE] if subject.kind is Kind.LAYER else ()
        if not selection.chosen((*LAWS[subject.kind], *updates), request):
            self.notes.append(
                f"{self._file}::{name} is left out: it is {subject.kind.described}, to which no "
                "law that was named applies"
            )
            return None
        report = self._run_laws(subject, request, rerun)
        if selection.chosen(updates, request) and self.alive:
            report = self._with_update(report, name, request, rerun)
        return report

    def _with_update(
        self, report: SubjectReport, name: str, request: Request, rerun: str
    ) -> SubjectReport:
        """Add the findings about a layer's own update to its report, if it has one."""
        try:
            update = remote_update(self.connection(), name)
            return (
                report
                if update is None
                else merge_reports(report, self._run_laws(update, request, rerun))
            )
        except InternalError as error:
            return merge_reports(report, unrunnable(name, error, rerun=rerun))
        except GradlabError:  # what fails is in the layer's report
            return report

    def _run_laws(
        self, subject: Subject | Routine[Any], request: Request, rerun: str
    ) -> SubjectReport:
        selected = selection.select(LAWS[subject.kind], request, subject)
        self.fitting |= set(selected.reasons)
        options = self._options
        return run_laws(subject, selected, seed=options.seed, rerun=rerun, strict=options.strict)

    def reseed(self, name: str) -> None:
        """Put the worker's global random generators where they were before the file was run."""
        if self._connection is not None:
            self._connection.call(name, {"op": "reseed"}, lambda _result: None)

    def connection(self) -> Connection:
        """Return the connection to the worker, with the time that one subject may take."""
        connection = self._live()
        self.set_budget()
        return connection

    def subject(self, name: str) -> Subject:
        """Return one subject of the file, its code in the worker.

        Raises
        ------
        GradlabError
            When it is not there, or could not be tried out.
        """
        options, connection = self._options, self.connection()
        subject = remote_subject(connection, name, options.how)
        return _attached(subject, options.like)

    @property
    def alive(self) -> bool:
        """Whether there is a worker that answers."""
        return self._connection is not None and self._connection.worker.alive

    def set_budget(self) -> None:
        """Give the worker the time of one subject from now on."""
        if self._connection is not None:
            self._connection.worker.set_budget(self._options.subject_seconds)

    def _after(self, report: SubjectReport) -> SubjectReport:
        if report.status is Status.ERROR:
            # Memory that is taken or state that is half changed is not for the next one.
            self.close()
        elif self._connection is not None and (printed := self._connection.worker.printed.take()):
            return replace(report, notes=(*report.notes, printed))
        return report

    def again(self, name: str = "") -> str:
        """Write the command that checks this once more."""
        return self._options.command(f"{self._file}::{name}" if name else self._file)

    def close(self) -> None:
        """End the worker."""
        if self._connection is not None:
            self._cpu_seconds += self._connection.worker.cpu_seconds
            self._connection.worker.close()
            self._connection = None

    def _live(self) -> Connection:
        """Return the connection to a worker that has run the file; a new one if it has ended."""
        if self._connection is None or not self.alive:
            return self._start()
        return self._connection

    def _start(self) -> Connection:
        path = check_path(self._file)
        self.close()
        self._connection = connection = Connection(Worker())
        options = self._options
        try:
            loaded = connection.load(
                str(path),
                seed=options.seed,
                seconds=options.import_seconds,
                memory=options.memory,
                definitions_only=self._definitions_only,
                packages=self._packages,
            )
        except (DeadlineError, ExitedError) as error:
            # What ended the process may be in a package that the file imports from.
            self._packages = False
            raise self._not_executed(path.name, str(error)) from error
        if loaded.failed:
            raise self._not_executed(path.name, loaded.failed)
        self._found = [name for name, _, _ in loaded.found]
        self._differentiable = [name for name, layer, _ in loaded.found if layer]
        self.names = {n for name, _, aliases in loaded.found for n in (name, *aliases)}
        self.skipped = [Skipped(f"{self._file}::{name}", why) for name, why in loaded.skipped]
        notes = [f"{self._file}: {note}" for note in loaded.notes]
        self.notes += [note for note in notes if note not in self.notes]
        return connection

    def _not_executed(self, name: str, why: str) -> GradlabError:
        if self._definitions_only:
            return GradlabError(f"{name} cannot be run, not even its definitions alone: {why}")
        return _NotExecutedError(why)
