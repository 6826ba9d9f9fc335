"""The records that numerical differentiation returns."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatArray = NDArray[np.floating[Any]]

#: The method of an estimate all of whose outputs are linear in single precision, over steps as
#: long as the point.
COARSE = "differences over coarse steps"


class Quality(enum.StrEnum):
    """The status of one numerical derivative; see `gradlab.numdiff.derivative` for the table."""

    OK = "ok"
    KINK = "kink"
    NOISY = "noisy"
    OUT_OF_DOMAIN = "out_of_domain"
    NOT_FINITE = "not_finite"
    UNRESOLVED = "unresolved"


@dataclass(frozen=True)
class Estimate:
    """A numerical derivative with a bound on its error.

    Every array has the shape of the function's output (for `derivative`), or that
    shape followed by the input's (for `jacobian`); bounds are absolute, in the units
    of the derivative.

    Attributes
    ----------
    value : ndarray of float64
        The derivative; NaN where there is none.
    bound : ndarray of float64
        Bound on |value - truth|, the sum of `noise` and `truncation`; infinite where
        nothing is known.
    evaluations : int
        Calls of the function, with complex numbers or real ones.
    method : str
        ``"complex step"``, ``"differences"``, ``"one-sided differences"``, or
        ``"no direction"`` for a direction of zeros.
    status : Quality
        The worst quality among the outputs.
    reason : str
        What prevented a derivative, in a sentence; empty where `status` is ok.
    quality : ndarray of object
        The `Quality` of each output.
    left, right, left_bound, right_bound : ndarray of float64
        One-sided derivatives, each with its bound; equal to `value` and `bound` where
        there is no kink.
    noise, truncation : ndarray of float64
        Bounds on the roundoff error and on the truncation error.  Under a sum over
        outputs the first adds in squares, the second linearly.
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
