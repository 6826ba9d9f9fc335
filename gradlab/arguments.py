"""Arguments of the public functions: a mistake in a call is an error of its own, not a finding.

Each function returns the argument in the form that the rest of gradlab uses, or raises
`GradlabError` with what came, what was expected and what to do.
"""

from __future__ import annotations

import builtins
import operator
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from gradlab.errors import GradlabError


def seed_of(seed: object) -> int:
    """Return a seed.

    Raises
    ------
    GradlabError
        If it is no integer, or is negative.

    Examples
    --------
    >>> seed_of(3)
    3
    """
    try:
        number = operator.index(seed)  # type: ignore[arg-type]
    except TypeError:
        number = -1
    if number < 0:
        msg = f"seed is {seed!r}; a non-negative integer is expected, as in seed=0"
        raise GradlabError(msg)
    return number


def names_of(argument: str, names: object, example: str) -> tuple[str, ...] | None:
    """Return the names in an argument that takes one name or several; None if it is None.

    Parameters
    ----------
    argument
        What the caller knows it by.
    names
        A string, or an iterable of strings.
    example
        A correct call, for the message.

    Raises
    ------
    GradlabError
        If it is anything else.

    Examples
    --------
    >>> names_of("wrt", "x", "wrt=['x']"), names_of("wrt", ["x", "W"], "wrt=['x']")
    (('x',), ('x', 'W'))
    """
    if names is None:
        return None
    given = (names,) if isinstance(names, str) else names
    if isinstance(given, Iterable) and not isinstance(given, bytes):
        listed = tuple(given)
        if all(isinstance(name, str) for name in listed):
            return listed
    msg = f"{argument} is {names!r}; names are expected, as in {example}"
    raise GradlabError(msg)


def exemptions_of(exempt: object) -> dict[str, str] | None:
    """Return the exemptions by law; None if there are none.  Reasons are checked elsewhere.

    Raises
    ------
    GradlabError
        If it is no mapping from names.
    """
    if exempt is None:
        return None
    if isinstance(exempt, Mapping) and all(isinstance(key, str) for key in exempt):
        return dict(exempt)
    msg = (
        f"exempt is {exempt!r}; a dict from laws to reasons is expected, as in "
        "exempt={'repeat': 'draws a new mask each time'}"
    )
    raise GradlabError(msg)


def name_of(argument: str, name: object) -> str | None:
    """Return an argument that takes one name; None if it is None.

    Raises
    ------
    GradlabError
        If it is no string.
    """
    if name is None or isinstance(name, str):
        return name
    msg = f"{argument} is {name!r}; a name in quotes is expected, or nothing"
    raise GradlabError(msg)


def values_of(values: object) -> dict[str, Any]:
    """Return the values of a function pair by name.

    Raises
    ------
    GradlabError
        If it is no mapping from names, or if a value is a list of rows of different
        lengths.
    """
    if isinstance(values, Mapping) and all(isinstance(name, str) for name in values):
        for name, value in values.items():
            _check_rows(name, value)
        return dict(values)
    what = (
        f"names {', '.join(repr(n) for n in values if not isinstance(n, str))}"
        if isinstance(values, Mapping)
        else f"is a {type(values).__name__}"
    )
    msg = f"values {what}; a dict of named arrays is expected, as in {{'x': np.ones(3)}}"
    raise GradlabError(msg)


def _check_rows(name: str, value: object) -> None:
    try:
        np.asarray(value)
    except ValueError as error:
        msg = (
            f"values[{name!r}] is a {type(value).__name__} of rows of different lengths; an array "
            "is expected: fill the rows up, or give each a name of its own"
        )
        raise GradlabError(msg) from error


def check_callable(argument: str, function: object, signature: str) -> None:
    """Check that an argument can be called.

    Raises
    ------
    GradlabError
        If it cannot.
    """
    if not callable(function):
        msg = f"{argument} is {function!r}; a function is expected, called as {signature}"
        raise GradlabError(msg)


def check_subject_type(obj: object) -> None:
    """Check that an object is not one of Python's own types, which hold nothing to check.

    Raises
    ------
    GradlabError
        If it is.
    """
    # What exec defines without a __name__ has the module builtins too.
    name = obj.__name__ if isinstance(obj, type) else ""
    if name and getattr(builtins, name, None) is obj:
        msg = (
            f"{name} is a type of Python's own; give a class or an instance with forward and "
            "backward, a pair (forward, backward), or a cost function"
        )
        raise GradlabError(msg)
