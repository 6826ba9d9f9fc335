"""Convention `article`: classes that keep their results in attributes.

``forward`` sets ``.Z`` or ``.A`` and ``backward`` sets ``.dW``, ``.db`` and
``.dA_prev`` or ``.dZ``; both return None.  Gradients are replaced at each call,
1/m sits in the cost's gradient, and columns are examples.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradlab.adapters.attributes import LayerSession, Places, find_places
from gradlab.adapters.construct import PROBE_SIZES, Maker
from gradlab.domain import Domain, Role, TensorSpec
from gradlab.records import GradlabError
from gradlab.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradlab.subject import Values

NAME = "article"

_COLUMNS, _ROWS = "(features, examples)", "(examples, features)"
_IMAGES = "(examples, height, width)"
_FREE_AXES = {_COLUMNS: ("n_in", "m"), _ROWS: ("m", "n_in"), _IMAGES: ("m", "h", "w")}


def adapt(obj: object, name: str) -> Subject:
    """Make a `Subject` of a class, or of an instance, in the article's convention."""
    found = probe(obj, name)
    inputs = [TensorSpec(found.places.input, found.axes)]
    parameters = [
        TensorSpec(
            key, _symbols(shape, found.sizes, fixed=not found.maker.is_class), Role.PARAMETER
        )
        for key, shape in found.parameters.items()
    ]
    domain = Domain((*inputs, *parameters))

    def open_session(values: Values) -> LayerSession:
        return LayerSession(found.maker.make(_sizes(domain, values)), found.places)

    return Subject(name, open_session, domain, convention=NAME, layout=found.layout)


@dataclass(frozen=True)
class Probe:
    """What one forward of one layer told about the rest of its kind."""

    maker: Maker
    places: Places
    layout: str
    axes: tuple[int | str, ...]
    sizes: dict[str, int]
    parameters: dict[str, tuple[int, ...]]


def probe(obj: object, name: str) -> Probe:
    """Try the readings of the input's axes until one fits the layer's own parameters."""
    refused: GradlabError | None = None
    for maker, layout, sizes in _readings(obj, name):
        axes = _FREE_AXES[layout]
        try:
            layer = maker.make(sizes)
            x = np.random.default_rng(0).standard_normal([sizes[axis] for axis in axes])
            places = find_places(layer, name, x)
        except GradlabError as error:
            refused = refused or error
            continue
        shapes = {key: value.shape for key, value in places.parameters(layer).items()}
        if _fits(shapes, sizes, maker):
            fixed = tuple(sizes[a] if a != "m" and not maker.is_class else a for a in axes)
            return Probe(maker, places, layout, fixed, sizes, shapes)
    if refused is not None:
        raise refused
    msg = f"{name}: the shapes of its parameters fit none of {', '.join(_FREE_AXES)}"
    raise GradlabError(msg)


def _readings(obj: object, name: str) -> Iterator[tuple[Maker, str, dict[str, int]]]:
    for layout, axes in _FREE_AXES.items():
        maker = Maker(obj, name, axes)
        if maker.is_class:
            yield maker, layout, dict(PROBE_SIZES)
        else:
            for n_in in maker.instance_sizes():
                yield maker, layout, {**PROBE_SIZES, "n_in": n_in, "m": n_in + 2}


def _fits(shapes: dict[str, tuple[int, ...]], sizes: dict[str, int], maker: Maker) -> bool:
    """Whether the features, and not the examples, reached the parameters' shapes."""
    if not shapes:
        return True
    used = {size for shape in shapes.values() for size in shape}
    known = set(sizes.values()) | {1}
    return sizes["m"] not in used and (used <= known or not maker.is_class)


def _symbols(
    shape: tuple[int, ...], sizes: dict[str, int], *, fixed: bool
) -> tuple[int | str, ...]:
    """Write a parameter's shape in symbols; an instance's sizes stay what they are."""
    if fixed:
        return shape
    names = {size: symbol for symbol, size in sizes.items()}
    return tuple(names.get(size, size) for size in shape)


def _sizes(domain: Domain, values: Values) -> dict[str, int]:
    """Read the symbolic sizes back off the values."""
    sizes = dict(PROBE_SIZES)
    for tensor in domain:
        pairs = zip(tensor.shape, values[tensor.name].shape, strict=True)
        sizes |= {symbol: size for symbol, size in pairs if isinstance(symbol, str)}
    return sizes
