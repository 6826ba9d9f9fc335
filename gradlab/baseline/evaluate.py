"""One evaluation of the code: the values of its inputs, and its results."""

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
class Evaluation:
    """The code and the values of its inputs; each call of `results` evaluates it anew.

    Attributes
    ----------
    values
        Every input array, the upstream gradients among them.
    moved
        The names of the inputs that are perturbed to measure the spread.
    """

    subject: Subject
    training: bool
    values: Mapping[str, Array]
    moved: tuple[str, ...]
    restart: Callable[[], None]

    def results(self, values: Mapping[str, Array] | None = None) -> Results:
        """Evaluate the code at its values, or at others of the same shapes, in a new session.

        Raises
        ------
        GradlabError
            If the code raises, or returns anything but real numbers.
        """
        handed = {name: value.copy() for name, value in (values or self.values).items()}
        upstream = tuple(handed.pop(name) for name in list(handed) if name.startswith(UPSTREAM))
        with warnings.catch_warnings():
            # Warnings of the code are reported by `gradlab check`.
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
) -> Evaluation:
    """Draw the values of one sample site.

    Each tensor has a random stream of its own, from the seed, the site's number and
    its name, so that another order of the arguments draws the same values.

    Parameters
    ----------
    recorded_as
        For tensors that have been renamed since, the recorded name, which determines the stream.
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
    return Evaluation(subject, training, values, moved, code.restart)


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


def require_repeatable(run: Evaluation, results: Results) -> None:
    """Evaluate once more, and require the same results.

    Raises
    ------
    GradlabError
        If a result differs; the message names it.
    """
    again = run.results()
    for key, array in results.items():
        if key not in again or not same(array, again[key]):
            msg = (
                f"{run.subject.name}: {key[1]} differs in a second evaluation at the same "
                "values; seed its randomness, or take out what it remembers between runs"
            )
            raise CodeUnderTestError(msg)


def same(a: Array, b: Array) -> bool:
    """Whether two arrays have the same shape and numbers; NaN equals NaN."""
    return a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
