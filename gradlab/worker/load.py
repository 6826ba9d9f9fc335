"""Running a file's code: all of it, or its definitions alone."""

from __future__ import annotations

import ast
import builtins
import sys
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from gradlab.errors import CodeUnderTestError

if TYPE_CHECKING:
    from gradlab.worker.source import Piece

_DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_CONSTANT = (
    *(ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.Set, ast.Name, ast.Attribute),
    *(ast.UnaryOp, ast.BinOp, ast.unaryop, ast.operator, ast.expr_context),
)


#: Names of the article that gradlab's own reference has, too.
IN_REFERENCE = ("LinearLayer", "SigmoidLayer", "compute_cost", "initialize_parameters")


class PlaceholderError(CodeUnderTestError):
    """A stand-in was used; the message says what is missing and what to do."""


class Placeholder:
    """Raises `PlaceholderError` with its reason when it is used in any way."""

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def refuse(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Say what is missing."""
        raise PlaceholderError(self.reason)

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):  # what inspection asks of every object
            raise AttributeError(name)
        self.refuse()

    __call__ = __getitem__ = __iter__ = __len__ = __bool__ = __array__ = __mro_entries__ = refuse
    __add__ = __sub__ = __mul__ = __truediv__ = __pow__ = __matmul__ = __neg__ = refuse
    __radd__ = __rsub__ = __rmul__ = __rtruediv__ = __rpow__ = __rmatmul__ = refuse
    __lt__ = __le__ = __gt__ = __ge__ = refuse


def import_placeholder(
    statement: ast.Import | ast.ImportFrom, file: str, error: Exception
) -> Placeholder:
    """Stand in for one imported name; say which line wanted it, and what to do."""
    alias = statement.names[0]
    module = alias.name
    if isinstance(statement, ast.ImportFrom):
        module = statement.module or alias.name
    path = f"{module.replace('.', '/')}.py"
    beside, *_ = file.split(", cell ")
    cures = [f"put {path} beside {beside}"]
    if isinstance(statement, ast.ImportFrom) and alias.name in IN_REFERENCE:
        cures.append(f"write `from gradlab.reference import {alias.name}` there")
    else:
        cures.append("install the package that has it")
    return Placeholder(
        f"{alias.asname or alias.name} is missing, which `{ast.unparse(statement)}` "
        f"(line {statement.lineno} of {file}) should bring in: {_why(error)}; {', or '.join(cures)}"
    )


def definition_placeholder(name: str, line: int, file: str, error: BaseException) -> Placeholder:
    """Stand in for a function, class or constant whose own statement failed."""
    if isinstance(error, PlaceholderError):
        return Placeholder(str(error))
    return Placeholder(f"{name} (line {line} of {file}) could not be defined: {_why(error)}")


def _why(error: BaseException) -> str:
    said = str(error)
    if isinstance(error, ImportError) and said:
        return said[0].lower() + said[1:]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def new_module(path: Path) -> types.ModuleType:
    """Make an empty module for a file, importable under the file's own name where that is free."""
    name = path.stem
    while name in sys.modules:
        name += "_"
    module = types.ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module
    return module


def run_all(pieces: list[Piece], module: types.ModuleType) -> None:
    """Run everything, in order."""
    for piece in pieces:
        _execute(piece.tree.body, piece, module)


def run_definitions(pieces: list[Piece], module: types.ModuleType) -> None:
    """Run imports, functions, classes and simple constants; what fails leaves a stand-in."""
    for piece in pieces:
        for statement in piece.tree.body:
            for part in _kept(statement):
                _define(part, piece, module)


def _kept(statement: ast.stmt) -> list[ast.stmt]:
    """Return what is run of a statement; an import of several names comes apart."""
    match statement:
        case ast.Import():
            return [_located(ast.Import([alias]), statement) for alias in statement.names]
        case ast.ImportFrom():
            parts = [
                ast.ImportFrom(statement.module, [alias], statement.level)
                for alias in statement.names
            ]
            return [_located(part, statement) for part in parts]
        case ast.Assign() | ast.AnnAssign(value=ast.expr()):
            return [statement] if _is_simple(statement) else []
        case ast.Try():
            inside = [*statement.body, *(s for h in statement.handlers for s in h.body)]
            keep = all(isinstance(s, ast.Pass) or _kept(s) for s in inside)
            return [statement] if keep else []
    return [statement] if isinstance(statement, _DEFINITIONS) else []


def _located(part: ast.stmt, whole: ast.stmt) -> ast.stmt:
    return ast.copy_location(part, whole)


def _is_simple(statement: ast.Assign | ast.AnnAssign) -> bool:
    """Whether names are bound to a constant, arithmetic with constants, or a lambda."""
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    if not all(isinstance(target, ast.Name) for target in targets):
        return False
    value = statement.value
    if value is None or isinstance(value, ast.Lambda):
        return value is not None
    return all(isinstance(node, _CONSTANT) for node in ast.walk(value))


def _define(statement: ast.stmt, piece: Piece, module: types.ModuleType) -> None:
    file = Path(piece.place).name
    try:
        _execute([statement], piece, module)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - it is somebody else's code
        for name, placeholder in _placeholders(statement, file, error):
            setattr(module, name, placeholder)


def _placeholders(
    statement: ast.stmt, file: str, error: Exception | SystemExit
) -> list[tuple[str, Placeholder]]:
    if isinstance(statement, ast.Import | ast.ImportFrom):
        alias = statement.names[0]
        name = alias.asname or alias.name.split(".")[0]
        cause = error if isinstance(error, Exception) else ImportError("it ends the process")
        return [(name, import_placeholder(statement, file, cause))]
    return [
        (name, definition_placeholder(name, statement.lineno, file, error))
        for name in _names_bound(statement)
    ]


def _names_bound(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return [statement.name]
        case ast.Assign():
            return [target.id for target in statement.targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
        case ast.Try():
            imports = (s for s in ast.walk(statement) if isinstance(s, ast.Import | ast.ImportFrom))
            return [a.asname or a.name.split(".")[0] for s in imports for a in s.names]
    return []


def _execute(body: list[ast.stmt], piece: Piece, module: types.ModuleType) -> None:
    tree = ast.Module(body, [])
    code = compile(tree, piece.place, "exec", dont_inherit=True)
    builtins.exec(code, module.__dict__)  # noqa: S102 - in the worker, with its limits
