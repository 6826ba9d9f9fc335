"""Making a layer, and calling its forward and its backward, as a reading describes it."""

from __future__ import annotations

import contextlib
import copy
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters.context import Context
from gradlab.adapters.names import PREPARATIONS
from gradlab.adapters.target import Style, arguments_of
from gradlab.adapters.templates import passed, resolved, tensors_of
from gradlab.domain import draw
from gradlab.random_state import restart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from gradlab.adapters.reading import Call
    from gradlab.adapters.target import Target
    from gradlab.adapters.templates import Arguments

    Array = NDArray[Any]
    Values = Mapping[str, Array]


@contextlib.contextmanager
def quiet_streams() -> Iterator[None]:
    """Let what the code under test prints while it is tried go nowhere."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def make(
    target: Target, init: Arguments, sizes: Mapping[str, int], axes: Sequence[int | str] = ()
) -> Any:
    """Make an instance of a class, or copy an instance; None where there are functions only.

    `axes` is the shape of the input, which a preparing method may require.
    """
    if target.style is Style.STATIC or target.obj is None:
        return None
    if not target.is_class:
        return copy.deepcopy(target.obj)
    drawn = {
        name: draw(tensor.spec(name), sizes, np.random.default_rng(3))
        for name, tensor in tensors_of(init).items()
    }
    given = {name: passed(argument, name, sizes, drawn) for name, argument in init}
    restart()
    made = target.obj(**given)
    for name in PREPARATIONS:
        method = getattr(made, name, None)
        if callable(method) and not isinstance(method, type):
            with contextlib.suppress(Exception):  # what it needs may come with forward
                _prepare(method, sizes, axes)
    return made


def _prepare(method: Callable[..., Any], sizes: Mapping[str, int], axes: Sequence[Any]) -> None:
    """Call a method that readies an instance, if what it takes is known."""
    try:
        arguments = arguments_of(method)
    except (TypeError, ValueError):
        return
    given: dict[str, Any] = {}
    for name, argument in arguments.items():
        if argument.default is not argument.empty:
            continue
        if "shape" in name.lower():
            given[name] = tuple(resolved(axis, sizes) for axis in axes[1:])
        elif name.lower() in ("optimizer", "optimiser", "opt"):
            given[name] = StepOfOne()
        else:
            return
    method(**given)


class StepOfOne:
    """An optimizer whose step is the gradient itself, so that a step shows the gradient."""

    def update(self, value: Any, gradient: Any, *_more: Any) -> Any:
        """Return the value less the gradient."""
        return value - gradient

    def __call__(self, value: Any, gradient: Any, *_more: Any) -> Any:
        """Return the value less the gradient."""
        return value - gradient


@dataclass
class Run:
    """One forward of one instance, and what its backward needs to know of it."""

    instance: Any
    arguments: dict[str, Any] = field(default_factory=dict)
    result: Any = None
    context: Any = None


def call_forward(call: Call, instance: Any, values: Values, sizes: Mapping[str, int]) -> Run:
    """Call the forward at values; random numbers are the same at each call."""
    target = call.target
    given = {name: passed(arg, name, sizes, values) for name, arg in call.forward}
    run = Run(instance, given)
    flush = getattr(instance, "flush_gradients", None)
    if callable(flush):
        with contextlib.suppress(Exception):  # there may be nothing to flush yet
            flush()
    function = target.forward
    if isinstance(function, str):
        function = getattr(target.obj if instance is None else instance, function)
    positional = []
    if target.style is Style.STATIC and takes_context(target):
        run.context = Context(given)
        positional = [run.context]
    restart()
    run.result = function(*positional, **given)
    return run


def takes_context(target: Target) -> bool:
    """Whether a static forward keeps what backward needs in its first argument."""
    names = list(arguments_of(target.forward_function))
    return bool(names) and names[0].lower() in ("ctx", "context", "self_", "cxt")
