"""One forward and backward of a session, observed."""

from __future__ import annotations

import contextlib
import inspect
import sysconfig
import warnings
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.coverage.conditions import ConditionLog, unwatch, watch
from gradlab.coverage.lines import LineTrace, traced_lines
from gradlab.coverage.records import Observation
from gradlab.errors import GradlabError
from gradlab.subject import draw_cotangents

if TYPE_CHECKING:
    from gradlab.subject import Session, Values

_GRADLAB = str(Path(__file__).parents[1])
_STANDARD = str(Path(sysconfig.get_path("stdlib")).resolve())
_INSTALLED = frozenset({"site-packages", "dist-packages"})


@dataclass(frozen=True)
class Scope:
    """Which files are under test.

    Attributes
    ----------
    folders
        The folders of the code's own files.  Files below them count, except those
        of gradlab and of installed libraries where the folder is not one of these.
    files
        Files that count whatever folder they are in.
    """

    folders: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    def covers(self, file: str) -> bool:
        """Whether a function defined in `file` is under test."""
        known = self._known
        if file not in known:
            known[file] = self._decide(file)
        return known[file]

    @cached_property
    def _known(self) -> dict[str, bool]:
        return {}

    def _decide(self, file: str) -> bool:
        if file in self.files:
            return True
        for folder in self.folders:
            if Path(file).is_relative_to(folder):
                below = Path(file).relative_to(folder)
                libraries = [f for f in (_GRADLAB, _STANDARD) if not Path(folder).is_relative_to(f)]
                return not (
                    _INSTALLED & set(below.parts)
                    or any(Path(file).is_relative_to(library) for library in libraries)
                )
        return False


def scope_of(obj: object) -> Scope:
    """Return the folders of the files in which an object, its bases and parts are defined.

    Parameters
    ----------
    obj
        A class, an instance, a function, or a tuple of them.
    """
    parts = obj if isinstance(obj, tuple) else (obj,)
    files = set()
    for part in parts:
        cls = part if isinstance(part, type) else type(part)
        for each in (*cls.__mro__, inspect.unwrap(part) if callable(part) else part):
            with contextlib.suppress(TypeError, OSError):
                files.add(inspect.getfile(each))
    folders = {str(Path(file).parent) for file in files if not file.startswith(_STANDARD)}
    return Scope(tuple(sorted(folders)), tuple(sorted(files)))


def observe(session: Session, values: Values, scope: Scope, seed: int) -> Observation:
    """Run forward and backward once, and return the lines and conditions that were met.

    Parameters
    ----------
    session
        A new session of the subject.
    values
        The values of all tensors; copies are passed to the code.
    scope
        Which files are under test.
    seed
        Of the upstream gradient.

    Returns
    -------
    Observation
        What was observed until the code returned, or raised.
    """
    trace, log = LineTrace(scope.covers), ConditionLog(scope.covers)
    watched = {name: watch(np.array(value), log) for name, value in values.items()}
    with warnings.catch_warnings(), np.errstate(all="ignore"), traced_lines(trace):
        warnings.simplefilter("ignore")
        try:
            finite = _run(session, watched, trace, log, seed)
        except GradlabError:
            # A point outside of what the code takes; the laws report it where it matters.
            return Observation(finite=False)
    lines, run = trace.lines()
    unobserved = [trace.refused] if trace.refused else []
    if not log.operations:
        unobserved.append("conditions are not observed: the code converts its arrays first")
    sides = {condition: frozenset(met) for condition, met in log.sides.items()}
    return Observation(lines, run, sides, tuple(unobserved), finite)


def _run(
    session: Session, watched: dict[str, Any], trace: LineTrace, log: ConditionLog, seed: int
) -> bool:
    """Run forward and backward; return whether all that came back is finite."""
    outputs = session.forward(watched)
    trace.phase = "backward"
    plain = tuple(np.array(unwatch(output)) for output in outputs)
    cotangents = draw_cotangents(plain, np.random.default_rng([seed, 53]))
    gradients = session.backward(watched, tuple(watch(each, log) for each in cotangents))
    returned = [*plain, *(unwatch(g) for g in gradients.values() if g is not None)]
    return all(bool(np.all(np.isfinite(each))) for each in returned)
