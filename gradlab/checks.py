"""check: adapter → domain → laws → Report."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters import adapt
from gradlab.adapters.recognition import recognise
from gradlab.domain import Sizes
from gradlab.errors import CodeUnderTestError, GradlabError, NoResultError, NotImplementedYetError
from gradlab.interfaces import Kind, Routine
from gradlab.laws import EVERY, LAWS, ROUTINE_LAWS, Case, selection
from gradlab.records import Finding, Status, SubjectReport
from gradlab.report.report import Report
from gradlab.routine_engine import check_routine, with_update
from gradlab.subject import Subject, origin_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gradlab.laws import Law
    from gradlab.subject import Values

    Laws = tuple[Law[Case], ...]


# How often a point is drawn when a law cannot tell there.
_DRAWS = 4


def check(
    obj: object,
    *,
    like: str | None = None,
    convention: str | None = None,
    laws: Iterable[str] | None = None,
    exempt: Mapping[str, str] | None = None,
    seed: int = 0,
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
    laws
        The names of the laws to ask, as in `gradlab.laws.LAWS`; when left out, all
        but those that are asked on request only.
    exempt
        Laws that do not apply to `obj`, each with the reason, which the report
        shows: ``{"repeat": "draws a new mask each time"}``.  ``"purity[Z]"`` leaves
        out what the law says about Z.
    seed
        Of every random choice; the same seed gives the same report.

    Raises
    ------
    GradlabError
        When `obj` is nothing that a convention describes, when no law has one of
        the names, or when an exemption gives no reason.

    Examples
    --------
    >>> from gradlab.reference import SigmoidLayer
    >>> report = check(SigmoidLayer, laws=["gradient", "purity"])
    >>> sorted({finding.law for finding in report.findings})
    ['gradient', 'purity']
    """
    return check_in_project(
        obj, {}, like=like, convention=convention, laws=laws, exempt=exempt, seed=seed
    )


def check_in_project(
    obj: object,
    project: Mapping[str, str],
    *,
    like: str | None = None,
    convention: str | None = None,
    laws: Iterable[str] | None = None,
    exempt: Mapping[str, str] | None = None,
    seed: int = 0,
) -> Report:
    """Do what `check` does, less what `project` exempts in whatever has such laws and tensors."""
    names = None if laws is None else (laws,) if isinstance(laws, str) else tuple(laws)
    # Before any code runs: a mistake in the call is nothing that a report is about.
    selection.chosen(EVERY, names)
    selection.exemptions(EVERY, {**project, **(exempt or {})})
    options = {"like": like, "convention": convention, "laws": names, "exempt": exempt}
    given = [f"{key}={value!r}" for key, value in options.items() if value]
    rerun = f"gradlab.check({', '.join([_called(obj), *given, f'seed={seed}'])})"
    try:
        with quietly():
            routine = recognise(obj, like=like, convention=convention)
            found = routine or adapt(obj, convention=convention, like=like)
    except (CodeUnderTestError, NotImplementedYetError, NoResultError) as error:
        return Report((unrunnable(_called(obj), error, rerun=rerun),), seed=seed)
    if isinstance(found, Routine):
        selection.chosen(ROUTINE_LAWS[found.kind], names)
        reasons = {**project, **(exempt or {})}
        told = check_routine(found, laws=names, exempt=reasons, seed=seed, rerun=rerun)
        return Report((told,), seed=seed)
    of_layers: tuple[Law[Any], ...] = (*LAWS, *ROUTINE_LAWS[Kind.UPDATE])
    selection.chosen(of_layers, names)
    found = replace(found, origin=found.origin or origin_of(obj))
    reasons = {**selection.fitting(EVERY, found, project), **(exempt or {})}
    told = _of_layer(found, names, reasons, seed, rerun)
    told = with_update(told, obj, laws=names, exempt=reasons, seed=seed, rerun=rerun)
    return Report((told,), seed=seed)


def _of_layer(
    subject: Subject,
    names: tuple[str, ...] | None,
    exempt: Mapping[str, str],
    seed: int,
    rerun: str,
) -> SubjectReport:
    """Ask those laws that are about forward and backward; none may be left of those named."""
    known = {law.name for law in LAWS}
    own = None if names is None else tuple(name for name in names if name in known)
    if own == ():
        return SubjectReport(subject.name, subject.convention, ())
    reasons = {key: why for key, why in exempt.items() if selection.split(key)[0] in known}
    return check_subject(subject, laws=own, exempt=reasons, seed=seed, rerun=rerun)


def _called(obj: object) -> str:
    """Write what was handed to `check` as its caller may have written it."""
    if isinstance(obj, tuple):
        return f"({', '.join(map(_called, obj))})"
    return str(getattr(obj, "__name__", type(obj).__name__))


def unrunnable(name: str, error: Exception, *, rerun: str = "") -> SubjectReport:
    """Report on code that could not be run far enough to be asked anything."""
    finding = Finding("run", "", Status.ERROR, str(error), rerun=rerun)
    return SubjectReport(name, "unknown", (finding,))


def check_subject(
    subject: Subject,
    *,
    laws: Iterable[str] | None = None,
    exempt: Mapping[str, str] | None = None,
    seed: int = 0,
    rerun: str = "",
) -> SubjectReport:
    """Ask the laws of `subject`, each at generic points of the patterns of sizes that it names.

    `laws` and `exempt` as in `check`.

    Raises
    ------
    GradlabError
        When no law has one of the names, or when an exemption gives no reason.
    """
    wanted = selection.chosen(LAWS, laws)
    subject = selection.with_exemptions(subject, selection.exemptions(LAWS, exempt or {}))
    findings: list[Finding] = []
    notes = [*selection.notes(subject, wanted)]
    seen: set[tuple[str, tuple[int, ...]]] = set()
    for number, pattern in enumerate(Sizes):
        rng = np.random.default_rng([seed, number])
        sizes = subject.domain.sizes(pattern, rng)
        here = tuple(sizes.values())
        asked = tuple(
            law
            for law in selection.asked_of(subject, wanted)
            if pattern in law.patterns and (law.name, here) not in seen
        )
        seen |= {(law.name, here) for law in asked}
        listed = ", ".join(f"{symbol}={size}" for symbol, size in sizes.items())
        where = f"{pattern.value} ({listed})" if listed else pattern.value
        found, said = _at(Point(subject, {}, where, seed), sizes, asked, rng)
        findings += [finding for finding in found if not selection.is_left_out(subject, finding)]
        notes += said
    return summary(subject, findings, notes, rerun)


def _at(
    place: Point, sizes: Mapping[str, int], laws: Laws, rng: np.random.Generator
) -> tuple[list[Finding], list[str]]:
    """Ask `laws` at points of these sizes: at another one where a law cannot tell.

    A draw can fall beside a kink.  What has failed at one point stays failed.
    """
    findings: list[Finding] = []
    doubts: list[Finding] = []
    notes: list[str] = []
    for _ in range(_DRAWS):
        if not laws:
            break
        values = place.subject.domain.sample(sizes, rng)
        found, said = ask(replace(place, values=values), rng, laws)
        open_laws = {f.law for f in found if f.status is Status.INCONCLUSIVE}
        doubts = [f for f in found if f.law in open_laws and f.status is not Status.FAIL]
        findings += [finding for finding in found if finding not in doubts]
        notes += said
        laws = tuple(law for law in laws if law.name in open_laws)
    return findings + doubts, notes


@dataclass(frozen=True)
class Point:
    """Where laws are asked: the subject, its values, and a name for the place."""

    subject: Subject
    values: Values
    where: str
    seed: int = 0


@contextmanager
def quietly() -> Iterator[None]:
    """Silence probing calls: the same warnings come up, and are told, when laws are asked."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def ask(point: Point, rng: np.random.Generator, laws: Laws) -> tuple[list[Finding], list[str]]:
    """Ask `laws` at one point; what the code raises and warns of is told, not thrown.

    Returns the findings, and what the code warned of in sentences.
    """
    findings: list[Finding] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            case = Case.at(
                point.subject,
                point.values,
                rng,
                where=point.where,
                seed=point.seed,
            )
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


def summary(
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
    said = (*layout, *subject.notes, *dict.fromkeys(notes))
    return SubjectReport(subject.name, subject.convention, told, said)


def _outweighs(finding: Finding, best: Finding) -> bool:
    """Whether a finding says more than the best so far; of passes the blinder one counts."""
    if finding.status is best.status is Status.PASS:
        return (finding.bound or 0.0) > (best.bound or 0.0)
    return Status.worst([best.status, finding.status]) is not best.status
