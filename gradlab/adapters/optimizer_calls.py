"""Steps of an optimizer as calls of one function or method of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters.calls import as_array, call
from gradlab.adapters.signatures import (
    GRADIENTS,
    PARAMETERS,
    SETTINGS,
    named,
    one_of,
    required,
    unknown_argument,
)
from gradlab.errors import CodeUnderTestError, GradlabError, NoResultError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gradlab.interfaces import Array, Parameters

_COUNTS = ("t", "iteration", "step", "n", "it")
_MEMORY = ("v", "s", "m", "velocity", "cache", "state", "moment", "memory")
#: Under which names functions in cs231n's manner take their settings.
CONFIGS = ("config", "optim_config")


@dataclass(frozen=True)
class Container:
    """A form of parameters and gradients.

    Attributes
    ----------
    prefix
        Of the gradients' names in a dictionary: ``"d"`` for ``grads["dW1"]``.
    """

    form: str
    prefix: str = ""

    def hand_out(self, arrays: Mapping[str, Array], *, gradients: bool = False) -> Any:
        """Put the very arrays into the form that the code takes."""
        if self.form == "list":
            return list(arrays.values())
        if self.form == "array":
            return next(iter(arrays.values()))
        prefix = self.prefix if gradients else ""
        return {f"{prefix}{name}": array for name, array in arrays.items()}

    def take_back(self, what: str, result: Any, like: Mapping[str, Array]) -> Parameters:
        """Read parameters from what the code returned, or changed in place.

        `like` are the parameters that were handed over: names and shapes stay.
        """
        if self.form == "array":
            parts = {next(iter(like)): result}
        elif self.form == "list":
            self._check(what, result, list | tuple, len(like))
            parts = dict(zip(like, result, strict=True))
        else:
            self._check(what, result, dict, None)
            parts = {name: result[name] for name in like if name in result}
        found = {name: np.array(as_array(f"{name} in {what}", p)) for name, p in parts.items()}
        wrong = [n for n, p in like.items() if n not in found or found[n].shape != p.shape]
        if wrong:
            name = wrong[0]
            is_ = f"has shape {found[name].shape}" if name in found else "is missing"
            msg = f"{name} {is_} in {what}; it was handed over with shape {like[name].shape}"
            raise CodeUnderTestError(msg)
        return found

    @staticmethod
    def _check(what: str, result: Any, expected: Any, count: int | None) -> None:
        fits = isinstance(result, expected) and (count is None or len(result) == count)
        if not fits:
            is_ = f"a {type(result).__name__}"
            msg = f"{what} is {is_}, where the parameters were expected as they were handed over"
            raise CodeUnderTestError(msg)


#: In the order in which they are tried.
CONTAINERS = (Container("dict"), Container("dict", "d"), Container("list"), Container("array"))


def roles_of(names: tuple[str, ...]) -> tuple[str, str] | None:
    """Return which arguments are the parameters and the gradients; None where it is unclear."""
    parameters, gradients = one_of(names, PARAMETERS), one_of(names, GRADIENTS)
    return (parameters, gradients) if parameters and gradients else None


def settings_for(names: tuple[str, ...], settings: Mapping[str, float]) -> dict[str, Any]:
    """Return the settings under the names that the code has for them."""
    given: dict[str, Any] = {}
    for setting, value in settings.items():
        name = one_of(names, SETTINGS[setting])
        if name is not None:
            given[name] = value
    if "betas" in names and "beta1" in settings:
        given["betas"] = (settings["beta1"], settings["beta2"])
    return given


def usual_setting(title: str, name: str) -> float:
    """Return a value for an argument that has to be given while the code is only tried."""
    usual = {"learning_rate": 0.1, "beta": 0.9, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
    for setting, names in SETTINGS.items():
        if name.lower() in names:
            return usual[setting]
    raise unknown_argument(title, name, "of an optimizer")


@dataclass
class PerTensorOptimizer:
    """An optimizer of one array: each parameter gets one of its own."""

    make: Callable[[], Calls]
    made: dict[str, Calls] = field(default_factory=dict)

    def step(self, parameters: Parameters, gradients: Parameters) -> Parameters:
        """Take one step."""
        after: Parameters = {}
        for name, value in parameters.items():
            if name not in self.made:
                self.made[name] = self.make()
            after |= self.made[name].step({name: value}, {name: gradients[name]})
        return after


@dataclass
class Calls:
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
        roles = roles_of(needed)
        if roles is None:
            if len(needed) < 2:
                msg = f"{self.name} takes ({', '.join(names)}); parameters and gradients go in"
                raise GradlabError(msg)
            roles = (needed[0], needed[1])
        given = {roles[0]: handed, roles[1]: slopes, **settings_for(names, self.settings)}
        for name in names:
            if name not in given and (name in needed or name.lower() in CONFIGS):
                given[name] = self._remembered(name, own)
        return given

    def _remembered(self, name: str, own: Parameters) -> Any:
        """Return the count of the step, what was remembered, or zeros to start from."""
        if name.lower() in _COUNTS:
            return self.steps
        if name.lower() in CONFIGS:
            return self.memory.setdefault(name, self._config())
        if name.lower() in _MEMORY:
            zeros = {key: np.zeros_like(value) for key, value in own.items()}
            start = self.container.hand_out(zeros, gradients=True)
            return self.memory.setdefault(name, start)
        return usual_setting(self.name, name)

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
            kept = [n for n in named(self.function) if n.lower() in (*_MEMORY, *CONFIGS)]
            self.memory.update(zip(kept, result[1:], strict=False))
        if returned is None:
            # Nothing came back: the step was taken in place.
            returned = handed
        return self.container.take_back(what, returned, before)
