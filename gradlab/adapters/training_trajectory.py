"""Training, as a `Subject` of its own: from data and initial parameters to what becomes of them.

Three kinds of code can be trained, looked for in this order:

1. an object with a method that takes one step: ``train_step(X, Y)`` → cost;
2. an object with a method, or a function, that trains: ``train(X, Y)`` → costs;
3. a layer with an update, ``update_params(learning_rate)``: the loop round it
   is gradlab's, with the squared error.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters.article import NAME, Probe, probe_layer, sizes_of, symbols_of
from gradlab.adapters.calls import call, parameters_of
from gradlab.adapters.costs import LABELS
from gradlab.adapters.training_steps import (
    STEPS,
    Loop,
    TrainingMethod,
    at_once,
    by_steps,
    by_updates,
    costs_of,
)
from gradlab.domain import Content, Domain, Layout, Role, TensorSpec
from gradlab.errors import CodeUnderTestError, GradlabError
from gradlab.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from gradlab.subject import Gradients, Outputs, Values

    Array = NDArray[Any]

#: The learning rate, where the code takes one.
RATE = 0.1

_STEP_METHODS = ("train_step", "training_step", "step", "train_on_batch")
_TRAIN_METHODS = ("train", "fit")
_UPDATE_METHODS = ("update_params", "update_parameters", "update", "step")
_RATES = ("learning_rate", "lr", "alpha", "eta")
_COUNTS = (
    *("epochs", "n_epochs", "num_epochs", "steps", "n_steps", "num_steps"),
    *("iterations", "n_iterations", "num_iterations", "n_iter", "max_iter"),
)
_LABELS_NAME = "labels"


def trains(obj: object) -> bool:
    """Whether `obj` is a function that trains, going by its name.

    Examples
    --------
    >>> def train_xor(X, Y): ...
    >>> def train_loss(Y, Y_hat): ...
    >>> trains(train_xor), trains(train_loss)
    (True, False)
    """
    name = str(getattr(obj, "__name__", "")).lower()
    a_cost = any(word in name for word in ("cost", "loss"))
    return inspect.isroutine(obj) and name.startswith(_TRAIN_METHODS) and not a_cost


def adapt_training(obj: object, *, name: str | None = None) -> Subject:
    """Make a `Subject` whose forward trains `obj` for a few steps.

    Its tensors are the input, the labels and the initial parameters.  Its first
    output is the cost at each step, before the step's update, (steps,); then comes,
    for each parameter in the domain's order, its value after each recorded step,
    (steps, *shape): after the last step only where the code runs the loop itself.

    Raises
    ------
    GradlabError
        When it cannot be trained; the message names what is missing.
    """
    called = name or str(getattr(obj, "__name__", type(obj).__name__))
    if trains(obj):
        return _adapt_function(obj, called)
    if isinstance(obj, tuple | Subject) or not (isinstance(obj, type) or hasattr(obj, "forward")):
        msg = f"{called} keeps no parameters that training could change"
        raise GradlabError(msg)
    probe = probe_layer(obj, called)
    trainer = _training_method(probe.factory.make(probe.sizes), called)
    domain = Domain(tuple(_tensors(probe)))
    return Subject(
        f"training of {called}",
        lambda _values: _Session(probe, trainer, domain),
        domain,
        wrt=tuple(tensor.name for tensor in domain if tensor.differentiable),
        convention=NAME,
        layout=probe.layout,
        notes=(trainer.description,),
    )


def _tensors(probe: Probe) -> Iterator[TensorSpec]:
    """Describe the input, labels of the output's shape, and the parameters."""
    layer, x = probe.factory.make(probe.sizes), _standing_in(probe)
    output = probe.attributes.run(layer, x)
    fixed = not probe.factory.is_class
    yield TensorSpec(probe.attributes.input, probe.axes)
    yield _labels(_output_symbols(output.shape, probe, fixed=fixed), probe.axes)
    for key, shape in probe.parameters.items():
        yield TensorSpec(key, symbols_of(shape, probe.sizes, fixed=fixed), Role.PARAMETER)


def _standing_in(probe: Probe) -> Array:
    shape = [probe.sizes[a] if isinstance(a, str) else a for a in probe.axes]
    return np.random.default_rng(0).standard_normal(shape)


def _output_symbols(shape: tuple[int, ...], probe: Probe, *, fixed: bool) -> tuple[int | str, ...]:
    """Write the output's shape in symbols; the number of examples is one in any case."""
    if not fixed:
        return symbols_of(shape, probe.sizes, fixed=False)
    return tuple("m" if size == probe.sizes["m"] else size for size in shape)


def _labels(shape: tuple[int | str, ...], axes: tuple[int | str, ...]) -> TensorSpec:
    """One of the features is 1 for each example; where there is one feature, 0 or 1."""
    features = 0 if axes[-1] == "m" else -1
    if len(shape) < 2 or shape[features] == 1:
        return TensorSpec(_LABELS_NAME, shape, Role.LABEL, Content.BINARY)
    return TensorSpec(_LABELS_NAME, shape, Role.LABEL, Content.ONE_HOT, axis=features)


def _training_method(layer: Any, name: str) -> TrainingMethod:
    """Choose the method that trains an object.

    Raises
    ------
    GradlabError
        When it has no method for it that can be called.
    """
    refused = ""
    for methods, run in ((_STEP_METHODS, by_steps), (_TRAIN_METHODS, at_once)):
        for method in methods:
            function = getattr(layer, method, None)
            if not callable(function) or (method == "step" and len(parameters_of(function)) < 2):
                continue
            try:
                settings, swapped = _settings(function, f"{name}.{method}")
            except GradlabError as error:
                refused = refused or str(error)
                continue
            first, second = ("Y", "X") if swapped else ("X", "Y")
            return TrainingMethod(
                method, f"{name}.{method}({first}, {second})", run, settings, swapped
            )
    for method in _UPDATE_METHODS:
        function = getattr(layer, method, None)
        if callable(function) and set(parameters_of(function)) <= set(_RATES):
            description = f"forward, squared error /(2m), backward, {name}.{method}"
            return TrainingMethod(method, description, by_updates, _rates(function))
    msg = refused or (
        f"{name} has no train_step(X, Y), train(X, Y) or update_params(learning_rate)"
    )
    raise GradlabError(msg)


def _settings(function: Callable[..., Any], what: str) -> tuple[dict[str, Any], bool]:
    """Return what to pass beyond data and labels, and whether the labels come first."""
    needed = parameters_of(function)
    unknown = [name for name in needed[2:] if name not in (*_RATES, *_COUNTS)]
    if len(needed) < 2 or unknown:
        listed = ", ".join(needed) or "nothing"
        msg = f"{what} takes {listed}, where (X, Y) and at most a learning rate were expected"
        raise GradlabError(msg)
    swapped = needed[0] in LABELS and needed[1] not in LABELS
    return {**_rates(function), **_counts(function)}, swapped


def _rates(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the learning rate under the name that has to be given; a default is left alone."""
    return {name: RATE for name in parameters_of(function) if name in _RATES}


def _counts(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the number of steps under the name that the function takes it by, if it does."""
    return {name: STEPS for name in inspect.signature(function).parameters if name in _COUNTS}


class _Session:
    """One training, of a new object or of a copy of the instance."""

    def __init__(self, probe: Probe, trainer: TrainingMethod, domain: Domain) -> None:
        self._probe, self._training_method, self._domain = probe, trainer, domain

    def forward(self, values: Values) -> Outputs:
        """Train from the parameters in `values`; return the costs, and each parameter's history."""
        probe, sizes = self._probe, sizes_of(self._domain, values)
        layer = probe.factory.make(sizes)
        probe.attributes.put(layer, values)
        history: dict[str, list[Array]] = {key: [] for key in probe.parameters}
        X, Y = values[probe.attributes.input], values[_LABELS_NAME]
        loop = Loop(layer, probe, self._training_method, X, Y, sizes["m"], [], history)
        self._training_method.run(loop)
        return (
            np.array(loop.costs),
            *(_stacked(f"{probe.attributes.name}'s {key}", kept) for key, kept in history.items()),
        )

    def backward(self, values: Values, cotangents: Outputs) -> Gradients:
        """Refuse: training is recorded, not differentiated."""
        del values, cotangents
        raise _no_backward()


def _stacked(what: str, kept: list[Array]) -> Array:
    if len({value.shape for value in kept}) != 1:
        shapes = ", ".join(dict.fromkeys(str(value.shape) for value in kept))
        msg = f"{what} changes its shape in training: {shapes}"
        raise CodeUnderTestError(msg)
    return np.stack(kept)


def _no_backward() -> GradlabError:
    return GradlabError("training has no backward; its outputs are what is recorded of it")


def _adapt_function(function: Any, name: str) -> Subject:
    """Make a `Subject` of a function that trains and returns the costs."""
    settings, swapped = _settings(function, name)
    axes = ("n_in", "m")
    domain = Domain(
        (TensorSpec("X", axes), TensorSpec(_LABELS_NAME, (1, "m"), Role.LABEL, Content.BINARY))
    )
    return Subject(
        f"training by {name}",
        lambda _values: _FunctionSession(function, name, settings, swapped=swapped),
        domain,
        layout=Layout.FEATURES_EXAMPLES,
        notes=(f"{name}({'Y, X' if swapped else 'X, Y'})",),
    )


class _FunctionSession:
    """One call of a function that trains; its parameters are its own."""

    def __init__(
        self, function: Any, name: str, settings: dict[str, Any], *, swapped: bool
    ) -> None:
        self._function, self._name = function, name
        self._settings, self._swapped = settings, swapped

    def forward(self, values: Values) -> Outputs:
        """Train; return the costs."""
        data = (values["X"], values[_LABELS_NAME])
        ordered = data[::-1] if self._swapped else data
        result = call(self._name, self._function, *ordered, **self._settings)
        return (costs_of(result, self._name),)

    def backward(self, values: Values, cotangents: Outputs) -> Gradients:
        """Refuse: training is recorded, not differentiated."""
        del values, cotangents
        raise _no_backward()
