"""Finding a reading by trying: until forward and backward run and derivatives agree."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters.attempt import Attempt
from gradlab.adapters.attribute_tree import numbers_below
from gradlab.adapters.backward_arguments import backward_fillings
from gradlab.adapters.call_plans import call_plans
from gradlab.adapters.calls import call as guarded
from gradlab.adapters.calls import empty_result
from gradlab.adapters.conventions import with_conventions
from gradlab.adapters.directional_check import DirectionalCheck
from gradlab.adapters.forward_outputs import check_finite, count_of, find_outputs
from gradlab.adapters.gradient_candidates import gradients_after
from gradlab.adapters.layer_calls import call_forward, make
from gradlab.adapters.parameters import as_held, moving, numbers_of
from gradlab.adapters.reading import Outputs, Reading, input_axes
from gradlab.adapters.reading_session import Execution, read_outputs
from gradlab.adapters.templates import PROBE_SIZES, tensors_of
from gradlab.domain import draw
from gradlab.errors import (
    CodeUnderTestError,
    GradlabError,
    NoResultError,
    NotADerivativeError,
)
from gradlab.subject import draw_cotangents

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from gradlab.adapters.layer_calls import Run
    from gradlab.adapters.reading import Call, Held
    from gradlab.adapters.target import Target

    Array = NDArray[Any]

_MOST_FAILING = 6
_NOTHING = 1e-13
_SEED = 11


@dataclass
class Search:
    """What was tried for one target, and what stood in the way."""

    target: Target
    sizes: Mapping[str, int]
    failing: list[Attempt] = field(default_factory=list)
    obstacle: GradlabError | None = None
    depth: int = -1

    def stopped_at(self, depth: int, error: Exception, what: str) -> None:
        """Remember what stopped the attempt that came furthest."""
        if depth > self.depth:
            self.depth = depth
            self.obstacle = as_error(what, error)


def _all_zero(target: Target) -> GradlabError:
    return NoResultError(
        f"{target.backward_title}: every gradient is zero throughout, at all points that were "
        "tried, so that nothing shows which tensor it belongs to; where that is meant, hand it "
        "over with gradlab.check_gradients(forward, backward, values)"
    )


def as_error(what: str, error: Exception) -> GradlabError:
    """Write an exception of the code under test as gradlab does."""

    def raises() -> None:
        raise error

    try:
        guarded(what, raises)
    except GradlabError as written:
        return written
    return CodeUnderTestError(f"{what}: {error}")


def find_reading(target: Target, sizes: Mapping[str, int] = PROBE_SIZES) -> Attempt:
    """Return the first reading that agrees with directional derivatives, else the likeliest.

    `sizes` are the numbers for the symbols of shapes.

    Raises
    ------
    GradlabError
        If forward or backward run under no reading, or if all that is there
        against the gradients is a reading that nothing confirms.
    """
    search = Search(target, sizes)
    for attempt in _attempts(search):
        if attempt.passes and not _hides_a_failure(search, attempt):
            return attempt
        if attempt.passes:
            continue
        search.failing.append(attempt)
        if attempt.agreeing > 0 or len(search.failing) >= _MOST_FAILING:
            break
    if not search.failing:
        raise search.obstacle or CodeUnderTestError(f"{target.name} could not be called")
    best = max(search.failing, key=lambda attempt: attempt.evidence)
    if best.evidence < 2:
        raise _unconfirmed(target)
    return best


def _unconfirmed(target: Target) -> GradlabError:
    """Return the error for a target whose gradients disagree under readings that are guesses."""
    pair = f"{target.backward_title} was not taken for the derivative of {target.forward_title}"
    msg = (
        f"{target.name}: {pair}: under no reading do they agree, and no reading is confirmed by "
        "names; if they belong together, hand the two over in Python, as "
    )
    if target.loose:
        return NotADerivativeError(msg + "gradlab.check((forward, backward))")
    return GradlabError(msg + "gradlab.check_gradients(forward, backward, values)")


def _hides_a_failure(search: Search, attempt: Attempt) -> bool:
    """Whether a batch of one could hide what a reading with several examples has shown."""
    if not any(failed.evidence >= 2 and _has_examples(failed) for failed in search.failing):
        return False
    tensors = tensors_of(attempt.reading.call.forward).values()
    return any(1 in tensor.shape for tensor in tensors)


def _has_examples(attempt: Attempt) -> bool:
    return any("m" in t.shape for t in tensors_of(attempt.reading.call.forward).values())


def _attempts(search: Search) -> Iterator[Attempt]:
    for call in call_plans(search.target):
        try:
            yield from _attempts_with(call, search)
        except Exception as error:  # noqa: BLE001 - code under test may raise whatever it likes
            search.stopped_at(0, error, search.target.forward_title)


def _attempts_with(call: Call, search: Search) -> Iterator[Attempt]:
    """Try one way of calling the forward, with every way of calling the backward."""
    sizes = search.sizes
    fixed, rng = call.frozen(sizes), np.random.default_rng(_SEED)
    target = call.target
    values = {
        name: draw(tensor.spec(name), sizes, rng)
        for name, tensor in tensors_of(fixed.forward).items()
    }
    try:
        instance = make(target, fixed.init, sizes, input_axes(fixed))
    except Exception as error:  # noqa: BLE001 - code under test may raise whatever it likes
        search.stopped_at(0, error, f"{target.name}()")
        return
    before = {path: _snapshot(value) for path, value in numbers_below(instance).items()}
    try:
        run = call_forward(fixed, instance, _copies(values), sizes)
        outputs = find_outputs(run, before, fixed)
        check_finite(read_outputs(run, outputs, fixed))
    except Exception as error:  # noqa: BLE001 - code under test may raise whatever it likes
        search.stopped_at(1, error, target.forward_title)
        return
    parameters, numbers = _parameters(run, outputs, fixed, values)
    warm = any(held.paths[0] not in before for held in parameters)
    # A parameter that is as long as there are examples was made under the wrong layout.
    if target.is_class and _follow_examples(fixed, call, parameters, sizes):
        return
    for filling in backward_fillings(fixed, run):
        reading = Reading(
            fixed,
            outputs if outputs.paths else replace(outputs, count=count_of(run, filling, fixed)),
            filling,
            {},
            parameters,
            warm=warm,
            sizes=sizes,
        )
        given = {**values, **{held.name: numbers[held.name] for held in parameters}}
        try:
            ran = False
            for found in gradients_after(reading, given, rng):
                ran = True
                attempt = _compared(found, given)
                if attempt is None:
                    search.stopped_at(3, _all_zero(target), target.backward_title)
                else:
                    yield replace_call(attempt, call)
            if not ran:
                raise empty_result(target.backward_title, target.backward_function, "a gradient")
        except Exception as error:  # noqa: BLE001 - code under test may raise whatever it likes
            search.stopped_at(2, error, target.backward_title)


def _follow_examples(
    fixed: Call, call: Call, parameters: tuple[Held, ...], sizes: Mapping[str, int]
) -> bool:
    """Whether a parameter is longer in an instance for more examples."""
    suspects = [held for held in parameters if sizes["m"] in held.shape]
    if not suspects:
        return False
    more = call.frozen({**sizes, "m": sizes["m"] + 1})
    try:
        other = make(fixed.target, more.init, {}, input_axes(more))
        return any(np.shape(held.paths[0].get(other)) != held.shape for held in suspects)
    except Exception:  # noqa: BLE001 - code under test may raise whatever it likes
        return False


def replace_call(attempt: Attempt, call: Call) -> Attempt:
    """Put the symbolic call back in place of that with numbers."""
    return replace_reading(attempt, replace(attempt.reading, call=call))


def replace_reading(attempt: Attempt, reading: Reading) -> Attempt:
    """Return the attempt with another reading."""
    return Attempt(reading, attempt.values, attempt.ratios)


def _compared(reading: Reading, given: dict[str, Array]) -> Attempt | None:
    rng = np.random.default_rng(_SEED + 1)
    numbers = {h.name for h in reading.held if h.number}
    values = {
        k: np.array(v) for k, v in given.items() if k not in numbers or k in reading.gradients
    }
    execution = Execution(reading, reading.sizes)
    outputs = execution.forward(_copies(values))
    cotangents = (
        draw_cotangents(outputs, rng)
        if reading.upstream
        else tuple(np.ones(o.shape) for o in outputs)
    )
    claimed = execution.backward(_copies(values), cotangents)
    gradients = {n: np.array(g, float) for n, g in claimed.items() if g is not None}
    if not gradients or not any(np.any(g) for g in gradients.values()):
        return None
    inputs = [name for name in tensors_of(reading.call.forward) if name in gradients]
    if inputs and not any(np.max(np.abs(gradients[n]), initial=0) > _NOTHING for n in inputs):
        return None  # sizes at which the layer is constant
    compared = DirectionalCheck(execution, values, cotangents, rng).ratios(gradients)
    return with_conventions(Attempt(reading, values, compared))


def _copies(values: dict[str, Array]) -> dict[str, Array]:
    return {name: np.array(value) for name, value in values.items()}


def _snapshot(value: Any) -> tuple[int, Any]:
    return id(value), np.array(value)


def _parameters(
    run: Run, outputs: Outputs, call: Call, values: dict[str, Array]
) -> tuple[tuple[Held, ...], dict[str, Array]]:
    """Return what an instance's outputs depend on, and values for it."""
    if run.instance is None:
        return (), {}

    def again() -> tuple[Array, ...]:
        rerun = call_forward(call, run.instance, _copies(values), {})
        return read_outputs(rerun, outputs, call)

    rng = np.random.default_rng(_SEED + 2)
    found = moving(run.instance, numbers_of(run.instance), again, rng)
    held = as_held([number for number, _ in found], values)
    return held, {h.name: value for h, (_, value) in zip(held, found, strict=True)}
