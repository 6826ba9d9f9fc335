"""Random numbers of the code under test: the same ones at each forward.

A derivative of a function that draws random numbers is one at fixed draws.  So every
generator that the code can reach is put back before each forward; between a forward
and its backward nothing is touched, so that a backward that draws again is noticed.
"""

from __future__ import annotations

import random
import types
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gradlab.subject import Gradients, Outputs, Session, Subject, Values

#: The seed of the global generators at each forward.
_SEED = 20
# How far into an object generators are looked for, and in how many objects.
_DEPTH, _OBJECTS = 6, 400

_LEAVES = (np.ndarray, np.generic, str, bytes, int, float, complex, bool, type(None))
_GENERATORS = (np.random.Generator, np.random.RandomState, random.Random)
# What the module `random` and `np.random` draw from is reseeded, and not put back.
_GLOBAL = {id(np.random.mtrand._rand), id(random._inst)}  # noqa: SLF001


class _Entropy:
    """Stands for the system's entropy in NumPy: the same bits after each restart."""

    def __init__(self) -> None:
        self.drawn = 0
        self.depth = 0
        self.shift = 0

    def bits(self, count: int) -> int:
        """Return random bits, as `secrets.randbits` does."""
        self.drawn += 1
        drawn = np.random.PCG64([self.shift, self.drawn])
        bits: int = 2**count
        return int.from_bytes(np.random.Generator(drawn).bytes(count // 8 + 1)) % bits


_ENTROPY = _Entropy()


@contextmanager
def fixed_randomness() -> Iterator[None]:
    """Give unseeded NumPy generators fixed entropy; at exit, restore that and the global state.

    Contexts may be nested; the outermost restores.
    """
    source: Any = np.random.bit_generator
    if _ENTROPY.depth:
        _ENTROPY.depth += 1
        try:
            yield
        finally:
            _ENTROPY.depth -= 1
        return
    state, python_state, bits = np.random.get_state(), random.getstate(), source.randbits
    _ENTROPY.depth, source.randbits = 1, _ENTROPY.bits
    try:
        yield
    finally:
        _ENTROPY.depth, source.randbits = 0, bits
        np.random.set_state(state)
        random.setstate(python_state)


@contextmanager
def other_draws() -> Iterator[None]:
    """Let the code draw other random numbers than usual, the same ones at each forward."""
    _ENTROPY.shift = 1
    try:
        yield
    finally:
        _ENTROPY.shift = 0


def restart() -> None:
    """Seed the global generators, and let the fixed entropy start anew."""
    np.random.seed(_SEED + _ENTROPY.shift)
    random.seed(_SEED + _ENTROPY.shift)
    _ENTROPY.drawn = 0


@dataclass(frozen=True)
class Generators:
    """Random generators, and the states to which they are put back."""

    found: tuple[Any, ...]
    states: tuple[Any, ...]

    @classmethod
    def of(cls, found: Iterable[Any]) -> Generators:
        """Remember the present states of generators."""
        each = tuple({id(generator): generator for generator in found}.values())
        return cls(each, tuple(map(_state, each)))

    def put_back(self) -> None:
        """Restore every state."""
        for generator, state in zip(self.found, self.states, strict=True):
            _restore(generator, state)
            if _ENTROPY.shift:
                generator.random()


def _state(generator: Any) -> Any:
    if isinstance(generator, np.random.Generator):
        return generator.bit_generator.state
    if isinstance(generator, np.random.RandomState):
        return generator.get_state(legacy=False)
    return generator.getstate()


def _restore(generator: Any, state: Any) -> None:
    if isinstance(generator, np.random.Generator):
        generator.bit_generator.state = state
    elif isinstance(generator, np.random.RandomState):
        generator.set_state(state)
    else:
        generator.setstate(state)


def generators_in(*objects: Any) -> list[Any]:
    """Return the generators that objects hold: in attributes, containers, closures, globals.

    Examples
    --------
    >>> class Layer:
    ...     def __init__(self):
    ...         self.rng = np.random.default_rng(1)
    >>> [type(generator).__name__ for generator in generators_in(Layer())]
    ['Generator']
    """
    found: list[Any] = []
    seen: set[int] = set()
    waiting = [(obj, 0) for obj in objects]
    while waiting and len(seen) < _OBJECTS:
        obj, depth = waiting.pop(0)
        if isinstance(obj, _LEAVES) or id(obj) in seen:
            continue
        seen.add(id(obj))
        if isinstance(obj, _GENERATORS):
            if id(obj) not in _GLOBAL:
                found.append(obj)
        elif depth < _DEPTH:
            waiting += [(part, depth + 1) for part in _parts(obj)]
    return found


def _parts(obj: Any) -> list[Any]:
    """Return what an object refers to by itself; of modules nothing."""
    if isinstance(obj, types.ModuleType) or _is_record(obj):
        return []
    if isinstance(obj, dict):
        return list(obj.values())
    if isinstance(obj, list | tuple | set | frozenset):
        return list(obj)
    if isinstance(obj, types.MethodType):
        return [obj.__func__, obj.__self__]
    if isinstance(obj, types.FunctionType):
        return _of_function(obj)
    if isinstance(obj, type):
        return [part for cls in obj.__mro__[:-1] for part in vars(cls).values()]
    own = getattr(obj, "__dict__", None)
    held = [getattr(obj, "__func__", None), getattr(obj, "__wrapped__", None)]
    return [*held, *(own.values() if isinstance(own, dict) else ())]


def _is_record(obj: Any) -> bool:
    """Whether it is one of gradlab's own frozen records, which hold no instance of the code."""
    options = getattr(type(obj), "__dataclass_params__", None)
    return options is not None and options.frozen and type(obj).__module__.startswith("gradlab.")


def _of_function(function: types.FunctionType) -> list[Any]:
    """Return what a function's closure and defaults hold, and generators among its globals."""
    cells = [cell for cell in function.__closure__ or () if cell != types.CellType()]
    given = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    shared = [
        value for value in list(function.__globals__.values()) if isinstance(value, _GENERATORS)
    ]
    return [*(cell.cell_contents for cell in cells), *given, *shared]


class _HeldSession:
    """A session at whose forwards all generators are where they were when it was opened."""

    def __init__(self, session: Session, shared: Generators, held: list[Any]) -> None:
        self._session = session
        self._shared = shared
        for position, generator in enumerate(held):
            if isinstance(generator, random.Random):  # its entropy cannot be fixed
                generator.seed(_SEED + position)
        self._own = Generators.of(held)

    def forward(self, values: Values) -> Outputs:
        """Put the generators back, and run the forward."""
        restart()
        self._shared.put_back()
        self._own.put_back()
        return self._session.forward(values)

    def backward(self, values: Values, cotangents: Outputs) -> Gradients:
        """Run the backward; its draws go on where those of the forward ended."""
        return self._session.backward(values, cotangents)


#: Names in code that draws from what cannot be put back, or may do so.
_SOURCES = frozenset(
    ("urandom", "secrets", "SystemRandom", "uuid4", "token_bytes", "Random", "time", "time_ns")
) | {"perf_counter", "random", "rand", "randn", "default_rng", "getrandbits", "randbits"}


def draws_entropy(obj: Any) -> bool:
    """Whether the code of an object names a source of random numbers."""
    parts = obj if isinstance(obj, tuple) else (obj,)
    classes = [part if isinstance(part, type) else type(part) for part in parts]
    functions = [part for part in parts if isinstance(part, types.FunctionType)]
    held = [value for cls in classes for base in cls.__mro__ for value in vars(base).values()]
    functions += [value for value in held if isinstance(value, types.FunctionType)]
    waiting = [function.__code__ for function in functions]
    for code in waiting:
        if _SOURCES & set(code.co_names):
            return True
        waiting += [part for part in code.co_consts if isinstance(part, types.CodeType)]
    return False


def hold_randomness(subject: Subject, obj: Any) -> Subject:
    """Return a subject whose code draws the same random numbers at each forward.

    Parameters
    ----------
    subject
        What was made of `obj`.
    obj
        A class, an instance, a function or a tuple of them: its own generators, and
        those of its methods' closures and modules, are put back.
    """
    shared = Generators.of(generators_in(obj, type(obj)))
    # Code that names no source of random numbers makes no generators: an instance holds
    # those that it was given, or none, and then the search is not repeated for others.
    may_make = draws_entropy(obj)
    opened = subject.open
    without: list[bool] = []

    def open_session(values: Values) -> Session:
        restart()
        shared.put_back()
        session = opened(values)
        held = [] if without else generators_in(session)
        if not held and not may_make:
            without.append(True)
        return _HeldSession(session, shared, held)

    return replace(subject, open=open_session)
