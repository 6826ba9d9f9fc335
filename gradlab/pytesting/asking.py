"""Asking for a report, with laws left out: the plugin's one way to the engine."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import gradlab
from gradlab.laws import LAWS
from gradlab.pytesting.told import RUN
from gradlab.records import GradlabError
from gradlab.runner import Options, check_files
from gradlab.settings import active, no_such

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gradlab.records import Finding, Report, SubjectReport


def check_object(
    obj: object,
    *,
    like: str | None = None,
    convention: str | None = None,
    laws: Iterable[str] | None = None,
    exempt: Mapping[str, str] | None = None,
    seed: int = 0,
) -> Report:
    """Check an object where it is, with the project's exemptions and those given."""
    chosen, reasons = _known(laws), _known_reasons(exempt)
    report = gradlab.check(obj, like=like, convention=convention, seed=seed)
    return _narrowed(report, chosen, reasons)


def check_target(target: str, *, seed: int = 0) -> Report:
    """Check ``FILE::NAME`` as the command does: in a worker."""
    reasons = _known_reasons(None)
    return _narrowed(check_files([target], Options(seed=seed)), None, reasons)


def exemptions(given: Mapping[str, str] | None) -> dict[str, str]:
    """Return the project's exemptions and, over them, those given here."""
    return {**active().exempt, **(given or {})}


def left_out(law: str, tensor: str, reasons: Mapping[str, str]) -> str | None:
    """Return the reason for which a law, or a law about one tensor, is left out."""
    return reasons.get(law, reasons.get(f"{law}[{tensor}]"))


def _known_reasons(given: Mapping[str, str] | None) -> dict[str, str]:
    reasons = exemptions(given)
    _known(key.partition("[")[0] for key in reasons)
    for key, reason in reasons.items():
        if not reason.strip():
            msg = f"the exemption of {key!r} gives no reason; say why the law does not apply"
            raise GradlabError(msg)
    return reasons


def _known(laws: Iterable[str] | None) -> tuple[str, ...] | None:
    if laws is None:
        return None
    names, known = tuple(laws), [law.name for law in LAWS]
    for name in names:
        if name not in known:
            raise GradlabError(no_such("law", name, known))
    return names


def _narrowed(report: Report, laws: tuple[str, ...] | None, reasons: Mapping[str, str]) -> Report:
    """Keep the findings of the laws asked for, and say which were left out, and why."""
    subjects = tuple(_narrowed_subject(subject, laws, reasons) for subject in report.subjects)
    return replace(report, subjects=subjects)


def _narrowed_subject(
    subject: SubjectReport, laws: tuple[str, ...] | None, reasons: Mapping[str, str]
) -> SubjectReport:
    def stays(finding: Finding) -> bool:
        asked = laws is None or finding.law in (*laws, RUN)
        return asked and left_out(finding.law, finding.tensor, reasons) is None

    notes = tuple(f"{key} left out: {reason}" for key, reason in reasons.items())
    findings = tuple(filter(stays, subject.findings))
    return replace(subject, findings=findings, notes=(*subject.notes, *notes))
