"""The reference layer that a subject is meant to be, spoken in the subject's own convention."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab import reference
from gradlab.adapters.recognition import NAMES as ROUTINES
from gradlab.domain import Content, Layout, Role, Sizes
from gradlab.errors import GradlabError
from gradlab.reference_table import COSTS, LAYERS, Property, properties_of
from gradlab.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gradlab.domain import Domain
    from gradlab.reference_table import LayerRow
    from gradlab.subject import Gradients, Outputs, Values

    Array = NDArray[Any]

# A loss of one example has no batch, and so no convention of its own.
_COSTS = {name: row for name, row in COSTS.items() if row.takes_batches}
#: What `like` may name.
NAMES = (*LAYERS, *_COSTS)

_INFERRED = {
    **{alias: name for name, row in LAYERS.items() for alias in row.inferred_from},
    **{alias: name for name, row in _COSTS.items() for alias in row.inferred_from},
}
_DECORATION = re.compile(r"(_?layer|_?forward|_?(article|coursera|cs231n))$|[\d_]+$")

#: Rectifiers that end at 6: their digit is no number of a copy.
_CLIPPED = re.compile(r"relu_?6")


def attach(subject: Subject, like: str | None) -> Subject:
    """Give a subject its twin: the reference layer named by `like`, or by the subject's own name.

    Raises
    ------
    GradlabError
        When `like` is no reference layer, or one with other tensors.
    """
    if like is not None and like not in NAMES:
        known = ", ".join((*NAMES, *ROUTINES))
        msg = f"like={like!r} is no reference layer; known are {known}"
        raise GradlabError(msg)
    chosen = like or infer_reference(subject.name)
    if chosen is None:
        return subject
    try:
        twin = _cost_twin(subject, chosen) if chosen in _COSTS else _layer_twin(subject, chosen)
        _try(twin, chosen)
    except GradlabError as error:
        if like is not None:
            raise
        return replace(subject, notes=(*subject.notes, f"{error}; not compared"))
    domain = subject.domain
    if chosen in _COSTS and _COSTS[chosen].from_logits:
        domain = _of_logits(domain)
    if chosen in LAYERS:
        domain = _with_kinks(domain, LAYERS[chosen].domain.tensors[0].kinks)
    return replace(subject, domain=domain, twin=replace(twin, domain=domain))


def _try(twin: Subject, like: str) -> None:
    """Raise an error if the reference does not take what the subject takes."""
    values = _drawn(twin.domain)
    try:
        outputs = twin.forward(values)
        twin.vjp(values, outputs)
    except ValueError as error:  # the reference refuses ranks and shapes
        msg = f"the reference's {like} does not take tensors like these: {error}"
        raise GradlabError(msg) from error
    except Exception:  # noqa: BLE001 - a bug of gradlab's: the laws that use the twin report it
        return


def _drawn(domain: Domain) -> Values:
    rng = np.random.default_rng(0)
    return domain.sample(domain.sizes(Sizes.DISTINCT, rng), rng)


def _with_kinks(domain: Domain, kinks: tuple[float, ...]) -> Domain:
    """Return a domain whose inputs have these kinks, which no probe of the code shows."""
    tensors = tuple(
        replace(tensor, kinks=kinks) if kinks and tensor.role is Role.INPUT else tensor
        for tensor in domain
    )
    return replace(domain, tensors=tensors)


def _of_logits(domain: Domain) -> Domain:
    """Return a cost's domain with logits for predictions: any numbers, extremes among them.

    The predictions of an unknown cost are probabilities, for which every cost is defined.
    """
    tensors = tuple(
        replace(tensor, content=Content.REAL) if tensor.differentiable else tensor
        for tensor in domain
    )
    return replace(domain, tensors=tensors)


def infer_reference(name: str) -> str | None:
    """Return the reference layer that a name leaves no doubt about, or None.

    Examples
    --------
    >>> [infer_reference(name) for name in ("LinearLayer", "sigmoid_forward", "Custom")]
    ['linear', 'sigmoid', None]
    """
    plain = name.lower()
    if _CLIPPED.search(plain):
        return None
    while (shorter := _DECORATION.sub("", plain)) != plain:
        plain = shorter
    return _INFERRED.get(plain)


@dataclass(frozen=True)
class _Roles:
    """Which of the subject's tensors is which of the reference's, and which are transposed."""

    input: str
    parameters: dict[str, str]
    rows: bool
    transposed_weight: bool = False


def _roles(subject: Subject, like: str, wanted: tuple[str, ...]) -> _Roles:
    inputs = [t.name for t in subject.domain if t.role is Role.INPUT]
    given = [t.name for t in subject.domain if t.role is Role.PARAMETER]
    found = {key: [n for n in given if n.lower().startswith(key.lower())] for key in wanted}
    one_each = all(len(names) == 1 for names in found.values()) and len(given) == len(wanted)
    if len(inputs) != 1 or not one_each:
        has = ", ".join([*inputs, *given]) or "none"
        required = " and ".join(["one input", *wanted])
        msg = f"{subject.name} has the tensors {has}, the reference's {like} has {required}"
        raise GradlabError(msg)
    if like == "flatten" and subject.convention != "article":
        msg = f"{subject.name}: in which order its features stand is its own choice"
        raise GradlabError(msg)
    first = _examples_first(subject, inputs[0])
    if first is None and not _is_elementwise(like):
        msg = f"{subject.name}: which axis holds the examples is not known"
        raise GradlabError(msg)
    names = {key: named[0] for key, named in found.items()}
    rows = bool(first) and not LAYERS[like].layout.examples_first
    roles = _Roles(inputs[0], names, rows)
    if "W" not in names:
        return roles
    other = replace(roles, transposed_weight=True)
    return other if _is_in_out(subject, like, roles, other) else roles


def _examples_first(subject: Subject, name: str) -> bool | None:
    """Whether the first axis of the input holds the examples; None if that is not known."""
    if subject.layout is not Layout.UNKNOWN:
        return subject.layout.examples_first
    shape, batch = subject.domain[name].shape, subject.domain.batch
    return shape[0] == batch if shape.count(batch) == 1 and len(shape) == 2 else None


def _is_elementwise(like: str) -> bool:
    return Property.ELEMENTWISE in properties_of(like)


def _is_in_out(subject: Subject, like: str, roles: _Roles, other: _Roles) -> bool:
    """Whether the first axis of W is that of the input's features, and not the last.

    Where both have its size, as of an instance with a square W, the output decides.
    """
    features = [size for size in subject.domain[roles.input].shape if size != subject.domain.batch]
    shape = subject.domain[roles.parameters["W"]].shape
    if len(shape) != 2 or (shape[0] in features) != (shape[1] in features):
        return len(shape) == 2 and shape[0] in features
    values = _drawn(subject.domain)
    (output,) = _LayerSession(LAYERS[like], other).forward(values)
    own = subject.forward({name: value.copy() for name, value in values.items()})[0]
    return own.shape == output.shape and bool(np.allclose(own, output))


def _layer_twin(subject: Subject, like: str) -> Subject:
    row = LAYERS[like]
    roles = _roles(subject, like, row.parameters)
    return Subject(f"reference {like}", lambda _values: _LayerSession(row, roles), subject.domain)


class _LayerSession:
    """A reference layer; arrays with examples in rows are turned on the way in and out."""

    def __init__(self, row: LayerRow, roles: _Roles) -> None:
        self._row = row
        self._roles = roles
        self._layer: Any = None

    def forward(self, values: Values) -> Outputs:
        roles = self._roles
        x = self._turn(values[roles.input])
        if roles.parameters:
            W = self._turn_weight(values[roles.parameters["W"]])
            b = np.reshape(values[roles.parameters["b"]], (-1, 1))
            arguments = self._row.arguments({self._row.input: x, "W": W, "b": b})
            self._layer = self._row.cls(x.shape, **arguments)
            self._layer.params = {"W": W, "b": b}
        else:
            self._layer = self._row.cls(x.shape)
        self._layer.forward(x)
        return (self._turn(self._layer.value),)

    def backward(self, values: Values, cotangents: Outputs) -> Gradients:
        roles, layer = self._roles, self._layer
        layer.backward(self._turn(cotangents[0]))
        found: dict[str, Array | None] = dict.fromkeys(values)
        found[roles.input] = self._turn(layer.input_gradient)
        for key, name in roles.parameters.items():
            gradient = layer.gradients[key]
            turned = self._turn_weight(gradient) if key == "W" else gradient
            found[name] = np.reshape(turned, values[name].shape)
        return found

    def _turn(self, array: Array) -> Array:
        return array.T if self._roles.rows else array

    def _turn_weight(self, array: Array) -> Array:
        return array.T if self._roles.transposed_weight else array


def _cost_twin(subject: Subject, like: str) -> Subject:
    predictions = [t.name for t in subject.domain if t.differentiable]
    labels = [t for t in subject.domain if t.role in (Role.LABEL, Role.INDEX)]
    if len(predictions) != 1 or len(labels) != 1 or subject.upstream:
        msg = f"{subject.name} is no cost of predictions and labels, the reference's {like} is"
        raise GradlabError(msg)
    rows = subject.layout.examples_first

    def open_session(_values: Values) -> _CostSession:
        return _CostSession(_COSTS[like].function, predictions[0], labels[0].name, rows)

    return Subject(f"reference {like}", open_session, subject.domain, upstream=False)


class _CostSession:
    """A reference cost; classes given as integers become one-hot columns."""

    def __init__(self, cost: Callable[..., Any], predictions: str, labels: str, rows: bool) -> None:
        self._cost = cost
        self._predictions, self._labels, self._rows = predictions, labels, rows
        self._gradient: Array | None = None

    def forward(self, values: Values) -> Outputs:
        scores, labels = values[self._predictions], values[self._labels]
        if self._rows:
            scores = scores.T
            is_index = labels.ndim == 1
            labels = reference.one_hot(labels, scores.shape[0]) if is_index else labels.T
        cost, gradient = self._cost(labels, scores)
        self._gradient = gradient.T if self._rows else gradient
        return (np.asarray(cost),)

    def backward(self, values: Values, cotangents: Outputs) -> Gradients:
        del cotangents  # a cost takes no upstream gradient
        found: dict[str, Array | None] = dict.fromkeys(values)
        found[self._predictions] = self._gradient
        return found
