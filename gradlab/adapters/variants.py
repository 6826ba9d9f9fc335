"""The same reading with other hyperparameters and another rank: what is checked beside it."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters.call_plans import constructor_options_of, forward_options
from gradlab.adapters.reading_session import Execution, ReadingSession
from gradlab.adapters.source_facts import mentions_last_axis
from gradlab.adapters.target import Style
from gradlab.adapters.templates import Dictionary, Setting, TensorArgument, tensors_of
from gradlab.domain import Role, draw

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from gradlab.adapters.reading import Reading
    from gradlab.adapters.templates import Argument, Arguments

    Array = NDArray[Any]
    Values = Mapping[str, Array]

_MOST, _MOST_TRIED = 2, 12
#: Hyperparameters that make another computation of the same layer.
_VARIED = re.compile(
    r"strides?|s|pad(ding)?|p_?size|pool_?(h|w|height|width|size|shape)|size|f|kernel_?size|mode"
    r"|activation\w*|act\w*|nonlinearity|alpha|slope|negative_?slope|axis"
)
#: Modes in which a layer need have no backward.
_OTHER_MODES = frozenset({"train", "test", "eval", "inference", "predict", "val"})


@dataclass(frozen=True)
class CallVariant:
    """A reading under other settings, and the tensors that it takes in place of the main one's."""

    reading: Reading
    renamed: Mapping[str, str]
    text: str

    def values(self, values: Values) -> dict[str, Array]:
        """Return the values under the names that the reading has for them."""
        taken = set(self.renamed.values())
        kept = {name: value for name, value in values.items() if name not in taken}
        return {**kept, **{name: values[other] for name, other in self.renamed.items()}}


class VariantSession:
    """Several readings of one object, side by side: their outputs in order, gradients added."""

    def __init__(self, variants: Sequence[CallVariant], sizes: Mapping[str, int]) -> None:
        self._variants = variants
        self._sessions = [ReadingSession(variant.reading, sizes) for variant in variants]
        self._counts: list[int] = []

    def forward(self, values: Values) -> tuple[Array, ...]:
        """Run the forward of each variant."""
        found = [
            session.forward(variant.values(values))
            for variant, session in zip(self._variants, self._sessions, strict=True)
        ]
        self._counts = [len(outputs) for outputs in found]
        return tuple(output for outputs in found for output in outputs)

    def backward(self, values: Values, cotangents: Sequence[Array]) -> dict[str, Array | None]:
        """Run the backward of each variant, and add up what each has for a tensor."""
        total: dict[str, Array | None] = {}
        start = 0
        for variant, session, count in zip(
            self._variants, self._sessions, self._counts, strict=True
        ):
            part = tuple(cotangents[start : start + count])
            start += count
            gradients = session.backward(variant.values(values), part)
            for name, gradient in gradients.items():
                known = variant.renamed.get(name, name)
                if known not in values:
                    continue
                before = total.get(known)
                total[known] = gradient if before is None else _added(before, gradient)
        return {name: total.get(name) for name in values}


def _added(one: Array, other: Array | None) -> Array | None:
    return None if other is None else np.asarray(one + other)


def variants_of(reading: Reading, values: Values) -> list[CallVariant]:
    """Return the reading under other settings with which it runs, the main one first."""
    main = CallVariant(reading, {}, "")
    found = [main]
    if not reading.upstream:
        return found
    outputs = _outputs(reading, values)
    for call, text in itertools.islice(_other_calls(reading), _MOST_TRIED):
        if len(found) > _MOST:
            break
        variant = replace(reading, call=call)
        now = _outputs(variant, values)
        same = [_equal(now, _outputs(known.reading, values)) for known in found[1:]]
        if now is not None and not _equal(now, outputs) and not any(same):
            found.append(CallVariant(variant, {}, text))
    ranked = _of_another_rank(reading, values)
    return found if ranked is None else [*found, ranked]


def _outputs(reading: Reading, values: Values) -> tuple[Array, ...] | None:
    """Return the outputs if forward and backward run and every gradient has its tensor's shape."""
    try:
        execution = Execution(reading, reading.sizes)
        handed = {name: np.array(value) for name, value in values.items()}
        outputs = tuple(np.array(out) for out in execution.forward(handed))
        gradients = execution.backward(handed, [np.ones(out.shape) for out in outputs])
    except Exception:  # noqa: BLE001 - code under test may raise whatever it likes
        return None
    fitting = all(
        gradient is not None and gradient.shape == values[name].shape
        for name, gradient in gradients.items()
        if name in reading.gradients
    )
    finite = all(out.size and np.all(np.isfinite(out)) for out in outputs)
    return outputs if fitting and finite else None


def _equal(one: tuple[Array, ...] | None, other: tuple[Array, ...] | None) -> bool:
    if one is None or other is None:
        return False
    return len(one) == len(other) and all(
        a.shape == b.shape and np.array_equal(a, b) for a, b in zip(one, other, strict=True)
    )


def _other_calls(reading: Reading) -> Iterator[tuple[Any, str]]:
    """Yield calls with another setting, of the constructor or the forward, and say which."""
    call = reading.call
    axes = next((tensor.shape for tensor in tensors_of(call.forward).values()), ())
    for which, options in (
        ("forward", forward_options(call.target)),
        ("init", constructor_options_of(call.target, axes)),
    ):
        arguments: Arguments = getattr(call, which)
        for name, chosen in arguments:
            for other in options.get(name, ()):
                text = _difference(name, chosen, other)
                if text:
                    changed = tuple((n, other if n == name else a) for n, a in arguments)
                    init, forward = (
                        (changed, call.forward) if which == "init" else (call.init, changed)
                    )
                    yield replace(call, init=init, forward=forward), text


def _difference(name: str, chosen: Argument, other: Argument) -> str:
    """Return what another argument changes, as text; empty where it is none to be tried."""
    if isinstance(chosen, Setting) and isinstance(other, Setting):
        if not isinstance(chosen.value, int | float | str | tuple):
            return ""
        alike = type(chosen.value) is type(other.value) and chosen.value != other.value
        varied = _VARIED.fullmatch(name.lower().strip("_")) and not isinstance(chosen.value, bool)
        modes = {str(chosen.value), str(other.value)} & _OTHER_MODES
        return f"{name} {other.text}" if alike and varied and not modes else ""
    if isinstance(chosen, Dictionary) and isinstance(other, Dictionary):
        known = dict(chosen.items)
        parts = [
            text
            for key, item in other.items
            if key in known and (text := _difference(key, known[key], item))
        ]
        changed = sum(known.get(key) != item for key, item in other.items)
        return ", ".join(parts) if len(parts) == changed else ""
    return ""


def _of_another_rank(reading: Reading, values: Values) -> CallVariant | None:
    """Return the reading with sequences for rows, where code counts axes from the end."""
    target = reading.call.target
    inputs = [
        (name, tensor)
        for name, tensor in tensors_of(reading.call.forward).items()
        if tensor.role is not Role.PARAMETER
    ]
    if target.style is not Style.FUNCTIONS or len(inputs) != 1:
        return None
    name, tensor = inputs[0]
    if tensor.shape != ("m", "n_in") or not mentions_last_axis(target.forward_function):
        return None
    wide = TensorArgument(("m", "t", "n_in"), tensor.role, tensor.content)
    renamed = f"{name} (3-D)"
    call = replace(
        reading.call,
        forward=tuple((n, wide if n == name else a) for n, a in reading.call.forward),
    )
    fixed = wide.frozen(reading.sizes)
    given = {**values, name: draw(fixed.spec(name), {}, np.random.default_rng(5))}
    found = replace(reading, call=call)
    if _outputs(found, given) is None:
        return None
    return CallVariant(found, {name: renamed}, "")
