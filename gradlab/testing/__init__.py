"""For tests: one line that checks a gradient, and a mark that makes a layer a test.

`assert_gradients` raises with the report as its message; under pytest the fixture
``gradcheck`` does the same, and its findings name the test that runs them again.
The plugin is part of this package and is imported in every project where gradlab is
installed, so everything else is imported inside the functions.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gradlab.report.report import Report

__all__ = ["Conformance", "assert_gradients", "conforms_to"]


@dataclass(frozen=True)
class Conformance:
    """The arguments of `conforms_to`, and the line of the call."""

    like: str
    convention: str | None = None
    exempt: Mapping[str, str] = field(default_factory=dict)
    line: int = field(default=0, compare=False)
    layout: str | None = None


# Conformances by the calling module and the marked object's id.  The object is kept alive, so
# that its id stays unique; it gets no attribute, since other modules use it too.
_MARKED: dict[tuple[str, int], tuple[object, Conformance]] = {}

Marked = TypeVar("Marked")


@overload
def assert_gradients(
    obj: object,
    /,
    *,
    like: str | None = ...,
    convention: str | None = ...,
    layout: str | None = ...,
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
        ``"fail"`` raises over an inconclusive report, ``"skip"`` skips the test.
    seed, **options
        As the two functions take them.  An argument that is left out takes the value
        of the project's ``[tool.gradlab]`` when pytest runs the test.

    Returns
    -------
    Report
        The report, which passed.

    Raises
    ------
    AssertionError
        With the report as its message, unless everything passed.
    unittest.SkipTest
        If the report is inconclusive and `inconclusive` is ``"skip"``.
    GradlabError
        If the arguments are not valid.

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
    from gradlab.errors import GradlabError  # noqa: PLC0415 - see the module's docstring
    from gradlab.testing import outcome, session  # noqa: PLC0415

    try:
        choice = outcome.chosen(inconclusive)
        report = outcome.check_any(*code, seed=seed, **options)
    except GradlabError as error:
        raise error.with_traceback(None) from None
    if session.running() is not None:
        from gradlab.testing.xdist import attach_to_running_test  # noqa: PLC0415 - imports pytest

        attach_to_running_test(report)
    if (raised := outcome.outcome_of(report, choice)) is not None:
        raise raised from None
    return report


def conforms_to(
    like: str,
    *,
    convention: str | None = None,
    layout: str | None = None,
    exempt: Mapping[str, str] | None = None,
) -> Callable[[Marked], Marked]:
    """Mark a layer, or a function that makes one: pytest checks it in one test, against all laws.

    In a test module, on a class, an instance, a pair of functions, a cost function, or a
    factory: a function without arguments that returns the object to check.  The mark
    holds in the module that calls `conforms_to`, not in others that import the object.

    Parameters
    ----------
    like
        The reference that the object is compared with, as in ``"linear"``.  Another
        name than one of those is an error of collection.
    convention, layout
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
    frame = inspect.currentframe()
    caller = frame.f_back if frame is not None else None
    module = str(caller.f_globals.get("__name__")) if caller is not None else ""
    line = caller.f_lineno if caller is not None else 0

    def mark(obj: Marked) -> Marked:
        _MARKED[module, id(obj)] = (obj, Conformance(like, convention, exempt or {}, line, layout))
        return obj

    return mark


def has_marks() -> bool:
    """Whether `conforms_to` has marked anything in this process."""
    return bool(_MARKED)


def marked_in(module: str, obj: object) -> Conformance | None:
    """Return the `Conformance` of an object in a module; None if it has none there."""
    found = _MARKED.get((module, id(obj)))
    return None if found is None else found[1]
