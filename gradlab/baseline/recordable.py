"""The code whose behaviour is recorded: its parts that can be run, and why others cannot."""

from __future__ import annotations

import random
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradlab.adapters import adapt
from gradlab.adapters.training_trajectory import adapt_training
from gradlab.baseline.model import TRAJECTORY
from gradlab.errors import GradlabError
from gradlab.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

#: What a subject with a forward and a backward returns.
RUN = "outputs and gradients"


@dataclass(frozen=True)
class Code:
    """One object: those of its parts that can be run.

    Attributes
    ----------
    subject
        Its forward and backward; None where it has none that gradlab can call.
    training
        Its training, as `gradlab.adapters.training_trajectory` describes it, or None.
    refused
        Why one of the two is None.
    restart
        Sets the global random generators to the state in which every evaluation starts.
    """

    name: str
    subject: Subject | None
    training: Subject | None
    refused: Mapping[str, str]
    restart: Callable[[], None]

    @property
    def parts(self) -> tuple[Subject, ...]:
        """The parts that can be run."""
        return tuple(part for part in (self.subject, self.training) if part is not None)


def assemble(
    name: str,
    restart: Callable[[], None],
    subject: Callable[[], Subject],
    training: Callable[[], Subject],
) -> Code:
    """Try to adapt an object both ways.

    Raises
    ------
    GradlabError
        If neither is possible, with both reasons.
    """
    made: dict[str, Subject] = {}
    refused: dict[str, GradlabError] = {}
    for what, adapted in ((RUN, subject), (TRAJECTORY, training)):
        try:
            made[what] = adapted()
        except GradlabError as error:
            refused[what] = error
    if not made:
        first, second = refused[RUN], refused[TRAJECTORY]
        if str(first) == str(second):
            raise first
        msg = f"{first}; nor can it be trained: {second}"
        raise GradlabError(msg)
    why = {what: str(error) for what, error in refused.items()}
    return Code(name, made.get(RUN), made.get(TRAJECTORY), why, restart)


@contextmanager
def code_of(obj: object, *, seed: int) -> Iterator[Code]:
    """Adapt an object of this process, and restore its global random generators afterwards.

    Raises
    ------
    GradlabError
        If it cannot be run.
    """
    name = called(obj)
    kept, kept_legacy = random.getstate(), np.random.get_state()

    def restart() -> None:
        random.seed(seed)
        np.random.seed(seed % 2**32)

    try:
        restart()
        yield assemble(name, restart, lambda: adapt(obj), lambda: adapt_training(obj))
    finally:
        random.setstate(kept)
        np.random.set_state(kept_legacy)


def called(obj: object) -> str:
    """Return an object's own name, or that of its class; of a pair, the first one's."""
    if isinstance(obj, tuple) and obj:
        return called(obj[0])
    if isinstance(obj, Subject):
        return obj.name
    return str(getattr(obj, "__name__", type(obj).__name__))
