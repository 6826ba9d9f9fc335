"""Check files: each runs in a worker of its own, one after the other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gradlab.errors import GradlabError
from gradlab.laws import ALL, selection
from gradlab.report.report import Report
from gradlab.run_laws import unrunnable
from gradlab.worker.file_process import FileProcess

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradlab.laws.selection import Request
    from gradlab.records import SubjectReport
    from gradlab.worker.file_process import Options


def check_files(targets: Iterable[str], options: Options) -> Report:
    """Check what is in files, each given as ``FILE`` or ``FILE::NAME::NAME``.

    Whatever is wrong with one file or one subject is a finding of its own, and
    the others are checked all the same.

    Raises
    ------
    GradlabError
        When no process can be started to run a file in, when no law has one of the
        names, or when an exemption gives no reason.
    """
    exempt = {**options.project, **options.exempt}
    request = selection.parse(ALL, options.laws, where_present=exempt)
    subjects: list[SubjectReport] = []
    notes: list[str] = []
    fitting: set[str] = set()
    split = [target.split("::") for target in targets]
    several = len({file for file, *_ in split}) > 1
    for file, *names in split:
        found, process = _check_file(file, names, options, request)
        # Two files may define a layer of one name; what is named like its file is the file.
        subjects += [
            replace(s, name=f"{file}::{s.name}") if several and s.name != file else s for s in found
        ]
        notes += process.notes
        fitting |= process.fitting
    for key in options.exempt:
        if key not in fitting:
            notes.append(f"exempt names {key!r}, of which nothing that was checked has a finding")
    return Report(tuple(subjects), seed=options.seed, notes=tuple(dict.fromkeys(notes)))


def _check_file(
    file: str, names: list[str], options: Options, request: Request
) -> tuple[list[SubjectReport], FileProcess]:
    process = FileProcess(file, options)
    try:
        process.open()
        wanted, unknown = process.resolve(names)
        checked = [process.check(name, request) for name in wanted]
        found = [*(report for report in checked if report is not None), *unknown]
    except GradlabError as error:
        return [unrunnable(file, error, rerun=process.again())], process
    finally:
        process.close()
    return found, process
