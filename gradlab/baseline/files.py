"""Recording and comparing what stands in a file: its code runs in a worker."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gradlab.baseline.findings import judge
from gradlab.baseline.make import make
from gradlab.baseline.recordable import assemble
from gradlab.baseline.store import load, refuse_to_overwrite, save
from gradlab.worker import open_session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradlab.baseline.model import Baseline
    from gradlab.baseline.recordable import Code
    from gradlab.report.report import Report
    from gradlab.worker import Options


def record_file(target: str, path: str, options: Options) -> tuple[Baseline, list[str]]:
    """Record what ``FILE::NAME`` does; return the baseline, and notes about the run.

    Raises
    ------
    GradlabError
        As `gradlab.record`, and when the file cannot be run.
    """
    # Before the code runs: nobody shall wait for what cannot be written.
    refuse_to_overwrite(path)
    with _code(target, options) as (code, notes):
        file, name = Path(target.split("::", maxsplit=1)[0]).name, code.name
        how = f" --convention {options.convention}" if options.convention else ""
        made_by = f"gradlab record {file}::{name}{how} --seed {options.seed}"
        baseline = make(code, seed=options.seed, made_by=made_by)
    save(baseline, path)
    return baseline, notes


def compare_file(target: str, path: str, options: Options, *, rerun: str) -> Report:
    """Compare what ``FILE::NAME`` does with a baseline, with the baseline's seed.

    Raises
    ------
    GradlabError
        As `gradlab.compare`, and when the file cannot be run.
    """
    baseline = load(path)
    with _code(target, replace(options, seed=baseline.seed)) as (code, notes):
        report = judge(baseline, code, rerun=rerun)
    return replace(report, notes=tuple(notes))


@contextmanager
def _code(target: str, options: Options) -> Iterator[tuple[Code, list[str]]]:
    with open_session(target, options) as session:
        yield assemble(session.name, session.reseed, session.layer, session.training), session.notes
