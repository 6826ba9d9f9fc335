"""One row for each layer and cost of the reference: everything else is read from here.

The reference twin (`gradlab.adapters.reference_twin`), the targets of the mutants
(`gradlab.faults.targets`), the Hypothesis strategies (`gradlab.strategies`) and the
laws on symmetries (`gradlab.laws.symmetries`) know a layer or cost by its row alone.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gradlab import reference
from gradlab.domain import Content, Domain, Layout, Role, TensorSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Array = NDArray[Any]


class Property(enum.Enum):
    """What holds for the function f of a layer or cost, by its definition."""

    ELEMENTWISE = "each entry of f(z) depends on the same entry of z only"
    ODD = "f(−z) = −f(z)"
    EVEN = "f(−z) = f(z)"
    POINT_SYMMETRIC = "f(−z) = 1 − f(z)"
    HOMOGENEOUS = "f(c·z) = c·f(z) for c > 0"
    SHIFT_INVARIANT = "a constant added to all logits of an example changes nothing"
    NORMALISED = "the outputs of each example sum to 1"
    CONSTANT_JACOBIAN = "the Jacobian does not depend on z, so that nothing has to be cached"


@dataclass(frozen=True)
class LayerRow:
    """A layer class of `gradlab.reference`.

    Attributes
    ----------
    name
        As ``like=`` and the registry of mutants name it: ``"linear"``.
    cls
        The class; its constructor takes the shape of the input first.
    domain
        What it accepts, under the reference's names; the input is the first tensor.
    output
        The attribute that holds the result of the forward.
    inferred_from
        Names of code that mean this layer and no other, in lower case; empty where
        it is compared with user code only on request.
    properties
        What holds for its function.
    layout
        The order of the axes of its input.
    size_arguments
        The constructor's further arguments, named after sizes of the domain.
    """

    name: str
    cls: type[Any]
    domain: Domain
    output: str = "A"
    inferred_from: tuple[str, ...] = ()
    properties: frozenset[Property] = frozenset()
    layout: Layout = Layout.FEATURES_EXAMPLES
    size_arguments: tuple[str, ...] = ()

    @property
    def input(self) -> str:
        """The name of the input."""
        return self.domain.tensors[0].name

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the tunable parameters."""
        return tuple(t.name for t in self.domain if t.role is Role.PARAMETER)

    @property
    def gradients(self) -> tuple[str, ...]:
        """The attributes that hold the results of the backward."""
        return tuple(f"d{tensor.name}" for tensor in self.domain)

    def arguments(self, values: Mapping[str, Array]) -> dict[str, int]:
        """Return the constructor's arguments after the shape of the input.

        Examples
        --------
        >>> import numpy as np
        >>> values = {"A_prev": np.ones((2, 4)), "W": np.ones((3, 2)), "b": np.ones((3, 1))}
        >>> LAYERS["linear"].arguments(values), LAYERS["tanh"].arguments({"Z": np.ones((2, 4))})
        ({'n_out': 3}, {})
        """
        sizes = self.domain.sizes_at(values)
        return {name: sizes[name] for name in self.size_arguments}


@dataclass(frozen=True)
class CostRow:
    """A cost of `gradlab.reference`: a function of labels and predictions.

    Attributes
    ----------
    name
        As ``like=`` and the registry of mutants name it: ``"squared_error"``.
    function
        Returns the cost and its gradient with respect to the predictions.
    domain
        What it accepts, under the reference's names: the labels, then the predictions.
    inferred_from, properties
        As of a `LayerRow`.
    from_logits
        Whether the predictions are logits: any real numbers.
    """

    name: str
    function: Callable[..., Any]
    domain: Domain
    inferred_from: tuple[str, ...] = ()
    properties: frozenset[Property] = frozenset()
    from_logits: bool = False

    @property
    def labels(self) -> TensorSpec:
        """The labels."""
        return self.domain.tensors[0]

    @property
    def predictions(self) -> TensorSpec:
        """The predictions, with respect to which the gradient is taken."""
        return self.domain.tensors[1]

    @property
    def takes_batches(self) -> bool:
        """Whether it is a mean over examples; a loss of one example is not."""
        return bool(self.domain.batch)


def _activation(
    name: str,
    cls: type[Any],
    *properties: Property,
    rows: str = "n",
    kinks: tuple[float, ...] = (),
    inferred_from: tuple[str, ...] | None = None,
) -> LayerRow:
    domain = Domain((TensorSpec("Z", (rows, "m"), kinks=kinks),))
    names = (name,) if inferred_from is None else inferred_from
    return LayerRow(name, cls, domain, inferred_from=names, properties=frozenset(properties))


_LINEAR = LayerRow(
    "linear",
    reference.LinearLayer,
    Domain(
        (
            TensorSpec("A_prev", ("n_in", "m")),
            TensorSpec("W", ("n_out", "n_in"), Role.PARAMETER),
            TensorSpec("b", ("n_out", 1), Role.PARAMETER),
        )
    ),
    output="Z",
    inferred_from=("linear", "affine", "dense", "fc", "fully_connected", "fullyconnected"),
    size_arguments=("n_out",),
)
_FLATTEN = LayerRow(
    "flatten",
    reference.FlattenLayer,
    Domain((TensorSpec("A_prev", ("m", "height", "width")),)),
    inferred_from=("flatten",),
    properties=frozenset({Property.CONSTANT_JACOBIAN}),
    layout=Layout.EXAMPLES_HEIGHT_WIDTH,
)

#: The layers, by name.
LAYERS: Mapping[str, LayerRow] = {
    row.name: row
    for row in (
        _LINEAR,
        _activation(
            "sigmoid",
            reference.SigmoidLayer,
            Property.ELEMENTWISE,
            Property.POINT_SYMMETRIC,
            inferred_from=("sigmoid", "logistic"),
        ),
        _activation("tanh", reference.TanhLayer, Property.ELEMENTWISE, Property.ODD),
        _activation(
            "relu",
            reference.ReLULayer,
            Property.ELEMENTWISE,
            Property.HOMOGENEOUS,
            kinks=(0.0,),
        ),
        _activation(
            "leaky_relu",
            reference.LeakyReLULayer,
            Property.ELEMENTWISE,
            Property.HOMOGENEOUS,
            kinks=(0.0,),
            inferred_from=(),  # its slope is an implementation choice
        ),
        _activation(
            "softmax",
            reference.SoftmaxLayer,
            Property.SHIFT_INVARIANT,
            Property.NORMALISED,
            rows="classes",
        ),
        _activation("sin", reference.SinLayer, Property.ELEMENTWISE, Property.ODD),
        _activation("cos", reference.CosLayer, Property.ELEMENTWISE, Property.EVEN),
        _activation(
            "identity",
            reference.IdentityLayer,
            Property.ELEMENTWISE,
            Property.ODD,
            Property.HOMOGENEOUS,
            Property.CONSTANT_JACOBIAN,
        ),
        _FLATTEN,
    )
}

_BATCH = ("n", "m")
_BINARY_LABELS = TensorSpec("Y", _BATCH, Role.LABEL, Content.BINARY)

#: The costs, by name.  A cost's scaling is an implementation choice, so that it is compared
#: only on request, but where the name identifies the one that is meant.
COSTS: Mapping[str, CostRow] = {
    row.name: row
    for row in (
        CostRow(
            "squared_error",
            reference.compute_cost,
            Domain((TensorSpec("Y", _BATCH, Role.LABEL), TensorSpec("Y_hat", _BATCH))),
        ),
        CostRow(
            "squared_error_loss",
            reference.squared_error_loss,
            Domain(
                (TensorSpec("y", ("n", 1), Role.LABEL), TensorSpec("y_hat", ("n", 1))), batch=""
            ),
        ),
        CostRow(
            "binary_cross_entropy",
            reference.binary_cross_entropy,
            Domain((_BINARY_LABELS, TensorSpec("Y_hat", _BATCH, content=Content.PROBABILITY))),
        ),
        CostRow(
            "binary_cross_entropy_from_logits",
            reference.binary_cross_entropy_from_logits,
            Domain((_BINARY_LABELS, TensorSpec("Z", _BATCH))),
            from_logits=True,
        ),
        CostRow(
            "softmax_cross_entropy",
            reference.softmax_cross_entropy,
            Domain(
                (
                    TensorSpec("Y", ("classes", "m"), Role.LABEL, Content.ONE_HOT),
                    TensorSpec("Z", ("classes", "m")),
                ),
                # With one class the softmax and its cost are constant.
                minimum={"classes": 2},
            ),
            inferred_from=("softmax_loss",),
            properties=frozenset({Property.SHIFT_INVARIANT}),
            from_logits=True,
        ),
    )
}


def properties_of(name: str) -> frozenset[Property]:
    """Return what holds for the layer or cost of this name; nothing where there is none.

    Examples
    --------
    >>> Property.ODD in properties_of("tanh"), properties_of("custom")
    (True, frozenset())
    """
    row = LAYERS.get(name) or COSTS.get(name)
    return row.properties if row else frozenset()
