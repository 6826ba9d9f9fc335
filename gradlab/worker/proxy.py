"""Subjects whose code lives in a worker, and that otherwise are like any other."""

from __future__ import annotations

import builtins
import warnings
import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.coverage.records import from_plain as observation_from_plain
from gradlab.errors import (
    CodeUnderTestError,
    GradlabError,
    InternalError,
    NoResultError,
    NotADerivativeError,
    NotImplementedYetError,
)
from gradlab.numdiff.analyticity import is_traced, log_of, trace, untrace
from gradlab.report.printable import one_line
from gradlab.subject import Subject
from gradlab.worker.limits import DEFAULT_MEMORY
from gradlab.worker.loaded import Loaded
from gradlab.worker.protocol import ProtocolError
from gradlab.worker.remote_interfaces import remote_routine
from gradlab.worker.shared_arrays import Registry
from gradlab.worker.subject_codec import from_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gradlab.coverage import Observation
    from gradlab.interfaces import Routine
    from gradlab.subject import Gradients, Outputs, Values
    from gradlab.worker.parent import Worker

_ERRORS = (
    *(CodeUnderTestError, NotImplementedYetError, NoResultError, NotADerivativeError),
    *(InternalError, GradlabError),
)
ERRORS_BY_NAME = {error.__name__: error for error in _ERRORS}


@dataclass
class Connection:
    """The connection to one worker, shared by its sessions.

    Attributes
    ----------
    source
        The file whose code runs there.
    closed
        Sessions that nothing refers to any more; the next request carries their numbers.
    """

    worker: Worker
    source: str = ""
    registry: Registry = field(default_factory=lambda: Registry(0, weak=True))
    closed: list[int] = field(default_factory=list)

    def closed_by(self, session: int) -> None:
        """Remember a session that is gone."""
        self.closed.append(session)

    def load(
        self,
        path: str,
        *,
        seed: int,
        seconds: float,
        memory: float = DEFAULT_MEMORY,
        definitions_only: bool = False,
        packages: bool = True,
    ) -> Loaded:
        """Have the worker execute a file, within `seconds` of CPU time.

        `packages` is whether its packages' ``__init__.py`` are executed where it
        imports from them; `memory` is in GiB.

        Raises
        ------
        GradlabError
            When the file cannot be read, or the worker ends.
        """
        # Start-up of Python and NumPy is not charged to the deadline.
        self.call(path, {"op": "start"}, str)
        self.worker.set_budget(seconds)
        message = {
            "op": "load",
            "path": path,
            "seed": seed,
            "memory": memory,
            "definitions_only": definitions_only,
            "packages": packages,
        }
        loaded: Loaded = self.call("importing it", message, Loaded.read)
        self.source = path
        return loaded

    def call(self, what: str, message: dict[str, Any], read: Callable[[Any], Any]) -> Any:
        """Send a message, bring both sides' arrays to the same state, and read the result.

        Raises
        ------
        GradlabError
            What went wrong in the worker, in the class that it names.
        """
        closed, self.closed = self.closed, []
        frame = self.registry.send({**message, "closed": closed})
        answer = self.worker.request(frame, what, self.source)
        try:
            kept = self.registry.receive(answer)
            content = answer.message
            for category, text in content["warnings"]:
                warnings.warn(one_line(text), _category(category), stacklevel=3)
            if content["error"] is not None:
                kind, text = content["error"]
                raise ERRORS_BY_NAME[kind](one_line(text))
            result = read(content["result"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            msg = f"{what}: what came back from its process is no answer"
            self.worker.terminate(msg)
            raise ProtocolError(msg) from error
        del kept  # alive until here, for `read` to find them
        return result


def _category(name: str) -> type[Warning]:
    found = getattr(builtins, name, None)
    return found if isinstance(found, type) and issubclass(found, Warning) else UserWarning


def remote_subject(connection: Connection, name: str, how: Mapping[str, str | None]) -> Subject:
    """Have the worker adapt the object `name` of its file; return it as a `Subject`.

    `how` holds arguments of `gradlab.adapters.adapt`.

    Raises
    ------
    GradlabError
        When no convention describes it, or when it could not be tried out.
    """
    message = {"op": "adapt", "name": name, "how": dict(how), "any_kind": False}
    return _subject(connection, name, connection.call(name, message, from_plain))


def remote_subject_of_any_kind(
    connection: Connection, name: str, how: Mapping[str, str | None]
) -> Subject | Routine[Any]:
    """Do what `remote_subject` does; an optimizer, a network, … comes as a `Routine`.

    Raises
    ------
    GradlabError
        As `remote_subject`.
    """
    message = {"op": "adapt", "name": name, "how": dict(how), "any_kind": True}

    def read(plain: dict[str, Any]) -> Subject | Routine[Any]:
        if "kind" in plain:
            return remote_routine(connection, plain)
        return _subject(connection, name, from_plain(plain))

    found: Subject | Routine[Any] = connection.call(name, message, read)
    return found


def remote_update(connection: Connection, name: str) -> Routine[Any] | None:
    """Have the worker adapt the update of the layer `name`; None where it has none.

    Raises
    ------
    GradlabError
        When no layer can be made.
    """

    def read(plain: dict[str, Any] | None) -> Routine[Any] | None:
        return None if plain is None else remote_routine(connection, plain)

    found: Routine[Any] | None = connection.call(name, {"op": "adapt_update", "name": name}, read)
    return found


def remote_training(connection: Connection, name: str) -> Subject:
    """Have the worker adapt the training of the object `name` of its file.

    Raises
    ------
    GradlabError
        When it cannot be trained.
    """
    known_as = f"training of {name}"
    message = {"op": "adapt_training", "name": name, "known_as": known_as}
    return _subject(connection, known_as, connection.call(name, message, from_plain))


def _subject(connection: Connection, name: str, plain: dict[str, Any]) -> Subject:
    """Make a subject whose sessions are opened in the worker, where it goes by `name`."""

    def open_session(values: Values) -> _RemoteSession:
        values = _arrays(values)
        what = {"op": "open", "name": name, "values": _numbers(connection, values)}
        return _RemoteSession(connection, name, connection.call(name, what, int))

    def scaling(values: Values) -> Mapping[str, float]:
        values = _arrays(values)
        message = {"op": "scaling", "name": name, "values": _numbers(connection, values)}
        found: dict[str, float] = connection.call(name, message, dict)
        return found

    def observed(values: Values, seed: int) -> Observation:
        values = _arrays(values)
        numbers = _numbers(connection, values)
        message = {"op": "observe", "name": name, "values": numbers, "seed": seed}
        found: Observation = connection.call(name, message, observation_from_plain)
        return found

    return Subject(open=open_session, scaling=scaling, observe=observed, **plain)


def _arrays(values: Values) -> Values:
    """Return the values as arrays: arithmetic makes NumPy scalars of arrays without axes."""
    return {name: np.asarray(value) for name, value in values.items()}


def _numbers(connection: Connection, values: Values) -> dict[str, int]:
    return {name: connection.registry.number(array) for name, array in values.items()}


class _RemoteSession:
    """A session in the worker, by number."""

    def __init__(self, connection: Connection, name: str, number: int) -> None:
        self._connection, self._name, self._number = connection, name, number
        weakref.finalize(self, connection.closed_by, number)

    def _message(self, op: str) -> dict[str, Any]:
        return {"op": op, "name": self._name, "session": self._number}

    def forward(self, values: Values) -> Outputs:
        if any(map(is_traced, values.values())):
            return self._traced_forward(values)
        connection, values = self._connection, _arrays(values)
        message = {**self._message("forward"), "values": _numbers(connection, values)}
        outputs: Outputs = connection.call(
            self._name, message, lambda numbers: tuple(map(connection.registry.array, numbers))
        )
        return outputs

    def _traced_forward(self, values: Values) -> Outputs:
        """Have the worker follow the arrays that the complex step follows, in its own process."""
        connection = self._connection
        log = next(log_of(value) for value in values.values() if is_traced(value))
        plain = _arrays({name: untrace(value) for name, value in values.items()})
        message = {
            **self._message("trace"),
            "values": _numbers(connection, plain),
            "traced": [name for name, value in values.items() if is_traced(value)],
            "dtype": log.dtype.str,
        }
        outputs, reason = connection.call(
            self._name,
            message,
            lambda result: (
                tuple(map(connection.registry.array, result["outputs"])),
                str(result["reason"]),
            ),
        )
        if reason:
            log.reject(reason)
        return tuple(trace(output, log) for output in outputs)

    def backward(self, values: Values, cotangents: Outputs) -> Gradients:
        connection, values = self._connection, _arrays(values)
        cotangents = tuple(map(np.asarray, cotangents))
        message = {
            **self._message("backward"),
            "values": _numbers(connection, values),
            "cotangents": [connection.registry.number(cotangent) for cotangent in cotangents],
        }
        gradients: Gradients = connection.call(
            self._name,
            message,
            lambda numbers: {
                name: None if number is None else connection.registry.array(number)
                for name, number in numbers.items()
            },
        )
        return gradients
