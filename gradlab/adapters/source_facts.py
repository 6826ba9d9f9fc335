"""Facts from the source of a function: the names that it returns, the keys that it reads."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CACHE: dict[Any, ast.AST | None] = {}


def tree_of(function: Any) -> ast.AST | None:
    """Return the syntax tree of a function or a class; None where there is no source."""
    key = getattr(function, "__code__", function)
    try:
        if key not in _CACHE:
            _CACHE[key] = _parsed(function)
    except TypeError:  # not hashable
        return _parsed(function)
    return _CACHE[key]


def _parsed(function: Any) -> ast.AST | None:
    try:
        source = textwrap.dedent(inspect.getsource(inspect.unwrap(function)))
        return ast.parse(source)
    except (OSError, TypeError, SyntaxError, ValueError, IndexError):
        return None


def returned_names(function: Any) -> list[str] | None:
    """Return the names in a function's last return statement; None where it returns no names.

    What is no name counts as an empty one; a name bound to a tuple in the function
    is opened.
    """
    tree = tree_of(function)
    returns = [node for node in _own_nodes(tree) if isinstance(node, ast.Return) and node.value]
    if not returns:
        return None
    value = returns[-1].value
    if isinstance(value, ast.Name):
        bound = [
            node.value
            for node in _own_nodes(tree)
            if isinstance(node, ast.Assign)
            and any(isinstance(t, ast.Name) and t.id == value.id for t in node.targets)
        ]
        if bound and isinstance(bound[-1], ast.Tuple):
            value = bound[-1]
    parts = value.elts if isinstance(value, ast.Tuple | ast.List) else [value]
    return [_name(part) for part in parts]


def _name(node: ast.AST | None) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=ast.Attribute(value=inner)) if not isinstance(inner, ast.Call):
            name = _name(inner)  # dx.reshape(…), but not np.dot(…)
            return "" if name in ("np", "numpy") else name
    return ""


def _own_nodes(tree: ast.AST | None) -> Iterator[ast.AST]:
    """Yield the nodes of the outermost function, less those of functions inside it."""
    if not isinstance(tree, ast.Module) or not tree.body:
        return
    pending: list[ast.AST] = list(ast.iter_child_nodes(tree.body[0]))
    while pending:
        node = pending.pop(0)
        yield node
        if not isinstance(node, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            pending = [*ast.iter_child_nodes(node), *pending]


def keys_read(function: Callable[..., Any]) -> dict[str, tuple[str, ...]]:
    """Return the keys that a function must find in each dictionary, by the dictionary's name.

    Functions of the same module to which the dictionary is handed on are read too.
    """
    found: dict[str, dict[str, None]] = {}
    _collect_keys(function, {}, found, depth=2)
    return {name: tuple(keys) for name, keys in found.items()}


def _collect_keys(
    function: Any, names: dict[str, str], found: dict[str, dict[str, None]], depth: int
) -> None:
    tree = tree_of(function)
    if tree is None:
        return
    known = getattr(inspect.unwrap(function), "__globals__", {})
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(
                value=ast.Name(id=name), slice=ast.Constant(value=str(key)), ctx=ast.Load()
            ):
                found.setdefault(names.get(name, name), {})[key] = None
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=name), attr="get"),
                args=[ast.Constant(value=str(key))],
            ):
                found.setdefault(names.get(name, name), {})[key] = None
            case ast.Call(func=ast.Name(id=called), args=args) if depth:
                inner = known.get(called)
                if isinstance(inner, types.FunctionType) and inner is not function:
                    taken = inner.__code__.co_varnames
                    renamed = {
                        taken[i]: names.get(arg.id, arg.id)
                        for i, arg in enumerate(args)
                        if isinstance(arg, ast.Name) and i < inner.__code__.co_argcount
                    }
                    inside: dict[str, dict[str, None]] = {}
                    _collect_keys(inner, {}, inside, depth - 1)
                    for name, keys in inside.items():
                        if name in renamed:
                            found.setdefault(renamed[name], {}).update(keys)


def strings_compared(function: Any) -> dict[str, tuple[str, ...]]:
    """Return the strings that a function or class compares each name, key or attribute with."""
    tree = tree_of(function)
    found: dict[str, dict[str, None]] = {}
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Subscript) and (keys := _dictionary_keys(node.value, function)):
            found.setdefault(_key_or_name(node.slice), {}).update(dict.fromkeys(keys))
        if isinstance(node, ast.Compare) and len(node.comparators) == 1:
            for one, other in ((node.left, node.comparators[0]), (node.comparators[0], node.left)):
                name = _key_or_name(one)
                if name:
                    texts = _strings(other)
                    if texts:
                        found.setdefault(name, {}).update(dict.fromkeys(texts))
    return {name: tuple(texts) for name, texts in found.items()}


def _dictionary_keys(node: ast.AST, function: Any) -> list[str]:
    """Return the keys of a dictionary that is written there, or that the module has."""
    if isinstance(node, ast.Dict):
        return [text for key in node.keys for text in _strings(key)]
    if isinstance(node, ast.Name):
        module = sys.modules.get(getattr(function, "__module__", ""))
        held = getattr(module, node.id, None)
        if isinstance(held, dict):
            return [key for key in held if isinstance(key, str)]
    return []


def _key_or_name(node: ast.AST) -> str:
    match node:
        case ast.Subscript(slice=ast.Constant(value=str(key))):
            return key
        case ast.Call(func=ast.Attribute(value=inner, attr="lower")):
            return _key_or_name(inner)
    return _name(node)


def _strings(node: ast.AST | None) -> list[str]:
    parts = node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]
    return [p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str)]


def mentions_last_axis(function: Any) -> bool:
    """Whether code counts axes from the end or reads their number, as code for any rank does."""
    tree = tree_of(function)
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Attribute) and node.attr == "ndim":
            return True
        if isinstance(node, ast.keyword) and node.arg == "axis" and ast.unparse(node.value) == "-1":
            return True
    return False
