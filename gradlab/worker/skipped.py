"""What in a file looks like a layer, a cost or an optimizer and is not checked, and why."""

from __future__ import annotations

import ast
import inspect
import re
import sys
import types
from typing import TYPE_CHECKING, Any

from gradlab.adapters.names import METHOD_PAIRS
from gradlab.worker.load import Placeholder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gradlab.worker.discover import Found

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")

#: Words in a name by which code looks like something that gradlab checks.
_FORWARD_WORDS = frozenset({"forward", "fwd", "fprop", "feedforward", "forwardprop"})
_BACKWARD_WORDS = frozenset(
    {"backward", "bwd", "bprop", "backprop", "backpropagate", "backpropagation", "vjp"}
    | {"prime", "deriv", "derivative"}
)
_COST_WORDS = frozenset({"loss", "cost"})
_OPTIMIZER_WORDS = frozenset(
    {"optimizer", "optimiser", "sgd", "adam", "adamw", "adagrad", "adadelta", "rmsprop", "momentum"}
)
_LAYER_WORDS = frozenset({"layer"})
_WORDS = _FORWARD_WORDS | _BACKWARD_WORDS | _COST_WORDS | _OPTIMIZER_WORDS | _LAYER_WORDS

# "forward_pass" alone names a method of every training script, not a forward of its own.
_FORWARD_METHODS = {forward for forward, _ in METHOD_PAIRS if not forward.startswith("_")}
_BACKWARD_METHODS = {backward for _, backward in METHOD_PAIRS}

_BY_HAND = "hand it over with gradlab.check_gradients(forward, backward, values)"


def find_skipped(
    module: types.ModuleType, trees: Iterable[ast.Module], found: Iterable[Found]
) -> list[tuple[str, str]]:
    """Return names and reasons, in the order of the file; nothing of it is called.

    Parameters
    ----------
    module
        The module, which has been executed.
    trees
        Its code.
    found
        What is checked.
    """
    taken = _Taken(found)
    names = vars(module)
    skipped = dict(_in_namespace(module, taken))
    for tree in trees:
        for name, reason in _in_code(tree, names, taken):
            skipped.setdefault(name, reason)
    return list(skipped.items())


class _Taken:
    """The names and objects that are checked, or are part of what is checked."""

    def __init__(self, found: Iterable[Found]) -> None:
        items = list(found)
        parts = [p for i in items for p in (i.obj if isinstance(i.obj, tuple) else (i.obj,))]
        self.names = {name for item in items for name in (item.name, *item.aliases)}
        self.names |= {str(getattr(part, "__name__", "")) for part in parts}
        self._objects = {id(part) for part in parts}
        bases = {base for p in parts if isinstance(p, type) for base in p.__mro__[1:]}
        self._objects |= set(map(id, bases))

    def holds(self, name: str, obj: Any) -> bool:
        """Whether an object is checked under this or another name, or is a base of one."""
        return name in self.names or id(obj) in self._objects or id(type(obj)) in self._objects


def _in_namespace(module: types.ModuleType, taken: _Taken) -> Iterator[tuple[str, str]]:
    """Yield what the module holds under a telling name, or with telling methods."""
    for name, obj in list(vars(module).items()):
        if name.startswith("__") or isinstance(obj, types.ModuleType) or taken.holds(name, obj):
            continue
        if not callable(obj) and not _methods_of(obj):
            continue
        if _is_telling(name, obj) and (reason := _reason(name, obj, module)):
            yield name, reason


def _is_telling(name: str, obj: Any) -> bool:
    return bool(_words(name) & _WORDS or _methods_of(obj))


def _words(name: str) -> set[str]:
    """Split a name into its words, in lower case.

    Examples
    --------
    >>> sorted(_words("max_poolBackwardNaive"))
    ['backward', 'max', 'naive', 'pool']
    """
    return {word.lower() for word in _WORD.findall(name)}


def _methods_of(obj: Any) -> tuple[str, str] | None:
    """Return the methods by which a class or an instance looks like a layer or a cost."""
    cls = obj if isinstance(obj, type) else type(obj)
    if cls.__module__ in ("builtins", "numpy", "functools"):
        return None
    own = {method for method in dir(cls) if callable(inspect.getattr_static(cls, method, None))}
    return next(
        (pair for pair in METHOD_PAIRS if set(pair) <= own and "__call__" not in pair), None
    )


def _reason(name: str, obj: Any, module: types.ModuleType) -> str:
    """State why an object is not checked, and how to have it checked; empty for what is no code."""
    if isinstance(obj, Placeholder):
        return "could not be defined; see the notes on what the file imports"
    home = str(getattr(obj, "__module__", ""))
    plain = isinstance(obj, type | types.FunctionType | types.BuiltinFunctionType)
    if home.split(".", maxsplit=1)[0] in _LIBRARIES | sys.stdlib_module_names:
        return ""
    if plain and home != module.__name__:
        return f"it comes from {home}; check it in its own file, or name it: FILE::{name}"
    if getattr(obj, "__name__", "") == "<lambda>":
        return f"it is a lambda; write it with def, or {_BY_HAND}"
    if not plain:
        return f"it is an object of class {type(obj).__name__}; name it: FILE::{name}"
    if obj.__name__ != name:
        return f"it is called {obj.__name__} where it was defined; name it: FILE::{name}"
    if isinstance(obj, type):
        return _reason_of_class(obj)
    return _reason_of_function(name)


#: Libraries whose objects files import, and which are not to be checked.
_LIBRARIES = frozenset(
    {"numpy", "scipy", "torch", "tensorflow", "keras", "jax", "sklearn", "gradlab"}
)


def _reason_of_class(cls: type) -> str:
    if getattr(cls, "_is_protocol", False):
        return ""
    if inspect.isabstract(cls):
        return "it is abstract, and no class derived from it is in the file"
    if _methods_of(cls) is not None:
        return "its methods are left to derived classes, of which the file has none"
    methods = {method for method in dir(cls) if not method.startswith("__")}
    if methods & _FORWARD_METHODS:
        return f"it has a forward, but no backward that is known by its name; {_BY_HAND}"
    if "step" in methods or "update" in methods:
        return (
            "it was not recognized as an optimizer: one takes parameters and gradients in step or "
            "update; --like NAME states which it is"
        )
    return ""


def _reason_of_function(name: str) -> str:
    words = _words(name)
    if words & _BACKWARD_WORDS:
        return f"no forward belongs to it by name, as X_forward to X_backward; {_BY_HAND}"
    if words & _FORWARD_WORDS:
        return f"no backward belongs to it by name, as X_backward to X_forward; {_BY_HAND}"
    if words & _COST_WORDS:
        return f"it returns no gradient, and no function is named as its gradient; {_BY_HAND}"
    if words & _OPTIMIZER_WORDS:
        return "it was not recognized as an optimizer; --like NAME states which it is"
    return ""


def _in_code(tree: ast.Module, names: dict[str, Any], taken: _Taken) -> Iterator[tuple[str, str]]:
    """Yield checkable definitions that the module does not hold, or holds only the last of."""
    defined: dict[str, int] = {}
    for node in _definitions(tree):
        inner = [] if node.name in taken.names else list(_definitions(node))
        for part in filter(_looks_checkable, inner):
            yield (
                part.name,
                f"line {part.lineno}: it is defined inside {node.name}; move it to the top level",
            )
        if not _looks_checkable(node):
            continue
        if node.name in defined:
            yield (
                f"{node.name} of line {defined[node.name]}",
                f"the definition in line {node.lineno} has the same name; rename one of the two",
            )
        elif node.name not in names:
            yield node.name, f"line {node.lineno}: {_NOT_DEFINED}"
        defined[node.name] = node.lineno


_NOT_DEFINED = (
    "it was not defined when the file was imported, as under "
    'if __name__ == "__main__"; move it to the top level'
)
_Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def _definitions(node: ast.AST) -> Iterator[_Definition]:
    """Yield the outermost definitions in a node; of a class, its methods are none.

    What is defined in a method is an outermost definition of the class.
    """
    for child in ast.iter_child_nodes(node):
        if isinstance(node, ast.ClassDef) and isinstance(child, ast.FunctionDef):
            yield from _definitions(child)
        elif isinstance(child, _Definition):
            yield child
        else:
            yield from _definitions(child)


def _looks_checkable(node: _Definition) -> bool:
    """Whether a definition looks like a backward, or like a class that has one."""
    if not isinstance(node, ast.ClassDef):
        return bool(_words(node.name) & _BACKWARD_WORDS)
    methods = {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
    return bool(methods & _FORWARD_METHODS and methods & _BACKWARD_METHODS)
