"""Which function is the forward of a backward, by their names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gradlab.adapters.names import (
    FUNCTION_STEMS,
    LOOSE_PREFIXES,
    LOOSE_SUFFIXES,
    NOT_VALUE_AND_GRADIENT,
    PLAIN_PREFIXES,
    PLAIN_SUFFIXES,
    VALUE_AND_GRADIENT,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_GRADIENT = re.compile(
    r"d[A-Z_]\w*|d[a-z]{1,2}\d?|grads?\w*|\w+_?grads?|gradients?|dscores|dlogits"
)


def forward_names(backward: str) -> Iterator[tuple[str, bool]]:
    """Yield what the forward of a backward may be called, and whether that is a loose guess.

    Examples
    --------
    >>> next(forward_names("conv_backward_naive")), list(forward_names("relu_prime"))
    (('conv_forward_naive', False), [('relu', True)])
    """
    for back, forth in FUNCTION_STEMS:
        if back in backward:
            forward = backward.replace(back, forth)
            yield forward, False
            while "_" in forward and forth in forward.rsplit("_", 1)[0]:
                forward = forward.rsplit("_", 1)[0]
                yield forward, False
    for suffixes, prefixes, loose in (
        (PLAIN_SUFFIXES, PLAIN_PREFIXES, False),
        (LOOSE_SUFFIXES, LOOSE_PREFIXES, True),
    ):
        for suffix in suffixes:
            if backward.endswith(suffix) and backward != suffix:
                yield backward.removesuffix(suffix), loose
        for prefix in prefixes:
            if backward.startswith(prefix) and len(backward) > len(prefix) + 1:
                yield backward.removeprefix(prefix), loose


def forward_of(backward: str, known: Collection[str]) -> tuple[str, bool] | None:
    """Return the forward among known names, and whether the pairing is loose; None if none fits.

    Examples
    --------
    >>> forward_of("d_tanh", {"tanh", "d_tanh"}), forward_of("load", {"oad"})
    (('tanh', True), None)
    """
    for forward, loose in forward_names(backward):
        if forward in known and forward != backward:
            return forward, loose
    return None


def is_loose(forward: str, backward: str) -> bool:
    """Whether two names are a pair by a loose rule only."""
    found = forward_of(backward, {forward})
    return found is not None and found[1]


def gives_value_and_gradient(name: str, returned: list[str] | None) -> bool:
    """Whether a function returns a value and its gradients, by its name and what it returns.

    Examples
    --------
    >>> gives_value_and_gradient("svm_loss", ["loss", "dW"])
    True
    >>> gives_value_and_gradient("load_gradients", ["a", "grads"])
    False
    """
    if not VALUE_AND_GRADIENT.search(name) or NOT_VALUE_AND_GRADIENT.search(name):
        return False
    names = returned or []
    return len(names) > 1 and any(_GRADIENT.fullmatch(each) for each in names)
