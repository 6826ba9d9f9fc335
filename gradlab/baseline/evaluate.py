"""One run of the code: the values that it is run at, and what comes of them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.baseline.model import GRADIENT, OUTPUT, TRAJECTORY
from gradlab.domain import draw
from gradlab.errors import CodeUnderTestError, GradlabError
from gradlab.subject import draw_cotangents

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from gradlab.baseline.recordable import Code
    from gradlab.subject import Subject

    Array = NDArray[Any]
    Key = tuple[str, str]
    Results = dict[Key, Array]

#: How the names of upstream gradients begin.
UPSTREAM = "upstream"


@dataclass(frozen=True)
class Run:
    """The code and the values that it is run at; `results` runs it once more.

    Attributes
    ----------
    values
        Every array that goes in; the upstream gradients are among them.
    moved
        The names of those that are moved to measure the spread.
    """

    subject: Subject
    training: bool
    values: Mapping[str, Array]
    moved: tuple[str, ...]
    restart: Callable[[], None]

    def results(self, values: Mapping[str, Array] | None = None) -> Results:
        """Run the code at its values, or at others of the same shapes, from a fresh start.

        Raises
        ------
        GradlabError
            When the code raises, or returns something that is no real numbers.
        """
        handed = {name: value.copy() for name, value in (values or self.values).items()}
        upstream = tuple(handed.pop(name) for name in list(handed) if name.startswith(UPSTREAM))
        with warnings.catch_warnings():
            # What the code warns of is for `gradlab check` to tell.
            warnings.simplefilter("ignore")
            self.restart()
            session = self.subject.open(handed)
            outputs = [np.array(out) for out in session.forward(handed)]
            if self.training:
                return _checked(_trajectory(self.subject, outputs))
            found = {(OUTPUT, _output(i, len(outputs))): out for i, out in enumerate(outputs)}
            gradients = session.backward(handed, upstream)
            found |= {(GRADIENT, t): np.array(g) for t, g in gradients.items() if g is not None}
        return _checked(found)


def _output(position: int, count: int) -> str:
    return "output" if count == 1 else f"output {position}"


def _trajectory(subject: Subject, outputs: list[Array]) -> Results:
    parameters = [tensor.name for tensor in subject.domain if tensor.role.value == "parameter"]
    names = ["cost", *parameters]
    return {(TRAJECTORY, name): out for name, out in zip(names, outputs, strict=True)}


def _checked(found: Results) -> Results:
    for (_, name), array in found.items():
        if array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
            msg = f"{name} came as {array.dtype}; a baseline holds real numbers of 64 bits at most"
            raise CodeUnderTestError(msg)
    return found


def prepare(
    code: Code,
    sizes: Mapping[str, int],
    seed: int,
    number: int,
    *,
    training: bool,
    recorded_as: Mapping[str, str] | None = None,
) -> Run:
    """Draw the values of one place.

    Each tensor has a stream of its own, from the seed, the place's number and
    its name, so that another order of the arguments draws the same.

    Parameters
    ----------
    recorded_as
        For tensors that have been renamed since, the name under which to draw.
    """
    subject = code.training if training else code.subject
    if subject is None:
        msg = f"{code.name} has nothing to run here"
        raise GradlabError(msg)
    names = recorded_as or {}
    values = {
        tensor.name: draw(tensor, sizes, _stream(seed, number, names.get(tensor.name, tensor.name)))
        for tensor in subject.domain
    }
    moved = tuple(name for name in subject.checked if values[name].dtype.kind == "f")
    if not training:
        upstream = _draw_upstream(subject, values, _stream(seed, number, UPSTREAM), code.restart)
        values |= upstream
        moved += tuple(upstream) if subject.upstream else ()
    return Run(subject, training, values, moved, code.restart)


def _stream(seed: int, number: int, name: str) -> np.random.Generator:
    return np.random.default_rng([seed, number, *name.encode()])


def _draw_upstream(
    subject: Subject,
    values: Mapping[str, Array],
    rng: np.random.Generator,
    restart: Callable[[], None],
) -> dict[str, Array]:
    handed = {name: value.copy() for name, value in values.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        restart()
        outputs = tuple(np.array(out) for out in subject.forward(handed))
    if subject.upstream:
        drawn = draw_cotangents(outputs, rng)
    else:
        drawn = tuple(np.ones(out.shape) for out in outputs)
    return {f"{UPSTREAM} {i}": cotangent for i, cotangent in enumerate(drawn)}


def require_repeatable(run: Run, results: Results) -> None:
    """Run once more: what differs from run to run cannot be recorded.

    Raises
    ------
    GradlabError
        When something differs; the message says what.
    """
    again = run.results()
    for key, array in results.items():
        if key not in again or not same(array, again[key]):
            msg = (
                f"{run.subject.name}: {key[1]} is not the same when it is run again at the same "
                "values; seed its randomness, or take out what it remembers between runs"
            )
            raise CodeUnderTestError(msg)


def same(a: Array, b: Array) -> bool:
    """Whether two arrays hold the same numbers in the same shape; a NaN is like any other."""
    return a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
