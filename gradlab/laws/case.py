"""The point at which a law is asked, and what a law is."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

from gradlab.domain import Sizes
from gradlab.records import Finding, Status
from gradlab.subject import draw_cotangents

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from gradlab.subject import Outputs, Session, Subject, Values

    Array = NDArray[Any]


# How often another point is drawn, when the last one tells nothing.
_DRAWS = 3

#: The patterns of sizes of laws whose answer does not depend on sizes.
AT_ONE_SIZE = (Sizes.DISTINCT,)

#: What a law is asked of: a `Case`, or whatever a routine without gradient is described by.
Asked = TypeVar("Asked")


@dataclass(frozen=True)
class Results:
    """What one forward and one backward gave: copies, which no later call can change."""

    outputs: Outputs
    gradients: Mapping[str, Array]

    def named(self) -> dict[str, Array]:
        """Return outputs and gradients in one, under the names that findings use."""
        outputs = {output_name(i, len(self.outputs)): out for i, out in enumerate(self.outputs)}
        return outputs | dict(self.gradients)


def run(session: Session, values: Values, cotangents: Outputs) -> Results:
    """Run forward and backward once; whatever the code does to its arguments stays there."""
    handed = copies(values)
    outputs = tuple(np.array(out) for out in session.forward(handed))
    return Results(outputs, backward(session, handed, cotangents))


def backward(session: Session, values: Values, cotangents: Outputs) -> dict[str, Array]:
    """Run the backward once more; copies of the gradients that it gives."""
    claimed = session.backward(values, tuple(np.array(c) for c in cotangents))
    return {name: np.array(g) for name, g in claimed.items() if g is not None}


def copies(values: Values) -> dict[str, Array]:
    """Copy values for code that may overwrite them: the next call must not see it."""
    return {name: np.array(value) for name, value in values.items()}


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

    @classmethod
    def at(
        cls,
        subject: Subject,
        values: Values,
        rng: np.random.Generator,
        *,
        where: str,
        seed: int,
    ) -> Case:
        """Run forward and backward once at `values`, under a random upstream gradient.

        Raises
        ------
        GradlabError
            What the code under test raises.
        """
        handed = copies(values)
        session = subject.open(handed)
        outputs = tuple(np.array(out) for out in session.forward(handed))
        cotangents = (
            draw_cotangents(outputs, rng)
            if subject.upstream
            else tuple(np.ones(out.shape) for out in outputs)
        )
        gradients = backward(session, handed, cotangents)
        return cls(subject, values, cotangents, outputs, gradients, where, seed)

    @property
    def sizes(self) -> Mapping[str, int]:
        """The sizes of the domain's symbols here."""
        return self.subject.domain.sizes_at(self.values)

    @property
    def results(self) -> Results:
        """The outputs and gradients of this point."""
        return Results(self.outputs, self.gradients)

    def rng(self, *stream: int) -> np.random.Generator:
        """Return a random stream of a law's own, named by numbers; another one at each point."""
        here = b"".join(value.tobytes() for value in self.values.values())
        return np.random.default_rng([self.seed, zlib.crc32(here), *stream])

    @cached_property
    def elsewhere(self) -> Case:
        """Another point of the same sizes, under the same cotangents.

        Of a few draws the first is taken at which every result differs from that
        here: two points between which nothing changes (a ReLU of only negative
        numbers, or of the same signs) would show no law broken.
        """
        here, rng = self.results.named(), self.rng(37)
        for _ in range(_DRAWS):
            there = self.moved_to(self.subject.domain.sample(self.sizes, rng))
            results = there.results.named()
            if not any(np.array_equal(results[name], here.get(name, ())) for name in results):
                break
        return there

    def moved_to(self, values: Values) -> Case:
        """Return the case at other values of the same shapes, under the same cotangents."""
        found = self.run(values)
        return replace(self, values=values, outputs=found.outputs, gradients=found.gradients)

    def run(self, values: Values | None = None, cotangents: Outputs | None = None) -> Results:
        """Run forward and backward on a session of their own, here unless told otherwise."""
        values = self.values if values is None else values
        cotangents = self.cotangents if cotangents is None else cotangents
        return run(self.subject.open(copies(values)), values, cotangents)

    def run_on(self, subject: Subject) -> Results:
        """Run forward and backward of another subject here."""
        return replace(self, subject=subject).run()

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
    patterns
        The patterns of sizes at which it is asked.  A law about state or number
        formats is asked at one: other sizes would run the same statements.
    on_request
        Whether it is asked only when it is named, because it takes long.
    """

    name: str
    sentence: str
    check: Callable[[Asked], list[Finding]]
    source: str
    applies_to: str
    patterns: tuple[Sizes, ...] = tuple(Sizes)
    on_request: bool = False


def entry_name(index: tuple[int, ...]) -> str:
    """Write an index as people do: ``[0, 2]``; a scalar has none."""
    return f"entry [{', '.join(map(str, index))}]" if index else "its value"


def output_name(position: int, count: int) -> str:
    """Name one of `count` outputs: ``output`` where there is no other."""
    return "output" if count == 1 else f"output {position}"


def result_name(name: str) -> str:
    """Name a result in a sentence: ``the output``, ``the gradient of W``."""
    return f"the {name}" if name.startswith("output") else f"the gradient of {name}"


def unit_of(array: Array) -> float:
    """Return the spacing at 1 of what came back: a float32 result owes no float64 digits."""
    return float(np.finfo(array.dtype if array.dtype.kind == "f" else np.float64).eps)


def distance(got: Array, expected: Array) -> Array:
    """Return |got − expected|, whatever the number formats of the two."""
    with np.errstate(invalid="ignore"):
        return np.asarray(
            np.abs(np.subtract(got, expected, dtype=np.result_type(got, expected, float)))
        )


def most_different(got: Array, expected: Array) -> tuple[int, ...]:
    """Return the index at which two arrays of one shape differ most."""
    apart = distance(got, expected)
    apart = np.where(np.isnan(apart), np.inf, apart)
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(apart)), apart.shape))
