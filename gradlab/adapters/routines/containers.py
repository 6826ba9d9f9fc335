"""In what people hand parameters and gradients to an optimizer: dictionaries, lists, arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters.calls import as_array
from gradlab.errors import CodeUnderTestError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradlab.interfaces import Array, Parameters


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
