"""Which gradient belongs to which tensor: by name, then by shape, then by position."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters.names import (
    GRADIENT_CONTAINERS,
    GRADIENT_PREFIXES,
    GRADIENT_SUFFIXES,
    SYNONYMS,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[Any]

_SAME_SHAPE, _SAME_SIZE, _OTHER_SHAPE = 1.5, 0.3, -1.5
_EXACT, _CASELESS, _SYNONYM, _PREFIX = 4.0, 3.0, 2.0, 1.0
_THRESHOLD = 1.4


@dataclass(frozen=True)
class Candidate:
    """Something that may be a gradient: its name, the containers it is in, and its value.

    `key` locates it; `position` counts the returned values and `index` those of
    a list, -1 for others.
    """

    key: Any
    name: str
    value: Array
    containers: tuple[str, ...] = ()
    position: int = -1
    index: int = -1

    @property
    def in_gradients(self) -> bool:
        """Whether it is kept in something that is called gradients."""
        return any(GRADIENT_CONTAINERS.fullmatch(name.lower()) for name in self.containers)


@dataclass(frozen=True)
class Tensor:
    """A tensor that wants a gradient: its name, its shape, and its index among its like.

    `first` is the first input, whose gradient goes by many names.
    """

    name: str
    key: str
    shape: tuple[int, ...]
    containers: tuple[str, ...] = ()
    index: int = -1
    first: bool = False


@dataclass(frozen=True)
class Match:
    """A gradient of a tensor, and what shows that it is one: "name", "shape" or "position"."""

    key: Any
    by: str


def match_gradients(tensors: Sequence[Tensor], candidates: Sequence[Candidate]) -> dict[str, Match]:
    """Return the gradient of each tensor that has one among the candidates.

    Examples
    --------
    >>> tensors = [Tensor("x", "x", (2, 3)), Tensor("W", "W", (3, 4))]
    >>> kept = [Candidate(0, "grad_W", np.ones((3, 4))), Candidate(1, "dx", np.ones((2, 3)))]
    >>> {name: match.by for name, match in match_gradients(tensors, kept).items()}
    {'x': 'name', 'W': 'name'}
    """
    returned = [c for c in candidates if c.position >= 0]
    inputs = sum(tensor.index < 0 for tensor in tensors)
    scores: list[tuple[float, int, int, str]] = []
    for i, tensor in enumerate(tensors):
        for j, candidate in enumerate(candidates):
            named = _name_score(tensor, candidate)
            score = named + _shape_score(tensor.shape, candidate.value.shape)
            if not candidate.name and candidate.position >= 0 and len(returned) == len(tensors):
                score += 2.5 * (candidate.position == i)
            if candidate.position == 0 and i == 0:
                score += 0.5
            ordered = candidate.position >= 0 and len(returned) in (len(tensors), inputs)
            by = "name" if named >= _SYNONYM else "position" if ordered else "shape"
            scores.append((score, -i, -j, by))
    found: dict[str, Match] = {}
    used: set[int] = set()
    for score, i, j, by in sorted(scores, reverse=True):
        tensor, candidate = tensors[-i], candidates[-j]
        if score < _THRESHOLD or tensor.name in found or -j in used:
            continue
        if by == "shape" and not candidate.in_gradients and candidate.position < 0:
            continue
        found[tensor.name] = Match(candidate.key, by)
        used.add(-j)
    return found


def _shape_score(shape: tuple[int, ...], other: tuple[int, ...]) -> float:
    if shape == other:
        return _SAME_SHAPE
    size = int(np.prod(shape, dtype=int))
    return _SAME_SIZE if size == int(np.prod(other, dtype=int)) else _OTHER_SHAPE


def _name_score(tensor: Tensor, candidate: Candidate) -> float:
    wanted = tensor.key
    if candidate.in_gradients and candidate.name == wanted:
        return _EXACT
    if tensor.index >= 0 and candidate.in_gradients and not candidate.name:
        return _EXACT if candidate.index == tensor.index else 0.0
    best = 0.0
    for base in _bases(candidate):
        if base == wanted:
            return _EXACT
        if base.lower() == wanted.lower().strip("_"):
            best = max(best, _CASELESS)
        elif _are_synonyms(base, wanted) or (tensor.first and base.lower() in SYNONYMS[0]):
            best = max(best, _SYNONYM)
        elif len(base) > 1 and wanted.lower().startswith(base.lower()):
            best = max(best, _PREFIX)
    return best


def _are_synonyms(base: str, wanted: str) -> bool:
    pair = {base.lower(), wanted.lower().strip("_")}
    return any(pair <= group for group in SYNONYMS)


def _bases(candidate: Candidate) -> list[str]:
    """Return what is left of a gradient's name without what marks it as one."""
    name = candidate.name.strip("_")
    bases = [name[len(p) :] for p in GRADIENT_PREFIXES if name.lower().startswith(p)]
    bases += [name[: -len(s)] for s in GRADIENT_SUFFIXES if name.lower().endswith(s)]
    if candidate.in_gradients:
        bases.append(name)
    if name in ("grad", "gradient") and candidate.containers:
        bases.append(candidate.containers[-1])
    return [base.strip("_") for base in bases if base.strip("_")]
