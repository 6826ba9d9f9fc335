"""Random directions that see every entry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.numdiff.restriction import entry_scales

if TYPE_CHECKING:
    from numpy.typing import NDArray


def random_direction(x: Any, rng: np.random.Generator) -> Any:
    """Return a random direction of the shape of `x`: signs times (1 + u), at each entry's scale.

    The size of an entry's component is a power of two next to the entry's own
    size, but never less than 1/64 of the largest one, times 1 to 2: without that
    floor an entry that happens to be 1e-9 is hardly moved, and a mistake in its
    gradient cannot be seen.  A mistake in a single entry is never cancelled; one
    in two entries of equal size is missed about as often as by a Gaussian
    direction.

    Parameters
    ----------
    x
        An array, or a dict of named arrays; integer arrays get no direction.

    Examples
    --------
    >>> v = random_direction(np.array([3.0, 1e-9]), np.random.default_rng(0))
    >>> bool(np.all(np.abs(v) >= 3 / 128))
    True
    """
    if isinstance(x, Mapping):
        floats = {name: np.asarray(a) for name, a in x.items() if np.asarray(a).dtype.kind == "f"}
        return {name: _direction(array, rng) for name, array in floats.items()}
    return _direction(np.asarray(x, dtype=np.float64), rng)


def _direction(x: NDArray[Any], rng: np.random.Generator) -> NDArray[np.float64]:
    signs = rng.choice([-1.0, 1.0], x.shape)
    return np.asarray(signs * (1 + rng.random(x.shape)) * entry_scales(x))
