"""Running the code where a baseline looks: values, results, and their spread."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.baseline.model import GRADIENT, OUTPUT, TRAJECTORY, Input, Place, Result
from gradlab.baseline.watch import Lens, digest, largest_of
from gradlab.domain import Sizes, draw
from gradlab.records import GradlabError
from gradlab.subject import CodeUnderTestError, draw_cotangents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from gradlab.baseline.code import Code
    from gradlab.subject import Subject

    Array = NDArray[Any]
    Key = tuple[str, str]
    Results = dict[Key, Array]

#: How often the inputs are moved in the last place.
DRAWS = 8

#: How many examples a network is trained on.
_EXAMPLES = 5
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


def places_of(code: Code, seed: int) -> Iterator[Place]:
    """Run everything that there is of the code, at each pattern of sizes once.

    Raises
    ------
    GradlabError
        When the code raises, or when it does not repeat itself.
    """
    if code.subject is not None:
        seen = set()
        for number, pattern in enumerate(Sizes):
            sizes = code.subject.domain.sizes(pattern, np.random.default_rng([seed, number]))
            if tuple(sizes.values()) not in seen:
                seen.add(tuple(sizes.values()))
                run = prepare(code, sizes, seed, number, training=False)
                yield _place(run, sizes, seed, number, _where(pattern, sizes))
    if code.training is not None:
        sizes = code.training.domain.sizes(Sizes.DISTINCT, np.random.default_rng([seed, 0]))
        sizes[code.training.domain.batch] = _EXAMPLES
        run = prepare(code, sizes, seed, 0, training=True)
        yield _place(run, sizes, seed, 0, f"training ({_listed(sizes)})")


def _where(pattern: Sizes, sizes: Mapping[str, int]) -> str:
    return f"{pattern.value} ({_listed(sizes)})" if sizes else pattern.value


def _listed(sizes: Mapping[str, int]) -> str:
    return ", ".join(f"{symbol}={size}" for symbol, size in sizes.items())


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


def inputs_of(run: Run) -> tuple[Input, ...]:
    """Describe the values of a run, so that they are known again."""
    return tuple(
        Input(name, value.shape, digest(value), name in run.moved)
        for name, value in run.values.items()
    )


def _place(run: Run, sizes: Mapping[str, int], seed: int, number: int, where: str) -> Place:
    results = run.results()
    require_repeatable(run, results)
    precision = _precision(results)
    rng = np.random.default_rng([seed, number, 7])
    nearby = list(_nearby(run, precision, rng))
    recorded = tuple(
        _recorded(key, array, [others[key] for others in nearby], seed)
        for key, array in results.items()
    )
    return Place(where, number, run.training, dict(sizes), precision, inputs_of(run), recorded)


def require_repeatable(run: Run, results: Results) -> None:
    """Run once more: what differs from run to run cannot be recorded.

    Raises
    ------
    GradlabError
        When something differs; the message says what.
    """
    again = run.results()
    for key, array in results.items():
        if key not in again or not _same(array, again[key]):
            msg = (
                f"{run.subject.name}: {key[1]} is not the same when it is run again at the same "
                "values; seed its randomness, or take out what it remembers between runs"
            )
            raise CodeUnderTestError(msg)


def _same(a: Array, b: Array) -> bool:
    return a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


def _precision(results: Results) -> str:
    """The coarsest format that holds every result exactly; whole numbers tell nothing."""
    floating = [array for array in results.values() if array.dtype.kind == "f"]
    digits = [a for a in floating if np.any(np.isfinite(a) & (a != np.round(a)))]
    for precision in ("float16", "float32"):
        with np.errstate(over="ignore"):
            held = all(_same(a.astype(precision).astype(a.dtype), a) for a in floating)
        if digits and held:
            return precision
    return "float64"


def _nearby(run: Run, precision: str, rng: np.random.Generator) -> Iterator[Results]:
    """Run at values moved to a neighbouring number, up or down at random."""
    for _ in range(DRAWS):
        moved = {
            name: _moved(value, precision, rng) if name in run.moved else value
            for name, value in run.values.items()
        }
        yield run.results(moved)


def _moved(value: Array, precision: str, rng: np.random.Generator) -> Array:
    towards = rng.choice([-np.inf, np.inf], value.shape).astype(precision)
    return np.asarray(np.nextafter(value.astype(precision), towards)).astype(value.dtype)


def _recorded(key: Key, array: Array, nearby: list[Array], seed: int) -> Result:
    kind, tensor = key
    watched = look(kind, array, seed)
    spread = np.zeros(watched.shape)
    for other in nearby:
        seen = look(kind, other, seed) if other.shape == array.shape else np.nan
        spread = np.maximum(spread, apart(watched, seen))
    if kind == TRAJECTORY:
        # What is rounded at one step reaches the later ones, however little of it is seen there.
        spread = np.maximum.accumulate(spread, axis=0)
    return Result(
        kind,
        tensor,
        array.shape,
        array.dtype.name,
        digest(array),
        largest_of(array),
        watched,
        spread,
    )


def apart(then: Array, now: Array | float) -> Array:
    """Return how far numbers are apart: 0 from NaN to NaN, infinite from a number to a NaN.

    Examples
    --------
    >>> apart(np.array([1.0, np.nan, np.inf, 1.0]), np.array([3.0, np.nan, np.inf, np.nan]))
    array([ 2.,  0.,  0., inf])
    """
    with np.errstate(invalid="ignore"):
        distance = np.abs(np.subtract(now, then))
    alike = (then == now) | (np.isnan(then) & np.isnan(now))
    return np.where(alike, 0.0, np.where(np.isnan(distance), np.inf, distance))


def lens_for(kind: str, shape: tuple[int, ...], seed: int) -> Lens:
    """Return what chooses the numbers that are kept: for a trajectory, of each step."""
    return Lens(shape[1:] if kind == TRAJECTORY else shape, seed)


def look(kind: str, array: Array, seed: int) -> Array:
    """Return the numbers of an array that are kept, in a row; a trajectory has a row a step."""
    lens = lens_for(kind, array.shape, seed)
    if kind == TRAJECTORY:
        return np.array([lens.look(step) for step in array]).reshape(len(array), -1)
    return lens.look(array)
