"""What stands in for a name that a file's own code could not bind."""

from __future__ import annotations

import ast
from typing import Any, NoReturn

from gradlab.errors import CodeUnderTestError

#: Names of the article that gradlab's own reference has, too.
IN_REFERENCE = ("LinearLayer", "SigmoidLayer", "compute_cost", "initialize_parameters")


class MissingError(CodeUnderTestError):
    """A stand-in was used; the message says what is missing and what to do."""


class Missing:
    """Raises `MissingError` with its reason when it is used in any way."""

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def refuse(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Say what is missing."""
        raise MissingError(self.reason)

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):  # what inspection asks of every object
            raise AttributeError(name)
        self.refuse()

    __call__ = __getitem__ = __iter__ = __len__ = __bool__ = __array__ = __mro_entries__ = refuse
    __add__ = __sub__ = __mul__ = __truediv__ = __pow__ = __matmul__ = __neg__ = refuse
    __radd__ = __rsub__ = __rmul__ = __rtruediv__ = __rpow__ = __rmatmul__ = refuse
    __lt__ = __le__ = __gt__ = __ge__ = refuse


def missing_import(statement: ast.Import | ast.ImportFrom, file: str, error: Exception) -> Missing:
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
    return Missing(
        f"{alias.asname or alias.name} is missing, which `{ast.unparse(statement)}` "
        f"(line {statement.lineno} of {file}) should bring in: {_why(error)}; {', or '.join(cures)}"
    )


def missing_definition(name: str, line: int, file: str, error: BaseException) -> Missing:
    """Stand in for a function, class or constant whose own statement failed."""
    if isinstance(error, MissingError):
        return Missing(str(error))
    return Missing(f"{name} (line {line} of {file}) could not be defined: {_why(error)}")


def _why(error: BaseException) -> str:
    said = str(error)
    if isinstance(error, ImportError) and said:
        return said[0].lower() + said[1:]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
