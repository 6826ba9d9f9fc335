"""Convention `article`: classes that keep their results in attributes.

``forward`` sets ``.Z`` or ``.A`` and ``backward`` sets ``.dW``, ``.db`` and
``.dA_prev`` or ``.dZ``; both return None.  Gradients are replaced at each call,
1/m sits in the cost's gradient, and columns are examples.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count, permutations
from typing import TYPE_CHECKING

import numpy as np

from gradlab.adapters.article_layer import AttributeMap, LayerSession, map_attributes
from gradlab.adapters.calls import call, parameters_of
from gradlab.adapters.constructor import PROBE_SIZES, LayerFactory
from gradlab.domain import Domain, Layout, Role, TensorSpec
from gradlab.errors import GradlabError
from gradlab.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradlab.subject import Values

NAME = "article"

_FREE_AXES = {
    Layout.FEATURES_EXAMPLES: ("n_in", "m"),
    Layout.EXAMPLES_FEATURES: ("m", "n_in"),
    Layout.EXAMPLES_HEIGHT_WIDTH: ("m", "h", "w"),
}


def adapt(obj: object, name: str) -> Subject:
    """Make a `Subject` of a class, or of an instance, in the article's convention."""
    probe = probe_layer(obj, name)
    inputs = [TensorSpec(probe.attributes.input, probe.axes)]
    parameters = [
        TensorSpec(
            key, symbols_of(shape, probe.sizes, fixed=not probe.factory.is_class), Role.PARAMETER
        )
        for key, shape in probe.parameters.items()
    ]
    domain = Domain((*inputs, *parameters))

    def open_session(values: Values) -> LayerSession:
        return LayerSession(probe.factory.make(sizes_of(domain, values)), probe.attributes)

    return Subject(name, open_session, domain, convention=NAME, layout=probe.layout)


@dataclass(frozen=True)
class Probe:
    """What one forward of one layer shows about all layers of its class."""

    factory: LayerFactory
    attributes: AttributeMap
    layout: Layout
    axes: tuple[int | str, ...]
    sizes: dict[str, int]
    parameters: dict[str, tuple[int, ...]]


def probe_layer(obj: object, name: str) -> Probe:
    """Try the readings of the input's axes until one fits the layer's own parameters."""
    refused: GradlabError | None = None
    for factory, layout, sizes in _readings(obj, name):
        axes = _FREE_AXES[layout]
        try:
            layer = factory.make(sizes)
            x = np.random.default_rng(0).standard_normal([sizes[axis] for axis in axes])
            attributes = map_attributes(layer, name, x)
        except GradlabError as error:
            refused = refused or error
            continue
        shapes = {key: value.shape for key, value in attributes.parameters(layer).items()}
        if _fits(shapes, sizes, factory):
            fixed = tuple(sizes[a] if a != "m" and not factory.is_class else a for a in axes)
            return Probe(factory, attributes, layout, fixed, sizes, shapes)
    if refused is not None:
        raise refused
    msg = f"{name}: the shapes of its parameters fit none of {', '.join(_FREE_AXES)}"
    raise GradlabError(msg)


def _readings(obj: object, name: str) -> Iterator[tuple[LayerFactory, Layout, dict[str, int]]]:
    for layout, axes in _FREE_AXES.items():
        factory = LayerFactory(obj, name, axes)
        if factory.is_class:
            yield factory, layout, dict(PROBE_SIZES)
        else:
            known = factory.instance_sizes()
            for n_in in known:
                m = next(m for m in count(n_in + 2) if m not in known)
                yield factory, layout, {**PROBE_SIZES, "n_in": n_in, "m": m}
            # Last, room for so many examples that the instance was made with.
            for n_in, m in permutations(known, 2):
                yield factory, layout, {**PROBE_SIZES, "n_in": n_in, "m": m}
    if isinstance(obj, type) and not parameters_of(obj):
        # Its sizes may be its own, as a network's are: then they are read from an instance.
        yield from _readings(call(f"{name}()", obj), name)


def _fits(shapes: dict[str, tuple[int, ...]], sizes: dict[str, int], factory: LayerFactory) -> bool:
    """Whether the features, and not the examples, reached the parameters' shapes."""
    if not shapes:
        return True
    used = {size for shape in shapes.values() for size in shape}
    known = set(sizes.values()) | {1}
    return sizes["m"] not in used and (used <= known or not factory.is_class)


def symbols_of(
    shape: tuple[int, ...], sizes: dict[str, int], *, fixed: bool
) -> tuple[int | str, ...]:
    """Write a parameter's shape in symbols; an instance's sizes stay what they are."""
    if fixed:
        return shape
    names = {size: symbol for symbol, size in sizes.items()}
    return tuple(names.get(size, size) for size in shape)


def sizes_of(domain: Domain, values: Values) -> dict[str, int]:
    """Read the symbolic sizes back off the values."""
    return {**PROBE_SIZES, **domain.sizes_at(values)}
