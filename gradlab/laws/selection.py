"""Which laws are asked of a subject: those that were named, less those it is exempt from."""

from __future__ import annotations

import difflib
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from gradlab.domain import Exemption
from gradlab.errors import GradlabError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gradlab.laws.case import Case, Law
    from gradlab.records import Finding
    from gradlab.subject import Subject

    Laws = tuple[Law[Any], ...]
    Asked = TypeVar("Asked")

_KEY = re.compile(r"(?P<law>[^\[\]]*)(\[(?P<tensor>.*)\])?")


def named(known: tuple[Law[Asked], ...], name: str) -> Law[Asked]:
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


def chosen(known: tuple[Law[Asked], ...], names: Iterable[str] | None) -> tuple[Law[Asked], ...]:
    """Return the laws of these names in the order of `known`; None means all that cost little.

    Raises
    ------
    GradlabError
        If no law has one of the names.
    """
    if names is None:
        return tuple(law for law in known if not law.on_request)
    wanted = {named(known, name).name for name in ((names,) if isinstance(names, str) else names)}
    if not wanted:
        msg = "laws=[] leaves nothing to ask; name a law, or leave laws out to ask all of them"
        raise GradlabError(msg)
    return tuple(law for law in known if law.name in wanted)


def exemptions(known: Laws, exempt: Mapping[str, str]) -> tuple[Exemption, ...]:
    """Read what a caller exempts, each law or ``law[tensor]`` with its reason.

    Raises
    ------
    GradlabError
        If no law has the name, or the reason is missing.
    """
    return tuple(_exemption(known, key, reason) for key, reason in exempt.items())


def _exemption(known: Laws, key: str, reason: str) -> Exemption:
    named(known, split(key)[0])
    given: object = reason  # anything gets this far when nobody runs a type checker
    if not isinstance(given, str) or not given.strip():
        msg = (
            f"exempt={{{key!r}: …}} needs the reason why the law does not apply, in a sentence, "
            f"and got {reason!r}"
        )
        raise GradlabError(msg)
    return Exemption(key, reason)


def split(key: str) -> tuple[str, str]:
    """Take ``law[tensor]`` apart; the tensor is empty where the whole law is meant.

    Examples
    --------
    >>> split("purity[W]"), split("purity")
    (('purity', 'W'), ('purity', ''))
    """
    match = _KEY.fullmatch(key)
    return (match["law"], match["tensor"] or "") if match else (key, "")


def with_exemptions(subject: Subject, added: tuple[Exemption, ...]) -> Subject:
    """Return the subject exempt from more laws; the caller's reason replaces the domain's own.

    Raises
    ------
    GradlabError
        If an exemption names a tensor that the subject does not have.
    """
    for exemption in added:
        if not _speaks_of(subject, exemption.law):
            listed = ", ".join(_spoken_of(subject))
            msg = f"exempt names {exemption.law!r}; what laws speak of here are {listed}"
            raise GradlabError(msg)
    laws = {exemption.law for exemption in added}
    kept = tuple(each for each in subject.domain.exemptions if each.law not in laws)
    return replace(subject, domain=replace(subject.domain, exemptions=kept + added))


def fitting(known: Laws, subject: Subject, exempt: Mapping[str, str]) -> dict[str, str]:
    """Keep of what is exempt in many subjects at once what there is in this one.

    What is said of laws that are not `known`, and of tensors of other subjects, goes.
    """
    names = {law.name for law in known}
    return {
        key: reason
        for key, reason in exempt.items()
        if split(key)[0] in names and _speaks_of(subject, key)
    }


def _spoken_of(subject: Subject) -> list[str]:
    """Return what laws speak of in a subject."""
    return [*(tensor.name for tensor in subject.domain), "output", "upstream gradient"]


def _speaks_of(subject: Subject, key: str) -> bool:
    tensor = split(key)[1]
    return not tensor or tensor in _spoken_of(subject) or tensor.startswith("output ")


def asked_of(subject: Subject, laws: tuple[Law[Case], ...]) -> tuple[Law[Case], ...]:
    """Return the laws that apply to `subject`."""
    return tuple(law for law in laws if not subject.domain.exemption(law.name))


def is_left_out(subject: Subject, finding: Finding) -> bool:
    """Whether the subject is exempt from the law as far as this tensor goes."""
    return bool(subject.domain.exemption(f"{finding.law}[{finding.tensor}]"))


def notes(subject: Subject, laws: Laws) -> tuple[str, ...]:
    """Say which of `laws` are left out, and why."""
    names = {law.name for law in laws}
    told = []
    for exemption in subject.domain.exemptions:
        law, tensor = split(exemption.law)
        if law in names:
            what = f"law {law!r} left out for {tensor}" if tensor else f"law {law!r} left out"
            told.append(f"{what}: {exemption.reason}")
    return tuple(told)
