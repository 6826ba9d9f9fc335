"""What a layer or cost accepts: one description, read by every search.

A `Domain` names the tensors, their shapes in symbols (``("n_out", "n_in")``),
their roles, ranges, labels and kinks.  The seeded sampler here (what `check`
uses) and the Hypothesis strategies both read it, so that no search looks where
the layer was never meant to work, and every search looks where it was.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.records import GradlabError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    Array = NDArray[Any]


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
    ONE_HOT = "one-hot"  # one 1 along `axis`, stored as floats
    DISTRIBUTION = "distribution"  # positive, sums to 1 along `axis`
    INTEGER = "integer"  # integers in [low, high)


@dataclass(frozen=True)
class Exemption:
    """A law that does not apply here, and why; the report shows the reason."""

    law: str
    reason: str


@dataclass(frozen=True)
class TensorSpec:
    """One named tensor of a domain.

    Attributes
    ----------
    shape
        Sizes, or symbols that stand for sizes: ``("n_out", "n_in")``, ``("n", 1)``.
    low, high
        The range of the entries, both ends included; integers exclude `high`,
        which may then be a symbol (``"classes"``).
    scale
        The size of a typical entry.
    kinks
        Values of an entry at which the subject has no derivative (0 for a ReLU).
    axis
        The axis along which a one-hot or distribution tensor sums to 1.
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

    @property
    def differentiable(self) -> bool:
        """Whether a gradient with respect to this tensor is asked for."""
        return self.role in (Role.INPUT, Role.PARAMETER)


class Sizes(enum.StrEnum):
    """How the symbolic sizes of a draw relate to each other."""

    DISTINCT = "all sizes distinct"
    SQUARE = "all sizes equal"
    ONE_EXAMPLE = "one example"
    ONE_FEATURE = "one feature"
    NON_SQUARE = "non-square"


@dataclass(frozen=True)
class Domain:
    """Everything that a subject accepts.

    Attributes
    ----------
    tensors
        The named tensors, in the order in which the forward takes them.
    batch
        The symbol of the number of examples; empty where there is none.
    minimum
        Symbols whose size has a lower limit (``{"classes": 2}``).
    modes
        Names of the modes the subject can be in (``("train", "eval")``).
    exemptions
        Laws that do not apply, each with its reason.
    """

    tensors: tuple[TensorSpec, ...]
    batch: str = "m"
    minimum: Mapping[str, int] | None = None
    modes: tuple[str, ...] = ("train",)
    exemptions: tuple[Exemption, ...] = ()

    def __getitem__(self, name: str) -> TensorSpec:
        for tensor in self.tensors:
            if tensor.name == name:
                return tensor
        known = ", ".join(tensor.name for tensor in self.tensors)
        msg = f"no tensor is called {name!r} here; the tensors are: {known}"
        raise GradlabError(msg)

    def __iter__(self) -> Iterator[TensorSpec]:
        return iter(self.tensors)

    @property
    def symbols(self) -> tuple[str, ...]:
        """The symbolic sizes, each once, in order of appearance."""
        seen: dict[str, None] = {}
        for tensor in self.tensors:
            seen.update(dict.fromkeys(s for s in tensor.shape if isinstance(s, str)))
        return tuple(seen)

    def sizes(self, pattern: Sizes, rng: np.random.Generator) -> dict[str, int]:
        """Draw a size for each symbol, small enough to read in a report."""
        symbols = self.symbols
        if pattern is Sizes.SQUARE:
            sizes = dict.fromkeys(symbols, int(rng.integers(2, 5)))
        else:
            choice = rng.permutation(np.arange(2, 3 + len(symbols)))
            sizes = {symbol: int(size) for symbol, size in zip(symbols, choice, strict=False)}
        if pattern is Sizes.ONE_EXAMPLE and self.batch in sizes:
            sizes[self.batch] = 1
        if pattern is Sizes.ONE_FEATURE:
            sizes |= {symbol: 1 for symbol in symbols if symbol != self.batch}
        for symbol, least in (self.minimum or {}).items():
            sizes[symbol] = max(sizes.get(symbol, least), least)
        return sizes

    def sample(self, sizes: Mapping[str, int], rng: np.random.Generator) -> dict[str, Array]:
        """Draw one array for each tensor, well inside its range and off its kinks."""
        return {tensor.name: draw(tensor, sizes, rng) for tensor in self.tensors}


def draw(tensor: TensorSpec, sizes: Mapping[str, int], rng: np.random.Generator) -> Array:
    """Draw one array of generic values for `tensor`.

    Examples
    --------
    >>> spec = TensorSpec("Y", ("n", "m"), Role.LABEL, Content.ONE_HOT)
    >>> draw(spec, {"n": 3, "m": 2}, np.random.default_rng(0)).sum(axis=0)
    array([1., 1.])
    """
    shape = tuple(size if isinstance(size, int) else sizes[size] for size in tensor.shape)
    match tensor.content:
        case Content.INTEGER:
            high = sizes[tensor.high] if isinstance(tensor.high, str) else tensor.high
            return rng.integers(int(max(tensor.low, 0)), int(high), shape)
        case Content.BINARY:
            return rng.integers(0, 2, shape).astype(float)
        case Content.PROBABILITY:
            return rng.uniform(0.05, 0.95, shape)
        case Content.ONE_HOT:
            return _one_hot(shape, tensor.axis, rng)
        case Content.DISTRIBUTION:
            positive = rng.uniform(0.2, 1.0, shape)
            return np.asarray(positive / positive.sum(axis=tensor.axis, keepdims=True))
        case Content.REAL:
            return _real(tensor, shape, rng)


def _one_hot(shape: tuple[int, ...], axis: int, rng: np.random.Generator) -> Array:
    scores = rng.random(shape)
    return np.asarray(scores == scores.max(axis=axis, keepdims=True), dtype=float)


def _real(tensor: TensorSpec, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Normal entries of the tensor's scale, folded into its range and off its kinks."""
    drawn = tensor.scale * rng.standard_normal(shape)
    for kink in tensor.kinks:
        near = np.abs(drawn - kink) < 0.05 * tensor.scale
        drawn = np.where(near, drawn + 0.1 * tensor.scale, drawn)
    high = np.inf if isinstance(tensor.high, str) else tensor.high
    if np.isfinite(tensor.low) and np.isfinite(high):
        return np.asarray(rng.uniform(tensor.low, high, shape))
    if np.isfinite(tensor.low):
        return np.asarray(tensor.low + np.abs(drawn))
    if np.isfinite(high):
        return np.asarray(high - np.abs(drawn))
    return np.asarray(drawn)
