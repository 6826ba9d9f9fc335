"""The point at which a law is checked, and what a law is."""

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


# How many second points are drawn before one at which some result stays equal is accepted.
_DRAWS = 3

#: The size patterns of laws whose verdict does not depend on sizes.
AT_ONE_SIZE = (Sizes.DISTINCT,)

#: What a law is checked on: a `Case`, or the `RoutineCase` of code without a gradient.
Checked = TypeVar("Checked")


@dataclass(frozen=True)
class Results:
    """The results of one forward and one backward: copies, which no later call can change."""

    outputs: Outputs
    gradients: Mapping[str, Array]

    def named(self) -> dict[str, Array]:
        """Return outputs and gradients in one mapping, under the names that findings use."""
        outputs = {output_name(i, len(self.outputs)): out for i, out in enumerate(self.outputs)}
        return outputs | dict(self.gradients)


def run(session: Session, values: Values, cotangents: Outputs) -> Results:
    """Run forward and backward once, on copies that the code may overwrite."""
    handed = copies(values)
    outputs = tuple(np.array(out) for out in session.forward(handed))
    return Results(outputs, backward(session, handed, cotangents))


def backward(session: Session, values: Values, cotangents: Outputs) -> dict[str, Array]:
    """Run the backward; return copies of the gradients, without those that are None."""
    claimed = session.backward(values, tuple(np.array(c) for c in cotangents))
    return {name: np.array(g) for name, g in claimed.items() if g is not None}


def copies(values: Values) -> dict[str, Array]:
    """Copy values for code that may overwrite them; the next call needs the originals."""
    return {name: np.array(value) for name, value in values.items()}


@dataclass(frozen=True)
class Case:
    """A subject at one point: values, an upstream gradient, and the results there.

    `outputs` and `gradients` come from one forward and one backward in a session of
    their own; a law that needs more calls opens its own session.
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
        """Return a random stream, named by numbers and by the point."""
        here = b"".join(value.tobytes() for value in self.values.values())
        return np.random.default_rng([self.seed, zlib.crc32(here), *stream])

    @cached_property
    def second_point(self) -> Case:
        """A second point of the same sizes, under the same cotangents.

        Of a few draws the first is taken at which every result differs from that
        here: between two points with equal results (a ReLU of negative numbers only)
        a law about state cannot fail.
        """
        here, rng = self.results.named(), self.rng(37)
        for _ in range(_DRAWS):
            second = self.moved_to(self.subject.domain.sample(self.sizes, rng))
            results = second.results.named()
            if not any(np.array_equal(results[name], here.get(name, ())) for name in results):
                break
        return second

    def moved_to(self, values: Values) -> Case:
        """Return the case at other values of the same shapes, under the same cotangents."""
        found = self.run(values)
        return replace(self, values=values, outputs=found.outputs, gradients=found.gradients)

    def run(self, values: Values | None = None, cotangents: Outputs | None = None) -> Results:
        """Run forward and backward in a new session, by default at this point."""
        values = self.values if values is None else values
        cotangents = self.cotangents if cotangents is None else cotangents
        return run(self.subject.open(copies(values)), values, cotangents)

    def run_on(self, subject: Subject) -> Results:
        """Run forward and backward of another subject at this point."""
        return replace(self, subject=subject).run()

    def copy_values(self) -> dict[str, Array]:
        """Return copies of the values, which a law may let the code overwrite."""
        return {name: value.copy() for name, value in self.values.items()}

    def copy_cotangents(self) -> Outputs:
        """Return copies of the cotangents."""
        return tuple(cotangent.copy() for cotangent in self.cotangents)

    def passed(self, law: str, tensor: str, message: str, **details: Any) -> Finding:
        """Return the finding that a law holds at this point."""
        return Finding(law, tensor, Status.PASS, message, **details)

    def failed(self, law: str, tensor: str, message: str, **details: Any) -> Finding:
        """Return the finding that a law is violated at this point, which the message names."""
        return Finding(law, tensor, Status.FAIL, f"{message}; at {self.where}", **details)


@dataclass(frozen=True)
class Law(Generic[Checked]):
    """One property: its name, its statement, the function that checks it, and its source.

    Attributes
    ----------
    check
        Returns findings; none where the law does not apply.
    source
        Where the property is stated or derived.
    applies_to
        What it applies to, in words that end the phrase "this law applies to …".
    patterns
        The size patterns at which it is checked.  A law about state or dtypes is
        checked at one: other sizes would run the same statements.
    on_request
        Whether it is checked only if it is named, because it takes long.
    """

    name: str
    sentence: str
    check: Callable[[Checked], list[Finding]]
    source: str
    applies_to: str
    patterns: tuple[Sizes, ...] = tuple(Sizes)
    on_request: bool = False


def entry_name(index: tuple[int, ...]) -> str:
    """Name the entry at an index: ``entry [0, 2]``; of a scalar, ``its value``."""
    return f"entry [{', '.join(map(str, index))}]" if index else "its value"


def output_name(position: int, count: int) -> str:
    """Name one of `count` outputs: ``output`` if it is the only one."""
    return "output" if count == 1 else f"output {position}"


def result_name(name: str) -> str:
    """Name a result in a sentence: ``the output``, ``the gradient of W``."""
    return f"the {name}" if name.startswith("output") else f"the gradient of {name}"


def entry(name: str, index: tuple[int, ...]) -> str:
    """Name one entry of a result in a sentence: ``the output, entry [0, 2]``."""
    return f"{result_name(name)}, {entry_name(index)}" if index else result_name(name)


def evaluate(subject: Subject, values: Values, cotangents: Outputs) -> dict[str, Array]:
    """Run forward and backward in a new session, and return the results by name.

    Gradients are divided by the convention's scaling, so that they are
    vector-Jacobian products; one that has not its tensor's shape is left out,
    because the shape law reports it.
    """
    return evaluate_in(subject.open(values), subject, values, cotangents)


def evaluate_in(
    session: Session, subject: Subject, values: Values, cotangents: Outputs
) -> dict[str, Array]:
    """Run forward and backward in a session that may have been used before; see `evaluate`."""
    found = run(session, values, cotangents)
    results = Results(found.outputs, {}).named()
    scaling = subject.scaling(values)
    for name in subject.checked:
        gradient = found.gradients.get(name)
        if gradient is not None and gradient.shape == values[name].shape:
            results[name] = gradient / scaling.get(name, 1.0)
    return results


def forward(subject: Subject, values: Values) -> dict[str, Array]:
    """Run the forward in a new session, and return the outputs by name."""
    outputs = subject.forward(copies(values))
    return Results(tuple(np.array(out) for out in outputs), {}).named()
