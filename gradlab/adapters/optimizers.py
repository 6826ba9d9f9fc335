"""Optimizers: classes with a ``step``, and functions that hand their memory around.

A class has ``step(params, grads)`` or ``update(params, grads)``, returning new
parameters or changing those that it is given; its settings are arguments of the
constructor, or of the step.  A function takes parameters, gradients and what it
remembers (``v``, ``s``, ``t``, as deeplearning.ai's do, or a ``config``, as
cs231n's do) and returns them anew.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters.attribute_tree import attributes_of
from gradlab.adapters.calls import call
from gradlab.adapters.optimizer_calls import (
    CONFIGS,
    CONTAINERS,
    Calls,
    Container,
    PerTensorOptimizer,
    roles_of,
    settings_for,
    usual_setting,
)
from gradlab.adapters.signatures import SETTINGS, called, is_function, named, one_of, required
from gradlab.errors import GradlabError, NotImplementedYetError
from gradlab.interfaces import OptimizerInterface, Routine
from gradlab.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradlab.interfaces import OptimizerInstance

NAMES = ("gradient_descent", "momentum", "rmsprop", "adam")

_METHODS = ("step", "update", "update_params", "update_parameters", "apply", "optimize")
#: In the order in which a name is searched for them: "adam_with_momentum" is Adam.
_IN_NAMES = {
    "adam": ("adam",),
    "rmsprop": ("rmsprop", "rms_prop"),
    "momentum": ("momentum", "heavyball", "heavy_ball"),
    "gradient_descent": ("sgd", "gradientdescent", "gradient_descent", "with_gd"),
}
#: Relatives that step in another way; they are checked against the laws of every optimizer.
_OTHERS = ("adamw", "nadam", "radam", "adamax", "amsgrad", "adagrad", "adadelta", "nesterov")
_PROBE = {"W1": (3, 2), "b1": (3, 1), "W2": (1, 3), "b2": (1, 1)}


def looks_like_one(obj: object) -> bool:
    """Whether the shape of the code leaves no doubt that it is an optimizer."""
    method = _method(obj)
    if method is not None:
        return roles_of(required(method)) is not None and not hasattr(obj, "backward")
    if not is_function(obj) or roles_of(required(obj)) is None:
        return False
    name = called(obj).lower()
    return bool(inferred_from_name(name)) or "update" in name


def adapt(obj: Any, like: str | None, name: str | None = None) -> Routine[OptimizerInterface]:
    """Make a routine of an optimizer.

    Raises
    ------
    GradlabError
        If it cannot be seen how to call it.
    """
    title = name or called(obj)
    method = _method(obj)
    if method is None and not is_function(obj):
        msg = (
            f"{title} has none of the methods {', '.join(_METHODS)}; an optimizer has one that "
            "takes parameters and gradients"
        )
        raise GradlabError(msg)
    plan = _Plan(obj, title, "" if method is None else method.__name__)
    container, refused = None, None
    for form in CONTAINERS:
        try:
            _try(plan, form)
        except NotImplementedYetError:
            raise
        except GradlabError as error:
            # What a dictionary was answered with is the answer that is passed on.
            refused = refused or error
        else:
            container = form
            break
    if container is None:
        assert refused is not None  # noqa: S101 - there are forms to try
        raise refused
    return Routine(
        title,
        Kind.OPTIMIZER,
        OptimizerInterface(
            lambda settings: plan.open(container, settings), plan.settable(), plan.fixed()
        ),
        like or _inferred(plan),
        f"{container.form} of parameters" if container.form != "array" else "one array",
    )


def inferred_from_name(name: str) -> str:
    """Return which optimizer a name speaks of; empty where it speaks of none.

    Examples
    --------
    >>> inferred_from_name("update_parameters_with_adam"), inferred_from_name("AdamW")
    ('adam', '')
    """
    plain = name.lower()
    if any(other in plain for other in _OTHERS):
        return ""
    return next((like for like, parts in _IN_NAMES.items() if any(w in plain for w in parts)), "")


def _inferred(plan: _Plan) -> str:
    """Return which optimizer the code speaks of; SGD that takes a momentum has it chosen."""
    like = inferred_from_name(plan.name)
    takes = {name.lower() for names in plan.places() for name in names}
    return "momentum" if like == "gradient_descent" and "momentum" in takes else like


def _method(obj: object) -> Any:
    found = (getattr(obj, method, None) for method in _METHODS)
    return next((method for method in found if callable(method)), None)


def _try(plan: _Plan, container: Container) -> None:
    """Take two steps, so that a form that the code only seems to take is refused."""
    rng = np.random.default_rng(0)
    stepper = plan.open(container, {})
    parameters = {name: rng.standard_normal(shape) for name, shape in _PROBE.items()}
    for _ in range(2):
        gradients = {name: rng.standard_normal(shape) for name, shape in _PROBE.items()}
        parameters = stepper.step(parameters, gradients)


@dataclass(frozen=True)
class _Plan:
    """How to make one optimizer and call its step; `method` is empty for a function."""

    obj: Any
    name: str
    method: str

    def fixed(self) -> dict[str, float]:
        """Read an instance's settings off its attributes."""
        if not self.method or isinstance(self.obj, type):
            return {}
        held = {key.lstrip("_").lower(): value for key, value in attributes_of(self.obj).items()}
        return {
            setting: float(held[key])
            for setting, names in SETTINGS.items()
            if (key := one_of(held, names)) is not None and isinstance(held[key], int | float)
        }

    def places(self) -> list[tuple[str, ...]]:
        """Return the names of the arguments, of the step and then of the constructor."""
        if not self.method:
            return [named(self.obj)]
        step = named(getattr(self.obj, self.method))
        return [step, named(self.obj)] if isinstance(self.obj, type) else [step]

    def settable(self) -> frozenset[str]:
        """Return which settings can be chosen."""
        places = self.places()
        if one_of(places[-1], CONFIGS):
            return frozenset(SETTINGS)
        found = {s for names in places for s, known in SETTINGS.items() if one_of(names, known)}
        betas = {"beta1", "beta2"} if any("betas" in names for names in places) else set()
        return frozenset(found | betas)

    def open(self, container: Container, settings: Mapping[str, float]) -> OptimizerInstance:
        """Make a new optimizer."""
        if container.form == "array":
            return PerTensorOptimizer(lambda: self._alone(container, settings))
        return self._alone(container, settings)

    def _alone(self, container: Container, settings: Mapping[str, float]) -> Calls:
        if not self.method:
            return Calls(self.obj, self.name, container, dict(settings))
        method = getattr(self._made(settings), self.method)
        return Calls(method, f"{self.name}.{self.method}", container, dict(settings))

    def _made(self, settings: Mapping[str, float]) -> Any:
        if not isinstance(self.obj, type):
            return copy.deepcopy(self.obj)
        names = named(self.obj)
        given = settings_for(names, settings)
        for name in required(self.obj):
            if name not in given:
                given[name] = usual_setting(self.name, name)
        return call(f"{self.name}()", self.obj, **given)
