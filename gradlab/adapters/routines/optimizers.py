"""Optimizers: classes with a ``step``, and functions that hand their memory around.

A class has ``step(params, grads)`` or ``update(params, grads)``, returning new
parameters or changing those that it is given; its settings are arguments of the
constructor, or of the step.  A function takes parameters, gradients and what it
remembers (``v``, ``s``, ``t``, as deeplearning.ai's do, or a ``config``, as
cs231n's do) and returns them anew.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters.calls import call
from gradlab.adapters.routines.containers import CONTAINERS, Container
from gradlab.adapters.routines.shared import (
    GRADIENTS,
    PARAMETERS,
    SETTINGS,
    called,
    named,
    one_of,
    required,
    unknown_argument,
)
from gradlab.records import GradlabError
from gradlab.routine import Kind, OptimizerFace, Routine
from gradlab.subject import NoResultError, NotImplementedYetError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gradlab.routine import Parameters, Stepper

NAMES = ("gradient_descent", "momentum", "rmsprop", "adam")

_METHODS = ("step", "update", "update_params", "update_parameters", "apply", "optimize")
_COUNTS = ("t", "iteration", "step", "n", "it")
_MEMORY = ("v", "s", "m", "velocity", "cache", "state", "moment", "memory")
_CONFIGS = ("config", "optim_config")
#: In the order in which a name is searched for them: "adam_with_momentum" is Adam.
_TOLD = {
    "adam": ("adam",),
    "rmsprop": ("rmsprop", "rms_prop"),
    "momentum": ("momentum", "heavyball", "heavy_ball"),
    "gradient_descent": ("sgd", "gradientdescent", "gradient_descent", "with_gd"),
}
_PROBE = {"W1": (3, 2), "b1": (3, 1), "W2": (1, 3), "b2": (1, 1)}


def looks_like_one(obj: object) -> bool:
    """Whether the shape of the code leaves no doubt that it is an optimizer."""
    method = _method(obj)
    if method is not None:
        return _roles(required(method)) is not None and not hasattr(obj, "backward")
    if isinstance(obj, type) or not callable(obj) or _roles(required(obj)) is None:
        return False
    name = called(obj).lower()
    return bool(told_by_name(name)) or "update" in name


def adapt(obj: Any, like: str | None, name: str | None = None) -> Routine[OptimizerFace]:
    """Make a routine of an optimizer.

    Raises
    ------
    GradlabError
        If it cannot be seen how to call it.
    """
    title = name or called(obj)
    method = _method(obj)
    if method is None and (isinstance(obj, type) or not callable(obj)):
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
        OptimizerFace(
            lambda settings: plan.open(container, settings), plan.settable(), plan.fixed()
        ),
        like or told_by_name(title),
        f"{container.form} of parameters" if container.form != "array" else "one array",
    )


def told_by_name(name: str) -> str:
    """Return which optimizer a name speaks of; empty where it speaks of none.

    Examples
    --------
    >>> told_by_name("update_parameters_with_adam"), told_by_name("Optimizer")
    ('adam', '')
    """
    plain = name.lower()
    return next((like for like, words in _TOLD.items() if any(w in plain for w in words)), "")


def _method(obj: object) -> Any:
    found = (getattr(obj, method, None) for method in _METHODS)
    return next((method for method in found if callable(method)), None)


def _roles(names: tuple[str, ...]) -> tuple[str, str] | None:
    """Return which arguments are the parameters and the gradients; None where it is unclear."""
    parameters, gradients = one_of(names, PARAMETERS), one_of(names, GRADIENTS)
    return (parameters, gradients) if parameters and gradients else None


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
        held = {key.lstrip("_").lower(): value for key, value in vars(self.obj).items()}
        return {
            setting: float(held[key])
            for setting, names in SETTINGS.items()
            if (key := one_of(held, names)) is not None and isinstance(held[key], int | float)
        }

    def settable(self) -> frozenset[str]:
        """Return which settings can be chosen."""
        if self.method:
            places = [named(getattr(self.obj, self.method))]
            places += [named(self.obj)] if isinstance(self.obj, type) else []
        else:
            places = [named(self.obj)]
        if one_of(places[-1], _CONFIGS):
            return frozenset(SETTINGS)
        found = {s for names in places for s, known in SETTINGS.items() if one_of(names, known)}
        betas = {"beta1", "beta2"} if any("betas" in names for names in places) else set()
        return frozenset(found | betas)

    def open(self, container: Container, settings: Mapping[str, float]) -> Stepper:
        """Make a new optimizer."""
        if container.form == "array":
            return _Each(lambda: self._alone(container, settings))
        return self._alone(container, settings)

    def _alone(self, container: Container, settings: Mapping[str, float]) -> _Calls:
        if not self.method:
            return _Calls(self.obj, self.name, container, dict(settings))
        method = getattr(self._made(settings), self.method)
        return _Calls(method, f"{self.name}.{self.method}", container, dict(settings))

    def _made(self, settings: Mapping[str, float]) -> Any:
        if not isinstance(self.obj, type):
            return copy.deepcopy(self.obj)
        names = named(self.obj)
        given = _settings_for(names, settings)
        for name in required(self.obj):
            if name not in given:
                given[name] = _usual(self.name, name)
        return call(f"{self.name}()", self.obj, **given)


def _settings_for(names: tuple[str, ...], settings: Mapping[str, float]) -> dict[str, Any]:
    """Return the settings under the names that the code has for them."""
    given: dict[str, Any] = {}
    for setting, value in settings.items():
        name = one_of(names, SETTINGS[setting])
        if name is not None:
            given[name] = value
    if "betas" in names and "beta1" in settings:
        given["betas"] = (settings["beta1"], settings["beta2"])
    return given


def _usual(title: str, name: str) -> float:
    """Return a value for an argument that has to be given while the code is only tried."""
    usual = {"learning_rate": 0.1, "beta": 0.9, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
    for setting, names in SETTINGS.items():
        if name.lower() in names:
            return usual[setting]
    raise unknown_argument(title, name, "of an optimizer")


@dataclass
class _Each:
    """An optimizer of one array: each parameter gets one of its own."""

    make: Callable[[], _Calls]
    made: dict[str, _Calls] = field(default_factory=dict)

    def step(self, parameters: Parameters, gradients: Parameters) -> Parameters:
        """Take one step."""
        after: Parameters = {}
        for name, value in parameters.items():
            if name not in self.made:
                self.made[name] = self.make()
            after |= self.made[name].step({name: value}, {name: gradients[name]})
        return after


@dataclass
class _Calls:
    """Steps as calls of a function or method; what it hands back is handed to it again."""

    function: Callable[..., Any]
    name: str
    container: Container
    settings: dict[str, float]
    memory: dict[str, Any] = field(default_factory=dict)
    steps: int = 0

    def step(self, parameters: Parameters, gradients: Parameters) -> Parameters:
        """Take one step."""
        self.steps += 1
        # In-place changes belong to the code's own copy, whose final state is read.
        own = {name: np.array(value) for name, value in parameters.items()}
        handed = self.container.hand_out(own)
        given = self._arguments(handed, self.container.hand_out(gradients, gradients=True), own)
        result = call(self.name, self.function, **given)
        return self._read(result, handed, parameters)

    def _arguments(self, handed: Any, slopes: Any, own: Parameters) -> dict[str, Any]:
        names, needed = named(self.function), required(self.function)
        roles = _roles(needed)
        if roles is None:
            if len(needed) < 2:
                msg = f"{self.name} takes ({', '.join(names)}); parameters and gradients go in"
                raise GradlabError(msg)
            roles = (needed[0], needed[1])
        given = {roles[0]: handed, roles[1]: slopes, **_settings_for(names, self.settings)}
        for name in names:
            if name not in given and (name in needed or name.lower() in _CONFIGS):
                given[name] = self._remembered(name, own)
        return given

    def _remembered(self, name: str, own: Parameters) -> Any:
        """Return the count of the step, what was remembered, or zeros to start from."""
        if name.lower() in _COUNTS:
            return self.steps
        if name.lower() in _CONFIGS:
            return self.memory.setdefault(name, self._config())
        if name.lower() in _MEMORY:
            zeros = {key: np.zeros_like(value) for key, value in own.items()}
            start = self.container.hand_out(zeros, gradients=True)
            return self.memory.setdefault(name, start)
        return _usual(self.name, name)

    def _config(self) -> dict[str, float]:
        """Write the settings as cs231n's optimizers read them."""
        names = {**{s: s for s in SETTINGS}, "beta": "momentum"}
        config = {names[setting]: value for setting, value in self.settings.items()}
        return {**config, "decay_rate": config["momentum"]} if "momentum" in config else config

    def _read(self, result: Any, handed: Any, before: Parameters) -> Parameters:
        """Read the parameters from the result, and keep what is to be handed in again."""
        what = f"the result of {self.name}"
        returned = result
        lists = self.container.form == "list"
        if isinstance(result, tuple) and not (lists and len(result) == len(before)):
            if not result:
                msg = f"{what} is empty, where the parameters were expected"
                raise NoResultError(msg)
            returned = result[0]
            kept = [n for n in named(self.function) if n.lower() in (*_MEMORY, *_CONFIGS)]
            self.memory.update(zip(kept, result[1:], strict=False))
        if returned is None:
            # Nothing came back: the step was taken in place.
            returned = handed
        return self.container.take_back(what, returned, before)
