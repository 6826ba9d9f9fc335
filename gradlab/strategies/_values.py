"""Values for a domain: what a layer accepts, drawn for every one of its tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

from gradlab.domain import Content, Domain, TensorSpec, Where
from gradlab.domain._draws import hot
from gradlab.reference_table import LAYERS
from gradlab.strategies._arrays import entries, plant, tie
from gradlab.strategies._numbers import inside
from gradlab.strategies._shapes import sizes as sizes_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Array = NDArray[Any]
    Shape = tuple[int, ...]
    Sizes = Mapping[str, int]

_LINEAR = LAYERS["linear"].domain


@st.composite
def values(
    draw: st.DrawFn,
    domain: Domain,
    *,
    sizes: Sizes | None = None,
    where: Where | None = None,
) -> dict[str, Array]:
    """Draw an array for each tensor of `domain`: the sampler's description, shrinkable.

    Parameters
    ----------
    sizes
        A size for each symbol; drawn unless given.
    where
        Where in the domain the entries fall; drawn for each tensor unless
        given, generic in half of the draws.

    Shrinks to generic values, such as 0, 1, -1 and 0.5 where the domain has
    them, in the smallest sizes.

    Examples
    --------
    >>> from hypothesis import find
    >>> relu = Domain((TensorSpec("Z", ("n", "m"), kinks=(0.0,)),))
    >>> find(values(relu), lambda drawn: True)
    {'Z': array([[1.]])}
    >>> find(values(relu, where=Where.KINKS), lambda drawn: drawn["Z"].size == 2)
    {'Z': array([[ 0., -1.]])}
    """
    given = draw(sizes_of(domain)) if sizes is None else sizes
    # Everything that decides is drawn before the first entry: when shrinking takes entries
    # away, those that are left move up, and must not be read as decisions.
    falls = {tensor: draw(_where(tensor)) if where is None else where for tensor in domain}
    return {tensor.name: _tensor(draw, tensor, given, falls[tensor]) for tensor in domain}


def _where(tensor: TensorSpec) -> st.SearchStrategy[Where]:
    """Generic in half of the draws."""
    others = [where for where in Where if where is not Where.GENERIC and tensor.allows(where)]
    return st.sampled_from([Where.GENERIC] * len(others) + others)


def parameters(
    n_in: int, n_out: int, *, where: Where | None = None
) -> st.SearchStrategy[dict[str, Array]]:
    """Draw the weights and biases of a linear layer, as the article names them.

    Parameters
    ----------
    n_in, n_out
        Sizes of the layer before and of this layer.
    where
        As in `values`: symmetric weights are `Where.TIES`, dead ones `Where.ZEROS`.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(parameters(2, 1), lambda drawn: True)
    {'W': array([[0., 1.]]), 'b': array([[0.]])}
    """
    domain = Domain((_LINEAR["W"], _LINEAR["b"]))
    return values(domain, sizes={"n_in": n_in, "n_out": n_out}, where=where)


def _tensor(draw: st.DrawFn, tensor: TensorSpec, sizes: Sizes, where: Where) -> Array:
    shape = tensor.resolve(sizes)
    alike = where is not Where.GENERIC
    match tensor.content:
        case Content.BINARY:
            return _alike(draw, shape, alike)
        case Content.ONE_HOT:
            return _one_hot(draw, shape, tensor.axis, alike)
        case Content.DISTRIBUTION:
            return _distribution(draw, shape, tensor.axis, where)
    low, high = tensor.limits(sizes)
    if tensor.content is Content.INTEGER:
        drawn = entries(draw, shape, (range(int(low), int(high)),), int)
    else:
        drawn = entries(draw, shape, inside(tensor, low, high), float, distinct=True)
    if where is Where.TIES:
        tie(draw, drawn)
    elif specials := tensor.specials(where, sizes):
        plant(draw, drawn, specials)
    return drawn


def _alike(draw: st.DrawFn, shape: Shape, alike: bool) -> Array:
    """Zeros and ones; `alike`: one class only."""
    drawn = entries(draw, shape, ((0.0, 1.0),), float)
    return np.full(shape, drawn.flat[0]) if alike and drawn.size else drawn


def _one_hot(draw: st.DrawFn, shape: Shape, axis: int, alike: bool) -> Array:
    """One 1 along `axis`; `alike`: every example of the same class."""
    if 0 in shape:
        return np.zeros(shape)
    others = tuple(int(side) for side in np.delete(shape, axis))
    classes = entries(draw, others, (range(shape[axis]),), int)
    return hot(np.full(others, classes.flat[0]) if alike else classes, shape, axis)


def _distribution(draw: st.DrawFn, shape: Shape, axis: int, where: Where) -> Array:
    """Positive, sums to 1; nearly one-hot (extremes), or uniform (ties)."""
    if where is Where.EXTREMES:
        positive = _one_hot(draw, shape, axis, alike=False) + 1e-12
    elif where is Where.TIES:
        positive = np.ones(shape)
    else:
        positive = entries(draw, shape, (range(1, 10),), float)
    return np.asarray(positive / positive.sum(axis=axis, keepdims=True))
