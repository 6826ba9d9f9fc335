"""Check files: each runs in a worker, and the verdicts are reached here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gradlab.errors import GradlabError, internal_errors
from gradlab.laws import ALL, selection
from gradlab.report.report import Report
from gradlab.run_laws import unrunnable
from gradlab.worker import targets
from gradlab.worker.file_process import FileProcess, NothingToCheckError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradlab.laws.selection import Request
    from gradlab.records import Skipped, SubjectReport
    from gradlab.worker.options import Options
    from gradlab.worker.targets import FileTarget

# Files without anything to check are named up to this number.
_MOST_NAMED = 10


@dataclass(frozen=True)
class _Checked:
    """What became of one file.

    Attributes
    ----------
    fitting
        The exemptions that fit something in it.
    names
        Of what was checked, further names included.
    """

    subjects: tuple[SubjectReport, ...] = ()
    notes: tuple[str, ...] = ()
    fitting: frozenset[str] = frozenset()
    empty: bool = False
    skipped: tuple[Skipped, ...] = ()
    names: frozenset[str] = frozenset()


def check_files(texts: Iterable[str], options: Options) -> Report:
    """Check what is in files, each given as ``FILE`` or ``FILE::NAME::NAME``, or in folders.

    Whatever is wrong with one file or one subject is a finding of its own, and
    the others are checked all the same.  A file that holds nothing to check is an
    error if it was the only one named, and a note otherwise.

    Raises
    ------
    GradlabError
        When no process can be started to run a file in, when no law has one of the
        names, when an exemption gives no reason, or when a target names nothing.
    """
    _request(options)
    wanted = targets.expand(texts)
    own = [options.of_file(target.file) for target in wanted]
    # Every request is validated before any code runs.
    requests = [_request(each) for each in own]
    several = len({target.file for target in wanted}) > 1
    checked = [_check_file(*each) for each in zip(wanted, own, requests, strict=True)]
    subjects: list[SubjectReport] = []
    for target, one in zip(wanted, checked, strict=True):
        file = target.file
        # Two files may define a layer of one name; what is named like its file is the file.
        subjects += [
            replace(s, name=f"{file}::{s.name}") if several and s.name != file else s
            for s in one.subjects
        ]
    subjects += _missing(options.expect, checked)
    notes = [note for one in checked for note in one.notes]
    notes += _empty_note([t.file for t, one in zip(wanted, checked, strict=True) if one.empty])
    fitting = {key for one in checked for key in one.fitting}
    notes += [
        f"exempt names {key!r}, of which nothing that was checked has a finding"
        for key in options.exempt
        if key not in fitting
    ]
    seeds = list(dict.fromkeys(each.seed for each in own)) or [options.seed]
    if len(seeds) > 1:
        pairs = zip(wanted, own, strict=True)
        notes += [f"{target.file}: seed {each.seed}" for target, each in pairs]
    skipped = tuple(each for one in checked for each in one.skipped)
    return Report(
        tuple(subjects), seed=seeds[0], notes=tuple(dict.fromkeys(notes)), skipped=skipped
    )


def _missing(expected: Iterable[str], checked: list[_Checked]) -> list[SubjectReport]:
    """Return an error for each name that was expected and is not among what was checked."""
    names = {name for one in checked for name in one.names}
    reasons = {s.name.split("::")[-1]: s.reason for one in checked for s in one.skipped}
    return [
        unrunnable(
            name,
            GradlabError(
                f"{name} is expected and was not checked: "
                + reasons.get(name, f"the files hold {', '.join(sorted(names)) or 'nothing'}")
            ),
        )
        for name in expected
        if name not in names
    ]


def _request(options: Options) -> Request:
    exempt = {**options.project, **options.exempt}
    return selection.parse(ALL, options.laws, where_present=exempt)


def _check_file(target: FileTarget, options: Options, request: Request) -> _Checked:
    file = target.file
    if target.error:
        return _Checked((unrunnable(file, GradlabError(target.error)),))
    if target.searched and targets.defines_nothing(file):
        return _Checked(empty=True)
    process = FileProcess(file, options)
    wanted: list[str] = []
    named = bool(target.names)
    try:
        with internal_errors(f"the search of {file}"):
            process.open()
            wanted, unknown = process.resolve(list(target.names))
        reports = [process.check(name, request, requested=named) for name in wanted]
        found = (*(report for report in reports if report is not None), *unknown)
    except NothingToCheckError as error:
        if not target.alone or options.allow_empty:
            return _Checked(notes=tuple(process.notes), empty=True, skipped=tuple(process.skipped))
        found = (unrunnable(file, error, rerun=process.again()),)
    except GradlabError as error:
        found = (unrunnable(file, error, rerun=process.again()),)
    finally:
        process.close()
    # What is named by itself is all that was requested; the rest of the file is not.
    names = set(target.names) | set(wanted) if target.names else process.names
    skipped = () if target.names else tuple(process.skipped)
    return _Checked(
        found,
        tuple(process.notes),
        frozenset(process.fitting),
        skipped=skipped,
        names=frozenset(names),
    )


def _empty_note(files: list[str]) -> list[str]:
    if not files:
        return []
    named = ", ".join(files[:_MOST_NAMED])
    more = f" and {len(files) - _MOST_NAMED} more" if len(files) > _MOST_NAMED else ""
    return [f"nothing to check in {named}{more}"]
