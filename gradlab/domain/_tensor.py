"""One named tensor of a domain: its shape in symbols, its role, its range and its kinks."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradlab.errors import GradlabError

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The entry of a shape that stands for any number of dimensions.
ELLIPSIS = "..."

#: Sizes, in units of `TensorSpec.scale`, at which exponentials saturate, then overflow.
LARGE = (30.0, 1e3, 1e4)

#: How near to 0 and 1 an extreme probability comes; the first still differs from 1 below 1.
_NEAR_EDGE = (1e-12, 1.0 - 1e-12, 1e-100)


class Role(enum.StrEnum):
    """What a tensor is to the subject."""

    INPUT = "input"
    PARAMETER = "parameter"
    LABEL = "label"
    INDEX = "index"


class Content(enum.StrEnum):
    """What the entries of a tensor look like."""

    REAL = "real"
    PROBABILITY = "probability"  # in the open interval (0, 1)
    BINARY = "binary"  # 0 or 1, stored as floats
    SIGN = "sign"  # -1 or 1, stored as floats
    COUNT = "count"  # small whole numbers from 0 on, stored as floats
    ONE_HOT = "one-hot"  # one 1 along `axis`, stored as floats
    DISTRIBUTION = "distribution"  # positive, sums to 1 along `axis`
    INTEGER = "integer"  # integers in [low, high)


class Where(enum.StrEnum):
    """Where in its domain a draw falls.

    Everything but `GENERIC` is adversarial: about half of the entries, at least
    one, are of that kind and the rest are generic.
    """

    GENERIC = "well inside the range, off the kinks"
    KINKS = "exactly at a kink"
    TIES = "entries equal to each other"
    ZEROS = "exact zeros of both signs"
    EXTREMES = "at the ends of the range, or very large"


@dataclass(frozen=True)
class Exemption:
    """A law that does not apply here, and why; the report shows the reason."""

    law: str
    reason: str

    def __post_init__(self) -> None:
        if not self.law.strip() or not self.reason.strip():
            msg = (
                f"an exemption names a law and gives a reason, got law={self.law!r} and "
                f"reason={self.reason!r}: say in a sentence why the law does not apply"
            )
            raise GradlabError(msg)


@dataclass(frozen=True)
class TensorSpec:
    """One named tensor of a domain.

    Attributes
    ----------
    shape
        Sizes, or symbols that stand for sizes: ``("n_out", "n_in")``, ``("n", 1)``.
        One entry may be ``"..."``: any number of dimensions, the same ones in
        every tensor of the domain, as `Domain.ranks` allows.
    low, high
        The range of the entries, both ends included; integers exclude `high`,
        which may then be a symbol (``"classes"``).
    scale
        The size of a typical entry.
    kinks
        Values of an entry at which the subject has no derivative (0 for a ReLU).
    axis
        The axis along which a one-hot or distribution tensor sums to 1.
    ties
        Whether the subject has no derivative where two entries are equal (a max).

    Raises
    ------
    GradlabError
        If no array fits the description.
    """

    name: str
    shape: tuple[int | str, ...]
    role: Role = Role.INPUT
    content: Content = Content.REAL
    low: float = -np.inf
    high: float | str = np.inf
    scale: float = 1.0
    kinks: tuple[float, ...] = ()
    axis: int = 0
    ties: bool = False

    def __post_init__(self) -> None:
        for problem in (_shape_problem, _range_problem, _kink_problem, _role_problem):
            found = problem(self)
            if found:
                msg = f"tensor {self.name!r}: {found}"
                raise GradlabError(msg)

    @property
    def differentiable(self) -> bool:
        """Whether a gradient with respect to this tensor is checked."""
        return self.role in (Role.INPUT, Role.PARAMETER)

    @property
    def symbols(self) -> tuple[str, ...]:
        """The symbols of its shape, each once, without ``"..."``."""
        named = (size for size in self.shape if isinstance(size, str) and size != ELLIPSIS)
        return tuple(dict.fromkeys(named))

    def resolve(self, sizes: Mapping[str, int]) -> tuple[int, ...]:
        """Return the shape in numbers; ``"..."`` becomes the sizes of ``"...0"``, ``"...1"``, ….

        Examples
        --------
        >>> TensorSpec("W", ("n_out", "n_in")).resolve({"n_in": 3, "n_out": 2})
        (2, 3)
        >>> TensorSpec("X", ("...", 1)).resolve({"...0": 4, "...1": 5})
        (4, 5, 1)
        """
        shape: list[int] = []
        for size in self.shape:
            if isinstance(size, int):
                shape.append(size)
            elif size == ELLIPSIS:
                shape.extend(_ellipsis(sizes))
            else:
                shape.append(self._size_of(size, sizes))
        return tuple(shape)

    def limits(self, sizes: Mapping[str, int]) -> tuple[float, float]:
        """Return `low` and `high` in numbers; an integer's unlimited `low` is 0."""
        high = self._size_of(self.high, sizes) if isinstance(self.high, str) else self.high
        if self.content is Content.INTEGER and self.low == -np.inf:
            return 0, high
        return self.low, high

    def specials(self, where: Where, sizes: Mapping[str, int]) -> tuple[float, ...]:
        """Return the values of an entry for `where`; empty where there are none.

        Examples
        --------
        >>> TensorSpec("Z", ("n",), kinks=(0.0,)).specials(Where.KINKS, {"n": 2})
        (0.0,)
        >>> TensorSpec("p", ("n",), low=0.0, high=1.0).specials(Where.EXTREMES, {"n": 2})
        (0.0, 1.0)
        """
        low, high = self.limits(sizes)
        match where, self.content:
            case Where.KINKS, _:
                return self.kinks
            case Where.ZEROS, Content.REAL:
                return (0.0, -0.0) if low <= 0 <= high else ()
            case Where.EXTREMES, Content.REAL:
                ups = (high,) if math.isfinite(high) else [self.scale * size for size in LARGE]
                downs = (low,) if math.isfinite(low) else [-self.scale * size for size in LARGE]
                # the nearer ones first, and of each two the upper: shrinking ends at the first
                return tuple(sorted((*ups, *downs), key=lambda end: (abs(end), -end)))
            case Where.EXTREMES, Content.PROBABILITY:
                near = (*_NEAR_EDGE, low, high)
                return tuple(p for p in near if 0 < p < 1 and low <= p <= high)
            case Where.EXTREMES, Content.INTEGER:
                return (low, high - 1)
        return ()

    def allows(self, where: Where) -> bool:
        """Whether a draw of that kind differs from a generic one."""
        if where is Where.ZEROS:
            high = np.inf if isinstance(self.high, str) else self.high
            return self.content is Content.REAL and self.low <= 0 <= high
        return bool(self.kinks) if where is Where.KINKS else True

    def _size_of(self, symbol: str, sizes: Mapping[str, int]) -> int:
        if symbol in sizes:
            return sizes[symbol]
        known = ", ".join(sizes) or "nothing"
        msg = f"tensor {self.name!r} needs a size for {symbol!r}; sizes were given for: {known}"
        raise GradlabError(msg)


def _ellipsis(sizes: Mapping[str, int]) -> list[int]:
    count = sum(symbol.startswith(ELLIPSIS) for symbol in sizes)
    return [sizes[f"{ELLIPSIS}{dimension}"] for dimension in range(count)]


def _shape_problem(tensor: TensorSpec) -> str:
    if not tensor.name.strip():
        return "a tensor needs a name, by which reports call it"
    given: object = tensor.shape  # a list reaches this line without a type checker
    if not isinstance(given, tuple):
        return f"the shape is a tuple of sizes and symbols, got {given!r}"
    for size in tensor.shape:
        fits = isinstance(size, str) and size.strip()
        if not fits and (not isinstance(size, int) or isinstance(size, bool) or size < 0):
            return f"a size is an integer from 0 on or a symbol such as 'm', got {size!r}"
    if tensor.shape.count(ELLIPSIS) > 1:
        return f"'...' occurs once in a shape, got {tensor.shape}"
    rank = len(tensor.shape)
    sums = tensor.content in (Content.ONE_HOT, Content.DISTRIBUTION)
    if sums and ELLIPSIS not in tensor.shape and not -rank <= tensor.axis < rank:
        return f"axis {tensor.axis} is none of the {rank} axes of shape {tensor.shape}"
    return ""


def _range_problem(tensor: TensorSpec) -> str:
    if not (tensor.scale > 0 and math.isfinite(tensor.scale)):
        return f"the scale is a positive number, got {tensor.scale}"
    if tensor.content is Content.INTEGER:
        return _integer_range_problem(tensor)
    low, high = tensor.low, tensor.high
    if isinstance(high, str):
        return f"only integers take a symbol as the end of their range, got high={high!r}"
    if math.isnan(low) or math.isnan(high):
        return f"the range has a NaN: low={low}, high={high}"
    if low > high or low == np.inf or high == -np.inf:
        return f"no number lies in [{low}, {high}]: low is above high"
    if tensor.content is Content.PROBABILITY and (low >= 1 or high <= 0):
        return f"no probability of the open interval (0, 1) lies in [{low}, {high}]"
    return ""


def _integer_range_problem(tensor: TensorSpec) -> str:
    symbolic = isinstance(tensor.high, str)
    low, high = tensor.low, np.inf if isinstance(tensor.high, str) else tensor.high
    if not symbolic and not math.isfinite(high):
        return "integers need an end of their range: give high=, a number or a symbol"
    if low != -np.inf and not (math.isfinite(low) and low == int(low)):
        return f"the range of integers starts at a whole number, got low={low}"
    if not symbolic and high != int(high):
        return f"the range of integers ends at a whole number, got high={high}"
    first = 0 if low == -np.inf else low
    return "" if first < high else f"no integer lies in [{first}, {high}): high is excluded"


def _kink_problem(tensor: TensorSpec) -> str:
    if tensor.kinks and tensor.content is not Content.REAL:
        return f"entries that are {tensor.content} have no kinks, got {tensor.kinks}"
    high = np.inf if isinstance(tensor.high, str) else tensor.high
    for kink in tensor.kinks:
        if not (math.isfinite(kink) and tensor.low <= kink <= high):
            return f"the kink {kink} lies outside the range [{tensor.low}, {high}]"
    return ""


def _role_problem(tensor: TensorSpec) -> str:
    if tensor.content is Content.INTEGER and tensor.differentiable:
        return (
            f"integers have no gradient, but the role is {tensor.role.value!r}: "
            "use Role.INDEX or Role.LABEL"
        )
    if tensor.role is Role.INDEX and tensor.content is not Content.INTEGER:
        return f"an index is an integer, got content {tensor.content.value!r}"
    return ""
