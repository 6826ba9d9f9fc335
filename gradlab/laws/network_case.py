"""Where laws of networks are asked: drawn parameters and data, and a network as a subject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradlab.errors import CodeUnderTestError
from gradlab.laws.case import Case
from gradlab.laws.routine_case import (
    UNIT,
    RoutineCase,
    copies,
    generic,
    shape_apart,
    widest_gap,
)
from gradlab.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gradlab.interfaces import Network, NetworkInterface
    from gradlab.laws.routine_case import Array, Gap
    from gradlab.subject import Gradients, Outputs, Values

    NetworkCase = RoutineCase[NetworkInterface]
    Parameters = dict[str, Array]
    Computation = Callable[[dict[str, Array]], Mapping[str, Array]]

#: Examples in the data that laws draw.
EXAMPLES = 5

# Four draws see most of what moves by the last place moves; 8 leaves room for the rest.
_DRAWS, _MARGIN = 4, 8


def point_of(case: NetworkCase, net: Network) -> tuple[Parameters, Array, Array]:
    """Draw parameters, X and Y for a network."""
    rng = case.rng("network")
    shapes = {name: value.shape for name, value in net.parameters().items()}
    X, Y = case.interface.data(rng, EXAMPLES)
    return {name: generic(rng, size) for name, size in shapes.items()}, X, Y


def cost_at(net: Network, parameters: Mapping[str, Array], X: Array, Y: Array) -> Array:
    """Return the cost at these parameters."""
    net.set_parameters(parameters)
    return net.cost_and_gradients(X, Y)[0]


def slopes_at(net: Network, parameters: Mapping[str, Array], X: Array, Y: Array) -> Parameters:
    """Return the gradients at these parameters, of their shapes."""
    net.set_parameters(parameters)
    slopes = net.cost_and_gradients(X, Y)[1]
    wrong = shape_apart(slopes, dict(parameters))
    if wrong:
        msg = f"among the gradients {wrong}"
        raise CodeUnderTestError(msg)
    return slopes


@dataclass
class _Session:
    """A network as a session of a subject: its cost as a function of its parameters."""

    net: Network
    names: tuple[str, ...]
    slopes: Parameters | None = None

    def forward(self, values: Values) -> Outputs:
        self.net.set_parameters({name: values[name] for name in self.names})
        cost, self.slopes = self.net.cost_and_gradients(values["X"], values["Y"])
        return (cost,)

    def backward(self, values: Values, cotangents: Outputs) -> Gradients:
        del cotangents  # of a cost: 1
        slopes = self.slopes or {}
        return {name: slopes.get(name) for name in values}


def case_of(case: NetworkCase) -> Case:
    """Look at the cost as laws about gradients do."""
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


def moved(values: Values, rng: np.random.Generator) -> dict[str, Array]:
    """Move every entry by one unit in the last place, up or down."""
    return {
        name: np.asarray(np.nextafter(value, rng.choice([-np.inf, np.inf], value.shape)))
        for name, value in values.items()
    }


def apart(
    ours: Computation, theirs: Computation, values: Values, rng: np.random.Generator
) -> Gap | None:
    """Return where `ours` is not what `theirs` is; None where it is throughout.

    Both are computed again at values moved in the last place.  If they are one
    function, their difference is rounding wherever it is taken, and its changes
    show how large rounding is; if they are not, the difference hardly changes
    over so small a move, and the bound stays small beside it.
    """
    got, expected = ours(dict(values)), theirs(dict(values))
    spread = {name: np.zeros(np.shape(value)) for name, value in expected.items()}
    for _ in range(_DRAWS):
        at = moved(values, rng)
        one, other = ours(at), theirs(at)
        for name, before in expected.items():
            change = np.abs((one[name] - other[name]) - (got[name] - before))
            spread[name] = np.maximum(spread[name], change)
            spread[name] = np.maximum(spread[name], np.abs(other[name] - before))
    bounds = {
        name: _MARGIN * spread[name] + 4 * UNIT * (np.abs(got[name]) + np.abs(expected[name]))
        for name in expected
    }
    return widest_gap(got, expected, bounds)
