"""`record` and `compare`: for objects of this process, and for files, which run in a worker."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gradlab.baseline.findings import compare_code
from gradlab.baseline.model import TRAJECTORY, Baseline, versions
from gradlab.baseline.recordable import RUN, assemble, called, code_of
from gradlab.baseline.sample import sample
from gradlab.baseline.store import load, refuse_to_overwrite, save
from gradlab.errors import GradlabError
from gradlab.worker import open_session

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from gradlab.baseline.recordable import Code
    from gradlab.report.report import Report
    from gradlab.worker import Options


def record(obj: object, path: str | os.PathLike[str], *, seed: int = 0) -> Baseline:
    """Record the behaviour of `obj` in a file that `compare` reads.

    Outputs and gradients are recorded for whatever `gradlab.check` takes, at seeded
    inputs of several shapes, and a trajectory of costs and parameters for what can be
    trained: an object with ``train_step(X, Y)``, ``train(X, Y)`` or
    ``update_params(learning_rate)``, or a function ``train(X, Y)`` that returns the
    costs.  Each number is recorded with its spread: how much it changes if the inputs
    change by an ulp.  The same code gives the same bytes.

    Parameters
    ----------
    obj
        A class, an instance, a pair of functions, a cost, or a function that trains.
    path
        Of the file; folders are made as needed.  An older baseline is replaced in one
        step, any other file is left alone.
    seed
        Of every random choice; it is written down in the file.

    Raises
    ------
    GradlabError
        If `obj` cannot be run, or gives other results the second time, or if the file
        cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from gradlab.reference import SigmoidLayer
    >>> folder = tempfile.mkdtemp()
    >>> baseline = record(SigmoidLayer, f"{folder}/sigmoid.json")
    >>> print(compare(SigmoidLayer, f"{folder}/sigmoid.json").status)
    pass
    """
    return record_as(obj, path, seed, f"gradlab.record({called(obj)}, seed={seed})")


def compare(obj: object, path: str | os.PathLike[str]) -> Report:
    """Compare the behaviour of `obj` with a recorded baseline.

    Equal bits pass, and so do changes that the recorded spread explains, such as those
    of another order of summation.  A larger change fails, and the finding names the
    tensor, the entry, the distance in units in the last place and relative to the
    record; for a trajectory the first step that differs.

    Raises
    ------
    GradlabError
        If `obj` cannot be run, or if the file is missing, damaged, no baseline, or of a
        later version.
    """
    return compare_as(obj, path, f"gradlab.compare({called(obj)}, {str(path)!r})")


def record_as(obj: object, path: str | os.PathLike[str], seed: int, made_by: str) -> Baseline:
    """Do what `record` does, with `made_by` as the recorded command."""
    # Before the code runs, which may take long, in case the file cannot be written.
    refuse_to_overwrite(path)
    with code_of(obj, seed=seed) as code:
        baseline = make(code, seed=seed, made_by=made_by)
    save(baseline, path)
    return baseline


def compare_as(obj: object, path: str | os.PathLike[str], rerun: str) -> Report:
    """Do what `compare` does, with `rerun` as the command that runs it again."""
    baseline = load(path)
    with code_of(obj, seed=baseline.seed) as code:
        return compare_code(baseline, code, rerun=rerun)


def make(code: Code, *, seed: int, made_by: str) -> Baseline:
    """Run the code and return its behaviour as a baseline.

    Raises
    ------
    GradlabError
        If it raises, returns anything but real numbers, or is not deterministic.
    """
    if seed < 0:
        msg = f"a seed is a whole number from 0 on, got {seed}"
        raise GradlabError(msg)
    main = code.parts[0]
    return Baseline(
        code.name,
        main.convention,
        main.layout,
        seed,
        made_by,
        versions(),
        code.training.notes[0] if code.training is not None else "",
        {what: code.refused[what] for what in (RUN, TRAJECTORY) if what in code.refused},
        tuple(sample(code, seed)),
    )


def record_file(target: str, path: str, options: Options) -> tuple[Baseline, list[str]]:
    """Record the behaviour of ``FILE::NAME``; return the baseline, and notes about the run.

    Raises
    ------
    GradlabError
        As `gradlab.record`, and when the file cannot be run.
    """
    # Before the code runs, which may take long, in case the file cannot be written.
    refuse_to_overwrite(path)
    with _code_in_file(target, options) as (code, notes):
        file, name = Path(target.split("::", maxsplit=1)[0]).name, code.name
        how = f" --convention {options.convention}" if options.convention else ""
        made_by = f"gradlab record {file}::{name}{how} --seed {options.seed}"
        baseline = make(code, seed=options.seed, made_by=made_by)
    save(baseline, path)
    return baseline, notes


def compare_file(target: str, path: str, options: Options, *, rerun: str) -> Report:
    """Compare the behaviour of ``FILE::NAME`` with a baseline, with the baseline's seed.

    Raises
    ------
    GradlabError
        As `gradlab.compare`, and when the file cannot be run.
    """
    baseline = load(path)
    with _code_in_file(target, replace(options, seed=baseline.seed)) as (code, notes):
        report = compare_code(baseline, code, rerun=rerun)
    return replace(report, notes=tuple(notes))


@contextmanager
def _code_in_file(target: str, options: Options) -> Iterator[tuple[Code, list[str]]]:
    with open_session(target, options) as session:
        yield assemble(session.name, session.reseed, session.layer, session.training), session.notes
