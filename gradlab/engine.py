"""check: adapter → domain → laws → Report."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from gradlab.adapters import adapt
from gradlab.domain import Sizes
from gradlab.laws import LAWS, Case, choice
from gradlab.records import Finding, GradlabError, Report, Status, SubjectReport
from gradlab.subject import (
    CodeUnderTestError,
    NoResultError,
    NotImplementedYetError,
    Subject,
    origin_of,
)

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
    """Check a layer or cost against the laws.

    Parameters
    ----------
    obj
        A class, an instance, a pair of functions ``(forward, backward)``, a cost
        function, or a `Subject`.
    like
        The name of the reference layer that `obj` is meant to be.
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
    names = None if laws is None else (laws,) if isinstance(laws, str) else tuple(laws)
    # Before any code runs: a mistake in the call is nothing that a report is about.
    choice.chosen(LAWS, names)
    choice.exemptions(LAWS, exempt or {})
    options = {"like": like, "convention": convention, "laws": names, "exempt": exempt}
    given = [f"{key}={value!r}" for key, value in options.items() if value]
    rerun = f"gradlab.check({', '.join([_called(obj), *given, f'seed={seed}'])})"
    try:
        with quietly():
            subject = adapt(obj, convention=convention, like=like)
            subject = replace(subject, origin=subject.origin or origin_of(obj))
    except (CodeUnderTestError, NotImplementedYetError, NoResultError) as error:
        return Report((unrunnable(_called(obj), error, rerun=rerun),), seed=seed)
    report = check_subject(subject, laws=names, exempt=exempt, seed=seed, rerun=rerun)
    return Report((report,), seed=seed)


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
    wanted = choice.chosen(LAWS, laws)
    subject = choice.with_exemptions(subject, choice.exemptions(LAWS, exempt or {}))
    findings: list[Finding] = []
    notes = [*choice.notes(subject, wanted)]
    seen: set[tuple[str, tuple[int, ...]]] = set()
    for number, pattern in enumerate(Sizes):
        rng = np.random.default_rng([seed, number])
        sizes = subject.domain.sizes(pattern, rng)
        here = tuple(sizes.values())
        asked = tuple(
            law
            for law in choice.asked_of(subject, wanted)
            if pattern in law.patterns and (law.name, here) not in seen
        )
        seen |= {(law.name, here) for law in asked}
        listed = ", ".join(f"{symbol}={size}" for symbol, size in sizes.items())
        where = f"{pattern.value} ({listed})" if listed else pattern.value
        found, said = _at(Point(subject, {}, where, seed, sizes), asked, rng)
        findings += [finding for finding in found if not choice.is_left_out(subject, finding)]
        notes += said
    return summary(subject, findings, notes, rerun)


def _at(place: Point, laws: Laws, rng: np.random.Generator) -> tuple[list[Finding], list[str]]:
    """Ask `laws` at points of these sizes: at another one where a law cannot tell.

    A draw can fall beside a kink.  What has failed at one point stays failed.
    """
    findings: list[Finding] = []
    doubts: list[Finding] = []
    notes: list[str] = []
    for _ in range(_DRAWS):
        if not laws:
            break
        values = place.subject.domain.sample(place.sizes, rng)
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
    sizes: Mapping[str, int] = field(default_factory=dict)


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
                sizes=point.sizes,
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
