"""Sessions of a subject that was read: an instance, its forward, its backward."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters.calls import as_array, call
from gradlab.adapters.context import OperationNode
from gradlab.adapters.layer_calls import call_forward, make
from gradlab.adapters.reading import Source, input_axes
from gradlab.adapters.target import Style, arguments_of
from gradlab.errors import CodeUnderTestError, NoResultError
from gradlab.numdiff import is_traced
from gradlab.random_state import restart

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from gradlab.adapters.attribute_tree import Path
    from gradlab.adapters.layer_calls import Run
    from gradlab.adapters.reading import BackwardArgument, Call, GradientAt, Held, Outputs, Reading

    Array = NDArray[Any]
    Values = Mapping[str, Array]

#: The step that a backward which updates parameters itself is given.
RATE = 1024.0


class Execution:
    """One life of a layer: its forward, then its backward, under one reading.

    It raises whatever the code raises; `ReadingSession` makes errors of that.
    """

    def __init__(self, reading: Reading, sizes: Mapping[str, int]) -> None:
        self.reading = reading
        self._sizes = sizes
        call = reading.call
        self.instance = make(call.target, call.init, sizes, input_axes(call))
        self.run: Run | None = None
        self._outputs: tuple[Array, ...] = ()

    def forward(self, values: Values) -> tuple[Array, ...]:
        """Put the parameters in place, run the forward, and return its outputs."""
        reading = self.reading
        if reading.warm and self.run is None:
            call_forward(reading.call, self.instance, values, self._sizes)
        put_parameters(self.instance, reading.held, values)
        self.run = call_forward(reading.call, self.instance, values, self._sizes)
        write_back(self.instance, reading.held, values)
        outputs = outputs_of(self.run, reading)
        self._outputs = outputs
        reduced = tuple(_reduced(out, reading.outputs.reduction) for out in outputs)
        if reading.upstream:
            return reduced
        return tuple(out.reshape(()) if out.size == 1 else out for out in reduced)

    def backward(self, values: Values, cotangents: Sequence[Array]) -> dict[str, Array | None]:
        """Run the backward and collect the gradients."""
        reading, run = self.reading, self.run
        if run is None:
            msg = "backward is called before forward"
            raise CodeUnderTestError(msg)
        before = {held.name: np.array(held.paths[0].get(self.instance)) for held in reading.held}
        earlier = {
            name: np.array(at.path.get(self.instance))
            for name, at in reading.gradients.items()
            if at.adds_up
        }
        result = call_backward(reading, run, self._outputs, cotangents)
        found = {
            name: self._gradient(result, at, before.get(name), _path_of(reading, name))
            for name, at in reading.gradients.items()
        }
        for name, sum_before in earlier.items():
            total = found[name]
            if total is not None and sum_before.shape == total.shape:
                found[name] = np.asarray(total - sum_before)
        if reading.elementwise:
            found = {
                n: None if g is None else np.asarray(g * cotangents[0]) for n, g in found.items()
            }
        for held in reading.held:
            gradient = found.get(held.name)
            if held.number and gradient is not None and gradient.ndim:
                found[held.name] = np.asarray(np.sum(gradient))
        self._undo_steps(before, values)
        write_back(self.instance, reading.held, values)
        return {name: found.get(name) for name in values}

    def _gradient(
        self, result: Any, at: GradientAt, before: Array | None, path: Path | None
    ) -> Array | None:
        if at.where == "step":
            if path is None or before is None:
                return None
            return np.asarray((before - path.get(self.instance)) / self._rate)
        try:
            found = at.path.get(self.instance if at.where == "held" else result)
        except (LookupError, TypeError, IndexError, AttributeError):
            return None
        if found is None:
            return None
        gradient = as_array(f"the gradient at {at.path}", found)
        return gradient.copy() if at.buffer else gradient

    @property
    def _rate(self) -> float:
        rated = any(argument.source is Source.RATE for argument in self.reading.backward)
        return RATE if rated else 1.0

    def _undo_steps(self, before: Mapping[str, Array], values: Values) -> None:
        """Put back parameters of which backward takes the step itself, as it is meant to."""
        for held in self.reading.held:
            at = self.reading.gradients.get(held.name)
            if at is not None and at.where == "step":
                given: Any = values[held.name]
                if not held.number and isinstance(given, np.ndarray):
                    np.copyto(given, before[held.name], casting="unsafe")
                for path in held.paths:
                    path.put(self.instance, float(given) if held.number else given)


def _path_of(reading: Reading, name: str) -> Path | None:
    return next((held.paths[0] for held in reading.held if held.name == name), None)


def put_parameters(instance: Any, held: Sequence[Held], values: Values) -> None:
    """Let an instance hold the very arrays in `values` as its parameters."""
    for parameter in held:
        value: Any = values[parameter.name]
        if parameter.number and not is_traced(value) and value.dtype.kind == "f":
            value = float(value)
        for path in parameter.paths:
            path.put(instance, value)


def write_back(instance: Any, held: Sequence[Held], values: Values) -> None:
    """Show in `values` what the code did to parameters that it holds as new arrays."""
    for parameter in held:
        now, given = parameter.paths[0].get(instance), values[parameter.name]
        if now is given or is_traced(given) or is_traced(now) or parameter.number:
            continue
        if np.shape(now) == given.shape and not np.array_equal(now, given, equal_nan=True):
            np.copyto(given, now, casting="unsafe")


def outputs_of(run: Run, reading: Reading) -> tuple[Array, ...]:
    """Return the outputs of a forward."""
    return read_outputs(run, reading.outputs, reading.call)


def read_outputs(run: Run, outputs: Outputs, call: Call) -> tuple[Array, ...]:
    """Return the outputs of a forward, wherever it left them."""
    title = call.target.forward_title
    if outputs.paths:
        held = [(str(path), path.get(run.instance)) for path in outputs.paths]
        return tuple(as_array(f"{call.target.name}.{name}", value) for name, value in held)
    if call.target.style is Style.VALUE_AND_GRADIENT:
        return (np.reshape(as_array(f"the value from {title}", run.result[outputs.count]), ()),)
    if outputs.count:
        if not isinstance(run.result, tuple | list):
            msg = f"{title} returned a {type(run.result).__name__}, where a tuple was expected"
            raise CodeUnderTestError(msg)
        parts = run.result[: outputs.count]
        if len(parts) == 1:
            return (as_array(f"the output of {title}", parts[0]),)
        return tuple(as_array(f"output {i} of {title}", part) for i, part in enumerate(parts))
    if run.result is None:
        msg = f"{title} returned None, where an array was expected"
        raise NoResultError(msg)
    return (as_array(f"the output of {title}", run.result),)


def _reduced(output: Array, reduction: str) -> Array:
    if reduction == "mean":
        return np.asarray(output.mean())
    return np.asarray(output.sum()) if reduction == "sum" else output


def call_backward(
    reading: Reading, run: Run, outputs: Sequence[Array], cotangents: Sequence[Array]
) -> Any:
    """Call the backward with the arguments of the reading; return what it returns."""
    target = reading.call.target
    if target.style is Style.VALUE_AND_GRADIENT:
        return run.result
    if target.style is Style.FLAG:
        restart()
        return target.forward(**{**run.arguments, target.backward: True})
    function = target.backward
    if isinstance(function, str):
        function = getattr(target.obj if run.instance is None else run.instance, function)
    given = {
        argument.name: _backward_value(argument, run, outputs, cotangents)
        for argument in reading.backward
    }
    parameters = arguments_of(function)
    by_position = [
        given.pop(name)
        for name, parameter in parameters.items()
        if name in given and parameter.kind is parameter.POSITIONAL_ONLY
    ]
    return function(*by_position, **given)


def _backward_value(
    argument: BackwardArgument, run: Run, outputs: Sequence[Array], cotangents: Sequence[Array]
) -> Any:
    which = argument.which
    match argument.source:
        case Source.COTANGENT:
            return cotangents[which]
        case Source.CACHE:
            return run.result[-1] if isinstance(run.result, tuple | list) else run.result
        case Source.ARGUMENT:
            return run.arguments[which]
        case Source.OUTPUT:
            return outputs[which or 0]
        case Source.HELD:
            return getattr(run.instance, which)
    fixed = {
        Source.RATE: RATE,
        Source.CONTEXT: run.context,
        Source.NODE: OperationNode(tuple(run.arguments.values())),
        Source.SETTING: which,
    }
    return fixed[argument.source]


class ReadingSession:
    """A session that reports what the code under test raises as gradlab's errors."""

    def __init__(self, reading: Reading, sizes: Mapping[str, int]) -> None:
        self._title = reading.call.target
        self._execution = call(f"{reading.call.target.name}()", Execution, reading, sizes)

    def forward(self, values: Values) -> tuple[Array, ...]:
        """Run the forward."""
        result: tuple[Array, ...] = call(self._title.forward_title, self._execution.forward, values)
        return result

    def backward(self, values: Values, cotangents: Sequence[Array]) -> dict[str, Array | None]:
        """Run the backward."""
        result: dict[str, Array | None] = call(
            self._title.backward_title, self._execution.backward, values, cotangents
        )
        return result
