"""Recording code as a `Baseline`, without writing it anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradlab.baseline.model import TRAJECTORY, Baseline
from gradlab.baseline.recordable import RUN
from gradlab.baseline.sample import places_of
from gradlab.baseline.versions import versions
from gradlab.errors import GradlabError

if TYPE_CHECKING:
    from gradlab.baseline.recordable import Code


def make(code: Code, *, seed: int, made_by: str) -> Baseline:
    """Run the code and write down what it does.

    Raises
    ------
    GradlabError
        When it raises, gives something else than real numbers, or does not repeat
        itself.
    """
    if seed < 0:
        msg = f"a seed is a whole number from 0 on, got {seed}"
        raise GradlabError(msg)
    main = code.parts[0]
    return Baseline(
        code.name,
        main.convention,
        main.layout,
        seed,
        made_by,
        versions(),
        code.training.notes[0] if code.training is not None else "",
        {what: code.refused[what] for what in (RUN, TRAJECTORY) if what in code.refused},
        tuple(places_of(code, seed)),
    )
