"""From a reading to a `Subject`: shapes in symbols, the layout, and what the report states."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters.checked_tensors import checked_tensors, exemptions_of, given_specs
from gradlab.adapters.reading_notes import notes_of
from gradlab.adapters.reading_session import Execution, ReadingSession
from gradlab.adapters.templates import PROBE_SIZES, parts_of, symbols_in, tensors_of
from gradlab.adapters.variants import CallVariant, VariantSession, variants_of
from gradlab.domain import Domain, Layout, Role, Sizes, TensorSpec
from gradlab.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from gradlab.adapters.attempt import Attempt
    from gradlab.adapters.reading import Reading

    Array = NDArray[Any]
    Values = Mapping[str, Array]

#: Other sizes than those of the probe: what changes with them is a size, and what does not
#: is a number.
_OTHER_SIZES = {name: size + 1 for name, size in PROBE_SIZES.items()} | {"h": 8, "w": 10}
_LEAST = ("h", "w", "classes", "vocabulary")
#: Sizes that hyperparameters may have to divide, or that several arguments may share.
_SHARED = ("h", "w", "c", "f", "t")
#: Sizes that are kept from being small.
_MINIMUM = {"h": 4, "w": 5, "classes": 2, "vocabulary": 3, "c": 2, "n_in": 2, "n_hidden": 2}
_SEEDS = (0, 1)


def subject_of(attempt: Attempt, name: str, convention: str | None = None) -> Subject:
    """Make a `Subject` of a reading that was found; a convention fixes the axis of the examples."""
    reading = _symbolic(attempt.reading)
    reading, domain, variants = _domain(reading, attempt.values)
    batch, layout = _examples(reading)
    domain = replace(domain, batch=batch, exemptions=exemptions_of(reading))
    checked, ignored = checked_tensors(attempt, domain)

    def open_session(values: Values) -> ReadingSession | VariantSession:
        sizes = {**reading.sizes, **domain.sizes_at(values)}
        if len(variants) == 1:
            return ReadingSession(reading, sizes)
        return VariantSession(variants, sizes)

    return Subject(
        name,
        open_session,
        domain,
        wrt=checked,
        convention=convention or "found by trying",
        layout=layout,
        upstream=reading.upstream,
        scaling=_scaling(reading),
        notes=(*notes_of(reading, domain, variants), *ignored),
    )


def _scaling(reading: Reading) -> Callable[[Values], Mapping[str, float]]:
    """Return the factor of each gradient that is divided by the number of examples."""
    tensors = tensors_of(reading.call.forward)
    name, axis = next(
        ((n, t.shape.index("m")) for n, t in tensors.items() if "m" in t.shape), ("", 0)
    )

    def scaling(values: Values) -> Mapping[str, float]:
        return dict.fromkeys(reading.scaled, 1.0 / values[name].shape[axis] if name else 1.0)

    return scaling


def _symbolic(reading: Reading) -> Reading:
    """Write the shapes of held parameters in symbols; where that fails, their sizes are fixed."""
    call, sizes = reading.call, reading.sizes
    written = {
        part
        for tensor in tensors_of(call.forward).values()
        for size in tensor.shape
        if isinstance(size, str) and ("*" in size or "+" in size)
        for part in parts_of(size)
    }
    if not call.target.is_class and call.target.obj is not None:
        written |= set(symbols_in(call.forward)) - {"m"}
    reading = replace(reading, call=call.frozen({s: sizes[s] for s in written}))
    if not reading.held:
        return reading
    shapes = _shapes_at(reading, _OTHER_SIZES)
    symbols = [s for s in _free(reading) if s != "m"]
    found = []
    for held in reading.held:
        other = shapes.get(held.name) if shapes else None
        shape = _matched(held.shape, other, symbols, sizes)
        if shape is None:
            return replace(reading, call=reading.call.frozen({s: sizes[s] for s in symbols}))
        found.append(replace(held, shape=shape))
    return replace(reading, held=tuple(found))


def _free(reading: Reading) -> tuple[str, ...]:
    call = reading.call
    return tuple(dict.fromkeys((*symbols_in(call.init), *symbols_in(call.forward))))


def _shapes_at(reading: Reading, sizes: Mapping[str, int]) -> dict[str, tuple[int, ...]] | None:
    """Return the shapes of held parameters in an instance of other sizes; None if that fails."""
    rng = np.random.default_rng(0)
    try:
        execution = Execution(replace(reading, held=()), sizes)
        domain = Domain(tuple(t.spec(n) for n, t in tensors_of(reading.call.forward).items()))
        execution.forward(domain.sample(sizes, rng))
        return {held.name: np.shape(held.paths[0].get(execution.instance)) for held in reading.held}
    except Exception:  # noqa: BLE001 - code under test may raise whatever it likes
        return None


def _matched(
    shape: tuple[Any, ...],
    other: tuple[int, ...] | None,
    symbols: list[str],
    sizes: Mapping[str, int],
) -> tuple[int | str, ...] | None:
    """Return a shape in symbols, from its numbers at two choices of sizes."""
    if other is None or len(other) != len(shape):
        return None
    found: list[int | str] = []
    for here, there in zip(shape, other, strict=True):
        fitting = [s for s in symbols if sizes[s] == here and _OTHER_SIZES[s] == there]
        if here == there:
            found.append(int(here))
        elif fitting:
            found.append(fitting[0])
        else:
            return None
    return tuple(found)


def _domain(reading: Reading, values: Values) -> tuple[Reading, Domain, list[CallVariant]]:
    """Return the reading, its domain with as many free sizes as the code takes, and variants."""
    free = [s for s in _free(reading) if s in _symbols(reading)]
    sizes = reading.sizes
    known = variants_of(reading, values)
    for frozen, minimum in (
        ([], {s: n for s, n in _MINIMUM.items() if s in _LEAST}),
        ([], _MINIMUM),
        ([s for s in free if s in _SHARED], _MINIMUM),
        ([s for s in free if s != "m"], _MINIMUM),
        ([s for s in free if s != "m"], {"m": 2}),
        (free, {}),
    ):
        fixed = {s: sizes[s] for s in frozen}
        narrower = [replace(v, reading=_frozen(v.reading, fixed)) for v in known]
        domain = _domain_of(narrower, minimum)
        if _runs_everywhere(narrower[:1], domain):
            return (
                narrower[0].reading,
                domain,
                narrower
                if len(narrower) == 1 or _runs_everywhere(narrower, domain)
                else narrower[:1],
            )
    return narrower[0].reading, _domain_of(narrower[:1], {}), narrower[:1]


def _symbols(reading: Reading) -> set[str]:
    return set(_free(reading)) | {
        s for held in reading.held for s in held.shape if isinstance(s, str)
    }


def _frozen(reading: Reading, sizes: Mapping[str, int]) -> Reading:
    held = tuple(
        replace(h, shape=tuple(sizes.get(s, s) if isinstance(s, str) else s for s in h.shape))
        for h in reading.held
    )
    return replace(reading, call=reading.call.frozen(sizes), held=held)


def _domain_of(variants: list[CallVariant], minimum: Mapping[str, int]) -> Domain:
    reading = variants[0].reading
    given = given_specs(reading)
    held = [
        TensorSpec(h.name, h.shape, Role.PARAMETER, low=0.2 if h.positive else -np.inf)
        for h in reading.held
    ]
    more = [
        tensors_of(variant.reading.call.forward)[name].spec(renamed)
        for variant in variants
        for name, renamed in variant.renamed.items()
    ]
    domain = Domain((*given, *held, *more))
    return replace(domain, minimum={s: n for s, n in minimum.items() if s in domain.symbols})


def _runs_everywhere(variants: list[CallVariant], domain: Domain) -> bool:
    """Whether forward and backward run, and are finite, at each pattern of sizes."""
    return all(
        _runs(variants, domain, pattern, np.random.default_rng([seed, number]))
        for seed in _SEEDS
        for number, pattern in enumerate(Sizes)
    )


def _runs(
    variants: list[CallVariant], domain: Domain, pattern: Sizes, rng: np.random.Generator
) -> bool:
    sizes = domain.sizes(pattern, rng)
    values = domain.sample(sizes, rng)
    for variant in variants:
        try:
            execution = Execution(variant.reading, {**variant.reading.sizes, **sizes})
            handed = {n: np.array(v) for n, v in variant.values(values).items()}
            outputs = execution.forward(handed)
            execution.backward(handed, [np.ones(out.shape) for out in outputs])
        except Exception:  # noqa: BLE001 - code under test may raise whatever it likes
            return False
        if not all(out.size and np.all(np.isfinite(out)) for out in outputs):
            return False
    return True


def _examples(reading: Reading) -> tuple[str, Layout]:
    """Return the symbol of the examples, empty where there is none, and the layout."""
    for tensor in tensors_of(reading.call.forward).values():
        if "m" in tensor.shape:
            return "m", _LAYOUTS.get(tensor.shape, Layout.UNKNOWN)
    return "", Layout.UNKNOWN


_LAYOUTS: dict[tuple[int | str, ...], Layout] = {
    ("m", "n_in"): Layout.EXAMPLES_FEATURES,
    ("m", 5): Layout.EXAMPLES_FEATURES,
    ("n_in", "m"): Layout.FEATURES_EXAMPLES,
    ("m", "classes"): Layout.EXAMPLES_CLASSES,
    ("m", "h", "w"): Layout.EXAMPLES_HEIGHT_WIDTH,
}
