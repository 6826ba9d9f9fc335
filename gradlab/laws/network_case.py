"""The case of a law about networks: drawn parameters and data, and a network as a subject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradlab.errors import CodeUnderTestError
from gradlab.laws.case import Case, copies
from gradlab.laws.routine_case import (
    RoutineCase,
    generic,
    shape_problem,
)
from gradlab.roundoff import (
    MARGINS,
    Neighbourhood,
    spread_between,
    unit_roundoff,
    worst_mismatch,
)
from gradlab.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gradlab.interfaces import NetworkInstance, NetworkInterface
    from gradlab.laws.routine_case import Array
    from gradlab.roundoff import Mismatch
    from gradlab.subject import Gradients, Outputs, Values

    NetworkCase = RoutineCase[NetworkInterface]
    Parameters = dict[str, Array]
    Computation = Callable[[Mapping[str, Array]], Mapping[str, Array]]

#: Examples in the data that laws draw.
EXAMPLES = 5

#: How the rounding of computations with networks of generic parameters is measured.
NETWORK_MARGIN = MARGINS["network"]


def point_of(case: NetworkCase, net: NetworkInstance) -> tuple[Parameters, Array, Array]:
    """Draw parameters, X and Y for a network."""
    rng = case.rng("network")
    shapes = {name: value.shape for name, value in net.parameters().items()}
    X, Y = case.interface.data(int(rng.integers(2**31)), EXAMPLES)
    return {name: generic(rng, size) for name, size in shapes.items()}, X, Y


def cost_at(net: NetworkInstance, parameters: Mapping[str, Array], X: Array, Y: Array) -> Array:
    """Return the cost at these parameters."""
    net.set_parameters(parameters)
    return net.cost_and_gradients(X, Y)[0]


def gradients_at(
    net: NetworkInstance, parameters: Mapping[str, Array], X: Array, Y: Array
) -> Parameters:
    """Return the gradients at these parameters, of their shapes."""
    net.set_parameters(parameters)
    gradients = net.cost_and_gradients(X, Y)[1]
    wrong = shape_problem(gradients, dict(parameters))
    if wrong:
        msg = f"among the gradients {wrong}"
        raise CodeUnderTestError(msg)
    return gradients


def penalty_at(parameters: Mapping[str, Array], factor: float, m: int) -> float:
    """Return λ/(2m)·Σ‖W‖² over the weights; a bias is left out."""
    weights = [value for name, value in parameters.items() if name.upper().startswith("W")]
    return factor / (2 * m) * squared_norm(weights)


def squared_norm(arrays: Iterable[Array]) -> float:
    """Return the sum of the squares of all entries."""
    return float(sum(np.sum(np.square(array)) for array in arrays))


@dataclass
class _Session:
    """A network as a session of a subject: its cost as a function of its parameters."""

    net: NetworkInstance
    names: tuple[str, ...]
    gradients: Parameters | None = None

    def forward(self, values: Values) -> Outputs:
        self.net.set_parameters({name: values[name] for name in self.names})
        cost, self.gradients = self.net.cost_and_gradients(values["X"], values["Y"])
        return (cost,)

    def backward(self, values: Values, cotangents: Outputs) -> Gradients:
        del cotangents  # of a cost: 1
        gradients = self.gradients or {}
        return {name: gradients.get(name) for name in values}


def case_of(case: NetworkCase) -> Case:
    """Return the case that laws about gradients check: the cost as a function of parameters."""
    net = case.interface.open()
    parameters, X, Y = point_of(case, net)
    names = tuple(parameters)
    subject = Subject(
        case.routine.name,
        lambda _values: _Session(case.interface.open(), names),
        wrt=names,
        upstream=False,
    )
    values = {**parameters, "X": X, "Y": Y}
    session = subject.open(values)
    outputs = session.forward(copies(values))
    claimed = session.backward(values, ())
    found = {name: np.array(g) for name, g in claimed.items() if g is not None}
    where = f"{EXAMPLES} examples"
    return Case(subject, values, (np.ones(()),), outputs, found, where, case.seed)


def mismatch_between(
    ours: Computation, theirs: Computation, values: Mapping[str, Array], rng: np.random.Generator
) -> Mismatch | None:
    """Return the entry at which two computations of networks differ most, or None.

    What may be rounding is measured: see `gradlab.roundoff.spread_between`.
    """
    got, expected = ours(values), theirs(values)
    near = Neighbourhood(values, NETWORK_MARGIN)
    spread = spread_between((ours, got), (theirs, expected), near, rng)
    bounds = {
        name: NETWORK_MARGIN.bound(
            changes, np.abs(got[name]) + np.abs(expected[name]), unit_roundoff(float)
        )
        for name, changes in spread.items()
    }
    return worst_mismatch(got, expected, bounds, equal_nan=False)
