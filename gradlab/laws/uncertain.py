"""Verdicts about code whose random numbers cannot be held: no failure is certain."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gradlab.records import Status
from gradlab.subject import Subject

if TYPE_CHECKING:
    from gradlab.interfaces import Routine
    from gradlab.records import Finding


def without_chance(subject: Subject | Routine[object], findings: list[Finding]) -> list[Finding]:
    """Return the findings; of a subject that is random, failures become inconclusive."""
    if not isinstance(subject, Subject) or not subject.random:
        return findings
    return [
        replace(
            finding,
            status=Status.INCONCLUSIVE,
            message="random: two identical calls differ; pass a seed or a generator, that a "
            f"check can put back ({finding.message})",
        )
        if finding.status is Status.FAIL
        else finding
        for finding in findings
    ]
