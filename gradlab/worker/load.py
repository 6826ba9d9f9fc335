"""Running a file's code: all of it, or its definitions alone."""

from __future__ import annotations

import ast
import builtins
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from gradlab.errors import CodeUnderTestError
from gradlab.worker.import_path import (
    already_imported,
    import_packages,
    imports_own_package,
    new_module,
    with_implied_packages,
)

if TYPE_CHECKING:
    import types
    from collections.abc import Callable

    from gradlab.worker.import_path import Location
    from gradlab.worker.source import Piece

_DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_CONSTANT = (
    *(ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.Set, ast.Name, ast.Attribute),
    *(ast.UnaryOp, ast.BinOp, ast.unaryop, ast.operator, ast.expr_context),
)

#: Names of the article that gradlab's own reference has, too.
IN_REFERENCE = ("LinearLayer", "SigmoidLayer", "compute_cost", "initialize_parameters")

#: Top-level modules that belong to a distribution, never to the project that imports them.
_THIRD_PARTY = frozenset(
    (
        *("PIL", "autograd", "cupy", "cv2", "einops", "gym", "gymnasium", "h5py", "imageio", "jax"),
        *("jaxlib", "joblib", "keras", "librosa", "lightning", "matplotlib", "mlx", "mxnet"),
        *("networkx", "nltk", "numba", "opt_einsum", "pandas", "plotly", "pytorch_lightning"),
        *("requests", "scipy", "seaborn", "skimage", "sklearn", "spacy", "statsmodels", "sympy"),
        *("tensorboard", "tensorflow", "theano", "tinygrad", "torch", "torchtext", "torchvision"),
        *("tqdm", "transformers", "yaml"),
    )
)


class PlaceholderError(CodeUnderTestError):
    """A placeholder was used; the message states what is missing and what to do."""


class Placeholder:
    """Raises `PlaceholderError` with its reason when it is used in any way."""

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def refuse(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Raise the error."""
        raise PlaceholderError(self.reason)

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):  # what inspection looks up on every object
            raise AttributeError(name)
        self.refuse()

    __call__ = __getitem__ = __iter__ = __len__ = __bool__ = __array__ = __mro_entries__ = refuse
    __add__ = __sub__ = __mul__ = __truediv__ = __pow__ = __matmul__ = __neg__ = refuse
    __radd__ = __rsub__ = __rmul__ = __rtruediv__ = __rpow__ = __rmatmul__ = refuse
    __lt__ = __le__ = __gt__ = __ge__ = refuse


def import_placeholder(
    statement: ast.Import | ast.ImportFrom, file: str, error: Exception, location: Location
) -> Placeholder:
    """Bind an imported name to a placeholder that states which line imports it, and the cause."""
    alias = statement.names[0]
    name = alias.asname or alias.name
    subject = f"the import of all names, `{ast.unparse(statement)}`" if name == "*" else name
    wanted = "" if name == "*" else f", which `{ast.unparse(statement)}` imports"
    return Placeholder(
        f"{subject} (line {statement.lineno} of {file}) is missing{wanted}: "
        f"{_import_failure(statement, error, location)}"
    )


def _import_failure(
    statement: ast.Import | ast.ImportFrom, error: Exception, location: Location
) -> str:
    """State why an import failed, and what to do."""
    alias = statement.names[0]
    level, module = 0, alias.name
    if isinstance(statement, ast.ImportFrom):
        level, module = statement.level, statement.module or alias.name
    if not isinstance(error, ModuleNotFoundError) or error.name is None:
        return _why(error)
    top = error.name.split(".")[0]
    if not level and top != module.split(".")[0]:
        return f"it needs the package {top}, which is not installed here{_place(error, location)}"
    if not level and top in _THIRD_PARTY:
        return f"it needs the package {top}, which is not installed here"
    path = f"{module.replace('.', '/')}.py"
    beside = location.path.name
    if level:
        folder = (*location.path.parents, location.root)[level - 1]
        where = f"in the folder {folder.name}" if level > 1 else f"beside {beside}"
        return f"{_why(error)}; looked for {path} {where}"
    above = "" if location.root == location.path.parent else f" and up to {location.root.name}"
    looked = f"looked for {path} beside {beside}{above}, and for an installed package {top}"
    reference = (
        f", or write `from gradlab.reference import {alias.name}` there"
        if alias.name in IN_REFERENCE
        else ""
    )
    return f"{_why(error)}; {looked}; put the file there or install the package{reference}"


def _place(error: Exception, location: Location) -> str:
    """Name the file of the project whose own import failed."""
    frames = [
        frame.filename
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(location.root)
    ]
    if not frames or Path(frames[-1]) == location.path:
        return ""
    return f" (imported by {Path(frames[-1]).relative_to(location.root)})"


def definition_placeholder(name: str, line: int, file: str, error: BaseException) -> Placeholder:
    """Bind a name to a placeholder where its own function, class or constant failed."""
    if isinstance(error, PlaceholderError):
        return Placeholder(str(error))
    return Placeholder(f"{name} (line {line} of {file}) could not be defined: {_why(error)}")


def failed_star_imports(error: BaseException | None) -> str:
    """Return the import of all names that may have bound the name of a `NameError`; else empty.

    The `NameError` is the error itself or one that it was raised from.
    """
    while error is not None and not isinstance(error, NameError):
        error = error.__cause__ or error.__context__
    if error is None or error.__traceback__ is None:
        return ""
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    placeholder = frame.f_globals.get("*")
    return f"; {placeholder.reason}" if isinstance(placeholder, Placeholder) else ""


def _why(error: BaseException) -> str:
    message = str(error)
    if isinstance(error, ImportError) and message:
        return message[0].lower() + message[1:]
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def execute(
    pieces: list[Piece],
    location: Location,
    *,
    definitions_only: bool,
    packages: bool,
    before: Callable[[], None],
) -> tuple[types.ModuleType, list[str]]:
    """Execute a file as a module of its package, where it imports from that.

    Parameters
    ----------
    packages
        Whether the package's own ``__init__.py`` is executed.
    before
        Called before the file itself is executed.

    Returns
    -------
    ModuleType, list[str]
        The module, and notes on packages that failed.
    """
    trees = [piece.tree for piece in pieces]
    location, package = with_implied_packages(location, trees), ""
    notes: list[str] = []
    if imports_own_package(trees, location):
        package, notes = import_packages(location, execute=packages)
    module = already_imported(location, package)
    before()
    if module is not None:
        return module, notes
    module = new_module(location, package)
    if definitions_only:
        run_definitions(pieces, module, location)
    else:
        run_all(pieces, module)
    return module, notes


def run_all(pieces: list[Piece], module: types.ModuleType) -> None:
    """Run everything, in order."""
    for piece in pieces:
        _execute(piece.tree.body, piece, module)


def run_definitions(pieces: list[Piece], module: types.ModuleType, location: Location) -> None:
    """Run imports, functions, classes and simple constants; a placeholder replaces what fails."""
    for piece in pieces:
        for statement in piece.tree.body:
            for part in _kept(statement):
                _define(part, piece, module, location)


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


def _define(
    statement: ast.stmt, piece: Piece, module: types.ModuleType, location: Location
) -> None:
    file = Path(piece.place).name
    try:
        _execute([statement], piece, module)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - it is somebody else's code
        for name, placeholder in _placeholders(statement, file, error, location):
            setattr(module, name, placeholder)


def _placeholders(
    statement: ast.stmt, file: str, error: Exception | SystemExit, location: Location
) -> list[tuple[str, Placeholder]]:
    if isinstance(statement, ast.Import | ast.ImportFrom):
        alias = statement.names[0]
        name = alias.asname or alias.name.split(".")[0]
        cause = error if isinstance(error, Exception) else ImportError("it ends the process")
        return [(name, import_placeholder(statement, file, cause, location))]
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
