"""The engine: evaluate the laws of one subject, of whatever kind, and report on it."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.coverage import Observation, coverage_of, explore
from gradlab.domain import Sizes
from gradlab.errors import GradlabError, InternalError, internal_errors
from gradlab.interfaces import Routine
from gradlab.laws import LAWS, selection
from gradlab.laws.case import Case
from gradlab.laws.routine_case import RoutineCase
from gradlab.laws.selection import notes as exemption_notes
from gradlab.laws.uncertain import without_chance
from gradlab.random_state import fixed_randomness
from gradlab.records import EXECUTION, Finding, Status, SubjectReport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from gradlab.laws.case import Law
    from gradlab.laws.selection import Selection
    from gradlab.records import Coverage
    from gradlab.subject import Subject

    Laws = tuple[Law[Any], ...]

# The laws that are evaluated at points that execute more of the code.
_EXPLORING = frozenset({"gradient", "shape"})

# How often a point is drawn when a law is inconclusive there.
_DRAWS = 4


@dataclass(frozen=True)
class _Site:
    """Where laws are evaluated.

    Attributes
    ----------
    draw
        Draws a case: at each call another point of the same sizes.
    where
        The sizes, for messages; empty where there is nothing to draw.
    draws
        How many cases may be drawn until every law is conclusive.
    """

    laws: Laws
    draw: Callable[[], Any]
    where: str = ""
    draws: int = 1


def run_laws(
    subject: Subject | Routine[Any],
    selection: Selection,
    *,
    seed: int = 0,
    rerun: str = "",
    strict: bool = False,
) -> SubjectReport:
    """Evaluate the selected laws of a subject, and report one finding for each law and tensor.

    Parameters
    ----------
    subject
        A layer or a cost, whose laws are evaluated at generic points of each pattern
        of sizes, or a routine (an optimizer, a network, …).
    selection
        From `gradlab.laws.selection.select`, for this subject.
    seed
        Of every random choice; the same seed gives the same report.
    rerun
        The call or command that repeats this check, for the report.
    strict
        Whether a line of the backward pass that no point has executed makes the
        verdict inconclusive.

    Returns
    -------
    SubjectReport
        Whatever the code under test raises is a finding in it.
    """
    with fixed_randomness():
        return _run_laws(subject, selection, seed, rerun, strict=strict)


def _run_laws(
    subject: Subject | Routine[Any], selection: Selection, seed: int, rerun: str, *, strict: bool
) -> SubjectReport:
    if isinstance(subject, Routine):
        sites = iter((_Site(selection.laws, lambda: RoutineCase(subject, seed)),))
    else:
        sites = _sites(subject, selection.laws, seed)
    findings: list[Finding] = []
    warned: list[str] = []
    for site in sites:
        found, messages = _run_site(site)
        findings += found
        warned += messages
    coverage = None
    if not isinstance(subject, Routine):
        try:
            with internal_errors("the search for points that execute more lines"):
                coverage, found = _explored(subject, selection.laws, seed, strict=strict)
        except InternalError as error:
            found = [Finding(EXECUTION, "", Status.ERROR, str(error))]
        findings += found
    kept = without_chance(subject, [f for f in findings if not selection.exempts(f)])
    exempt = selection.applied(findings)
    report = summarize(subject, kept, [*exemption_notes(exempt), *warned], rerun)
    return replace(report, coverage=coverage, exempt=tuple(exempt.items()))


def check_subject(
    subject: Subject | Routine[Any],
    *,
    laws: Iterable[str] | None = None,
    exempt: Mapping[str, str] | None = None,
    seed: int = 0,
) -> SubjectReport:
    """Evaluate the laws of a subject that an adapter has made; `laws`, `exempt` as in `check`.

    Raises
    ------
    GradlabError
        When no law of its kind has one of the names, or when an exemption gives no reason.
    """
    known = LAWS[subject.kind]
    selected = selection.select(known, selection.parse(known, laws, exempt), subject)
    return run_laws(subject, selected, seed=seed)


def _explored(
    subject: Subject, laws: Laws, seed: int, *, strict: bool
) -> tuple[Coverage | None, list[Finding]]:
    """Search for points that execute more of the code, and evaluate the gradient there.

    Only failures count at these points: the others have shown how sensitive a pass is.
    """
    laws = tuple(law for law in laws if law.name in _EXPLORING)
    observer = subject.observe
    if observer is None or not laws:
        return None, []
    rng = np.random.default_rng([seed, 59])
    start = Observation()
    for pattern in (Sizes.DISTINCT, Sizes.SQUARE):
        values = subject.domain.sample(subject.domain.sizes(pattern, rng), rng)
        start = start | observer(values, seed)
    found = explore(subject.domain, lambda v: observer(v, seed), rng, start=start)
    findings: list[Finding] = []
    for point in found.points:

        def draw(point: Any = point) -> Case:
            return Case.at(subject, point.values, rng, where=point.how, seed=seed)

        findings += [f for f in evaluate(laws, draw, point.how)[0] if f.status is Status.FAIL]
    coverage = coverage_of(found.seen)
    if strict and coverage.not_run_backward:
        message = f"never run: {'; '.join(coverage.not_run_backward)}"
        findings.append(Finding("coverage", "", Status.INCONCLUSIVE, message))
    return coverage, findings


def _sites(subject: Subject, laws: Laws, seed: int) -> Iterator[_Site]:
    """Yield a site for each pattern of sizes, without the laws evaluated at these sizes before."""
    seen: set[tuple[str, tuple[int, ...]]] = set()
    for number, pattern in enumerate(Sizes):
        rng = np.random.default_rng([seed, number])
        sizes = subject.domain.sizes(pattern, rng)
        shape = tuple(sizes.values())
        here = tuple(
            law for law in laws if pattern in law.patterns and (law.name, shape) not in seen
        )
        seen |= {(law.name, shape) for law in here}
        listed = ", ".join(f"{symbol}={size}" for symbol, size in sizes.items())
        where = f"{pattern.value} ({listed})" if listed else pattern.value

        def draw(sizes: Any = sizes, rng: Any = rng, where: str = where) -> Case:
            values = subject.domain.sample(sizes, rng)
            return Case.at(subject, values, rng, where=where, seed=seed)

        yield _Site(here, draw, where, _DRAWS)


def _run_site(site: _Site) -> tuple[list[Finding], list[str]]:
    """Evaluate laws at one site, at another point of it where a law is inconclusive.

    A draw can fall beside a kink.  What has failed at one point stays failed.
    """
    laws = site.laws
    findings: list[Finding] = []
    doubts: list[Finding] = []
    warned: list[str] = []
    for _ in range(site.draws):
        if not laws:
            break
        found, messages = evaluate(laws, site.draw, site.where)
        undecided = {f.law for f in found if f.status is Status.INCONCLUSIVE}
        doubts = [f for f in found if f.law in undecided and f.status is not Status.FAIL]
        findings += [finding for finding in found if finding not in doubts]
        warned += messages
        laws = tuple(law for law in laws if law.name in undecided)
    return findings + doubts, warned


def evaluate(
    laws: Laws, draw: Callable[[], Any], where: str = ""
) -> tuple[list[Finding], list[str]]:
    """Evaluate laws on one case; what the code under test raises becomes a finding.

    Parameters
    ----------
    laws
        Their predicates are called with the case.
    draw
        Makes the case; the code under test may run for that.
    where
        The point, for messages about what the code raises and warns of.

    Returns
    -------
    list[Finding], list[str]
        The findings of the laws in their order, and the warnings of the code in sentences.
    """
    findings: list[Finding] = []
    at = f"; at {where}" if where else ""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            with internal_errors("a forward and a backward"):
                case = draw()
        except GradlabError as error:
            findings.append(Finding(EXECUTION, "", Status.ERROR, f"{error}{at}"))
        else:
            for law in laws:
                try:
                    with internal_errors(f"law {law.name}"):
                        findings += law.check(case)
                except GradlabError as error:
                    findings.append(Finding(law.name, "", Status.ERROR, f"{error}{at}"))
    messages = [f"{w.category.__name__} from the code: {w.message}{at}" for w in caught]
    return findings, list(dict.fromkeys(messages))


@contextmanager
def quietly() -> Iterator[None]:
    """Silence the warnings of probing calls: evaluating the laws raises and reports them again."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def summarize(
    subject: Subject | Routine[Any], findings: list[Finding], notes: list[str], rerun: str
) -> SubjectReport:
    """Keep one finding for each law and tensor: the worst, and of passes the least sensitive."""
    kept: dict[tuple[str, str], Finding] = {}
    spent: dict[tuple[str, str], int] = {}
    for finding in findings:
        key = (finding.law, finding.tensor)
        spent[key] = spent.get(key, 0) + finding.evaluations
        best = kept.get(key)
        if best is None or _outweighs(finding, best):
            kept[key] = finding
    summary = tuple(
        replace(finding, evaluations=spent[key], rerun=rerun) for key, finding in kept.items()
    )
    layout = getattr(subject, "layout", "")
    messages = (
        ((f"layout {layout}",) if layout else ()) + subject.notes + tuple(dict.fromkeys(notes))
    )
    return SubjectReport(subject.name, subject.convention, summary, messages)


def _outweighs(finding: Finding, best: Finding) -> bool:
    """Whether a finding replaces the best so far; of two passes the less sensitive one stays."""
    if finding.status is best.status is Status.PASS:
        return (finding.bound or 0.0) > (best.bound or 0.0)
    return Status.worst([best.status, finding.status]) is not best.status


def unrunnable(name: str, error: Exception, *, rerun: str = "") -> SubjectReport:
    """Report that no law could be evaluated, because the code could not be run far enough."""
    finding = Finding(EXECUTION, "", Status.ERROR, str(error), rerun=rerun)
    return SubjectReport(name, "unknown", (finding,))


def merge_reports(first: SubjectReport, second: SubjectReport) -> SubjectReport:
    """Add the findings and notes of a further part of the same subject (a layer's update)."""
    notes = tuple(dict.fromkeys((*first.notes, *second.notes)))
    exempt = tuple(dict.fromkeys((*first.exempt, *second.exempt)))
    return replace(first, findings=first.findings + second.findings, notes=notes, exempt=exempt)
