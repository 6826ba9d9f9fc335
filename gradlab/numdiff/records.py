"""The frozen records that numerical differentiation returns."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatArray = NDArray[np.floating[Any]]


class Quality(enum.StrEnum):
    """What became of a numerical derivative."""

    OK = "ok"
    KINK = "kink"
    NOISY = "noisy"
    OUT_OF_DOMAIN = "out_of_domain"
    NOT_FINITE = "not_finite"
    UNRESOLVED = "unresolved"


@dataclass(frozen=True)
class Estimate:
    """A numerical derivative together with what is known about its error.

    Every array has the shape of the function's output (for `derivative`), and
    every bound is absolute, in the units of the derivative.

    Attributes
    ----------
    value
        The derivative; NaN where `quality` says that there is none.
    bound
        |value − truth| stays below this; infinite where nothing is known.
    evaluations
        Calls of the function, complex ones included.
    method
        ``"complex step"``, ``"differences"``, ``"one-sided differences"``, …
    status
        The worst quality among the outputs.
    reason
        A sentence for people; empty when `status` is ok.
    quality
        The quality of each output.
    left, right, left_bound, right_bound
        One-sided derivatives, each with its bound; equal to `value` where there is no kink.
    noise, truncation
        The two parts of `bound`: the first is independent from output to output
        and adds in squares under a sum, the second adds linearly.
    """

    value: FloatArray
    bound: FloatArray
    evaluations: int
    method: str
    status: Quality
    reason: str
    quality: NDArray[np.object_]
    left: FloatArray
    right: FloatArray
    left_bound: FloatArray
    right_bound: FloatArray
    noise: FloatArray
    truncation: FloatArray
