"""What a subject offers besides forward and backward if its code runs in this process."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gradlab.coverage import observe, scope_of
from gradlab.subject import Subject, origin_of

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


def in_this_process(subject: Subject, obj: object) -> Subject:
    """Return the subject with its origin, a new process to open it in, and its observation.

    Parameters
    ----------
    obj
        What the subject was made of.
    """
    located = replace(subject, origin=subject.origin or origin_of(obj))
    return _observed(_with_fresh_process(located), obj)


def _with_fresh_process(subject: Subject) -> Subject:
    """Let a subject that can be imported again be opened in a new process."""
    if not subject.origin or subject.fresh is not None:
        return subject

    def fresh(seed: int) -> AbstractContextManager[Subject]:
        from gradlab.worker.fresh import in_new_process  # noqa: PLC0415 - only where it is needed

        return in_new_process(subject.origin, subject.convention, seed)

    return replace(subject, fresh=fresh)


def _observed(subject: Subject, obj: object) -> Subject:
    """Let a subject whose code runs in this process be observed."""
    if subject.observe is not None or isinstance(obj, Subject):
        return subject
    scope = scope_of(obj)
    opened = subject.open
    return replace(
        subject, observe=lambda values, seed: observe(opened(values), values, scope, seed)
    )
