"""Subjects whose code lives in a worker, and that otherwise are like any other."""

from __future__ import annotations

import builtins
import warnings
import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gradlab.errors import CodeUnderTestError, GradlabError, NoResultError, NotImplementedYetError
from gradlab.numdiff.analyticity import is_traced, log_of, trace, untrace
from gradlab.subject import Subject
from gradlab.worker.protocol import WireError
from gradlab.worker.shared_arrays import Ledger
from gradlab.worker.subject_codec import from_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gradlab.subject import Gradients, Outputs, Values
    from gradlab.worker.parent import Worker

_ERRORS = (CodeUnderTestError, NotImplementedYetError, NoResultError, GradlabError)
ERRORS_BY_NAME = {error.__name__: error for error in _ERRORS}


@dataclass
class Link:
    """What the sessions of one worker share.

    Attributes
    ----------
    source
        The file whose code runs there.
    closed
        Sessions that nothing refers to any more; the worker is told at the next call.
    """

    worker: Worker
    source: str = ""
    ledger: Ledger = field(default_factory=lambda: Ledger(0, weak=True))
    closed: list[int] = field(default_factory=list)

    def closed_by(self, session: int) -> None:
        """Remember a session that is gone."""
        self.closed.append(session)

    def call(self, what: str, message: dict[str, Any], read: Callable[[Any], Any]) -> Any:
        """Send a message, bring both sides' arrays to the same state, and read the result.

        Raises
        ------
        GradlabError
            What the worker says went wrong, in the class that it says.
        """
        closed, self.closed = self.closed, []
        frame = self.ledger.send({**message, "closed": closed})
        answer = self.worker.request(frame, what, self.source)
        try:
            kept = self.ledger.receive(answer)
            told = answer.message
            for category, text in told["warnings"]:
                warnings.warn(text, _category(category), stacklevel=3)
            if told["error"] is not None:
                kind, text = told["error"]
                raise ERRORS_BY_NAME[kind](text)
            result = read(told["result"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            msg = f"{what}: what came back from its process is no answer"
            self.worker.give_up(msg)
            raise WireError(msg) from error
        del kept  # alive until here, for `read` to find them
        return result


def _category(name: str) -> type[Warning]:
    found = getattr(builtins, name, None)
    return found if isinstance(found, type) and issubclass(found, Warning) else UserWarning


def describe(link: Link, name: str, convention: str | None, like: str | None) -> Subject:
    """Have the worker adapt the object `name` of its file; return it as a `Subject`.

    Raises
    ------
    GradlabError
        When no convention describes it, or when it could not be tried out.
    """
    message = {"op": "describe", "name": name, "convention": convention, "like": like}
    return _subject(link, name, link.call(name, message, from_plain))


def describe_training(link: Link, name: str) -> Subject:
    """Have the worker adapt the training of the object `name` of its file.

    Raises
    ------
    GradlabError
        When it cannot be trained.
    """
    known_as = f"training of {name}"
    message = {"op": "describe_training", "name": name, "known_as": known_as}
    return _subject(link, known_as, link.call(name, message, from_plain))


def _subject(link: Link, name: str, plain: dict[str, Any]) -> Subject:
    """Make a subject whose sessions are opened in the worker, where it goes by `name`."""

    def open_session(values: Values) -> _RemoteSession:
        what = {"op": "open", "name": name, "values": _numbers(link, values)}
        return _RemoteSession(link, name, link.call(name, what, int))

    def scaling(values: Values) -> Mapping[str, float]:
        message = {"op": "scaling", "name": name, "values": _numbers(link, values)}
        found: dict[str, float] = link.call(name, message, dict)
        return found

    return Subject(open=open_session, scaling=scaling, **plain)


def _numbers(link: Link, values: Values) -> dict[str, int]:
    return {name: link.ledger.number(array) for name, array in values.items()}


class _RemoteSession:
    """A session in the worker, by number."""

    def __init__(self, link: Link, name: str, number: int) -> None:
        self._link, self._name, self._number = link, name, number
        weakref.finalize(self, link.closed_by, number)

    def _message(self, op: str) -> dict[str, Any]:
        return {"op": op, "name": self._name, "session": self._number}

    def forward(self, values: Values) -> Outputs:
        if any(map(is_traced, values.values())):
            return self._traced_forward(values)
        link = self._link
        message = {**self._message("forward"), "values": _numbers(link, values)}
        outputs: Outputs = link.call(
            self._name, message, lambda numbers: tuple(map(link.ledger.array, numbers))
        )
        return outputs

    def _traced_forward(self, values: Values) -> Outputs:
        """Have the worker follow the arrays that the complex step follows, in its own process."""
        link = self._link
        log = next(log_of(value) for value in values.values() if is_traced(value))
        plain = {name: untrace(value) for name, value in values.items()}
        message = {
            **self._message("trace"),
            "values": _numbers(link, plain),
            "traced": [name for name, value in values.items() if is_traced(value)],
            "dtype": log.dtype.str,
        }
        outputs, reason = link.call(
            self._name,
            message,
            lambda told: (tuple(map(link.ledger.array, told["outputs"])), str(told["reason"])),
        )
        if reason:
            log.refuse(reason)
        return tuple(trace(output, log) for output in outputs)

    def backward(self, values: Values, cotangents: Outputs) -> Gradients:
        link = self._link
        message = {
            **self._message("backward"),
            "values": _numbers(link, values),
            "cotangents": [link.ledger.number(cotangent) for cotangent in cotangents],
        }
        gradients: Gradients = link.call(
            self._name,
            message,
            lambda numbers: {
                name: None if number is None else link.ledger.array(number)
                for name, number in numbers.items()
            },
        )
        return gradients
