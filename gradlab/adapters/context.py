"""The context that static forwards keep their values in for backward."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class Context:
    """Keeps what is saved under any name, as autograd's contexts do."""

    def __init__(self, arguments: Mapping[str, Any] | None = None) -> None:
        self.__dict__["_arguments"] = dict(arguments or {})
        self.saved_tensors: tuple[Any, ...] = ()
        self.needs_input_grad = (True,) * len(self._arguments)

    def save_for_backward(self, *values: Any) -> None:
        """Keep values for backward."""
        self.saved_tensors = values

    @property
    def saved_values(self) -> Any:
        """What was saved, under the name that some frameworks have for it."""
        return self.saved_tensors

    def mark_non_differentiable(self, *values: Any) -> None:
        """Take note of nothing; a gradient of such values is not expected here."""

    def set_materialize_grads(self, value: bool) -> None:
        """Take note of nothing; gradients are always arrays here."""

    def __getattr__(self, name: str) -> Any:
        arguments = self.__dict__["_arguments"]
        if name in arguments:
            return arguments[name]
        raise AttributeError(name)


class OperationNode:
    """A node of a graph as operations' gradients see it: the arrays that its forward took."""

    def __init__(self, inputs: tuple[Any, ...]) -> None:
        self.inputs = inputs
