"""The pytest fixture `baseline`: a recorded baseline for each check of a test."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import pytest

from gradlab.errors import GradlabError
from gradlab.records import Status

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gradlab.report.report import Report

#: The option that regenerates failing baselines.
UPDATE = "--gradlab-update"

_FOLDER = "baselines"
_PLAIN = re.compile(r"[\w.,=+\[\]-]+", re.ASCII)
_LONGEST = 120


@dataclass(frozen=True)
class BaselineOutcome:
    """Whether the comparison passed, and the message of the test's failure if it did not."""

    passed: bool
    message: str


@dataclass
class Baselines:
    """The baselines of one test, in ``baselines/MODULE/TEST.json`` beside the test's module.

    A missing baseline is recorded, and the test fails all the same, since no one has
    reviewed the file yet.  In a run with ``--gradlab-update`` the baselines that fail
    are recorded again, and their tests fail for the same reason.

    Parameters
    ----------
    module
        The path of the test's file.
    test
        The test's name within it, with class and parameters.
    again
        The command that runs the test.
    update
        Whether failing baselines are regenerated.
    root
        The folder that the paths in messages are relative to.
    fail
        Fails the test with a message.

    Examples
    --------
    ::

        def test_network(baseline):
            baseline.check(Network)
    """

    module: Path
    test: str
    again: str
    update: bool
    root: Path
    fail: Callable[[str], object]
    _used: set[Path] = field(default_factory=set)

    def check(self, obj: object, name: str = "", *, seed: int = 0) -> None:
        """Compare `obj` with its baseline, and fail the test if its behaviour has changed.

        Parameters
        ----------
        obj
            As for `gradlab.record`.
        name
            Of this check, where a test has several.
        seed
            Of a baseline that is recorded now; an existing one keeps its own.

        Notes
        -----
        The test fails, and nothing is written, if `obj` cannot be run, if the file is
        damaged or is not a baseline, and if two checks of one test have the same name.
        """
        outcome = self.outcome(obj, name, seed=seed)
        if not outcome.passed:
            self.fail(outcome.message)

    def outcome(self, obj: object, name: str = "", *, seed: int = 0) -> BaselineOutcome:
        """Do what `check` does, and return the outcome instead of failing the test."""
        path = self.path(name)
        shown = os.path.relpath(path, self.root)
        try:
            return self._outcome(obj, path, shown, seed)
        except GradlabError as error:
            return BaselineOutcome(False, str(error).replace(str(path), shown))

    def _outcome(self, obj: object, path: Path, shown: str, seed: int) -> BaselineOutcome:
        # Imported here, so that tests without a baseline stay quick.
        from gradlab.baseline.api import compare_as, record_as  # noqa: PLC0415

        if path in self._used:
            msg = (
                f"{self.test} has already checked {path.name}; give each check of a test its own "
                "name, as in baseline.check(obj, 'second')"
            )
            raise GradlabError(msg)
        self._used.add(path)
        if not path.exists():
            record_as(obj, path, seed, self.again)
            return BaselineOutcome(
                False, f"there was no baseline: {shown} has been recorded; {_REVIEW}"
            )
        report = compare_as(obj, path, self.again)
        if report.passed:
            return BaselineOutcome(True, str(report))
        if not self.update or report.status is Status.ERROR:
            return BaselineOutcome(False, f"{report}\n{self._advice(report, shown)}")
        record_as(obj, path, report.seed, self.again)
        return BaselineOutcome(False, f"{report}\n{shown} has been recorded again; {_REVIEW}")

    def path(self, name: str = "") -> Path:
        """Return the path of a baseline of this test."""
        label = f"{self.test}-{name}" if name else self.test
        return self.module.parent / _FOLDER / self.module.stem / f"{_as_file_name(label)}.json"

    def _advice(self, report: Report, shown: str) -> str:
        if report.status is Status.ERROR:
            return f"{shown} is unchanged; code that cannot be run is not recorded"
        return f"if the change is intended, run pytest {UPDATE} to record {shown} again"


_REVIEW = "review it and commit it; the next run compares with it"


def _as_file_name(label: str) -> str:
    """Return a name that every file system accepts; different labels keep different names."""
    if _PLAIN.fullmatch(label) and len(label) <= _LONGEST:
        return label
    plain = re.sub(r"[^\w.,=+\[\]-]+", "_", label, flags=re.ASCII)[:_LONGEST]
    return f"{plain}-{hashlib.sha256(label.encode()).hexdigest()[:8]}"


def baselines_of(request: pytest.FixtureRequest) -> Baselines:
    """Return the baselines of the requesting test, in the folder of its module."""
    # Not the node's identifier: distributed runs add to it.
    chain = request.node.listchain()
    names = [node.name for node in chain if isinstance(node, pytest.Class | pytest.Item)]
    module, root = request.path, request.config.rootpath
    return Baselines(
        module,
        ".".join(names),
        f"pytest {'::'.join([os.path.relpath(module, root), *names])}",
        request.config.getoption(UPDATE),
        root,
        partial(pytest.fail, pytrace=False),
    )
