"""Layers and costs of the reference, each with what it is to be run on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

from gradlab import reference, reference_table
from gradlab.errors import GradlabError
from gradlab.strategies._arrays import cotangents, laid_out
from gradlab.strategies._printing import Pasteable
from gradlab.strategies._values import values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from gradlab.domain import Where

    Array = NDArray[Any]
    Shape = tuple[int, ...]


#: The layers of `gradlab.reference`, by the names of their classes.
LAYERS = {row.cls.__name__: row for row in reference_table.LAYERS.values()}
#: The costs of `gradlab.reference`, by the names of their functions; the simplest comes first.
COSTS = {row.function.__name__: row for row in reference_table.COSTS.values()}

#: Slopes of a leaky ReLU; the last one is the constructor's own.
SLOPES = (0.5, 0.0, 0.25, 0.01)


@dataclass(frozen=True, eq=False, repr=False)
class LayerSpec(Pasteable):
    """A layer of `gradlab.reference`, to be built as often as needed.

    Attributes
    ----------
    kind
        The name of the class.
    shape
        The shape of the input, the constructor's first argument.
    arguments
        The constructor's other arguments: ``n_out``, ``ini_type``, ``slope``.
    params
        Parameters that replace the initial ones.
    seed
        What a linear layer's initial parameters are drawn with.
    """

    kind: str
    shape: Shape
    arguments: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Array] = field(default_factory=dict)
    seed: int = 0

    def build(self) -> reference.Layer:
        """Make a new layer; what happens to it does not reach this specification.

        Raises
        ------
        GradlabError
            If no layer is called `kind`.

        Examples
        --------
        >>> params = {"W": np.array([[2.0]]), "b": np.array([[0.0]])}
        >>> layer = LayerSpec("LinearLayer", (1, 2), {"n_out": 1}, params).build()
        >>> layer.forward(np.array([[1.0, -1.0]]))
        >>> layer.value
        array([[ 2., -2.]])
        """
        if self.kind not in LAYERS:
            msg = f"no layer is called {self.kind!r}; the layers are: {', '.join(LAYERS)}"
            raise GradlabError(msg)
        arguments = dict(self.arguments)
        if LAYERS[self.kind].parameters:  # or it would draw from NumPy's global stream
            arguments["rng"] = np.random.default_rng(self.seed)
        layer: reference.Layer = getattr(reference, self.kind)(self.shape, **arguments)
        if self.params:
            layer.params = {name: value.copy() for name, value in self.params.items()}
        return layer

    @property
    def output_shape(self) -> Shape:
        """The shape of ``value`` after a forward on an input of `shape`."""
        if self.kind == "LinearLayer":
            return (self.arguments["n_out"], self.shape[1])
        if self.kind == "FlattenLayer":
            m, height, width = self.shape
            return (height * width, m)
        return self.shape


@dataclass(frozen=True, eq=False, repr=False)
class LayerCase(Pasteable):
    """A layer, an input of its shape and an upstream gradient of its output's shape."""

    layer: LayerSpec
    X: Array
    upstream: Array

    def run(self) -> reference.Layer:
        """Return a new layer after `forward` and `backward`.

        Examples
        --------
        >>> case = LayerCase(LayerSpec("SinLayer", (1, 1)), np.zeros((1, 1)), np.full((1, 1), 0.5))
        >>> case.run().input_gradient
        array([[0.5]])
        """
        layer = self.layer.build()
        layer.forward(self.X)
        layer.backward(self.upstream)
        return layer


@dataclass(frozen=True, eq=False, repr=False)
class CostCase(Pasteable):
    """A cost of `gradlab.reference` by its name, with labels and predictions."""

    kind: str
    Y: Array
    prediction: Array

    def evaluate(self) -> tuple[Any, Array]:
        """Return the cost and its gradient with respect to the prediction.

        Examples
        --------
        >>> cost, gradient = CostCase("compute_cost", np.ones((1, 1)), np.zeros((1, 1))).evaluate()
        >>> float(cost), gradient
        (0.5, array([[-1.]]))
        """
        evaluated: tuple[Any, Array] = getattr(reference, self.kind)(self.Y, self.prediction)
        return evaluated


@st.composite
def layers(
    draw: st.DrawFn,
    *,
    kinds: Iterable[str] = tuple(LAYERS),
    where: Where | None = None,
    memory: bool = False,
) -> LayerCase:
    """Draw layers of `gradlab.reference`, each with an input and an upstream gradient.

    Parameters
    ----------
    kinds
        Names of layers.
    where
        Where in its domain the input (and the parameters) fall, as in `values`.
    memory
        Whether the input and the upstream gradient may also be in Fortran
        order, not contiguous or read-only.

    Shrinks to the first of `kinds` that fails, of width 1 on one example.

    Raises
    ------
    GradlabError
        If no layer is called that.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(layers(kinds=["TanhLayer"]), lambda case: True).X
    array([[0.]])
    """
    kind = draw(st.sampled_from(_known(kinds, LAYERS, "layer")))
    arguments: dict[str, Any] = {}
    if kind == "LeakyReLULayer":
        arguments["slope"] = draw(st.sampled_from(SLOPES))
    row = LAYERS[kind]
    drawn = draw(values(row.domain, where=where))
    arguments |= row.arguments(drawn)
    X = drawn.pop(row.input)
    spec = LayerSpec(kind, X.shape, arguments, drawn)
    upstream = draw(cotangents(spec.output_shape))
    if memory:
        X, upstream = draw(laid_out(st.just(X))), draw(laid_out(st.just(upstream)))
    return LayerCase(spec, X, upstream)


@st.composite
def costs(
    draw: st.DrawFn, *, kinds: Iterable[str] = tuple(COSTS), where: Where | None = None
) -> CostCase:
    """Draw costs of `gradlab.reference`, each with labels and predictions.

    Shrinks to the first of `kinds` that fails, on one output and one example.

    Raises
    ------
    GradlabError
        If no cost is called that.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(costs(), lambda case: case.kind == "compute_cost")
    strategies.CostCase(kind='compute_cost', Y=np.array([[0.0]]), prediction=np.array([[0.0]]))
    """
    kind = draw(st.sampled_from(_known(kinds, COSTS, "cost")))
    row = COSTS[kind]
    drawn = draw(values(row.domain, where=where))
    return CostCase(kind, drawn[row.labels.name], drawn[row.predictions.name])


def _known(kinds: Iterable[str], known: Mapping[str, Any], what: str) -> list[str]:
    requested = list(kinds)
    for kind in requested:
        if kind not in known:
            msg = f"no {what} is called {kind!r}; the {what}s are: {', '.join(known)}"
            raise GradlabError(msg)
    if not requested:
        msg = f"there is nothing to draw from: give kinds= at least one {what}"
        raise GradlabError(msg)
    return requested
