"""What the `baseline` fixture does, without pytest."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

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
class Outcome:
    """Whether a test goes on, and if not, what it says."""

    passed: bool
    message: str


@dataclass
class Baselines:
    """The baselines of one test, in ``baselines/MODULE/TEST.json`` beside the test's module.

    A missing baseline is written, and the test fails all the same: nobody has
    looked at it yet.  In a run with ``--gradlab-update`` those that fail are written
    anew, and the test fails for the same reason; those that pass stay as they are.

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
        What the paths in messages are relative to.
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
        """Compare `obj` with its baseline, and fail the test where it has moved.

        Parameters
        ----------
        obj
            As for `gradlab.record`.
        name
            Tells several baselines of one test apart.
        seed
            Of a baseline that is written now; an older one has its own.

        It fails as well, and nothing is written, when `obj` cannot be run, when what
        stands there is damaged or no baseline, and when two checks of one test have
        one name.
        """
        outcome = self.outcome(obj, name, seed=seed)
        if not outcome.passed:
            self.fail(outcome.message)

    def outcome(self, obj: object, name: str = "", *, seed: int = 0) -> Outcome:
        """Do what `check` does, and return what came of it."""
        path = self.path(name)
        shown = os.path.relpath(path, self.root)
        try:
            return self._outcome(obj, path, shown, seed)
        except GradlabError as error:
            return Outcome(False, str(error).replace(str(path), shown))

    def _outcome(self, obj: object, path: Path, shown: str, seed: int) -> Outcome:
        # Imported here, so that tests without a baseline stay quick.
        from gradlab.baseline.api import compare_as, record_as  # noqa: PLC0415

        if path in self._used:
            msg = f"{self.test} has checked {path.name} already; give each check a name of its own"
            raise GradlabError(msg)
        self._used.add(path)
        if not path.exists():
            record_as(obj, path, seed, self.again)
            return Outcome(False, f"there was no baseline: {shown} is written now; {_LOOK}")
        report = compare_as(obj, path, self.again)
        if report.passed:
            return Outcome(True, str(report))
        if not self.update or report.status is Status.ERROR:
            return Outcome(False, f"{report}\n{self._advice(report, shown)}")
        record_as(obj, path, report.seed, self.again)
        return Outcome(False, f"{report}\n{shown} is written anew; {_LOOK}")

    def path(self, name: str = "") -> Path:
        """Return the path of a baseline of this test."""
        label = f"{self.test}-{name}" if name else self.test
        return self.module.parent / _FOLDER / self.module.stem / f"{_as_file_name(label)}.json"

    def _advice(self, report: Report, shown: str) -> str:
        if report.status is Status.ERROR:
            return f"{shown} is as it was; what could not run is not recorded"
        return f"where that is meant: pytest {UPDATE}, which writes {shown} anew"


_LOOK = "look at it and commit it; the next run compares with it"


def _as_file_name(label: str) -> str:
    """Return a name that every file system takes; different labels keep different names."""
    if _PLAIN.fullmatch(label) and len(label) <= _LONGEST:
        return label
    plain = re.sub(r"[^\w.,=+\[\]-]+", "_", label, flags=re.ASCII)[:_LONGEST]
    return f"{plain}-{hashlib.sha256(label.encode()).hexdigest()[:8]}"
