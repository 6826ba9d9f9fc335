"""A `Subject` without its functions, as plain data and back."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from gradlab.domain import Content, Domain, Exemption, Layout, Role, TensorSpec

if TYPE_CHECKING:
    from gradlab.subject import Subject

_COPIED = ("name", "convention", "layout", "upstream", "accumulates", "random")


def to_plain(subject: Subject) -> dict[str, Any]:
    """Write down all of a subject that JSON can hold; its functions stay where they are."""
    return {
        **{key: getattr(subject, key) for key in _COPIED},
        "wrt": subject.wrt,
        "notes": subject.notes,
        "domain": asdict(subject.domain),
    }


def from_plain(plain: dict[str, Any]) -> dict[str, Any]:
    """Read back what `to_plain` wrote: the arguments of a `Subject`, less its functions."""
    return {
        **{key: plain[key] for key in _COPIED},
        "layout": Layout(plain["layout"]),
        "wrt": None if plain["wrt"] is None else tuple(plain["wrt"]),
        "notes": tuple(plain["notes"]),
        "domain": _domain(plain["domain"]),
    }


def _domain(plain: dict[str, Any]) -> Domain:
    made = _tuples(plain)
    made["tensors"] = tuple(_tensor(tensor) for tensor in plain["tensors"])
    made["exemptions"] = tuple(Exemption(**exemption) for exemption in plain["exemptions"])
    return Domain(**made)


def _tensor(plain: dict[str, Any]) -> TensorSpec:
    made = _tuples(plain)
    made["role"], made["content"] = Role(plain["role"]), Content(plain["content"])
    return TensorSpec(**made)


def _tuples(plain: dict[str, Any]) -> dict[str, Any]:
    """JSON has lists only; everything that is a sequence in a domain is a tuple."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in plain.items()}
