"""For tests: one line that checks a gradient, and a mark that makes each law a test.

`assert_gradients` raises with the report as its message; under pytest the fixture
``gradcheck`` does the same, and its message names the test.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, overload

import gradlab
from gradlab.errors import GradlabError
from gradlab.records import Status
from gradlab.settings import INCONCLUSIVE, active

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gradlab.report.report import Report

__all__ = ["Conformance", "assert_gradients", "conforms_to"]


@dataclass(frozen=True)
class Conformance:
    """What `conforms_to` was told."""

    like: str
    convention: str | None = None
    exempt: Mapping[str, str] = field(default_factory=dict)


#: By how many things come to be checked: what they are, and the options that go with them.
_OPTIONS = {
    1: ("one object", ("like", "convention", "laws", "exempt", "seed", "inconclusive")),
    3: ("forward, backward and values", ("wrt", "order", "seed", "inconclusive")),
}

# What `conforms_to` was told, by the module that says it and the object, which is kept alive so
# that its id stays its own.  Nothing is written on the object: other modules use it too.
_MARKED: dict[tuple[str, int], tuple[object, Conformance]] = {}

Marked = TypeVar("Marked")


@overload
def assert_gradients(
    obj: object,
    /,
    *,
    like: str | None = ...,
    convention: str | None = ...,
    laws: Iterable[str] | None = ...,
    exempt: Mapping[str, str] | None = ...,
    seed: int | None = ...,
    inconclusive: str | None = ...,
) -> Report: ...


@overload
def assert_gradients(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    values: Mapping[str, Any],
    /,
    *,
    wrt: Iterable[str] | None = ...,
    order: int = ...,
    seed: int | None = ...,
    inconclusive: str | None = ...,
) -> Report: ...


def assert_gradients(
    *code: Any, inconclusive: str | None = None, seed: int | None = None, **options: Any
) -> Report:
    """Check a layer, a cost, or a forward and backward at values; raise unless it passes.

    Parameters
    ----------
    *code
        One object, as `gradlab.check` takes it, or ``forward, backward, values``, as
        `gradlab.check_gradients` takes them.
    inconclusive
        ``"fail"`` raises where nothing can be told, ``"skip"`` skips the test.
    seed, **options
        As the two functions take them.  What is left out comes from the project's
        ``[tool.gradlab]`` where pytest runs the test.

    Returns
    -------
    Report
        The report, which passed.

    Raises
    ------
    AssertionError
        With the report as its message, unless everything passed.
    unittest.SkipTest
        Where nothing can be told, and `inconclusive` is ``"skip"``.
    GradlabError
        When it is called with something that cannot be checked.

    Examples
    --------
    >>> import numpy as np
    >>> assert_gradients(
    ...     lambda v: np.sin(v["x"]),
    ...     lambda v, c: {"x": c * np.cos(v["x"])},
    ...     {"x": np.array([0.0, 0.5, 1.0])},
    ... ).status
    <Status.PASS: 'pass'>
    """
    __tracebackhide__ = True
    try:
        then = chosen(inconclusive)
        report = check_any(*code, seed=seed, **options)
        if "gradlab.testing.plugin" in sys.modules:
            importlib.import_module("gradlab.testing.xdist").record_here(report)
    except GradlabError as error:
        raise error.with_traceback(None) from None
    if (outcome := outcome_of(report, then)) is not None:
        raise outcome from None
    return report


def check_any(*code: Any, seed: int | None, **options: Any) -> Report:
    """Check what `assert_gradients` was given, with the project's settings for what it was not."""
    if len(code) not in _OPTIONS:
        msg = (
            f"{len(code)} things came to be checked; expected is one object, or three: "
            "forward, backward, values"
        )
        raise GradlabError(msg)
    what, known = _OPTIONS[len(code)]
    for name in options:
        if name not in known:
            msg = f"{name}= says nothing about {what}; there is {', '.join(known)}"
            raise GradlabError(msg)
    seed = active().seed if seed is None else seed
    if len(code) == 3:
        pair: Report = gradlab.check_gradients(*code, seed=seed, **options)
        return pair
    engine = importlib.import_module("gradlab.checks")
    report: Report = engine.check_in_project(code[0], active().exempt, seed=seed, **options)
    return report


def chosen(inconclusive: str | None) -> str:
    """Return what is to happen where nothing can be told, asked for or set in the project."""
    then = active().inconclusive if inconclusive is None else inconclusive
    if then not in INCONCLUSIVE:
        msg = f"inconclusive is {then!r}; expected is {' or '.join(map(repr, INCONCLUSIVE))}"
        raise GradlabError(msg)
    return then


def outcome_of(report: Report, inconclusive: str) -> Exception | None:
    """Return what a test raises over a report; None where it passed."""
    if report.passed:
        return None
    assertion = importlib.import_module("gradlab.report.assertion")
    if report.status is Status.INCONCLUSIVE and inconclusive == "skip":
        import unittest  # noqa: PLC0415 - a heavy import, for those who skip

        return unittest.SkipTest(assertion.one_line(report))
    return AssertionError(assertion.render(report))


def conforms_to(
    like: str, *, convention: str | None = None, exempt: Mapping[str, str] | None = None
) -> Callable[[Marked], Marked]:
    """Mark a layer, or a function that makes one: under pytest each law is a test of its own.

    In a test module, on a class, an instance, a pair of functions, a cost function, or a
    factory: a function without arguments that returns what is to be checked.  It marks
    for the module in which it is called, and for no other that imports the layer.

    Parameters
    ----------
    like
        The reference layer that it is meant to be, as in ``"linear"``.
    convention
        As in `gradlab.check`.
    exempt
        Laws that are left out here, ``"law"`` or ``"law[tensor]"``, each with its reason.

    Examples
    --------
    >>> @conforms_to("linear")
    ... def make_layer():
    ...     from gradlab.reference import LinearLayer
    ...
    ...     return LinearLayer
    """
    caller = inspect.currentframe()
    module = caller.f_back.f_globals.get("__name__") if caller and caller.f_back else None

    def mark(obj: Marked) -> Marked:
        _MARKED[str(module), id(obj)] = (obj, Conformance(like, convention, exempt or {}))
        return obj

    return mark


def marked_in(module: str, obj: object) -> Conformance | None:
    """Return what `conforms_to` was told about an object in a module; None where it was not."""
    found = _MARKED.get((module, id(obj)))
    return None if found is None else found[1]
