"""The frozen records of a baseline."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab._version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Array = NDArray[Any]

#: The three kinds of result, in the order in which they are recorded.
OUTPUT, GRADIENT, TRAJECTORY = "output", "gradient", "trajectory"


@dataclass(frozen=True)
class RecordedInput:
    """One array that the code was run at: drawn again at each comparison, and known by its digest.

    Attributes
    ----------
    moved
        Whether it was moved in the last place to measure the spread; labels are not.
    """

    name: str
    shape: tuple[int, ...]
    digest: str
    moved: bool


@dataclass(frozen=True)
class Result:
    """One array that came of it.

    Attributes
    ----------
    kind
        `OUTPUT`, `GRADIENT` or `TRAJECTORY`.
    tensor
        ``"output"``, the tensor that the gradient is of, ``"cost"``, or the
        parameter whose values after each step these are; a trajectory's first
        axis is the step.
    digest
        Of all its entries: equal digests are equal bits.
    largest
        The size of the largest entry; of a trajectory, at any step.
    watched
        The entries in C order; of a large array, what `gradlab.baseline.fingerprint`
        makes of it.
    spread
        For each of them the largest change that moving the inputs in the last
        place has caused.
    """

    kind: str
    tensor: str
    shape: tuple[int, ...]
    dtype: str
    digest: str
    largest: float
    watched: Array
    spread: Array

    @property
    def name(self) -> str:
        """What people call it."""
        return f"gradient of {self.tensor}" if self.kind == GRADIENT else self.tensor


@dataclass(frozen=True)
class SampleSite:
    """Where the code was run once, and all that came of it.

    Attributes
    ----------
    number
        Which draw it is: with the seed and a tensor's name it decides the values.
    training
        Whether the code was trained here, rather than run forward and backward.
    precision
        The format in whose last place the inputs were moved: ``"float32"`` where
        no result holds more digits than that.
    """

    where: str
    number: int
    training: bool
    sizes: Mapping[str, int]
    precision: str
    inputs: tuple[RecordedInput, ...]
    results: tuple[Result, ...]

    @property
    def terms(self) -> int:
        """The most terms that a sum over the moved inputs can have."""
        return max(sum(_size(given.shape) for given in self.inputs if given.moved), 1)


@dataclass(frozen=True)
class Baseline:
    """The recorded behaviour of one layer, cost, network or training function.

    Attributes
    ----------
    subject
        What was recorded, by name.
    convention, layout
        As the report names them; empty where there are none.
    made_by
        The call, command or test that recorded it.
    versions
        Of gradlab, NumPy and Python, and the machine's architecture: rounding
        may differ from one to the next.
    trained_by
        Whose loop the trajectory comes from; empty where there is none.
    left_out
        What was not recorded, each with the reason.
    """

    subject: str
    convention: str
    layout: str
    seed: int
    made_by: str
    versions: Mapping[str, str]
    trained_by: str
    left_out: Mapping[str, str]
    places: tuple[SampleSite, ...]

    def largest(self, result: Result) -> float:
        """Return the size of a tensor's largest entry, at whichever place."""
        return max(
            other.largest
            for place in self.places
            for other in place.results
            if (other.kind, other.tensor, other.dtype) == (result.kind, result.tensor, result.dtype)
        )

    def __str__(self) -> str:
        """Say in a few lines what is recorded and what is not."""
        runs = [place for place in self.places if not place.training]
        lines = [f"{self.subject}: {_listed(runs)}"] if runs else []
        if runs:
            lines.append(f"  at {'; '.join(place.where for place in runs)}")
        lines += [
            f"{self.subject}: {_listed([place])}, by {self.trained_by}"
            for place in self.places
            if place.training
        ]
        lines += [f"not recorded: {what}: {why}" for what, why in self.left_out.items()]
        return "\n".join(lines)


def _listed(places: list[SampleSite]) -> str:
    """Name the results of some places, each once."""
    names = dict.fromkeys(result.name for place in places for result in place.results)
    if places[0].training:
        costs = next(result.shape[0] for result in places[0].results if result.tensor == "cost")
        return f"trajectory of {', '.join(names)} over {costs} step{'s' * (costs != 1)}"
    return ", ".join(names)


def _size(shape: tuple[int, ...]) -> int:
    size = 1
    for length in shape:
        size *= length
    return size


def versions() -> dict[str, str]:
    """Return the versions of gradlab, NumPy and Python, and the machine's architecture."""
    return {
        "gradlab": __version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
