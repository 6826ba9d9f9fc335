"""Interfaces of routines whose code runs in a worker: its methods are called from the parent.

An optimizer, an initializer, a network, a graph, … reaches the parent as the same
`Routine` that an adapter makes in one process.  Each callable of its interface sends a
message; arrays travel through the registry, so that what the code does to the very
arrays that it was handed shows on both sides.  What is no plain data (an optimizer with
its memory, a node of a graph) stays in the worker and is known here by a number.
"""

from __future__ import annotations

import dataclasses
import weakref
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab import interfaces
from gradlab.adapters.networks import reference_network
from gradlab.interfaces import InitialParameters, NetworkInterface, Routine, TrainingConfig
from gradlab.kinds import Kind
from gradlab.numdiff.analyticity import is_traced, log_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradlab.worker.proxy import Connection
    from gradlab.worker.shared_arrays import Registry

_INTERFACES: dict[Kind, Any] = {
    Kind.OPTIMIZER: interfaces.OptimizerInterface,
    Kind.INITIALIZER: interfaces.InitializerInterface,
    Kind.MINIBATCHES: interfaces.MinibatchInterface,
    Kind.NETWORK: interfaces.NetworkInterface,
    Kind.TRAINING: interfaces.TrainingInterface,
    Kind.GRAPH: interfaces.GraphInterface,
    Kind.UPDATE: interfaces.UpdateInterface,
}
_RECORDS: dict[str, Any] = {cls.__name__: cls for cls in (InitialParameters, TrainingConfig)}
#: The methods of what an interface makes.
_METHODS = frozenset(
    ("step", "parameters", "set_parameters", "cost_and_gradients", "gradients", "update")
)
_OPERATORS = frozenset(("__add__", "__mul__"))


def encode(value: Any, registry: Registry, keep: Callable[[Any], int]) -> Any:
    """Write a value as plain data.

    Parameters
    ----------
    value
        Numbers, strings, arrays, and tuples, lists, sets, dicts and records of them.
    registry
        Numbers the arrays.
    keep
        Returns a number for any other object.
    """
    write = partial(encode, registry=registry, keep=keep)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return encode(value.item(), registry, keep)
    if isinstance(value, np.ndarray):
        if is_traced(value):
            log_of(value).reject("the arrays are copied before they are computed with")
        return {"array": registry.number(value)}
    if isinstance(value, dict):
        return {"dict": [[key, write(part)] for key, part in value.items()]}
    if isinstance(value, tuple | list | frozenset):
        return {type(value).__name__: [write(part) for part in value]}
    if type(value).__name__ in _RECORDS:
        fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        return {"record": type(value).__name__, "fields": write(fields)}
    return {"object": keep(value)}


def decode(plain: Any, registry: Registry, find: Callable[[int], Any]) -> Any:
    """Read what `encode` wrote; `find` returns the object of a number."""
    read = partial(decode, registry=registry, find=find)
    match plain:
        case {"array": int(number)}:
            return registry.array(number)
        case {"dict": list(items)}:
            return {key: read(part) for key, part in items}
        case {"tuple": list(parts)}:
            return tuple(map(read, parts))
        case {"list": list(parts)}:
            return list(map(read, parts))
        case {"frozenset": list(parts)}:
            return frozenset(map(read, parts))
        case {"record": str(name), "fields": fields}:
            return _RECORDS[name](**read(fields))
        case {"object": int(number)}:
            return find(number)
    if plain is None or isinstance(plain, bool | int | float | str):
        return plain
    msg = f"a {type(plain).__name__} encodes no value"
    raise TypeError(msg)


def describe(
    routine: Routine[Any], registry: Registry, keep: Callable[[Any], int]
) -> dict[str, Any]:
    """Describe a routine as plain data; the callables of its interface stay in the worker."""
    interface = routine.interface
    fields = {f.name: getattr(interface, f.name) for f in dataclasses.fields(interface)}
    return {
        "kind": routine.kind,
        "name": routine.name,
        "like": routine.like,
        "convention": routine.convention,
        "notes": routine.notes,
        "interface": keep(interface),
        "callables": [name for name, field in fields.items() if callable(field)],
        "data": {
            name: encode(field, registry, keep)
            for name, field in fields.items()
            if not callable(field)
        },
    }


def remote_routine(connection: Connection, plain: dict[str, Any]) -> Routine[Any]:
    """Make a routine of what `describe` wrote, whose interface calls the worker."""
    kind, name = Kind(plain["kind"]), str(plain["name"])
    root = RemoteObject(connection, name, int(plain["interface"]))
    read = partial(decode, registry=connection.registry, find=_no_object)
    fields = {key: read(data) for key, data in plain["data"].items()}
    fields |= {key: partial(root.call, key) for key in plain["callables"]}
    interface = _INTERFACES[kind](**fields)
    if isinstance(interface, NetworkInterface) and interface.twin is not None:
        # The reference computes here, out of reach of the file.
        twin = partial(reference_network, interface.penalty)
        interface = dataclasses.replace(interface, twin=twin)
    return Routine(name, kind, interface, plain["like"], plain["convention"], tuple(plain["notes"]))


def _no_object(number: int) -> Any:
    msg = f"object {number} comes as data of an interface"
    raise ValueError(msg)


class RemoteObject:
    """An object in the worker: an interface, or what one of its callables has made."""

    def __init__(self, connection: Connection, name: str, number: int) -> None:
        self._connection, self._name, self._number = connection, name, number
        weakref.finalize(self, connection.closed_by, number)

    def call(self, method: str, *arguments: Any) -> Any:
        """Call a method in the worker, and return its result.

        Raises
        ------
        GradlabError
            What the worker reports that the code under test raised.
        """
        connection = self._connection
        message = {
            "op": "call",
            "name": self._name,
            "object": self._number,
            "method": method,
            "arguments": encode(arguments, connection.registry, _number_of),
        }
        return connection.call(self._name, message, self._decode)

    def _decode(self, plain: Any) -> Any:
        return decode(plain, self._connection.registry, self._made)

    def _made(self, number: int) -> RemoteObject:
        return RemoteObject(self._connection, self._name, number)

    def __getattr__(self, method: str) -> Any:
        if method not in _METHODS:
            raise AttributeError(method)
        return partial(self.call, method)

    def __add__(self, other: RemoteObject) -> Any:
        return self.call("__add__", other)

    def __mul__(self, other: RemoteObject) -> Any:
        return self.call("__mul__", other)


def _number_of(value: Any) -> int:
    """Return the number of an object of the worker; nothing else can be handed to it."""
    if isinstance(value, RemoteObject):
        return value._number  # noqa: SLF001 - one module's own class
    msg = f"a {type(value).__name__} cannot be sent to the worker"
    raise TypeError(msg)


def call_method(target: Any, method: str, arguments: tuple[Any, ...]) -> Any:
    """Call a method of an interface, or of what it has made; in the worker."""
    known = isinstance(target, tuple(_INTERFACES.values())) or method in _METHODS | _OPERATORS
    if not known:
        msg = f"{method} is no method of an interface"
        raise ValueError(msg)
    return getattr(target, method)(*arguments)
