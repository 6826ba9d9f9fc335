"""What `conforms_to` marks in a test module, and how it is asked."""

from __future__ import annotations

import inspect
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from gradlab.adapters.calls import call
from gradlab.checks import check_in_project
from gradlab.errors import CodeUnderTestError, NotImplementedYetError
from gradlab.report.report import Report
from gradlab.run_laws import unrunnable
from gradlab.settings import active
from gradlab.testing.gradcheck import rerun_by
from gradlab.testing.law_items import Laws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradlab.testing import Conformance

#: What a module marks and has been collected.
_COLLECTED: pytest.StashKey[list[Any]] = pytest.StashKey()


def collect_marked(
    collector: pytest.Module | pytest.Class, name: str, obj: Any, marked: Conformance
) -> pytest.Collector | None:
    """Collect what this module marks, by the first of its names."""
    collected = collector.stash.setdefault(_COLLECTED, [])
    if any(obj is other for other in collected):
        return None
    collected.append(obj)
    return Marked.from_parent(collector, name=name, obj=obj, marked=marked)


class Marked(pytest.Collector):
    """What `conforms_to` marks in a test module."""

    def __init__(self, *, obj: Any, marked: Conformance, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._obj, self._marked = obj, marked

    def collect(self) -> Iterator[pytest.Collector]:
        """Stand above the laws, so that the reference layer is part of their names."""
        yield Laws.from_parent(
            self,
            name=self._marked.like,
            ask=partial(_check_marked, self._obj, self._marked),
            like=self._marked.like,
            exempt=self._marked.exempt,
            again=rerun_by,
            line=_line(self._obj),
        )


def _check_marked(obj: Any, marked: Conformance) -> Report:
    seed = active().seed
    try:
        made = _made_by(obj)
    except (CodeUnderTestError, NotImplementedYetError) as error:
        return Report((unrunnable(_called(obj), error),), seed=seed)
    return check_in_project(
        made,
        active().exempt,
        like=marked.like,
        convention=marked.convention,
        exempt=marked.exempt,
        seed=seed,
    )


def _made_by(obj: Any) -> Any:
    """Call a factory; a class, or a function with arguments, is itself what is checked."""
    if not inspect.isfunction(obj) or inspect.signature(obj).parameters:
        return obj
    return call(_called(obj), obj)


def _called(obj: Any) -> str:
    return str(getattr(obj, "__name__", type(obj).__name__))


def _line(obj: Any) -> int:
    try:
        return inspect.getsourcelines(obj)[1] - 1
    except (OSError, TypeError):  # an instance, or code without a file
        return 0
