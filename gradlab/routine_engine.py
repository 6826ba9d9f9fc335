"""check_routine: routine → laws → SubjectReport."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gradlab.adapters.recognition import update_of
from gradlab.errors import GradlabError
from gradlab.interfaces import Kind
from gradlab.laws import ROUTINE_LAWS
from gradlab.laws.routine_case import RoutineCase
from gradlab.records import Finding, Status, SubjectReport

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gradlab.interfaces import Routine


def check_routine(
    routine: Routine[Any],
    *,
    seed: int = 0,
    rerun: str = "",
    laws: Iterable[str] | None = None,
    exempt: Mapping[str, str] | None = None,
) -> SubjectReport:
    """Ask every law of the routine's kind.

    Parameters
    ----------
    routine
        From `gradlab.adapters.recognition.recognise`.
    seed
        Of every random choice; the same seed gives the same report.
    rerun
        How to run this again, for the report.
    laws
        The names of those that are asked; all when left out.
    exempt
        Laws that do not apply here, each with a reason that the report shows;
        ``"descent[W1]"`` leaves out what the law says about W1.
    """
    reasons = dict(exempt or {})
    wanted = None if laws is None else set(laws)
    asked = [
        law
        for law in ROUTINE_LAWS[routine.kind]
        if law.name not in reasons and (wanted is None or law.name in wanted)
    ]
    findings: list[Finding] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for law in asked:
            try:
                findings += law.check(RoutineCase(routine, seed))
            except GradlabError as error:
                findings.append(Finding(law.name, "", Status.ERROR, str(error)))
    said = dict.fromkeys(f"{w.category.__name__} from the code: {w.message}" for w in caught)
    keys = [f"{finding.law}[{finding.tensor}]" for finding in findings]
    told = tuple(
        replace(finding, rerun=rerun)
        for key, finding in zip(keys, findings, strict=True)
        if key not in reasons
    )
    left_out = _left_out(
        routine, {k: why for k, why in reasons.items() if "[" not in k or k in keys}
    )
    notes = (*routine.notes, *_unknown(routine), *left_out, *said)
    return SubjectReport(routine.name, routine.convention, told, notes)


def _left_out(routine: Routine[Any], reasons: Mapping[str, str]) -> list[str]:
    """Say which laws of this kind of routine are left out, wholly or for a tensor, and why."""
    names = {law.name for law in ROUTINE_LAWS[routine.kind]}
    told = []
    for key, reason in reasons.items():
        law, _, tensor = key.partition("[")
        if law in names:
            what = f"law {law!r} left out" + (f" for {tensor.rstrip(']')}" if tensor else "")
            told.append(f"{what}: {reason}")
    return told


def with_update(
    report: SubjectReport,
    obj: object,
    *,
    seed: int = 0,
    rerun: str = "",
    laws: Iterable[str] | None = None,
    exempt: Mapping[str, str] | None = None,
) -> SubjectReport:
    """Add to a layer's report what the laws say of its own update, if it has one.

    The other arguments are those of `check_routine`.
    """
    try:
        routine = update_of(obj)
    except GradlabError:
        # What keeps the layer from running is in its report already.
        return report
    if routine is None:
        return report
    found = check_routine(routine, seed=seed, rerun=rerun, laws=laws, exempt=exempt)
    notes = tuple(dict.fromkeys((*report.notes, *found.notes)))
    return replace(report, findings=report.findings + found.findings, notes=notes)


def _unknown(routine: Routine[Any]) -> tuple[str, ...]:
    """Say what was not asked because nobody said what the code is meant to be."""
    examples = {Kind.OPTIMIZER: "adam", Kind.INITIALIZER: "xavier"}
    if routine.like or routine.kind not in examples:
        return ()
    example = examples[routine.kind]
    return (
        f"which {routine.kind} it is meant to be is unknown; with like={example!r} more is asked",
    )
