"""`record` and `compare`, for objects of this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradlab.baseline.findings import judge
from gradlab.baseline.make import make
from gradlab.baseline.recordable import called, code_of
from gradlab.baseline.store import load, refuse_to_overwrite, save

if TYPE_CHECKING:
    import os

    from gradlab.baseline.model import Baseline
    from gradlab.report.report import Report


def record(obj: object, path: str | os.PathLike[str], *, seed: int = 0) -> Baseline:
    """Record what `obj` does, in a file that `compare` reads.

    Outputs and gradients are recorded of whatever `gradlab.check` takes, at seeded
    inputs of several shapes; a trajectory of costs and parameters of what can be
    trained: an object with ``train_step(X, Y)``, ``train(X, Y)`` or
    ``update_params(learning_rate)``, or a function ``train(X, Y)`` that returns the
    costs.  With each number goes the spread that moving the inputs in the last place
    causes.  The same code gives the same bytes.

    Parameters
    ----------
    obj
        A class, an instance, a pair of functions, a cost, or a function that trains.
    path
        Of the file; folders are made as needed.  An older baseline is replaced in one
        step, anything else that stands there is left alone.
    seed
        Of every random choice; it is written down in the file.

    Raises
    ------
    GradlabError
        When `obj` cannot be run, or not twice with one result, or when the file
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
    """Say whether `obj` does what was recorded, and if not, what has moved.

    Equal bits pass, and so does what the recorded spread explains: another order of
    summation.  A change beyond that fails, and the finding names the tensor, the
    entry, the distance in units in the last place and relative to the record; of a
    trajectory the first step that is off.

    Raises
    ------
    GradlabError
        When `obj` is nothing that can be run, or when the file is missing, damaged,
        something else, or of a later version.
    """
    return compare_as(obj, path, f"gradlab.compare({called(obj)}, {str(path)!r})")


def record_as(obj: object, path: str | os.PathLike[str], seed: int, made_by: str) -> Baseline:
    """Do what `record` does, and write down that something else has made the baseline."""
    # Before the code runs: nobody shall wait for what cannot be written.
    refuse_to_overwrite(path)
    with code_of(obj, seed=seed) as code:
        baseline = make(code, seed=seed, made_by=made_by)
    save(baseline, path)
    return baseline


def compare_as(obj: object, path: str | os.PathLike[str], rerun: str) -> Report:
    """Do what `compare` does, with another way to run it again in the report."""
    baseline = load(path)
    with code_of(obj, seed=baseline.seed) as code:
        return judge(baseline, code, rerun=rerun)
