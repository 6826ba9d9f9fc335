"""Which adapter an object goes to: that of its convention where it has one, else a reading."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters import article, costs
from gradlab.adapters.find_reading import find_reading
from gradlab.adapters.layer_calls import quiet_streams
from gradlab.adapters.network_pairs import network_targets
from gradlab.adapters.parameters import moving, numbers_of
from gradlab.adapters.reading_subject import subject_of
from gradlab.adapters.reference_twin import infer_reference
from gradlab.adapters.target import targets_of
from gradlab.adapters.templates import PROBE_SIZES
from gradlab.errors import CodeUnderTestError, GradlabError, NoResultError, NotImplementedYetError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradlab.adapters.attempt import Attempt
    from gradlab.adapters.target import Target
    from gradlab.subject import Subject

_MOST_SIZES = 16
#: The article's costs: labels and predictions are columns, the cost is a mean.
_ARTICLE_COST = re.compile(r"compute_(\w+_)?cost")


def adapt_layer(obj: object, name: str) -> Subject:
    """Make a `Subject` of a class or an instance.

    Raises
    ------
    GradlabError
        If it runs under no reading.
    """
    try:
        in_convention = article.adapt(obj, name)
        if _keeps_to_article(obj, name):
            return in_convention
    except GradlabError as error:
        return _read(obj, name, refused=error)
    return _read(obj, name)


def adapt_pair(
    pair: tuple[Any, ...],
    name: str,
    convention: str | None = None,
) -> Subject:
    """Make a `Subject` of a forward and a backward that are functions."""
    return _read(pair, name, convention=convention)


def adapt_function(function: Callable[..., Any], name: str) -> Subject:
    """Make a `Subject` of a function that returns value and gradient, or takes a flag."""
    refused: GradlabError | None = None
    in_convention: Subject | None = None
    try:
        in_convention = costs.adapt(function, None, name)
        if infer_reference(name) is not None or _ARTICLE_COST.fullmatch(name):
            return in_convention
    except GradlabError as error:
        refused = error
    return _read(function, name, refused=refused, fallback=in_convention)


def _read(
    obj: Any,
    name: str,
    refused: GradlabError | None = None,
    fallback: Subject | None = None,
    convention: str | None = None,
) -> Subject:
    """Find a reading; where none is confirmed, return `fallback` or raise what stood in the way."""
    errors: list[GradlabError] = [] if refused is None else [refused]
    with quiet_streams():
        for target in _targets(obj, name):
            try:
                return subject_of(_attempt(target), name, convention)
            except GradlabError as error:
                errors.append(error)
    if fallback is not None:
        return fallback
    raise _telling(errors, name)


def _targets(obj: Any, name: str) -> Iterator[Target]:
    if isinstance(obj, tuple):
        forward, backward = obj
        yield from network_targets(forward, backward, name)
    yield from targets_of(obj, name)


def _telling(errors: list[GradlabError], name: str) -> GradlabError:
    """Return the error that helps most: half-written code first, then the last that was met."""
    for kind in (NotImplementedYetError, NoResultError):
        for error in errors:
            if isinstance(error, kind):
                return error
    if errors:
        return errors[-1]
    return CodeUnderTestError(f"{name} has no forward and backward")


def _attempt(target: Target) -> Attempt:
    """Find a reading at the sizes of a probe, or at those that an instance has."""
    if target.obj is None or target.is_class:
        try:
            return find_reading(target)
        except GradlabError as error:
            refused = error
    else:
        refused = GradlabError(f"{target.name} could not be called")
    failing: Attempt | None = None
    for sizes in _own_sizes(target):
        try:
            attempt = find_reading(target, sizes)
        except GradlabError as error:
            refused = error
            continue
        if attempt.passes or attempt.agreeing:
            return attempt
        failing = failing or attempt
    if failing is not None:
        return failing
    raise refused


def _own_sizes(target: Target) -> Iterator[dict[str, int]]:
    """Yield sizes that an instance's own arrays suggest, likeliest first."""
    instance = target.obj
    if target.is_class:
        try:
            instance = target.obj()
        except Exception:  # noqa: BLE001 - code under test may raise whatever it likes
            return
    arrays = [n.value for n in numbers_of(instance) if isinstance(n.value, np.ndarray)]
    lengths = [size for array in arrays if array.ndim >= 2 for size in array.shape]
    lengths += [size for array in arrays if array.ndim == 1 for size in array.shape]
    known = [n for n in dict.fromkeys(lengths) if 1 < n <= 512][:_MOST_SIZES]
    m = next(n for n in range(3, 1000) if n not in known)
    if target.is_class and not known:
        return
    hidden = [n for n in known if len(known) > 1] or [PROBE_SIZES["n_hidden"]]
    pairs = [(size, other) for size in known for other in hidden if size != other or not known[1:]]
    for size, other in pairs[:_MOST_SIZES]:
        yield {**PROBE_SIZES, "n_in": size, "c": size, "n_hidden": other, "m": m}
    yield {**PROBE_SIZES, "m": m}


def _keeps_to_article(obj: object, name: str) -> bool:
    """Whether a layer leaves its output in an attribute, and has no parameter of another name."""
    probe = article.probe_layer(obj, name)
    if not probe.attributes.output:
        return False
    layer, rng = probe.factory.make(probe.sizes), np.random.default_rng(0)
    x = rng.standard_normal([n if isinstance(n, int) else probe.sizes[n] for n in probe.axes])
    known = {id(value) for value in probe.attributes.parameters(layer).values()}
    others = [n for n in numbers_of(layer) if id(n.value) not in known and n.is_array]
    return not moving(layer, others, lambda: (probe.attributes.run(layer, x.copy()),), rng)
