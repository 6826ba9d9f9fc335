"""Where laws of networks are asked: drawn parameters and data, and a network as a subject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradlab.errors import CodeUnderTestError
from gradlab.laws.case import Case
from gradlab.laws.routine_case import Trial, copies, generic, shape_apart
from gradlab.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradlab.interfaces import Net, NetworkFace
    from gradlab.laws.routine_case import Array
    from gradlab.subject import Gradients, Outputs, Values

    Asked = Trial[NetworkFace]
    Parameters = dict[str, Array]

#: Examples in the data that laws draw.
EXAMPLES = 5


def point_of(trial: Asked, net: Net) -> tuple[Parameters, Array, Array]:
    """Draw parameters, X and Y for a network."""
    rng = trial.rng("network")
    shapes = {name: value.shape for name, value in net.parameters().items()}
    X, Y = trial.face.data(rng, EXAMPLES)
    return {name: generic(rng, size) for name, size in shapes.items()}, X, Y


def cost_at(net: Net, parameters: Mapping[str, Array], X: Array, Y: Array) -> Array:
    """Return the cost at these parameters."""
    net.put(parameters)
    return net.cost_and_gradients(X, Y)[0]


def slopes_at(net: Net, parameters: Mapping[str, Array], X: Array, Y: Array) -> Parameters:
    """Return the gradients at these parameters, of their shapes."""
    net.put(parameters)
    slopes = net.cost_and_gradients(X, Y)[1]
    wrong = shape_apart(slopes, dict(parameters))
    if wrong:
        msg = f"among the gradients {wrong}"
        raise CodeUnderTestError(msg)
    return slopes


@dataclass
class _Session:
    """A network as a session of a subject: its cost as a function of its parameters."""

    net: Net
    names: tuple[str, ...]
    slopes: Parameters | None = None

    def forward(self, values: Values) -> Outputs:
        self.net.put({name: values[name] for name in self.names})
        cost, self.slopes = self.net.cost_and_gradients(values["X"], values["Y"])
        return (cost,)

    def backward(self, values: Values, cotangents: Outputs) -> Gradients:
        del cotangents  # of a cost: 1
        slopes = self.slopes or {}
        return {name: slopes.get(name) for name in values}


def case_of(trial: Asked) -> Case:
    """Look at the cost as laws about gradients do."""
    net = trial.face.open()
    parameters, X, Y = point_of(trial, net)
    names = tuple(parameters)
    subject = Subject(
        trial.routine.name,
        lambda _values: _Session(trial.face.open(), names),
        wrt=names,
        upstream=False,
    )
    values = {**parameters, "X": X, "Y": Y}
    session = subject.open(values)
    outputs = session.forward(copies(values))
    claimed = session.backward(values, ())
    found = {name: np.array(g) for name, g in claimed.items() if g is not None}
    where = f"{EXAMPLES} examples"
    return Case(subject, values, (np.ones(()),), outputs, found, where, trial.seed)
