"""Laws of whole networks: parameters under names, a cost, and its gradients."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gradlab.laws import gradient, mutation, shape, state
from gradlab.laws.case import Case, Law, copies
from gradlab.laws.network_case import (
    case_of,
    cost_at,
    gradients_at,
    mismatch_between,
    penalty_at,
    point_of,
    squared_norm,
)
from gradlab.laws.routine_case import (
    RoutineCase,
    failed,
    largest_change,
    mismatched,
    passed,
)
from gradlab.numdiff import derivative
from gradlab.numdiff.records import Quality
from gradlab.records import Finding, Status
from gradlab.roundoff import MARGINS, Neighbourhood, spread_of, unit_roundoff

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gradlab.interfaces import NetworkInstance, NetworkInterface
    from gradlab.laws.routine_case import Array

    NetworkCase = RoutineCase[NetworkInterface]
    Parameters = dict[str, Array]

_RATE = 0.125
_SQUARED_NORM = MARGINS["squared norm"]


def _of_gradients(law: Law[Case]) -> Callable[[NetworkCase], list[Finding]]:
    return lambda case: law.check(case_of(case))


def _descent(case: NetworkCase) -> list[Finding]:
    net = case.interface.open()
    parameters, X, Y = point_of(case, net)
    gradients = copies(gradients_at(net, parameters, X, Y))
    square = squared_norm(gradients.values())
    estimate = derivative(
        lambda values: cost_at(net, values, X, Y),
        parameters,
        {name: -gradient for name, gradient in gradients.items()},
        method="differences",
        seed=case.seed,
    )
    if estimate.status is not Quality.OK:
        reason = f"the cost has no derivative to compare the step with: {estimate.reason}"
        return [Finding(DESCENT.name, "", Status.INCONCLUSIVE, reason)]

    def squared(at: Mapping[str, Array]) -> Parameters:
        return {"square": np.asarray(squared_norm(gradients_at(net, at, X, Y).values()))}

    base, near = {"square": np.asarray(square)}, Neighbourhood(parameters, _SQUARED_NORM)
    spread = spread_of(squared, base, near, case.rng("descent"))
    rounding = _SQUARED_NORM.bound(spread["square"], square, unit_roundoff(float))
    got, bound = -float(estimate.value), float(estimate.bound) + float(rounding)
    if abs(got - square) <= bound:
        message = "a small step along −g lowers the cost by lr·‖g‖²"
        return passed(DESCENT.name, "", message)
    message = (
        f"a small step of rate lr along −g lowers the cost by {got:.6g}·lr, "
        f"should be ‖g‖²·lr = {square:.6g}·lr ± {bound:.0e}"
    )
    details = {"got": got, "expected": square, "bound": bound}
    return failed(DESCENT.name, "", message, **details)


def _mean(case: NetworkCase) -> list[Finding]:
    net = case.interface.open()
    parameters, X, Y = point_of(case, net)
    single = case.interface.single(X, Y)
    mismatches = []
    # A penalty is divided by m (the article's, the courses') or is not (cs231n's).
    for penalty in dict.fromkeys((case.interface.penalty, 0.0)):

        def whole(at: Mapping[str, Array], factor: float = penalty) -> Parameters:
            return {"cost": cost_at(net, at, X, Y) - penalty_at(at, factor, len(single))}

        def mean(at: Mapping[str, Array], factor: float = penalty) -> Parameters:
            losses = [cost_at(net, at, x, y) - penalty_at(at, factor, 1) for x, y in single]
            return {"cost": np.mean(losses, axis=0)}

        found = mismatch_between(whole, mean, parameters, case.rng("mean"))
        if found is None:
            return passed(MEAN.name, "", "the cost is the mean of the losses, and the penalty")
        mismatches.append(found)
    found = mismatches[0]
    less = ", each less its penalty λ/(2m)·Σ‖W‖² on the weights" if case.interface.penalty else ""
    message = (
        f"the cost of {len(single)} examples is {found.got_text}, the mean of the costs of each by "
        f"itself {found.expected_text} ± {found.bound:.0e}{less}"
    )
    details = {"got": found.got, "expected": found.expected, "bound": found.bound}
    return failed(MEAN.name, "", message, **details)


def _units(case: NetworkCase) -> list[Finding]:
    net = case.interface.open()
    parameters, X, Y = point_of(case, net)
    if not {"W1", "b1", "W2"} <= parameters.keys():
        return []
    out, bias = case.interface.units, parameters["b1"]
    axes = {"W1": out, "b1": int(np.argmax(bias.shape)), "W2": 1 - out}
    if bias.size < 2:
        return []
    for name, axis in axes.items():
        view = np.moveaxis(parameters[name], axis, 0)
        view[1] = view[0]

    def unit(number: int) -> Callable[[Mapping[str, Array]], Parameters]:
        def gradients(at: Mapping[str, Array]) -> Parameters:
            found = gradients_at(net, at, X, Y)
            return {n: np.take(found[n], number, axis=axis) for n, axis in axes.items()}

        return gradients

    found = mismatch_between(unit(1), unit(0), parameters, case.rng("units"))
    if found is None:
        return passed(UNITS.name, "", "units with equal weights get equal gradients")
    return mismatched(
        UNITS.name, "of two units with equal weights the second's gradient of ", found
    )


def _training(net: NetworkInstance, parameters: Parameters, X: Array, Y: Array) -> Parameters:
    """Take three steps of gradient descent."""
    for _ in range(3):
        gradients = gradients_at(net, parameters, X, Y)
        parameters = {name: value - _RATE * gradients[name] for name, value in parameters.items()}
    return copies(parameters)


def _instances(case: NetworkCase) -> list[Finding]:
    net, other = case.interface.open(), case.interface.open()
    parameters, X, Y = point_of(case, net)
    net.set_parameters(parameters)
    alone = {"cost": np.array(net.cost_and_gradients(X, Y)[0])}
    other.set_parameters({name: 2 * value for name, value in parameters.items()})
    other.cost_and_gradients(X, Y)
    beside = {"cost": np.array(net.cost_and_gradients(X, Y)[0])}
    found = largest_change(alone, beside)
    if found is None:
        return passed(INSTANCES.name, "", "what one network does moves no other")
    return mismatched(
        INSTANCES.name, "once another network was given other parameters, the ", found
    )


def _seed(case: NetworkCase) -> list[Finding]:
    net = case.interface.open()
    parameters, X, Y = point_of(case, net)
    once = _training(net, parameters, X, Y)
    again = _training(case.interface.open(), parameters, X, Y)
    found = largest_change(once, again)
    if found is None:
        return passed(TRAINED.name, "", "from one start, one training")
    return mismatched(TRAINED.name, "trained again from the same start, after three steps ", found)


def _saved(case: NetworkCase) -> list[Finding]:
    save, load = case.interface.save, case.interface.load
    if save is None or load is None:
        return []
    net, other = case.interface.open(), case.interface.open()
    parameters, X, Y = point_of(case, net)
    before = {"cost": np.array(cost_at(net, parameters, X, Y))}
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "network.npz")
        save(net, path)
        load(other, path)
    found = largest_change(before, {"cost": np.array(other.cost_and_gradients(X, Y)[0])})
    if found is None:
        return passed(SAVED.name, "", "saved and loaded, the network computes the same")
    return mismatched(SAVED.name, "saved and loaded into another network, the ", found)


def _linear(case: NetworkCase) -> list[Finding]:
    make = case.interface.linear
    if make is None:
        return []
    stack, single = make(2), make(1)
    parameters, X, Y = point_of(case, stack)

    def two(at: Mapping[str, Array]) -> Parameters:
        return {"cost": cost_at(stack, at, X, Y)}

    def one(at: Mapping[str, Array]) -> Parameters:
        together = {"W1": at["W2"] @ at["W1"], "b1": at["W2"] @ at["b1"] + at["b2"]}
        return {"cost": cost_at(single, together, X, Y)}

    found = mismatch_between(two, one, parameters, case.rng("linear"))
    if found is None:
        return passed(LINEAR.name, "", "two linear layers are one linear layer")
    return mismatched(
        LINEAR.name, "two linear layers are not the one that they amount to: the ", found
    )


def _reference(case: NetworkCase) -> list[Finding]:
    if case.interface.twin is None:
        return []
    net, twin = case.interface.open(), case.interface.twin()
    parameters, X, Y = point_of(case, net)

    def computed(which: NetworkInstance) -> Callable[[Mapping[str, Array]], Parameters]:
        def compute(at: Mapping[str, Array]) -> Parameters:
            return {"cost": cost_at(which, at, X, Y), **gradients_at(which, at, X, Y)}

        return compute

    found = mismatch_between(computed(net), computed(twin), parameters, case.rng("reference"))
    if found is None:
        return passed(REFERENCE.name, "", "cost and gradients are the reference's")
    return mismatched(REFERENCE.name, "the reference's network of the same layers differs: ", found)


_ALL = "every network"

DESCENT: Law[NetworkCase] = Law(
    "descent",
    "a small step along −g lowers the cost by lr·‖g‖² to first order",
    _descent,
    source="the article, figures 27 to 29; the Taylor series of the cost",
    applies_to=_ALL,
)
MEAN: Law[NetworkCase] = Law(
    "mean of the losses",
    "the cost is the mean of the single examples' losses, the penalty on the weights aside",
    _mean,
    source="the article, figure 39 (the slow method) and the section on the cost function",
    applies_to=_ALL,
)
UNITS: Law[NetworkCase] = Law(
    "symmetric units",
    "units with equal incoming and equal outgoing weights get equal gradients",
    _units,
    source="the article, question 4",
    applies_to="networks with W1, b1 and W2",
)
INSTANCES: Law[NetworkCase] = Law(
    "two instances",
    "what is done to one network moves no other",
    _instances,
    source="a dictionary in the class or in a default argument is everybody's",
    applies_to=_ALL,
)
TRAINED: Law[NetworkCase] = Law(
    "one seed, one training",
    "two trainings from one start end at the same parameters, to the last bit",
    _seed,
    source="the article's coding section: np.random.seed(48)",
    applies_to=_ALL,
)
SAVED: Law[NetworkCase] = Law(
    "saved and loaded",
    "a network that was saved and loaded computes the same, to the last bit",
    _saved,
    source="what saving is for",
    applies_to="networks with save and load",
)
LINEAR: Law[NetworkCase] = Law(
    "linear layers collapse",
    "linear layers on top of each other are one linear layer",
    _linear,
    source="the article, figure 86",
    applies_to="networks made of chosen layers",
)
REFERENCE: Law[NetworkCase] = Law(
    "reference",
    "cost and gradients are those of the reference's network",
    _reference,
    source="gradlab.reference.Network",
    applies_to="networks made of chosen layers",
)
_OF_GRADIENTS: tuple[Law[NetworkCase], ...] = tuple(
    Law(law.name, law.sentence, _of_gradients(law), source=law.source, applies_to=_ALL)
    for law in (gradient.LAW, shape.LAW, mutation.PURITY, state.REPEAT)
)
_OF_NETWORKS = (DESCENT, MEAN, UNITS, INSTANCES, TRAINED, SAVED, LINEAR, REFERENCE)
LAWS: tuple[Law[NetworkCase], ...] = (*_OF_GRADIENTS, *_OF_NETWORKS)
