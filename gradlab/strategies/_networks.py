"""Whole networks: depth, widths, activations, cost and initializer all drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from gradlab import reference
from gradlab.domain import Domain, Where
from gradlab.errors import GradlabError
from gradlab.strategies._arrays import arrays
from gradlab.strategies._layers import COSTS, LAYERS, SLOPES, LayerSpec
from gradlab.strategies._printing import Pasteable
from gradlab.strategies._values import parameters, values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]
    Shape = tuple[int, ...]

#: What may stand between two linear layers; the first, from which nothing hides, ends shrinking.
ACTIVATIONS = tuple(
    kind for kind in reversed(LAYERS) if kind not in ("LinearLayer", "FlattenLayer")
)

#: Where the weights come from: drawn by Hypothesis, or by an initializer with a seed.
INITIALIZERS = ("drawn", "plain", "xavier", "he")

#: How near to 0 and 1 the predictions of a network come whose cost takes their logarithm.
_EDGE = 1e-6

#: Drawn weights may be symmetric or dead; extreme ones would saturate everything behind them.
_WEIGHTS = (Where.GENERIC, Where.GENERIC, Where.TIES, Where.ZEROS)

#: Costs that take probabilities or logits, and the layers that must precede them.
_LAST: dict[str, tuple[str, ...]] = {
    "binary_cross_entropy": ("SigmoidLayer",),
    "binary_cross_entropy_from_logits": (),
    "softmax_cross_entropy": (),
}


@dataclass(frozen=True, eq=False, repr=False)
class NetworkCase(Pasteable):
    """A network of `gradlab.reference` with inputs and labels, to be built as often as needed.

    Attributes
    ----------
    layers
        From the input to the output.
    cost
        The name of the cost in `gradlab.reference`.
    X, Y
        (n_in, m), or (m, height, width) before a `FlattenLayer`; and (n_out, m).
    l2
        λ of the penalty on the weights.
    """

    layers: tuple[LayerSpec, ...]
    cost: str
    X: Array
    Y: Array
    l2: float = 0.0

    def build(self) -> reference.Network:
        """Make a new network; what happens to it does not reach this case.

        Examples
        --------
        >>> layer = LayerSpec("IdentityLayer", (1, 1))
        >>> case = NetworkCase((layer,), "compute_cost", np.zeros((1, 1)), np.ones((1, 1)))
        >>> case.build().forward(case.X)
        array([[0.]])
        """
        cost = getattr(reference, self.cost)
        return reference.Network([spec.build() for spec in self.layers], cost, self.l2)


@st.composite
def networks(
    draw: st.DrawFn,
    *,
    max_depth: int = 3,
    max_width: int = 4,
    max_examples: int = 4,
    images: bool = True,
) -> NetworkCase:
    """Draw networks with a cost that fits their last layer, inputs and labels.

    Parameters
    ----------
    max_depth
        The largest number of linear layers; an activation follows each but logits.
    max_width
        The largest number of features, of neurons and of outputs.
    max_examples
        The largest number of examples.
    images
        Whether the input may be images, with a `FlattenLayer` first.

    Shrinks to one linear layer of width 1 on one example, with weights such as
    0 and 1 drawn by Hypothesis: weights from an initializer come second.

    Raises
    ------
    GradlabError
        If a maximum leaves no room.

    Examples
    --------
    >>> from hypothesis import find
    >>> case = find(networks(), lambda case: case.cost == "binary_cross_entropy")
    >>> [layer.kind for layer in case.layers], case.X, case.Y
    (['LinearLayer', 'SigmoidLayer'], array([[0.]]), array([[0.]]))
    """
    if max_depth < 1 or max_examples < 1 or max_width < 2:
        msg = (
            "a network has max_depth and max_examples from 1 on and max_width from 2 on (classes), "
            f"got max_depth={max_depth}, max_width={max_width}, max_examples={max_examples}"
        )
        raise GradlabError(msg)
    # Everything that decides is drawn before the first entry of an array, as in `values`.
    cost = draw(st.sampled_from(("compute_cost", *_LAST)))
    layers = _layers(draw, cost, (max_depth, max_width, max_examples), images=images)
    weights = draw(st.sampled_from(_WEIGHTS))
    labels = draw(st.sampled_from((Where.GENERIC, Where.GENERIC, Where.GENERIC, Where.TIES)))
    l2 = draw(st.sampled_from((0.0, 0.5)))
    X = draw(arrays(layers[0].shape))
    drawn = tuple(_with_weights(draw, layer, weights) for layer in layers)
    n_out, m = layers[-1].output_shape
    spec = COSTS[cost].labels
    sizes = dict(zip(spec.symbols, (n_out, m), strict=True))
    Y = draw(values(Domain((spec,)), sizes=sizes, where=labels))[spec.name]
    case = NetworkCase(drawn, cost, X, Y, l2)
    if cost == "binary_cross_entropy":
        # at a probability of exactly 0 or 1 this cost and its gradient are infinite
        p = case.build().forward(X)
        assume(bool(np.all((p > _EDGE) & (p < 1 - _EDGE))))
    return case


def _layers(
    draw: st.DrawFn, cost: str, limits: tuple[int, int, int], *, images: bool
) -> list[LayerSpec]:
    """Which layers there are, in which shapes; linear ones with an initializer."""
    max_depth, max_width, max_examples = limits
    n_in, m = draw(st.integers(1, max_width)), draw(st.integers(1, max_examples))
    widths = [draw(st.integers(1, max_width)) for _ in range(draw(st.integers(1, max_depth)))]
    outputs, _ = COSTS[cost].labels.symbols
    widths[-1] = max(widths[-1], (COSTS[cost].domain.minimum or {}).get(outputs, 1))
    initializer = {"ini_type": draw(st.sampled_from(INITIALIZERS))}
    layers = []
    if images and draw(st.sampled_from((False, False, False, True))):
        height = draw(st.integers(1, 2))
        layers.append(LayerSpec("FlattenLayer", (m, height, n_in)))
        n_in *= height
    for n_out in widths:
        arguments = {"n_out": n_out, **initializer}
        layers.append(LayerSpec("LinearLayer", (n_in, m), arguments, seed=draw(st.integers(0, 99))))
        layers.append(_activation(draw, (n_out, m)))
        n_in = n_out
    if cost in _LAST:
        layers[-1:] = [LayerSpec(kind, (n_in, m)) for kind in _LAST[cost]]
    return layers


def _activation(draw: st.DrawFn, shape: Shape) -> LayerSpec:
    kind = draw(st.sampled_from(ACTIVATIONS))
    arguments = {"slope": draw(st.sampled_from(SLOPES))} if kind == "LeakyReLULayer" else {}
    return LayerSpec(kind, shape, arguments)


def _with_weights(draw: st.DrawFn, layer: LayerSpec, where: Where) -> LayerSpec:
    """Replace the initializer ``"drawn"``, which `gradlab.reference` does not know."""
    if layer.kind != "LinearLayer":
        return layer
    # Weights are drawn in any case: were they drawn only where they are used,
    # an initializer would take fewer choices, and shrinking would end there.
    n_out = layer.arguments["n_out"]
    drawn = draw(parameters(layer.shape[0], n_out, where=where))
    if layer.arguments["ini_type"] != "drawn":
        return layer
    return LayerSpec("LinearLayer", layer.shape, {"n_out": n_out}, drawn)
