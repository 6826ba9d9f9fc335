"""The item of an object that `conforms_to` marks in a test module."""

from __future__ import annotations

import inspect
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from gradlab.adapters import CONVENTIONS, LAYOUTS, REFERENCES
from gradlab.adapters.calls import call
from gradlab.adapters.recognition import KINDS
from gradlab.checks import check_in_project
from gradlab.errors import CodeUnderTestError, NotImplementedYetError
from gradlab.report.report import Report
from gradlab.run_laws import unrunnable
from gradlab.settings import active, no_such
from gradlab.testing.gradcheck import with_rerun
from gradlab.testing.subject_item import SubjectItem

if TYPE_CHECKING:
    from gradlab.testing import Conformance

#: The marked objects of a module that have been collected.
_COLLECTED: pytest.StashKey[list[Any]] = pytest.StashKey()


def collect_marked(
    collector: pytest.Module | pytest.Class, name: str, obj: Any, marked: Conformance
) -> pytest.Item | None:
    """Return the item of a marked object, under the first of its names in the module.

    Raises
    ------
    pytest.Collector.CollectError
        If there is no such reference or convention: one error, and no test of it runs.
    """
    collected = collector.stash.setdefault(_COLLECTED, [])
    if any(obj is other for other in collected):
        return None
    collected.append(obj)
    _require_known(collector, name, marked)
    return SubjectItem.from_parent(
        collector,
        name=f"{name}[{marked.like}]",
        check=partial(_check_marked, obj, marked),
        line=_line(obj, collector, marked),
    )


def _require_known(collector: pytest.Collector, name: str, marked: Conformance) -> None:
    place = f"{collector.path.name}:{marked.line}: conforms_to on {name}"
    for what, given, known in (
        ("reference", marked.like, (*REFERENCES, *KINDS)),
        ("convention", marked.convention, CONVENTIONS),
        ("layout", marked.layout, LAYOUTS),
    ):
        if given is not None and given not in known:
            msg = f"{place}: {no_such(what, given, known)}"
            raise pytest.Collector.CollectError(msg)


def _check_marked(obj: Any, marked: Conformance, item: pytest.Item) -> Report:
    seed = active().seed
    try:
        made = _made_by(obj)
    except (CodeUnderTestError, NotImplementedYetError) as error:
        return with_rerun(Report((unrunnable(_called(obj), error),), seed=seed), item)
    report = check_in_project(
        made,
        active().exempt,
        like=marked.like,
        convention=marked.convention,
        layout=marked.layout,
        exempt=marked.exempt,
        seed=seed,
    )
    return with_rerun(report, item)


def _made_by(obj: Any) -> Any:
    """Call a factory; a class, or a function with arguments, is itself the object to check."""
    if not inspect.isfunction(obj) or inspect.signature(obj).parameters:
        return obj
    return call(_called(obj), obj)


def _called(obj: Any) -> str:
    return str(getattr(obj, "__name__", type(obj).__name__))


def _line(obj: Any, collector: pytest.Collector, marked: Conformance) -> int:
    """Return the object's line if the module defines it, else the line of the mark; from 0."""
    try:
        if inspect.getsourcefile(obj) == str(collector.path):
            return inspect.getsourcelines(obj)[1] - 1
    except (OSError, TypeError):  # an instance or a pair, or code without a file
        pass
    return max(marked.line - 1, 0)
