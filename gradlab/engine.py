"""check: adapter → domain → laws → Report."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters import adapt
from gradlab.adapters.pair import subject_from_pair
from gradlab.adapters.routines import recognise
from gradlab.domain import Sizes
from gradlab.laws import LAWS, Case
from gradlab.laws import gradient as gradient_law
from gradlab.laws import shape as shape_law
from gradlab.records import Finding, GradlabError, Report, Status, SubjectReport
from gradlab.routine import Routine
from gradlab.routine_engine import check_routine, with_update
from gradlab.subject import (
    CodeUnderTestError,
    NoResultError,
    NotImplementedYetError,
    Subject,
    draw_cotangents,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from gradlab.laws import Law
    from gradlab.subject import Values

    Array = NDArray[Any]


# How often a point is drawn again when a law cannot tell there.
_DRAWS = 4


def check(
    obj: object, *, like: str | None = None, convention: str | None = None, seed: int = 0
) -> Report:
    """Check a layer, a cost, or what trains them, against the laws.

    Parameters
    ----------
    obj
        A class, an instance, a pair of functions ``(forward, backward)``, a cost
        function, or a `Subject`; or an optimizer, an initializer, a dealing of
        mini-batches, a network, a training loop, or a class of graph nodes.
    like
        The name of what `obj` is meant to be: a reference layer or cost, or
        ``"adam"``, ``"xavier"``, ``"batches"``, ``"network"``, ``"train"``, …
    convention
        The convention in which `obj` is written; recognised when it is left out.
    seed
        Of every random choice; the same seed gives the same report.

    Raises
    ------
    GradlabError
        When `obj` is nothing that a convention describes.
    """
    name = _called(obj)
    meant = f"like={like!r}, " if like else ""
    rerun = f"gradlab.check({name}, {meant}seed={seed})"
    try:
        with _warnings_left_for_later():
            known = recognise(obj, like=like, convention=convention) or adapt(
                obj, convention=convention, like=like
            )
    except (CodeUnderTestError, NotImplementedYetError, NoResultError) as error:
        return Report((unrunnable(name, error, rerun=rerun),), seed=seed)
    if isinstance(known, Routine):
        return Report((check_routine(known, seed=seed, rerun=rerun),), seed=seed)
    report = check_subject(known, seed=seed, rerun=rerun)
    return Report((with_update(report, obj, seed=seed, rerun=rerun),), seed=seed)


def check_gradients(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    values: Mapping[str, Any],
    *,
    wrt: Iterable[str] | None = None,
    seed: int = 0,
) -> Report:
    """Check the gradients that `backward` claims for `forward`, at `values`.

    Parameters
    ----------
    forward
        ``forward(values)`` returns an array, a tuple of arrays, or a number.
    backward
        ``backward(values, cotangent)`` returns a dict of gradients, each with its
        tensor's shape; it is always called directly after `forward` at the same
        values.  The cotangent has the structure of the forward's result; where that
        is a number, ``backward(values)`` may leave it out.
    values
        Named arrays.  Integer arrays are passed through, unless `backward` returns
        a gradient for them: then they are promoted to float, and the report says so.
    wrt
        The tensors whose gradients are checked; every floating one when left out.

    Examples
    --------
    >>> import numpy as np
    >>> report = check_gradients(
    ...     lambda v: np.sin(v["x"]),
    ...     lambda v, c: {"x": c * np.cos(v["x"])},
    ...     {"x": np.array([0.0, 0.5, 1.0])},
    ... )
    >>> report.status
    <Status.PASS: 'pass'>
    """
    try:
        with _warnings_left_for_later():
            subject, point = subject_from_pair(forward, backward, values, wrt)
    except CodeUnderTestError as error:
        finding = _could_not_run("run", error, "the values given")
        return Report((SubjectReport("function pair", "functions", (finding,)),), seed=seed)
    laws = (gradient_law.LAW, shape_law.LAW)
    rng = np.random.default_rng([seed, 0])
    findings, notes = ask(Point(subject, point, "the values given", seed), rng, laws)
    rerun = f"gradlab.check_gradients(..., seed={seed})"
    return Report((_summary(subject, findings, notes, rerun),), seed=seed)


def _called(obj: object) -> str:
    """Write what was handed to `check` as its caller may have written it."""
    if isinstance(obj, tuple):
        return f"({', '.join(map(_called, obj))})"
    return str(getattr(obj, "__name__", type(obj).__name__))


def unrunnable(name: str, error: Exception, *, rerun: str = "") -> SubjectReport:
    """Report on code that could not be run far enough to be asked anything."""
    finding = Finding("run", "", Status.ERROR, str(error), rerun=rerun)
    return SubjectReport(name, "unknown", (finding,))


def check_subject(subject: Subject, *, seed: int = 0, rerun: str = "") -> SubjectReport:
    """Ask every law of `subject`, at generic points of every pattern of sizes."""
    findings: list[Finding] = []
    notes: list[str] = []
    seen: set[tuple[int, ...]] = set()
    for number, pattern in enumerate(Sizes):
        rng = np.random.default_rng([seed, number])
        sizes = subject.domain.sizes(pattern, rng)
        if tuple(sizes.values()) in seen:
            continue
        seen.add(tuple(sizes.values()))
        listed = ", ".join(f"{symbol}={size}" for symbol, size in sizes.items())
        where = f"{pattern.value} ({listed})" if listed else pattern.value
        for _ in range(_DRAWS):
            point = Point(subject, subject.domain.sample(sizes, rng), where, seed)
            found, said = ask(point, rng)
            # A draw can fall beside a kink, where nothing can be told: another is drawn.
            if not any(finding.status is Status.INCONCLUSIVE for finding in found):
                break
        findings += found
        notes += said
    return _summary(subject, findings, notes, rerun)


@dataclass(frozen=True)
class Point:
    """Where laws are asked: the subject, its values, and a name for the place."""

    subject: Subject
    values: Values
    where: str
    seed: int = 0


@contextmanager
def _warnings_left_for_later() -> Iterator[None]:
    """Silence the probing calls: the same warnings come up, and are told, when laws are asked."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def ask(
    point: Point, rng: np.random.Generator, laws: tuple[Law[Case], ...] = LAWS
) -> tuple[list[Finding], list[str]]:
    """Ask `laws` at one point; what the code raises and warns of is told, not thrown.

    Returns the findings, and what the code warned of in sentences.
    """
    findings: list[Finding] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            case = _case(point, rng)
        except GradlabError as error:
            findings.append(_could_not_run("run", error, point.where))
        else:
            for law in laws:
                try:
                    findings += law.check(case)
                except GradlabError as error:
                    findings.append(_could_not_run(law.name, error, point.where))
    said = [f"{w.category.__name__} from the code: {w.message}; at {point.where}" for w in caught]
    return findings, list(dict.fromkeys(said))


def _could_not_run(law: str, error: GradlabError, where: str) -> Finding:
    return Finding(law, "", Status.ERROR, f"{error}; at {where}")


def _case(point: Point, rng: np.random.Generator) -> Case:
    subject, values = point.subject, point.values
    handed = {name: value.copy() for name, value in values.items()}
    session = subject.open(handed)
    outputs = tuple(np.array(out) for out in session.forward(handed))
    cotangents = (
        draw_cotangents(outputs, rng)
        if subject.upstream
        else tuple(np.ones(out.shape) for out in outputs)
    )
    claimed = session.backward(handed, tuple(c.copy() for c in cotangents))
    gradients = {name: np.array(g) for name, g in claimed.items() if g is not None}
    return Case(subject, values, cotangents, outputs, gradients, point.where, point.seed)


def _summary(
    subject: Subject, findings: list[Finding], notes: list[str], rerun: str
) -> SubjectReport:
    """Keep one finding for each law and tensor: the one that outweighs the others."""
    kept: dict[tuple[str, str], Finding] = {}
    spent: dict[tuple[str, str], int] = {}
    for finding in findings:
        key = (finding.law, finding.tensor)
        spent[key] = spent.get(key, 0) + finding.evaluations
        best = kept.get(key)
        if best is None or _outweighs(finding, best):
            kept[key] = finding
    told = tuple(
        replace(finding, evaluations=spent[key], rerun=rerun) for key, finding in kept.items()
    )
    layout = (f"layout {subject.layout}",) if subject.layout else ()
    return SubjectReport(
        subject.name,
        subject.convention,
        told,
        layout + subject.notes + tuple(dict.fromkeys(notes)),
    )


def _outweighs(finding: Finding, best: Finding) -> bool:
    """Whether a finding says more than the best so far; of passes the blinder one counts."""
    if finding.status is best.status is Status.PASS:
        return (finding.bound or 0.0) > (best.bound or 0.0)
    return Status.worst([best.status, finding.status]) is not best.status
