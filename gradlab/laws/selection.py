"""Which laws a check evaluates: those that were named, less those that are exempt."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from gradlab.errors import GradlabError
from gradlab.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gradlab.interfaces import Routine
    from gradlab.laws.case import Law
    from gradlab.records import Finding

    AnyCase = TypeVar("AnyCase")

_KEY = re.compile(r"(?P<law>[^\[\]]*)(\[(?P<tensor>.*)\])?")


def named(known: tuple[Law[AnyCase], ...], name: str) -> Law[AnyCase]:
    """Return the law of this name.

    Raises
    ------
    GradlabError
        If there is none; the message lists close ones.
    """
    for law in known:
        if law.name == name:
            return law
    names = list(dict.fromkeys(law.name for law in known))
    close = difflib.get_close_matches(str(name), names, n=3)
    hint = f"did you mean {', '.join(close)}?" if close else f"the laws are {', '.join(names)}"
    msg = f"no law is called {name!r}; {hint}"
    raise GradlabError(msg)


def split(key: str) -> tuple[str, str]:
    """Parse ``law[tensor]``; the tensor is empty where the whole law is meant.

    Examples
    --------
    >>> split("purity[W]"), split("purity")
    (('purity', 'W'), ('purity', ''))
    """
    match = _KEY.fullmatch(key)
    return (match["law"], match["tensor"] or "") if match else (key, "")


@dataclass(frozen=True)
class Request:
    """The laws that a caller names, and those that a caller or a project exempts.

    Attributes
    ----------
    names
        Of the laws to evaluate; None means all but those on request.
    exempt
        ``law`` or ``law[tensor]``, each with its reason; the subject has to have the
        tensor.
    where_present
        The same, but ignored where a subject has no such law or tensor.
    """

    names: frozenset[str] | None = None
    exempt: Mapping[str, str] = field(default_factory=dict)
    where_present: Mapping[str, str] = field(default_factory=dict)


def parse(
    known: tuple[Law[Any], ...],
    names: Iterable[str] | None = None,
    exempt: Mapping[str, str] | None = None,
    where_present: Mapping[str, str] | None = None,
) -> Request:
    """Validate names and exemptions against the laws that are `known`; no code under test runs.

    Raises
    ------
    GradlabError
        If no law has one of the names, if `names` is empty, or if an exemption gives
        no reason.
    """
    for key, reason in {**(where_present or {}), **(exempt or {})}.items():
        _check_exemption(known, key, reason)
    if names is None:
        return Request(None, exempt or {}, where_present or {})
    wanted = frozenset(
        named(known, n).name for n in ((names,) if isinstance(names, str) else names)
    )
    if not wanted:
        msg = "laws=[] selects no law; name a law, or leave laws out to select all of them"
        raise GradlabError(msg)
    return Request(wanted, exempt or {}, where_present or {})


def _check_exemption(known: tuple[Law[Any], ...], key: str, reason: object) -> None:
    named(known, split(key)[0])
    # Anything can come here from code that no type checker has seen.
    if not isinstance(reason, str) or not reason.strip():
        msg = (
            f"exempt={{{key!r}: …}} needs the reason why the law does not apply, in a sentence, "
            f"and got {reason!r}"
        )
        raise GradlabError(msg)


@dataclass(frozen=True)
class Selection:
    """The laws that are evaluated for one subject, and the exemptions that concern it.

    Attributes
    ----------
    laws
        In the order of a report; the exempt ones are left out.
    reasons
        By ``law`` or ``law[tensor]``.
    """

    laws: tuple[Law[Any], ...]
    reasons: Mapping[str, str] = field(default_factory=dict)

    def exempts(self, finding: Finding) -> bool:
        """Whether the subject is exempt from the law as far as this tensor goes."""
        return f"{finding.law}[{finding.tensor}]" in self.reasons

    def applied(self, findings: Iterable[Finding]) -> dict[str, str]:
        """Return the exemptions of whole laws, and of tensors that the findings are about."""
        keys = {f"{finding.law}[{finding.tensor}]" for finding in findings}
        return {k: why for k, why in self.reasons.items() if not split(k)[1] or k in keys}


def notes(applied: Mapping[str, str]) -> list[str]:
    """State which laws are exempt, wholly or for a tensor, and why."""
    stated = []
    for key, reason in applied.items():
        law, tensor = split(key)
        about = f" for {tensor}" if tensor else ""
        stated.append(f"law {law!r} left out{about}: {reason}")
    return stated


def chosen(known: tuple[Law[AnyCase], ...], request: Request) -> tuple[Law[AnyCase], ...]:
    """Return the laws that a request names, in the order of `known`."""
    if request.names is None:
        return tuple(law for law in known if not law.on_request)
    return tuple(law for law in known if law.name in request.names)


def select(
    known: tuple[Law[Any], ...], request: Request, subject: Subject | Routine[Any]
) -> Selection:
    """Select the laws for one subject, of those that are `known` for its kind.

    The exemptions of its domain hold too; a reason in the request replaces theirs.

    Raises
    ------
    GradlabError
        If the request exempts a tensor that the subject does not have.
    """
    names = {law.name for law in known}
    required = {key: why for key, why in request.exempt.items() if split(key)[0] in names}
    for key in required:
        if isinstance(subject, Subject) and not _has_tensor(subject, key):
            listed = ", ".join(_tensors(subject))
            msg = f"exempt names {key!r}; the laws have findings here about {listed}"
            raise GradlabError(msg)
    optional = {
        key: why
        for key, why in request.where_present.items()
        if split(key)[0] in names and _has_tensor(subject, key)
    }
    given = {**optional, **required}
    reasons = {key: why for key, why in _own(subject).items() if key not in given} | given
    wanted = chosen(known, request)
    of_wanted = {law.name for law in wanted}
    return Selection(
        tuple(law for law in wanted if law.name not in reasons),
        {key: why for key, why in reasons.items() if split(key)[0] in of_wanted},
    )


def _own(subject: Subject | Routine[Any]) -> dict[str, str]:
    """Return the exemptions that the subject's domain declares."""
    if not isinstance(subject, Subject):
        return {}
    return {each.law: each.reason for each in subject.domain.exemptions}


def _tensors(subject: Subject) -> list[str]:
    """Return the names of the results that laws have findings about."""
    return [*(tensor.name for tensor in subject.domain), "output", "upstream gradient"]


def _has_tensor(subject: Subject | Routine[Any], key: str) -> bool:
    """Whether a key's tensor is one of the subject's; those of a routine appear in its run only."""
    tensor = split(key)[1]
    if not tensor or not isinstance(subject, Subject):
        return True
    return tensor in _tensors(subject) or tensor.startswith("output ")
