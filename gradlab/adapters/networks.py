"""Networks: parameters under names, and a method that returns the cost and its gradients.

A class in the reference's form is made of ``(layers, cost, l2)``; one in cs231n's
form of its sizes, with ``params`` and ``loss(X, y)`` → (loss, grads).  An
instance of either form is copied.
"""

from __future__ import annotations

import copy
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab import reference
from gradlab.adapters.attribute_tree import attributes_of
from gradlab.adapters.calls import as_array, call
from gradlab.adapters.signatures import called, named, one_of, required, unknown_argument
from gradlab.errors import CodeUnderTestError, GradlabError
from gradlab.interfaces import NetworkInterface, Routine
from gradlab.kinds import Kind

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping

    from gradlab.interfaces import Array, Parameters

NAMES = ("network",)

_METHODS = ("cost_and_gradients", "loss_and_gradients", "loss_and_grads", "loss")
_HELD = ("parameters", "params")
_SIZES = {
    2: ("input_dim", "input_size", "n_in", "n_inputs", "n_x"),
    3: ("hidden_dim", "hidden_size", "n_hidden", "hidden", "n_h"),
    4: ("num_classes", "n_classes", "output_size", "output_dim", "n_out", "n_y"),
}
_PENALTIES = ("l2", "l2_lambda", "lambd", "lambda_", "lam", "reg", "weight_decay")
_N_IN, _N_HIDDEN, _N_OUT = 2, 3, 1
_LAMBDA = 0.75


def looks_like_one(obj: object) -> bool:
    """Whether the shape of the code leaves no doubt that it is a network."""
    method = _method(obj)
    holds = any(hasattr(obj, held) for held in _HELD)
    # With a backward of its own it may be a layer that knows its loss.
    made = holds or _sizes_of(obj) is not None
    return method is not None and made and not hasattr(obj, "backward")


def adapt(obj: Any, like: str | None, name: str | None = None) -> Routine[NetworkInterface]:
    """Make a routine of a network's class, or of an instance.

    Raises
    ------
    GradlabError
        If it cannot be seen how to make one, or how to evaluate it.
    """
    title = name or called(obj)
    if _method(obj) is None:
        msg = (
            f"{title} has none of the methods {', '.join(_METHODS)}; a network has one that takes "
            "X and Y and returns the cost and a dict of gradients"
        )
        raise GradlabError(msg)
    if isinstance(obj, type) and "layers" in named(obj):
        interface, convention = _of_layers(obj, title), "article"
    elif isinstance(obj, type):
        interface, convention = _of_sizes(obj, title)
    else:
        interface, convention = _of_instance(obj, title)
    return Routine(title, Kind.NETWORK, interface, like or "network", convention)


def _method(obj: object) -> Any:
    found = (getattr(obj, method, None) for method in _METHODS)
    return next((method for method in found if callable(method)), None)


def _of_layers(cls: type[Any], title: str) -> NetworkInterface:
    """Take a class that is made of layers, as the reference's is."""
    decays = "l2" in named(cls)
    penalty = {"l2": _LAMBDA} if decays else {}

    def build(maker: type[Any], layers: list[Any], **settings: float) -> _Network:
        return _Network(call(f"{title}()", maker, layers, **settings), title)

    def linear(count: int) -> _Network:
        # Without penalty: the weights of one layer are not those of two.
        return build(cls, _linear((_N_IN, *(_N_HIDDEN,) * (count - 1), _N_OUT)))

    can_save = callable(getattr(cls, "save", None)) and callable(getattr(cls, "load", None))
    return NetworkInterface(
        lambda: build(cls, _hidden(), **penalty),
        _columns(_N_IN, _N_OUT),
        _split_columns,
        penalty=penalty.get("l2", 0.0),
        save=_save if can_save else None,
        load=_load if can_save else None,
        linear=linear,
        twin=lambda: reference_network(penalty.get("l2", 0.0)),
    )


def reference_network(penalty: float) -> _Network:
    """Make the reference's network of the layers that a network in the article's form is given.

    Parameters
    ----------
    penalty
        λ of the penalty λ/(2m)·Σ‖W‖² on the weights.
    """
    return _Network(reference.Network(_hidden(), l2=penalty), "gradlab.reference.Network")


def _hidden() -> list[Any]:
    first, last = _linear((_N_IN, _N_HIDDEN, _N_OUT))
    return [first, reference.TanhLayer((_N_HIDDEN, 1)), last]


def _linear(sizes: tuple[int, ...]) -> list[Any]:
    """Make the reference's linear layers; their weights are replaced before use."""
    rng = np.random.default_rng(0)
    return [
        reference.LinearLayer((n_in, 1), n_out, rng=rng)
        for n_in, n_out in itertools.pairwise(sizes)
    ]


def _sizes_of(obj: object) -> dict[str, int] | None:
    """Return the constructor's sizes under its own names; None where they are not all there."""
    if not isinstance(obj, type):
        return None
    names = named(obj)
    found = {one_of(names, known): size for size, known in _SIZES.items()}
    return None if None in found else {str(name): size for name, size in found.items()}


def _of_sizes(cls: type[Any], title: str) -> tuple[NetworkInterface, str]:
    sizes = _sizes_of(cls)
    if sizes is None:
        msg = (
            f"{title}({', '.join(named(cls))}): it cannot be seen how to make one; give an "
            "instance, or a class of layers, or of its sizes input_dim, hidden_dim, num_classes"
        )
        raise GradlabError(msg)
    for argument in required(cls):
        if argument not in sizes:
            raise unknown_argument(title, argument, "of a network")
    made = call(f"{title}()", cls, **sizes)
    interface, convention = _of_instance(made, title)
    return interface, convention


def _of_instance(obj: Any, title: str) -> tuple[NetworkInterface, str]:
    """Take an instance, and find out how examples and labels lie."""
    parameters = _Network(obj, title).parameters()
    matrices = [
        value.shape
        for name, value in parameters.items()
        if name.upper().startswith("W") and value.ndim == 2
    ]
    if not matrices:
        msg = f"{title} has no parameter W1, a matrix, so that its sizes are unknown"
        raise GradlabError(msg)
    first, last = matrices[0], matrices[-1]
    readings = [
        (_columns(first[1], last[0]), _split_columns, 0, "article"),
        (_rows(first[0], last[1]), _split_rows, 1, "cs231n"),
    ]
    if any(p.size == first[1] != first[0] for p in parameters.values() if p.shape != first):
        # A bias for each column of the first weights: the units are columns there.
        readings.reverse()
    refused: list[GradlabError] = []
    for data, single, units, convention in readings:
        interface = NetworkInterface(
            lambda: _Network(copy.deepcopy(obj), title), data, single, units, _penalty(obj)
        )
        try:
            interface.open().cost_and_gradients(*data(0, 5))
        except GradlabError as error:
            refused.append(error)
        else:
            return interface, convention
    raise refused[0]


def _penalty(network: Any) -> float:
    """Read an instance's λ off its attributes; 0 where it has none."""
    held = {key.lstrip("_").lower(): value for key, value in attributes_of(network).items()}
    key = one_of(held, _PENALTIES)
    return float(held[key]) if key is not None and isinstance(held[key], int | float) else 0.0


def _columns(n_in: int, n_out: int) -> Callable[[int, int], tuple[Array, Array]]:
    def draw(seed: int, m: int) -> tuple[Array, Array]:
        rng = np.random.default_rng(seed)
        # Labels of 0 and 1, because a cross-entropy is defined for nothing else.
        return rng.standard_normal((n_in, m)), rng.integers(2, size=(n_out, m)).astype(float)

    return draw


def _rows(n_in: int, classes: int) -> Callable[[int, int], tuple[Array, Array]]:
    def draw(seed: int, m: int) -> tuple[Array, Array]:
        rng = np.random.default_rng(seed)
        return rng.standard_normal((m, n_in)), rng.integers(classes, size=m)

    return draw


def _split_columns(X: Array, Y: Array) -> list[tuple[Array, Array]]:
    return [(X[:, [j]], Y[:, [j]]) for j in range(X.shape[1])]


def _split_rows(X: Array, y: Array) -> list[tuple[Array, Array]]:
    return [(X[[j]], y[[j]]) for j in range(len(X))]


@dataclass(frozen=True)
class _Network:
    """A network with its parameters in a dictionary, or behind a property."""

    network: Any
    name: str

    def parameters(self) -> Parameters:
        """Return copies of the parameters."""
        held = getattr(self.network, self._held())
        if not isinstance(held, dict) or not held:
            msg = f"{self.name}.{self._held()} is no dict of parameters"
            raise CodeUnderTestError(msg)
        return {
            str(key): np.array(as_array(f"{self.name}.{self._held()}[{key!r}]", value))
            for key, value in held.items()
        }

    def set_parameters(self, parameters: Mapping[str, Array]) -> None:
        """Replace the parameters by copies of these."""
        own = {name: np.array(value) for name, value in parameters.items()}
        call(f"setting {self.name}.{self._held()}", setattr, self.network, self._held(), own)

    def cost_and_gradients(self, X: Array, Y: Array) -> tuple[Array, Parameters]:
        """Return the cost and its gradients, under the names of the parameters."""
        method = _method(self.network)
        what = f"{self.name}.{method.__name__}"
        result = call(what, method, X, Y)
        if not (isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], dict)):
            msg = f"{what} should return the cost and a dict of gradients; it returned {result!r}"
            raise CodeUnderTestError(msg[:300])
        cost, slopes = result
        value = as_array(f"the cost from {what}", cost)
        if value.size != 1:
            msg = f"the cost from {what} has shape {value.shape}, where one number was expected"
            raise CodeUnderTestError(msg)
        return np.array(np.reshape(value, ())), self._named(what, slopes)

    def _named(self, what: str, slopes: Mapping[str, Any]) -> Parameters:
        found = {}
        for name in self.parameters():
            key = name if name in slopes else f"d{name}"
            if key not in slopes:
                msg = f"{what} returned no gradient of {name}; it returned: {', '.join(slopes)}"
                raise CodeUnderTestError(msg)
            found[name] = np.array(as_array(f"the gradient of {name} from {what}", slopes[key]))
        return found

    def _held(self) -> str:
        held = [key for key in _HELD if hasattr(self.network, key)]
        if not held:
            msg = f"{self.name} has neither {' nor '.join(_HELD)}, a dict of its parameters"
            raise GradlabError(msg)
        return held[0]


def _save(net: Any, path: str | os.PathLike[str]) -> None:
    call(f"{net.name}.save", net.network.save, path)


def _load(net: Any, path: str | os.PathLike[str]) -> None:
    call(f"{net.name}.load", net.network.load, path)
