"""What a backward leaves behind, and which of it is the gradient of which tensor."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters.attribute_tree import Path, numbers_below
from gradlab.adapters.gradient_names import Candidate, Match, Tensor, match_gradients
from gradlab.adapters.parameters import key_of
from gradlab.adapters.reading import GradientAt, Source
from gradlab.adapters.reading_session import Execution, call_backward
from gradlab.adapters.source_facts import returned_names
from gradlab.adapters.target import Style
from gradlab.adapters.templates import tensors_of
from gradlab.subject import draw_cotangents

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gradlab.adapters.reading import Held, Reading

    Array = NDArray[Any]

_RETURNED, _HELD, _STEP = "returned", "held", "step"
_DEPTH = 3


def gradients_after(
    reading: Reading, values: dict[str, Array], rng: np.random.Generator
) -> Iterator[Reading]:
    """Run forward and backward once; yield readings with the gradients that were recognised."""
    execution = Execution(reading, reading.sizes)
    handed = {name: np.array(value) for name, value in values.items()}
    outputs = execution.forward(handed)
    run = execution.run
    if run is None:
        return
    cotangents = draw_cotangents(outputs, rng)
    takes_cotangent = any(a.source is Source.COTANGENT for a in reading.backward)
    scalar = all(out.size == 1 for out in outputs)
    if takes_cotangent and scalar and _is_loss(reading):
        cotangents = tuple(np.ones(out.shape) for out in outputs)
    before = {path: (id(v), np.array(v)) for path, v in numbers_below(run.instance).items()}
    result = call_backward(reading, run, outputs, cotangents)
    candidates = [*_returned(reading, result), *_held(reading, run.instance, before, cotangents)]
    matched = match_gradients(_tensors(reading, values), candidates)
    gradients = {
        name: GradientAt(
            match.key[0], match.key[1], match.by, _is_buffer(match.key, before, run.instance)
        )
        for name, match in matched.items()
    }
    gradients |= {
        held.name: GradientAt(_STEP, None, "name")
        for held in reading.held
        if not np.array_equal(held.paths[0].get(run.instance), values[held.name])
    }
    numbers = {held.name for held in reading.held if held.number}
    gradients = {
        name: at for name, at in gradients.items() if name not in numbers or at.by == "name"
    }
    held = tuple(h for h in reading.held if not h.number or h.name in gradients)
    if not gradients:
        return
    notes = _on_numbers(held, matched, candidates)
    found = replace(reading, gradients=gradients, held=held, notes=notes)
    if takes_cotangent:
        yield replace(found, upstream=not (scalar and _is_loss(reading)))
        return
    if reading.call.target.style is Style.VALUE_AND_GRADIENT or scalar:
        yield replace(found, upstream=False)
        return
    shapes = {c.value.shape for c in candidates if (c.key[0], c.key[1]) in _keys(gradients)}
    reductions = [
        replace(found, upstream=False, outputs=replace(found.outputs, reduction=how))
        for how in ("mean", "sum")
    ]
    elementwise = [replace(found, elementwise=True)] if shapes == {outputs[0].shape} else []
    yield from (*reductions, *elementwise) if _is_loss(reading) else (*elementwise, *reductions)


def _on_numbers(
    held: tuple[Held, ...], matched: dict[str, Match], candidates: list[Candidate]
) -> tuple[str, ...]:
    """State of which numbers a gradient of several entries was found."""
    shapes = {candidate.key: candidate.value.shape for candidate in candidates}
    return tuple(
        f"{parameter.name} is a number and its gradient has shape {shape}: their sum is compared"
        for parameter in held
        if parameter.number and (match := matched.get(parameter.name)) is not None
        if (shape := shapes[match.key])
    )


def _is_buffer(key: tuple[str, Path], before: dict[Path, Any], instance: Any) -> bool:
    """Whether backward wrote a gradient into an array that was there before."""
    where, path = key
    return where == _HELD and path in before and before[path][0] == id(path.get(instance))


def _keys(gradients: dict[str, GradientAt]) -> set[tuple[str, Any]]:
    return {(at.where, at.path) for at in gradients.values()}


def _is_loss(reading: Reading) -> bool:
    labelled = any(not t.differentiable for t in tensors_of(reading.call.forward).values())
    return labelled or reading.call.target.is_loss


def _tensors(reading: Reading, values: dict[str, Array]) -> list[Tensor]:
    names = [n for n, t in tensors_of(reading.call.forward).items() if t.differentiable]
    given = [
        Tensor(name, name, values[name].shape, (), -1 if reading.held else i, first=i == 0)
        for i, name in enumerate(names)
    ]
    held = []
    for position, parameter in enumerate(reading.held):
        path = parameter.paths[0]
        index = next((n for kind, n in reversed(path.steps) if kind == "index"), position)
        held.append(
            Tensor(
                parameter.name,
                key_of(path) if path.steps[-1][0] != "index" else parameter.name,
                values[parameter.name].shape,
                path.containers,
                index,
            )
        )
    return [*given, *held]


def _returned(reading: Reading, result: Any) -> list[Candidate]:
    target = reading.call.target
    if target.style is Style.VALUE_AND_GRADIENT:
        names = returned_names(target.forward) or []
        skipped = reading.outputs.count
        parts = [(i, part) for i, part in enumerate(result) if i != skipped]
        found = []
        for position, (i, part) in enumerate(parts):
            name = names[i] if i < len(names) else ""
            found += list(_opened(Path((("index", i),)), part, name, position, _DEPTH))
        return found
    function = target.backward_function
    names = (returned_names(function) if function is not None else None) or []
    if isinstance(result, tuple | list):
        found = []
        for i, part in enumerate(result):
            name = names[i] if len(names) == len(result) else ""
            found += list(_opened(Path((("index", i),)), part, name, i, _DEPTH))
        return found
    name = names[0] if len(names) == 1 else ""
    return list(_opened(Path(), result, name, 0, _DEPTH))


def _opened(path: Path, value: Any, name: str, position: int, depth: int) -> Iterator[Candidate]:
    """Yield the arrays in a returned value; dictionaries and lists in it are gradients."""
    if value is None or depth == 0:
        return
    if isinstance(value, dict):
        for key, part in value.items():
            inner = path.then("key", key)
            if isinstance(part, dict | list | tuple):
                yield from _opened(inner, part, str(key), -2, depth - 1)
            elif (array := _numeric(part)) is not None:
                yield Candidate((_RETURNED, inner), str(key), array, ("gradients",))
    elif isinstance(value, list | tuple):
        for index, part in enumerate(value):
            inner = path.then("index", index)
            if (array := _numeric(part)) is not None and not isinstance(part, list | tuple):
                yield Candidate((_RETURNED, inner), "", array, ("gradients",), index=index)
            else:
                yield from _opened(inner, part, "", -2, depth - 1)
    elif (array := _numeric(value)) is not None:
        yield Candidate((_RETURNED, path), name, array, position=position)


def _numeric(value: Any) -> Array | None:
    if isinstance(value, np.ndarray | np.generic | float | int) and not isinstance(value, bool):
        array = np.asarray(value)
        return array if array.dtype.kind in "fiu" else None
    return None


def _held(
    reading: Reading,
    instance: Any,
    before: dict[Path, tuple[int, Array]],
    cotangents: tuple[Array, ...],
) -> Iterator[Candidate]:
    """Yield what backward set or changed below an instance."""
    parameters = {path for held in reading.held for path in held.paths}
    for path, value in numbers_below(instance).items():
        if path in parameters:
            continue
        old = before.get(path)
        same = old is not None and old[0] == id(value) and np.array_equal(old[1], value)
        upstream = any(value is c for c in cotangents)
        if same or upstream:
            continue
        kind, last = path.steps[-1]
        names = tuple(str(n) for k, n in path.steps if k != "index")
        if kind == "index":
            yield Candidate((_HELD, path), "", np.asarray(value), names, index=last)
        else:
            yield Candidate((_HELD, path), str(last), np.asarray(value), names[:-1])
