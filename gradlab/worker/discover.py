"""What in a file can be checked, by names and signatures alone: nothing of it is called."""

from __future__ import annotations

import ast
import inspect
import types
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gradlab.adapters.function_names import forward_of, gives_value_and_gradient
from gradlab.adapters.names import METHOD_PAIRS
from gradlab.adapters.recognition import kind_of
from gradlab.adapters.source_facts import returned_names
from gradlab.adapters.target import PairByName, derivative_flag, method_pairs
from gradlab.errors import GradlabError
from gradlab.worker.load import Placeholder

_FORWARD, _BACKWARD = "_forward", "_backward"
_METHODS = ("forward", "backward")
_PAIRED = {name for pair in METHOD_PAIRS for name in pair}

NOTHING = (
    "holds nothing to check; gradlab looks for classes with forward and backward, for pairs of "
    "functions like X_forward and X_backward, X and X_backward, or X and X_prime, for functions "
    "that return a value and its gradient, like (loss, dx), and for optimizers, "
    "initializers, mini-batching, networks, training loops and classes of graph nodes"
)


@dataclass(frozen=True)
class Found:
    """Something to check.

    Attributes
    ----------
    obj
        A class, an instance, a function or a pair of functions.
    incomplete
        What is not there yet; empty when the rest is.
    aliases
        Other names under which it can be requested.
    differentiable
        Whether it is a layer or a cost, and no optimizer or the like.
    """

    name: str
    obj: Any
    incomplete: str = ""
    aliases: tuple[str, ...] = ()
    differentiable: bool = True


class Finder:
    """Looks through a module that has been run.

    Parameters
    ----------
    module
        The module; only what it defines itself is looked at.
    trees
        Its code, in which the return values of functions are named.
    """

    def __init__(self, module: types.ModuleType, trees: list[ast.Module]) -> None:
        self._module = module
        self._defined = {
            node.name: node
            for tree in trees
            for node in tree.body
            if isinstance(node, ast.ClassDef | ast.FunctionDef)
        }

    def all(self) -> list[Found]:
        """Return everything to check, in the order in which the file defines it."""
        own = {name: obj for name, obj in vars(self._module).items() if self._is_own(name, obj)}
        bases = {base for obj in own.values() if isinstance(obj, type) for base in obj.__mro__[1:]}
        found = [self._look(name, obj, own, bases) for name, obj in own.items()]
        return [item for item in found if item is not None]

    def named(self, name: str, file: str) -> Found:
        """Return what was requested by name, defined here or imported.

        Raises
        ------
        GradlabError
            When the file has no such name.
        """
        known = self.all()
        for item in known:
            if name == item.name or name in item.aliases:
                return item
        if name in vars(self._module):
            return Found(name, vars(self._module)[name])
        has = ", ".join(item.name for item in known)
        msg = (
            f"{file} has no {name}; it has {has}" if has else f"{file} has no {name}, and {NOTHING}"
        )
        raise GradlabError(msg)

    def _is_own(self, name: str, obj: Any) -> bool:
        if name in self._defined:
            return callable(obj)  # whatever a decorator made of it
        return (
            isinstance(obj, type | types.FunctionType)
            and obj.__module__ == self._module.__name__
            and obj.__name__ == name
        )

    def _look(self, name: str, obj: Any, own: dict[str, Any], bases: set[type]) -> Found | None:
        definition = self._defined.get(name)
        if isinstance(definition, ast.ClassDef) or isinstance(obj, type):
            return self._look_at_class(name, obj, bases)
        if name in self._pairs:
            backwards = self._pairs[name]
            first = backwards[0]
            aliases = (*backwards, name.removesuffix(_FORWARD))
            return Found(name, PairByName((obj, vars(self._module)[first])), aliases=aliases)
        for forward, backwards in self._pairs.items():
            if name in backwards:
                if name == backwards[0] and forward in own:
                    return None
                pair = PairByName((vars(self._module)[forward], obj))
                return Found(forward if name == backwards[0] else name, pair, aliases=(name,))
        if name.endswith(_BACKWARD):
            return _alone(name, _BACKWARD, _FORWARD, own)
        if name.endswith(_FORWARD):
            return _alone(name, _FORWARD, _BACKWARD, own)
        if self._is_cost(name, obj) or derivative_flag(obj) is not None:
            return Found(name, obj)
        return self._routine(name, obj)

    @cached_property
    def _pairs(self) -> dict[str, tuple[str, ...]]:
        """The backwards of each forward, by name; the forward may be imported."""
        known = {
            name: obj
            for name, obj in vars(self._module).items()
            if callable(obj) and not isinstance(obj, type) and not name.startswith("__")
        }
        pairs: dict[str, tuple[str, ...]] = {}
        for name, obj in known.items():
            if not self._is_own(name, obj):
                continue
            found = forward_of(name, known)
            if found is not None and not isinstance(self._defined.get(found[0]), ast.ClassDef):
                pairs[found[0]] = (*pairs.get(found[0], ()), name)
        return pairs

    def _look_at_class(self, name: str, obj: Any, bases: set[type]) -> Found | None:
        if isinstance(obj, Placeholder):
            node = self._defined[name]
            methods = {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
            return Found(name, obj) if methods & set(_METHODS) else None
        pairs = method_pairs(obj)
        methods = {method for method in _METHODS if callable(getattr(obj, method, None))}
        layer = bool(methods or pairs)
        # A protocol states methods for others to have.
        if getattr(obj, "_is_protocol", False) or inspect.isabstract(obj):
            return None
        if obj in bases and self._is_interface(name, layer):
            return None
        routine = None if len(methods) == len(_METHODS) else self._routine(name, obj)
        return routine or (Found(name, obj) if layer else None)

    def _routine(self, name: str, obj: Any) -> Found | None:
        """Return an optimizer, a network, or another kind without a backward of its own."""
        if isinstance(obj, Placeholder) or kind_of(obj) is None:
            return None
        return Found(name, obj, differentiable=False)

    def _is_interface(self, name: str, layer: bool) -> bool:
        """Whether a class leaves its methods, of a layer forward and backward, to derived ones."""
        methods = [
            part
            for part in getattr(self._defined.get(name), "body", [])
            if isinstance(part, ast.FunctionDef) and part.name != "__init__"
        ]
        if layer:
            return all(_is_stub(method) for method in methods if method.name in _PAIRED)
        return any(map(_is_stub, methods))

    def _is_cost(self, name: str, obj: Any) -> bool:
        """Whether a function returns a number and gradients, as far as its code shows."""
        named = any(word in name.lower() for word in ("cost", "loss"))
        definition = self._defined.get(name)
        if isinstance(obj, Placeholder) or definition is None:
            return named
        if named and (_returns_pair(definition) or (_is_stub(definition) and _takes_two(obj))):
            return True
        return gives_value_and_gradient(name, returned_names(obj))


def _alone(name: str, half: str, other: str, own: dict[str, Any]) -> Found | None:
    """Return a function whose other half is not there; None where it is."""
    stem = name.removesuffix(half)
    others = (stem + other, stem) if other == _FORWARD else (stem + other,)
    if any(partner in own for partner in others):
        return None
    missing = f"{stem}{other}"
    reason = f"{missing} is not implemented yet: {name} has nothing to be compared with"
    return Found(name, own[name], incomplete=reason)


def _takes_two(function: Any) -> bool:
    if not inspect.isroutine(function):
        return False
    parameters = inspect.signature(function).parameters.values()
    needed = [
        parameter
        for parameter in parameters
        if parameter.default is parameter.empty
        and parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
    return len(needed) == 2


def _returns_pair(function: ast.FunctionDef | ast.ClassDef) -> bool:
    """Whether a function returns a pair, which may be a value and its gradient or gradients."""
    return any(
        isinstance(node, ast.Return)
        and isinstance(node.value, ast.Tuple)
        and len(node.value.elts) == 2
        for node in ast.walk(function)
    )


def _is_stub(function: ast.FunctionDef | ast.ClassDef) -> bool:
    """Whether a body is empty, or raises NotImplementedError and nothing else."""
    return all(
        isinstance(part, ast.Pass)
        or (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))
        or (isinstance(part, ast.Raise | ast.Return) and "NotImplemented" in ast.unparse(part))
        for part in function.body
    )
