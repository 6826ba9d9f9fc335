"""What the adapters of routines share: argument names, signatures, seeds."""

from __future__ import annotations

import inspect
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

from gradlab.errors import GradlabError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

#: What people call the arguments that laws choose.
RATES = ("learning_rate", "lr", "alpha", "eta", "rate", "step_size", "stepsize")
SETTINGS = {
    "learning_rate": RATES,
    # No "decay": that of the learning rate goes by the same name.
    "beta": ("beta", "rho", "decay_rate", "mu", "momentum", "gamma", "discount"),
    "beta1": ("beta1", "beta_1", "b1"),
    "beta2": ("beta2", "beta_2", "b2"),
    "epsilon": ("epsilon", "eps", "fuzz"),
}
PARAMETERS = ("parameters", "params", "weights", "w", "theta", "variables", "x")
GRADIENTS = ("gradients", "grads", "grad", "gradient", "dw", "dparams", "dtheta", "g", "dx")
SEEDS = ("seed", "random_seed", "random_state")
GENERATORS = ("rng", "generator")
SIZES = ("size", "batch_size", "mini_batch_size", "minibatch_size", "batchsize")


def is_function(obj: object) -> TypeGuard[Callable[..., Any]]:
    """Whether something is called to do its work, and not to make an instance."""
    return callable(obj) and not isinstance(obj, type)


def arguments_of(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """Return the arguments of a function by name, `self` left out; none without a signature."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return {}
    return {name: p for name, p in signature.parameters.items() if name != "self"}


def named(function: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names of the arguments that can be given by name."""
    open_ended = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return tuple(name for name, p in arguments_of(function).items() if p.kind not in open_ended)


def takes_anything(function: Callable[..., Any]) -> bool:
    """Whether a function is written ``(*args, **kwargs)`` and so names no arguments."""
    kinds = [p.kind for p in arguments_of(function).values()]
    return kinds == [inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD]


def takes_options(function: Callable[..., Any]) -> bool:
    """Whether a function takes any argument by name, and passes on those it does not know."""
    return any(p.kind is inspect.Parameter.VAR_KEYWORD for p in arguments_of(function).values())


def required(function: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names of the arguments without a default."""
    return tuple(
        name
        for name, p in arguments_of(function).items()
        if p.default is inspect.Parameter.empty and name in named(function)
    )


def one_of(names: Iterable[str], known: tuple[str, ...]) -> str | None:
    """Return the name that is `known`, whatever its case; the likeliest first, None if none is."""
    lowered = {name.lower(): name for name in names}
    return next((lowered[name] for name in known if name in lowered), None)


def called(obj: object) -> str:
    """Return the name of an object as its author would write it."""
    function = getattr(obj, "func", obj)  # a functools.partial has no name of its own
    return str(getattr(function, "__name__", type(obj).__name__))


def words_of(name: str) -> set[str]:
    """Return the words of a name, in lower case.

    Examples
    --------
    >>> sorted(words_of("HeInit_2")), sorted(words_of("random_mini_batches"))
    (['he', 'init'], ['batches', 'mini', 'random'])
    """
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def unknown_argument(name: str, argument: str, expected: str) -> GradlabError:
    """Return the error for an argument without a known value."""
    msg = (
        f"{name}: no value is known for the argument {argument!r} ({expected}); give it a default, "
        "or wrap the code in a function without it"
    )
    return GradlabError(msg)


def seed_arguments(function: Callable[..., Any], seed: int) -> dict[str, Any]:
    """Return the argument that seeds a function, ready to be passed; none where it takes none."""
    # What is passed on goes to the reference, or to code in its words.
    names = (*named(function), *(("rng",) if takes_options(function) else ()))
    generator, number = one_of(names, GENERATORS), one_of(names, SEEDS)
    if generator is not None:
        return {generator: np.random.default_rng([seed, 5])}
    return {} if number is None else {number: seed}


@contextmanager
def global_stream(seed: int) -> Iterator[None]:
    """Seed NumPy's global stream for code that draws from it, and put it back afterwards."""
    before = np.random.get_state()
    np.random.seed(seed)
    try:
        yield
    finally:
        np.random.set_state(before)
