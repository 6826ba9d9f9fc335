"""A domain: the tensors together, the sizes they share, and what is exempt."""

from __future__ import annotations

import enum
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.domain._draws import draw
from gradlab.domain._tensor import ELLIPSIS, Exemption, TensorSpec, Where
from gradlab.errors import GradlabError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    Array = NDArray[Any]


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
    exemptions
        Laws that do not apply, each with its reason.
    ranks
        How many dimensions ``"..."`` in a shape may stand for.

    Raises
    ------
    GradlabError
        If the description contradicts itself: a name twice, a symbol that no
        shape has, two exemptions from one law.

    Examples
    --------
    >>> relu = Domain((TensorSpec("Z", ("n", "m"), kinks=(0.0,)),))
    >>> rng = np.random.default_rng(0)
    >>> sizes = relu.sizes(Sizes.DISTINCT, rng)
    >>> sizes
    {'n': 4, 'm': 2}
    >>> relu.sample(sizes, rng, Where.KINKS)["Z"].shape
    (4, 2)
    """

    tensors: tuple[TensorSpec, ...]
    batch: str = "m"
    minimum: Mapping[str, int] | None = None
    exemptions: tuple[Exemption, ...] = ()
    ranks: tuple[int, ...] = (1, 2)

    def __post_init__(self) -> None:
        _no_repeats("tensor", [tensor.name for tensor in self.tensors])
        _no_repeats("exemption from the law", [exempt.law for exempt in self.exemptions])
        if not self.ranks or any(rank < 0 for rank in self.ranks):
            msg = f"ranks are numbers of dimensions from 0 on, at least one, got {self.ranks}"
            raise GradlabError(msg)
        self._check_symbols()

    def _check_symbols(self) -> None:
        known = self.symbols
        listed = ", ".join(known) or "none"
        for symbol, least in (self.minimum or {}).items():
            if symbol not in known:
                msg = f"the minimum names the size {symbol!r}, which no shape has: {listed}"
                raise GradlabError(msg)
            if least < 0:
                msg = f"the minimum of {symbol!r} is a size from 0 on, got {least}"
                raise GradlabError(msg)
        for tensor in self.tensors:
            if isinstance(tensor.high, str) and tensor.high not in known:
                msg = (
                    f"tensor {tensor.name!r}: the range ends at {tensor.high!r}, "
                    f"which no shape has: {listed}"
                )
                raise GradlabError(msg)
        # "m" is the default of `batch`, so it may be absent
        if self.tensors and self.batch not in (*known, "", "m"):
            msg = f"the batch is the size {self.batch!r}, which no shape has: {listed}"
            raise GradlabError(msg)

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
        """The symbolic sizes, each once, in order of appearance, without ``"..."``."""
        seen: dict[str, None] = {}
        for tensor in self.tensors:
            seen.update(dict.fromkeys(tensor.symbols))
        return tuple(seen)

    @property
    def ellipsis(self) -> bool:
        """Whether some shape has a ``"..."``, so that the rank is free."""
        return any(ELLIPSIS in tensor.shape for tensor in self.tensors)

    def dimensions(self, rank: int) -> tuple[str, ...]:
        """Return every size that a draw needs when ``"..."`` stands for `rank` dimensions.

        Examples
        --------
        >>> Domain((TensorSpec("Z", ("...", "m")),)).dimensions(2)
        ('...0', '...1', 'm')
        """
        free = tuple(f"{ELLIPSIS}{dimension}" for dimension in range(rank))
        return free + self.symbols if self.ellipsis else self.symbols

    def exemption(self, law: str) -> str:
        """Return the reason why `law` does not apply here; empty where it does."""
        return next((each.reason for each in self.exemptions if each.law == law), "")

    @property
    def searches(self) -> tuple[Where, ...]:
        """The kinds of draw that differ from each other here, the generic one first."""
        return tuple(w for w in Where if any(tensor.allows(w) for tensor in self.tensors))

    def sizes(self, pattern: Sizes, rng: np.random.Generator) -> dict[str, int]:
        """Draw a size for each symbol, small enough to read in a report."""
        rank = int(rng.choice(self.ranks)) if self.ellipsis else 0
        symbols = self.dimensions(rank)
        least = {symbol: (self.minimum or {}).get(symbol, 0) for symbol in symbols}
        if pattern is Sizes.SQUARE:
            size = max(int(rng.integers(2, 5)), *least.values(), 0)
            return dict.fromkeys(symbols, size)
        if pattern is Sizes.NON_SQUARE:
            return self._non_square(least, rng)
        sizes = _distinct(least, rng)
        if pattern is Sizes.ONE_EXAMPLE and self.batch in sizes:
            sizes[self.batch] = max(1, least[self.batch])
        if pattern is Sizes.ONE_FEATURE:
            sizes |= {s: max(1, least[s]) for s in symbols if s != self.batch}
        return sizes

    def sizes_at(self, values: Mapping[str, NDArray[Any]]) -> dict[str, int]:
        """Read the sizes of the symbols back off values.

        Examples
        --------
        >>> import numpy as np
        >>> Domain((TensorSpec("Z", ("n", "m")),)).sizes_at({"Z": np.ones((2, 5))})
        {'n': 2, 'm': 5}
        """
        sizes: dict[str, int] = {}
        for tensor in self:
            shape = values[tensor.name].shape
            symbols: list[int | str] = []
            for symbol in tensor.shape:
                free = len(shape) - len(tensor.shape) + 1
                symbols += [f"...{k}" for k in range(free)] if symbol == "..." else [symbol]
            sizes |= {s: n for s, n in zip(symbols, shape, strict=True) if isinstance(s, str)}
        return sizes

    def _non_square(self, least: Mapping[str, int], rng: np.random.Generator) -> dict[str, int]:
        """Sizes that differ within each tensor, and may agree between two tensors."""
        sizes: dict[str, int] = {}
        for symbol, at_least in least.items():
            beside = {other for t in self.tensors if symbol in t.symbols for other in t.symbols}
            if symbol.startswith(ELLIPSIS):
                beside = set(least)
            taken = {sizes[other] for other in beside if other in sizes}
            start = max(2, at_least)
            free = [size for size in range(start, start + len(taken) + 2) if size not in taken]
            sizes[symbol] = int(rng.choice(free))
        return sizes

    def sample(
        self,
        sizes: Mapping[str, int],
        rng: np.random.Generator,
        where: Where = Where.GENERIC,
        power: int = 0,
    ) -> dict[str, Array]:
        """Draw one array for each tensor.

        Parameters
        ----------
        sizes
            A size for each symbol, as `sizes` draws them.
        where
            Well inside the range and off the kinks, or adversarial; see `searches`.
        power
            The differentiable tensors are 10**power times as large, as far as
            their range allows.
        """
        return {
            tensor.name: np.asarray(
                draw(tensor, sizes, rng, where, power if tensor.differentiable else 0)
            )
            for tensor in self.tensors
        }


def _no_repeats(what: str, names: Sequence[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        count = names.count(twice[0])
        msg = f"each {what} is named once, but {twice[0]!r} occurs {count} times"
        raise GradlabError(msg)


def _distinct(least: Mapping[str, int], rng: np.random.Generator) -> dict[str, int]:
    """Distinct sizes; the symbols with the largest minimum choose first, so that all stay small."""
    pool = [
        int(n) for n in rng.permutation(np.arange(2, max([2, *least.values()]) + 1 + len(least)))
    ]
    sizes = dict(least)
    for symbol in sorted(least, key=lambda symbol: -least[symbol]):
        sizes[symbol] = next(size for size in pool if size >= least[symbol])
        pool.remove(sizes[symbol])
    return sizes
