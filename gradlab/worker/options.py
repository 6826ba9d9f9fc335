"""How files are checked: what is evaluated, and the limits on the code under test."""

from __future__ import annotations

import math
import shlex
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gradlab.errors import GradlabError
from gradlab.worker.limits import DEFAULT_MEMORY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gradlab.settings import Settings

_IMPORT_SECONDS, _SUBJECT_SECONDS = 10.0, 20.0
# A file with many subjects that never finish must come to an end as a whole.
_SUBJECTS_A_FILE = 10


@dataclass(frozen=True)
class Options:
    """How files are checked.

    Attributes
    ----------
    like, convention, layout
        As in `gradlab.check`; None leaves them to be recognised.
    deadline
        CPU time in seconds for importing a file, and again for each of its
        subjects; None means 10 and 20.  The wall time is limited to five times
        that, and a file as a whole to that of the import and ten subjects.
    progress
        Called with the name of what is being checked.
    laws, exempt
        As in `gradlab.check`; but a tensor that is exempt need not be one of each
        subject.
    project
        What the project exempts, wherever there is such a tensor.
    settings
        Returns the settings of the project that a file belongs to; its seed and its
        exemptions replace `seed` and `project` for that file.
    strict
        As in `gradlab.check`.
    expect
        Names that have to be among what is checked.
    isolated
        Whether projects are ignored; only written into the command that runs a check
        again.
    memory
        Memory that the code under test may use, in GiB.
    allow_empty
        Whether a file that holds nothing to check is a note rather than an error,
        though it is the only one named.

    Raises
    ------
    GradlabError
        When `deadline` or `memory` is not a positive finite number.
    """

    like: str | None = None
    convention: str | None = None
    seed: int = 0
    deadline: float | None = None
    progress: Callable[[str], None] = lambda _name: None
    laws: tuple[str, ...] | None = None
    exempt: Mapping[str, str] = field(default_factory=dict)
    project: Mapping[str, str] = field(default_factory=dict)
    memory: float = DEFAULT_MEMORY
    allow_empty: bool = False
    settings: Callable[[str], Settings] | None = None
    isolated: bool = False
    strict: bool = False
    expect: tuple[str, ...] = ()
    layout: str | None = None

    def __post_init__(self) -> None:
        for name, value in (("deadline", self.deadline), ("memory", self.memory)):
            if value is not None and not (math.isfinite(value) and value > 0):
                msg = f"{name} is {value!r}, where a positive finite number was expected"
                raise GradlabError(msg)

    @property
    def how(self) -> dict[str, str | None]:
        """How each object is adapted: the arguments of `gradlab.adapters.adapt`."""
        return {"like": self.like, "convention": self.convention, "layout": self.layout}

    def of_file(self, file: str) -> Options:
        """Return the options for one file, under the settings of its own project."""
        if self.settings is None:
            return self
        settings = self.settings(file)
        return replace(self, seed=settings.seed, project=settings.exempt, settings=None)

    @property
    def import_seconds(self) -> float:
        """CPU time for importing a file."""
        return self.deadline or _IMPORT_SECONDS

    @property
    def subject_seconds(self) -> float:
        """CPU time for the code of one subject, all its calls together."""
        return self.deadline or _SUBJECT_SECONDS

    @property
    def file_seconds(self) -> float:
        """CPU time for a file, with all of its subjects."""
        return self.import_seconds + _SUBJECTS_A_FILE * self.subject_seconds

    def command(self, target: str) -> str:
        """Write the command that checks a target with these options."""
        words = ["gradlab", "check", target]
        for option, value in self.how.items():
            words += [] if value is None else [f"--{option}", value]
        words += [] if self.deadline is None else ["--deadline", f"{self.deadline:g}"]
        if self.memory != DEFAULT_MEMORY:
            words += ["--memory", f"{self.memory:g}"]
        for law in self.laws or ():
            words += ["--law", law]
        words += ["--strict"] if self.strict else []
        for key, reason in self.exempt.items():
            words += ["--exempt", f"{key}={reason}"]
        words += ["--isolated"] if self.isolated else []
        return shlex.join([*words, "--seed", str(self.seed)])
