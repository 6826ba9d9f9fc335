"""Which axis holds the examples, as far as the code confirms it.

Laws on batches presuppose that axis.  It is declared (``layout=``, ``like=``, a telling
name, a convention), or the axis along which the forward treats entries one by one; where
there is none, no law on batches applies, and a note states why.
"""

from __future__ import annotations

import enum
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.domain import Content, Layout, Role, Sizes
from gradlab.errors import GradlabError
from gradlab.random_state import other_draws

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

    from numpy.typing import NDArray

    from gradlab.domain import Domain, TensorSpec
    from gradlab.subject import Outputs, Subject, Values

    Array = NDArray[Any]

#: What may be declared: the axis of the examples in the input.
LAYOUTS = ("rows", "columns", "none")
#: Inputs under these names are the article's: columns are examples.
_COLUMNS = ("Z", "A_prev", "A")
# Examples in a trial, and in how many trials an axis has to be confirmed.
_COUNT, _TRIALS = 4, 2
_RANDOM = "it is random: checked at fixed random numbers, and not whether examples are coupled"
_RELATIVE, _ABSOLUTE = 1e-6, 1e-9


class _Found(enum.Enum):
    """What a trial shows about one axis."""

    SEPARATE = "each entry along the axis is treated alone; of a cost, it is their mean"
    SUM = "a cost is the sum along the axis, and not the mean"
    COUPLED = "entries along the axis depend on each other"
    RAISES = "the code does not run there"


def with_examples(subject: Subject, declared: str | None, *, named: bool) -> Subject:
    """Return the subject with the batch axis that is declared, or that its forward confirms.

    Parameters
    ----------
    subject
        As an adapter made it, with the batch axis of its convention.
    declared
        One of `LAYOUTS`, or None.
    named
        Whether its name, ``like=`` or a convention states what it computes: then laws
        on batches apply though no axis is confirmed.

    Raises
    ------
    GradlabError
        If the layout is unknown, or no input has such an axis.
    """
    if declared is not None:
        return _declared(subject, declared)
    main = _main(subject)
    symbols = _candidates(subject, main)
    if not symbols:
        return subject
    if _is_random(subject):
        subject = replace(subject, domain=_roomy(subject.domain))
        return replace(_with_batch(subject, main, ""), notes=(*subject.notes, _RANDOM))
    kept = subject.domain.batch
    if subject.convention == "article" and main.name in _COLUMNS and kept in symbols:
        symbols = [kept]
    found = {symbol: _trials(subject, symbol) for symbol in symbols}
    if found.get(kept) is _Found.SEPARATE:
        return subject
    separate = [symbol for symbol in symbols if found[symbol] is _Found.SEPARATE]
    if separate:
        note = (
            f"entries along axis {main.shape.index(separate[0])} of {main.name} do not depend on "
            "each other, and are taken for the examples"
        )
        chosen = _with_batch(subject, main, separate[0])
        return replace(chosen, notes=(*subject.notes, note))
    if named or _Found.RAISES in found.values():
        return subject
    return replace(
        _with_batch(subject, main, ""), notes=(*subject.notes, _note(subject, found.values()))
    )


def _note(subject: Subject, found: Any) -> str:
    if not subject.upstream and _Found.SUM in found:
        return "the cost is the sum over the examples, and not their mean; as such it is checked"
    if not subject.upstream:
        return "the cost is no mean over examples; laws on batches do not apply"
    return (
        "examples are coupled: an entry of the output depends on several, along every axis; laws "
        "on batches do not apply, unless layout= declares the axis of the examples"
    )


def _main(subject: Subject) -> TensorSpec:
    """Return the tensor whose axes are meant: the first input."""
    for tensor in subject.domain:
        if tensor.role is Role.INPUT:
            return tensor
    return subject.domain.tensors[0]


def _candidates(subject: Subject, main: TensorSpec) -> list[str]:
    """Return the symbols that may stand for the number of examples, the present one first.

    The size of a parameter is no number of examples.  Of an input with more than two
    axes, only the present one is tried.
    """
    taken = {s for t in subject.domain if t.role is Role.PARAMETER for s in t.symbols}
    batch = subject.domain.batch
    symbols = [s for s in main.symbols if s not in taken and main.shape.count(s) == 1]
    if len(main.shape) != 2 or "..." in main.shape:
        symbols = [s for s in symbols if s == batch]
    return sorted(symbols, key=lambda symbol: symbol != batch)


def _declared(subject: Subject, layout: str) -> Subject:
    if layout not in LAYOUTS:
        msg = f"layout is {layout!r}, where one of {', '.join(LAYOUTS)} was expected"
        raise GradlabError(msg)
    main = _main(subject)
    note = f"layout {layout}, as declared"
    if layout == "none":
        return replace(_with_batch(subject, main, ""), notes=(*subject.notes, note))
    size = main.shape[0 if layout == "rows" else -1] if main.shape else 1
    if not isinstance(size, str) or size == "...":
        shape = ", ".join(map(str, main.shape))
        msg = (
            f"{subject.name}: layout={layout!r} needs an axis of free size, and {main.name} is "
            f"({shape}); declare the other layout, or none"
        )
        raise GradlabError(msg)
    return replace(_with_batch(subject, main, size), notes=(*subject.notes, note))


def _with_batch(subject: Subject, main: TensorSpec, symbol: str) -> Subject:
    domain = replace(subject.domain, batch=symbol)
    if symbol:
        domain = _classes_across(domain, symbol)
    if symbol == subject.domain.batch and subject.layout is not Layout.UNKNOWN:
        return replace(subject, domain=domain)
    layout = Layout.UNKNOWN
    if symbol and len(main.shape) == 2:
        first = main.shape[0] == symbol
        layout = Layout.EXAMPLES_FEATURES if first else Layout.FEATURES_EXAMPLES
    return replace(subject, domain=domain, layout=layout)


def _roomy(domain: Domain) -> Domain:
    """Let no array be so small that fixed random numbers could drop every entry."""
    given = domain.minimum or {}
    return replace(domain, minimum={s: max(3, given.get(s, 0)) for s in domain.symbols})


def _classes_across(domain: Domain, symbol: str) -> Domain:
    """Let what is one-hot, or sums to 1, be so within each example."""
    tensors, least = [], dict(domain.minimum or {})
    for tensor in domain:
        sums = tensor.content in (Content.ONE_HOT, Content.DISTRIBUTION)
        if sums and len(tensor.shape) == 2 and symbol in tensor.shape:
            axis = 1 - tensor.shape.index(symbol)
            classes = tensor.shape[axis]
            if isinstance(classes, str):
                least = {s: n for s, n in least.items() if s != symbol} | {classes: 2}
            tensors.append(replace(tensor, axis=axis))
        else:
            tensors.append(tensor)
    return replace(domain, tensors=tuple(tensors), minimum=least)


def differs_from_itself(subject: Subject) -> bool:
    """Whether the outputs differ between two identical calls."""
    return _is_random(subject, nullcontext())


def _is_random(subject: Subject, context: AbstractContextManager[None] | None = None) -> bool:
    """Whether the outputs differ between two states of the random generators."""
    rng = np.random.default_rng(18)
    values = subject.domain.sample(subject.domain.sizes(Sizes.DISTINCT, rng), rng)
    try:
        one = subject.forward({name: np.array(value) for name, value in values.items()})
        with other_draws() if context is None else context:
            other = subject.forward({name: np.array(value) for name, value in values.items()})
    except GradlabError:
        return False
    return any(
        a.shape != b.shape or not np.array_equal(a, b, equal_nan=True)
        for a, b in zip(one, other, strict=True)
    )


def _trials(subject: Subject, symbol: str) -> _Found:
    """Try one axis at a few points; the first that is not separate decides."""
    for trial in range(_TRIALS):
        rng = np.random.default_rng([17, trial])
        sizes = subject.domain.sizes(Sizes.DISTINCT, rng)
        count = next(n for n in range(_COUNT, 100) if n not in sizes.values())
        values = subject.domain.sample({**sizes, symbol: count}, rng)
        batch = _Batch(subject, values, symbol, count, rng)
        try:
            found = batch.as_layer() if subject.upstream else batch.as_cost()
        except GradlabError:
            return _Found.RAISES
        if found is not _Found.SEPARATE:
            return found
    return _Found.SEPARATE


@dataclass(frozen=True)
class _Batch:
    """Values of one trial, with `count` entries along the axes of `symbol`."""

    subject: Subject
    values: Values
    symbol: str
    count: int
    rng: np.random.Generator

    @property
    def axes(self) -> Mapping[str, int]:
        """The axis of the symbol in each tensor that has one."""
        tensors = self.subject.domain
        return {t.name: t.shape.index(self.symbol) for t in tensors if self.symbol in t.shape}

    def run(self, chosen: Sequence[int]) -> Outputs:
        """Run the forward on some of the entries, in that order."""
        taken = {
            name: np.take(value, chosen, axis=self.axes[name])
            if name in self.axes
            else np.array(value)
            for name, value in self.values.items()
        }
        return tuple(
            np.array(out, dtype=complex if np.iscomplexobj(out) else float)
            for out in self.subject.forward(taken)
        )

    def as_layer(self) -> _Found:
        """Change one entry, and reorder them: the others keep their outputs."""
        order, others = [*range(1, self.count), 0], [*range(self.count - 1)]
        first = self.run(range(self.count))
        turned = self.run(order)
        changed = replace(self, values=self._with_last_changed()).run(range(self.count))
        for whole, after, moved in zip(first, turned, changed, strict=True):
            if not any(
                _close(np.take(whole, order, axis), after)
                and _close(np.take(whole, others, axis), np.take(moved, others, axis))
                for axis in range(whole.ndim)
                if whole.shape[axis] == self.count and moved.shape == whole.shape == after.shape
            ):
                return _Found.COUPLED
        return _Found.SEPARATE

    def _with_last_changed(self) -> dict[str, Array]:
        sizes = self.subject.domain.sizes_at(self.values)
        drawn = self.subject.domain.sample(sizes, self.rng)
        changed = {}
        for name, value in self.values.items():
            changed[name] = np.array(value)
            if name in self.axes:
                axis = self.axes[name]
                np.moveaxis(changed[name], axis, 0)[-1] = np.moveaxis(drawn[name], axis, 0)[-1]
        return changed

    def as_cost(self) -> _Found:
        """Compare the cost of all entries with those of each alone."""
        (together,) = self.run(range(self.count))
        alone = [self.run([j])[0] for j in range(self.count)]
        if _close(together, np.mean(alone, axis=0)):
            return _Found.SEPARATE
        return _Found.SUM if _close(together, np.sum(alone, axis=0)) else _Found.COUPLED


def _close(one: Array, other: Array) -> bool:
    size = float(np.max(np.abs(one[np.isfinite(one)]), initial=0.0))
    tolerance = _ABSOLUTE + _RELATIVE * size
    return bool(
        one.shape == other.shape and np.allclose(one, other, rtol=0, atol=tolerance, equal_nan=True)
    )
