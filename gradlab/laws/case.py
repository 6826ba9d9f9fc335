"""The point at which a law is asked, and what a law is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

from gradlab.records import Finding, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from gradlab.subject import Outputs, Subject, Values

    Array = NDArray[Any]


#: What a law is asked of: a `Case`, or whatever a routine without gradient is described by.
Asked = TypeVar("Asked")


@dataclass(frozen=True)
class Case:
    """A subject at one point: values, an upstream gradient, and what came of them.

    `outputs` and `gradients` are those of one forward and one backward on a
    session of their own; a law that needs more calls opens its own session.
    """

    subject: Subject
    values: Values
    cotangents: Outputs
    outputs: Outputs
    gradients: Mapping[str, Array]
    where: str
    seed: int

    def copy_values(self) -> dict[str, Array]:
        """Copy the values, so that nothing a law does reaches the next law."""
        return {name: value.copy() for name, value in self.values.items()}

    def copy_cotangents(self) -> Outputs:
        """Copy the cotangents."""
        return tuple(cotangent.copy() for cotangent in self.cotangents)

    def passed(self, law: str, tensor: str, message: str, **details: Any) -> Finding:
        """Say that a law holds here."""
        return Finding(law, tensor, Status.PASS, message, **details)

    def failed(self, law: str, tensor: str, message: str, **details: Any) -> Finding:
        """Say that a law is broken here, and where 'here' is."""
        return Finding(law, tensor, Status.FAIL, f"{message}; at {self.where}", **details)


@dataclass(frozen=True)
class Law(Generic[Asked]):
    """One property: its name, the sentence it states, the predicate, and where it comes from.

    Attributes
    ----------
    check
        Returns findings; none where the law does not apply.
    source
        Where the property is stated or derived.
    applies_to
        To what it applies, in words that end the phrase "this law applies to …".
    """

    name: str
    sentence: str
    check: Callable[[Asked], list[Finding]]
    source: str = ""
    applies_to: str = "every layer and cost"


def entry_name(index: tuple[int, ...]) -> str:
    """Write an index as people do: ``[0, 2]``; a scalar has none."""
    return f"entry [{', '.join(map(str, index))}]" if index else "its value"


def most_different(got: Array, expected: Array) -> tuple[int, ...]:
    """Return the index at which two arrays of one shape differ most."""
    with np.errstate(invalid="ignore"):
        apart = np.abs(np.subtract(got, expected, dtype=float))
    apart = np.where(np.isnan(apart), np.inf, apart)
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(apart)), apart.shape))
