"""Each law a test of its own: the tests of one layer, and the one check that they share."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from gradlab.errors import GradlabError
from gradlab.laws import selection
from gradlab.report import assertion
from gradlab.settings import active
from gradlab.testing import chosen, outcome_of
from gradlab.testing.item_names import Name, counterparts, laws_of, names
from gradlab.testing.xdist import RUN, record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from gradlab.records import Finding
    from gradlab.report.report import Report


class Refused(Exception):  # noqa: N818 - a message for pytest to show, no class for users
    """gradlab was called with something that it cannot check."""


class Laws(pytest.Collector):
    """The tests of one layer, which share one check of it.

    Attributes
    ----------
    ask
        Checks the layer; called when the first of its tests runs.
    like
        What the layer is meant to be; None where nobody knows.
    expected
        The names of the tests.
    exempt
        Laws left out, and why: by the project, and, before that, where the layer stands.
    line
        Where it is defined in its file, counted from 0.
    again
        Makes a report say how a test is run again; what it says stays where this is None.
    """

    def __init__(
        self,
        *,
        ask: Callable[[], Report],
        like: str | None,
        exempt: Mapping[str, str] | None = None,
        again: Callable[[Report, pytest.Item], Report] | None = None,
        line: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.ask, self.again = ask, again
        self.like = like
        self.expected = names(like)
        self.exempt = {**active().exempt, **(exempt or {})}
        self.line = line

    def collect(self) -> Iterator[pytest.Item]:
        """Name the tests; nothing of the layer is run for that."""
        made = [_written(name) for name in self.expected]
        for name, called in [((RUN, ""), RUN), *zip(self.expected, made, strict=True)]:
            test = LawTest.from_parent(self, name=called, about=name)
            if self.config.pluginmanager.hasplugin("xdist"):
                # With --dist loadgroup the check is made once, not once in each worker.
                test.add_marker(pytest.mark.xdist_group(self.nodeid))
            yield test

    @cached_property
    def _answer(self) -> Report | GradlabError:
        # A mistake in how the check was asked for is kept like a result: each test says it.
        try:
            return self.ask()
        except GradlabError as error:
            return error

    @property
    def report(self) -> Report:
        """The one check."""
        if isinstance(self._answer, GradlabError):
            raise Refused(str(self._answer))
        return self._answer

    @cached_property
    def owned(self) -> dict[Name, list[Finding]]:
        """The findings of each test; what belongs to none belongs to the test ``run``."""
        kept: dict[Name, list[Finding]] = {}
        for finding in self.report.findings:
            fitting = (
                (finding.law, self._counterpart.get(finding.tensor, finding.tensor)),
                (finding.law, ""),
                next((name for name in self.expected if name[0] == finding.law), (RUN, "")),
            )
            name = next((name for name in fitting if name in self.expected), (RUN, ""))
            kept.setdefault(name, []).append(finding)
        return kept

    @cached_property
    def _counterpart(self) -> dict[str, str]:
        tensors = tuple(dict.fromkeys(tensor for _, tensor in self.expected if tensor))
        found = tuple(dict.fromkeys(f.tensor for f in self.report.findings if f.tensor))
        return counterparts(tensors, found)

    def left_out(self, law: str, tensor: str) -> str | None:
        """Return the reason for which a test has nothing to say; None where that is not why."""
        for key, reason in self.exempt.items():
            exempt, of = selection.split(key)
            if exempt == law and self._counterpart.get(of, of) in ("", tensor):
                return reason
        return None

    @property
    def ran(self) -> bool:
        """Whether the layer could be asked anything."""
        return all(finding.law != RUN for finding in self.report.findings)


class LawTest(pytest.Item):
    """One law, or one law about one tensor."""

    parent: Laws

    def __init__(self, *, about: Name, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.law, self.tensor = about

    def runtest(self) -> None:
        """Raise unless the law's findings are passes."""
        report = self.parent.report
        mine = self.parent.owned.get((self.law, self.tensor), [])
        if not mine and self.law != RUN:
            self._explain_nothing()
        if not mine:
            return
        part = replace(report.subjects[0], findings=tuple(mine))
        found = replace(report, subjects=(part,))
        if self.parent.again is not None:
            found = self.parent.again(found, self)
        record(self, self.parent.nodeid, found)
        outcome = outcome_of(found, chosen(None))
        if isinstance(outcome, AssertionError):
            raise outcome
        if outcome is not None:
            self._skip(str(outcome))

    def _explain_nothing(self) -> NoReturn:
        if not self.parent.ran:
            if not self._run_is_tested():
                text = assertion.render(self.parent.report)
                raise AssertionError(text)
            self._skip(f"it could not be run, as {self.parent.nodeid}::{RUN} says")
        reason = self.parent.left_out(self.law, self.tensor)
        if reason is not None:
            self._skip(f"{self.name} is left out: {reason}")
        law = selection.named(laws_of(self.parent.like), self.law)
        self._skip(f"{self.name} says nothing here: the law applies to {law.applies_to}")

    def _run_is_tested(self) -> bool:
        """Whether the test that fails where nothing could be run is among those selected."""
        tests = (item for item in self.session.items if item.parent is self.parent)
        return any(isinstance(test, LawTest) and test.law == RUN for test in tests)

    def _skip(self, why: str) -> NoReturn:
        # Otherwise pytest names the line above as the place that skipped.
        raise pytest.skip.Exception(why, _use_item_location=True)

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any, **kwargs: Any
    ) -> Any:
        """Show the report, and nothing of how gradlab came to it."""
        if isinstance(excinfo.value, AssertionError | Refused):
            return str(excinfo.value)
        return super().repr_failure(excinfo, *args, **kwargs)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Head a failure by the test's own name."""
        return self.path, self.parent.line, f"{self.parent.name}::{self.name}"


def _written(name: Name) -> str:
    law, tensor = (part.replace(" ", "-") for part in name)
    return f"{law}[{tensor}]" if tensor else law
