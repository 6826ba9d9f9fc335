"""Laws of optimizers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradlab.laws.case import Law, copies
from gradlab.laws.optimizer_formulas import EPSILONS, FORMS, MISTAKES, path
from gradlab.laws.routine_case import (
    RoutineCase,
    ascent_entry,
    failed,
    generic,
    largest_change,
    mismatched,
    passed,
)
from gradlab.records import Status
from gradlab.roundoff import worst_mismatch

if TYPE_CHECKING:
    from gradlab.interfaces import OptimizerInterface
    from gradlab.laws.optimizer_formulas import Form, Settings
    from gradlab.laws.routine_case import Array
    from gradlab.records import Finding
    from gradlab.roundoff import Mismatch

    OptimizerCase = RoutineCase[OptimizerInterface]
    Parameters = dict[str, Array]

_STEPS = 6
#: The names that the courses use; code that counts its layers by them finds two.
_SHAPES = {"W1": (3, 2), "b1": (3, 1), "W2": (1, 3), "b2": (1, 1)}
#: Other values than the usual ones, so that a setting that is ignored shows.
_SETTINGS = {"learning_rate": 0.125, "beta": 0.8, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-8}
#: Gradients of this size leave nothing of an ε, wherever it stands: 1e-8/2⁴⁰ is below
#: the rounding of 1.  A power of two, so that scaling by it rounds nothing.
_HUGE = 2.0**40


def settings_of(case: OptimizerCase) -> dict[str, float]:
    """Return the settings with which the laws run an optimizer.

    Only those of its formula: a momentum that plain gradient descent accepts as well
    would make it another optimizer.
    """
    needs = {need for form in FORMS.get(case.routine.like, ()) for need in form.needs}
    wanted = {"learning_rate", *needs, *(("epsilon",) if needs else ())}
    settable = case.interface.settable & wanted
    return {name: value for name, value in _SETTINGS.items() if name in settable}


def known_of(case: OptimizerCase) -> dict[str, float]:
    """Return every setting that is known: those chosen, and those read off the code."""
    return {**case.interface.fixed, **settings_of(case)}


#: So large an ε shows in every step.
_LARGE = 0.0625


def draw_start(case: OptimizerCase) -> Parameters:
    """Draw parameters to start from."""
    rng = case.rng("parameters")
    return {name: generic(rng, shape) for name, shape in _SHAPES.items()}


def draw_gradients(case: OptimizerCase, scale: float = 1.0, stream: str = "") -> list[Parameters]:
    """Draw the gradients of several steps."""
    rng = case.rng(f"gradients{stream}")
    return [
        {name: scale * generic(rng, shape) for name, shape in _SHAPES.items()}
        for _ in range(_STEPS)
    ]


def run(
    case: OptimizerCase, start: Parameters, gradients: list[Parameters], **others: float
) -> list[Parameters]:
    """Return the parameters after each step of a new optimizer; `others` are settings."""
    stepper = case.interface.open({**settings_of(case), **others})
    parameters, trace = copies(start), []
    for each in gradients:
        parameters = stepper.step(parameters, copies(each))
        trace.append(copies(parameters))
    return trace


@dataclass(frozen=True)
class _Trace:
    """The parameters after each step, those at the start, and the gradients of the steps."""

    got: list[Parameters]
    start: Parameters
    gradients: list[Parameters]
    known: Settings

    def first_departure(self, form: Form) -> tuple[int, Mismatch] | None:
        """Return the first step that is not the form's, and its mismatch; None if all are.

        Of the settings that are not known, those are taken that agree for most steps.
        """
        latest: tuple[int, Mismatch] | None = None
        for settings in form.settings(self.known):
            found = self._departure(form, settings)
            if found is None:
                return None
            latest = max(latest or found, found, key=lambda f: f[0])
        return latest

    def _departure(self, form: Form, settings: Settings) -> tuple[int, Mismatch] | None:
        rate = self.known["learning_rate"]
        right = path(self.start, self.gradients, form, settings, rate)
        for number, (got, (exact, bound)) in enumerate(zip(self.got, right, strict=True), start=1):
            found = worst_mismatch(got, exact, bound, equal_nan=False)
            if found is not None:
                return number, found
        return None


def _trace(case: OptimizerCase) -> list[Finding]:
    like, known = case.routine.like, known_of(case)
    if like not in FORMS or "learning_rate" not in known:
        return []
    scale = _HUGE if like in {"rmsprop", "adam"} else 1.0
    start, gradients = draw_start(case), draw_gradients(case, scale)
    trace = _Trace(run(case, start, gradients), start, gradients, known)
    left = []
    for form in FORMS[like]:
        departure = trace.first_departure(form)
        if departure is None:
            return passed(TRACE.name, "", f"{_STEPS} steps are those of {form.label}")
        left.append(departure)
    number, found = max(left, key=lambda each: each[0])
    named = [form.label for form in MISTAKES[like] if trace.first_departure(form) is None]
    notes = tuple(f"these are the steps with this mistake: {label}" for label in named[:1])
    return mismatched(TRACE.name, f"after step {number}, ", found, notes=notes)


def _epsilon(case: OptimizerCase) -> list[Finding]:
    like, known = case.routine.like, {**known_of(case), "epsilon": _LARGE}
    if (
        like not in EPSILONS
        or "epsilon" not in case.interface.settable
        or "learning_rate" not in known
    ):
        return []
    if any(finding.status is Status.FAIL for finding in _trace(case)):
        return []  # steps that are wrong without ε are wrong with it: one mistake, one finding
    start, gradients = draw_start(case), draw_gradients(case)
    trace = _Trace(run(case, start, gradients, epsilon=_LARGE), start, gradients, known)
    left = []
    for form in EPSILONS[like]:
        departure = trace.first_departure(form)
        if departure is None:
            return passed(EPSILON.name, "", form.label)
        left.append(departure)
    number, found = max(left, key=lambda each: each[0])
    places = "; ".join(form.label for form in EPSILONS[like])
    notes = (f"these are the steps with none of: {places}",)
    return mismatched(EPSILON.name, f"with ε = {_LARGE}, after step {number}, ", found, notes=notes)


def _descent(case: OptimizerCase) -> list[Finding]:
    start = draw_start(case)
    gradient = draw_gradients(case)[0]
    (after,) = run(case, start, [gradient])
    for name, g in gradient.items():
        step = np.asarray(after[name] - start[name], dtype=float)
        index = ascent_entry(step, g)
        if index is None:
            continue
        change, derivative = float(step[index]), float(g[index])
        where = f"{name}{list(index)}"
        message = (
            f"the first step moves {where} by {change:.3g}, where its gradient is "
            f"{derivative:.3g}: a step has to go against the gradient"
        )
        return failed(DESCENT.name, name, message, got=change, index=index)
    return passed(DESCENT.name, "", "the first step goes against the gradient of every parameter")


def _zero(case: OptimizerCase) -> list[Finding]:
    start = draw_start(case)
    (after,) = run(case, start, [{name: np.zeros(shape) for name, shape in _SHAPES.items()}])
    found = largest_change(start, after)
    decays = case.routine.like not in FORMS and all(np.isfinite(p).all() for p in after.values())
    if found is None or decays:
        return passed(ZERO.name, "", "without a gradient nothing moves, but for a decay")
    nan = ("0/0 comes of a division by √0 without ε",) if np.isnan(found.got) else ()
    return mismatched(ZERO.name, "after a first step with gradient 0, ", found, notes=nan)


def _purity(case: OptimizerCase) -> list[Finding]:
    stepper = case.interface.open(settings_of(case))
    parameters = draw_start(case)
    for number, gradients in enumerate(draw_gradients(case)[:2], start=1):
        handed = copies(gradients)
        parameters = copies(stepper.step(parameters, handed))
        found = largest_change(gradients, handed)
        if found is not None:
            return mismatched(PURITY.name, f"step {number} changes a gradient in place: ", found)
    return passed(PURITY.name, "", "the gradients are left as they were")


def _instances(case: OptimizerCase) -> list[Finding]:
    start, gradients = draw_start(case), draw_gradients(case)
    alone = run(case, start, gradients)
    settings = settings_of(case)
    one, other = case.interface.open(settings), case.interface.open(settings)
    disturbing = draw_gradients(case, 3.0, " of another")
    mine, theirs = copies(start), copies(start)
    for number, each in enumerate(gradients, start=1):
        theirs = copies(other.step(theirs, copies(disturbing[number - 1])))
        mine = copies(one.step(mine, copies(each)))
        found = largest_change(alone[number - 1], mine)
        if found is not None:
            before = f"with a second optimizer at work beside it, after step {number}, "
            return mismatched(INSTANCES.name, before, found)
    return passed(INSTANCES.name, "", "what one optimizer does moves no other")


_KINGMA = "Kingma and Ba (2015), Adam, algorithm 1; Polyak (1964); Tieleman and Hinton (2012)"

TRACE: Law[OptimizerCase] = Law(
    "optimizer trace",
    "the parameters after several steps are those of the optimizer's closed form",
    _trace,
    source=_KINGMA,
    applies_to="optimizers that are known to be one of gradient descent, momentum, RMSprop, Adam",
)
EPSILON: Law[OptimizerCase] = Law(
    "epsilon",
    "ε is added beside the root, or under it, where papers and libraries have it",
    _epsilon,
    source=_KINGMA,
    applies_to="RMSprop and Adam that take ε as a setting",
)
DESCENT: Law[OptimizerCase] = Law(
    "descent",
    "the first step moves every parameter against its gradient",
    _descent,
    source="the article, figures 27 to 29: θ ← θ − α·g",
    applies_to="every optimizer",
)
ZERO: Law[OptimizerCase] = Law(
    "zero gradient",
    "a first step with gradient 0 leaves the parameters where they are, a weight decay aside",
    _zero,
    source="every optimizer's formula with g = 0; ε is there for it",
    applies_to="every optimizer; one of no known name may decay",
)
PURITY: Law[OptimizerCase] = Law(
    "purity",
    "a step leaves the gradients that it is handed as they were",
    _purity,
    source="github.com/apache/mxnet/issues/15759",
    applies_to="every optimizer",
)
INSTANCES: Law[OptimizerCase] = Law(
    "two instances",
    "two optimizers at work in turn step as each does alone",
    _instances,
    source="a velocity kept in the class or in a default argument is everybody's",
    applies_to="every optimizer",
)


LAWS: tuple[Law[OptimizerCase], ...] = (TRACE, EPSILON, DESCENT, ZERO, PURITY, INSTANCES)
