"""Any pair of functions over named values: what `check_gradients` is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters.calls import as_array, call, parameters_of
from gradlab.domain import Domain, Role, TensorSpec
from gradlab.errors import CodeUnderTestError, GradlabError
from gradlab.subject import Subject, draw_cotangents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from gradlab.subject import Gradients, Outputs, Values

    Array = NDArray[Any]
    Function = Callable[..., Any]


def subject_from_pair(
    forward: Function, backward: Function, values: Mapping[str, Any], wrt: Iterable[str] | None
) -> tuple[Subject, dict[str, Array]]:
    """Make a `Subject` of two functions, and the point at which to check it."""
    point = {name: _value(name, value) for name, value in values.items()}
    if not point:
        msg = "values is empty; give at least one named array, as in {'x': np.ones(3)}"
        raise GradlabError(msg)
    claimed = _first_run(forward, backward, point)
    chosen = _chosen(wrt, point, claimed)
    promoted = tuple(name for name in chosen if point[name].dtype.kind in "iub")
    point |= {name: point[name].astype(float) for name in promoted}
    notes = tuple(
        f"{name} came as integers and backward has a gradient for it: promoted to float"
        for name in promoted
    )
    tensors = tuple(
        TensorSpec(name, value.shape, Role.INPUT if name in chosen else Role.LABEL)
        for name, value in point.items()
    )
    name = getattr(forward, "__name__", "forward")
    subject = Subject(
        "function pair" if name == "<lambda>" else name,
        lambda _values: _Session(forward, backward),
        Domain(tensors, batch=""),
        wrt=chosen,
        required=() if wrt is None else chosen,
        notes=notes,
    )
    return subject, point


def _value(name: str, value: Any) -> Array:
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        msg = (
            f"values[{name!r}] is a {type(value).__name__} of dtype {array.dtype}; "
            "arrays of real numbers are expected"
        )
        raise GradlabError(msg)
    return array


def _first_run(forward: Function, backward: Function, point: Values) -> Gradients:
    """Run both once: which gradients come back decides what is checked."""
    session = _Session(forward, backward)
    handed = {name: value.copy() for name, value in point.items()}
    outputs = session.forward(handed)
    cotangents = draw_cotangents(outputs, np.random.default_rng(0))
    claimed = session.backward(handed, cotangents)
    for name in claimed:
        if name not in point:
            msg = f"backward returned a gradient of {name!r}; the values are {', '.join(point)}"
            raise CodeUnderTestError(msg)
    return claimed


def _chosen(wrt: Iterable[str] | None, point: Values, claimed: Gradients) -> tuple[str, ...]:
    if wrt is None:
        return tuple(
            name
            for name, value in point.items()
            if value.dtype.kind == "f" or claimed.get(name) is not None
        )
    chosen = (wrt,) if isinstance(wrt, str) else tuple(wrt)
    if not chosen:
        msg = f"wrt=[] names no tensor; name one of {', '.join(point)}, or leave wrt out"
        raise GradlabError(msg)
    for name in chosen:
        if name not in point:
            msg = f"wrt names {name!r}; the values are {', '.join(point)}"
            raise GradlabError(msg)
    return chosen


class _Session:
    """Calls the two functions; remembers how the forward's result was put together."""

    def __init__(self, forward: Function, backward: Function) -> None:
        self._forward = forward
        self._backward = backward
        self._rebuild: Callable[[Outputs], Any] = lambda outputs: outputs[0]
        self._scalar = False

    def forward(self, values: Values) -> Outputs:
        result = call("forward", self._forward, dict(values))
        if isinstance(result, list):
            result = _stacked(result)
        self._scalar = not isinstance(result, tuple | np.ndarray) and _is_number(result)
        if isinstance(result, tuple | list):
            self._rebuild = type(result)
            return tuple(as_array(f"output {i} of forward", r) for i, r in enumerate(result))
        if self._scalar:
            self._rebuild = lambda outputs: outputs[0].item()
        return (as_array("the output of forward", result),)

    def backward(self, values: Values, cotangents: Outputs) -> Gradients:
        given = [dict(values)]
        if not self._leaves_cotangent_out():
            given.append(self._rebuild(cotangents))
        result = call("backward", self._backward, *given)
        if not hasattr(result, "items"):
            msg = (
                f"backward returned a {type(result).__name__}, where a dict of gradients was "
                "expected, as in {'x': dx}"
            )
            raise CodeUnderTestError(msg)
        gradients = {
            str(name): None if g is None else as_array(f"the gradient of {name}", g)
            for name, g in result.items()
        }
        if self._scalar and self._leaves_cotangent_out():
            factor = cotangents[0]
            return {k: None if g is None else g * factor for k, g in gradients.items()}
        return gradients

    def _leaves_cotangent_out(self) -> bool:
        return self._scalar and len(parameters_of(self._backward)) == 1


def _stacked(outputs: list[Any]) -> Any:
    """Return one array of a list whose items have one shape; of others, the list itself.

    Traced arrays are stacked by NumPy's own protocol, which `np.asarray` does not use.
    """
    if not outputs or len({np.shape(each) for each in outputs}) != 1:
        return outputs
    try:
        return np.stack(outputs)
    except (TypeError, ValueError):
        return outputs


def _is_number(result: Any) -> bool:
    """Return whether a result that is no array of NumPy's is a single number."""
    return not getattr(result, "shape", ())
