"""The worker's end: it runs one file and executes requests on its objects.

It trusts the file no further than a process can: the parent holds the deadline,
counts what is printed, and reaches the verdict from the arrays.
"""

from __future__ import annotations

import os
import random
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters import adapt, adapt_any, update_of
from gradlab.adapters.training_trajectory import adapt_training
from gradlab.coverage import Scope, observe
from gradlab.coverage.records import to_plain as coverage_to_plain
from gradlab.errors import GradlabError, NotImplementedYetError
from gradlab.interfaces import Routine
from gradlab.numdiff.analyticity import trace, untrace
from gradlab.numdiff.trace_log import Log
from gradlab.random_state import fixed_randomness
from gradlab.report.printable import one_line
from gradlab.worker import load, source
from gradlab.worker.discover import Finder, Found
from gradlab.worker.errors import as_gradlab_error
from gradlab.worker.errors import encode as encode_error
from gradlab.worker.import_path import extend_path, locate
from gradlab.worker.limits import DEFAULT_MEMORY, die_with_parent, limit_memory
from gradlab.worker.load import Placeholder
from gradlab.worker.protocol import Unpacker, number_type, pack
from gradlab.worker.remote_interfaces import call_method, decode, describe, encode
from gradlab.worker.shared_arrays import Registry
from gradlab.worker.skipped import find_skipped
from gradlab.worker.streams import Streams
from gradlab.worker.subject_codec import to_plain
from gradlab.worker.watchdog import Watchdog

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from gradlab.subject import Subject, Values
    from gradlab.worker.protocol import Frame


class Dispatcher:
    """The file, what was found in it, and the sessions that are open."""

    def __init__(self, watchdog: Watchdog) -> None:
        self._watchdog = watchdog
        self.registry = Registry(1, weak=False)
        self._file = ""
        self._location = locate(Path.cwd() / "no file")
        self._seed, self._memory = 0, DEFAULT_MEMORY
        self._found: dict[str, Found] = {}
        self._finder: Finder | None = None
        self._subjects: dict[str, Subject] = {}
        self._sessions: dict[int, Any] = {}
        self._opened = 0
        self._scope = Scope()

    def answer(self, frame: Frame) -> Frame:
        """Do what a frame requests; an exception on the way is part of the answer."""
        answer: dict[str, Any] = {"result": None, "error": None}
        message = frame.message
        self.registry.receive(frame)
        for number in message["closed"]:
            self._sessions.pop(number, None)
        operation: Callable[[dict[str, Any]], Any] = getattr(self, f"do_{message['op']}")
        started = time.process_time()
        with warnings.catch_warnings(record=True) as caught, self._timed(message["limits"]):
            warnings.simplefilter("always")
            try:
                answer["result"] = operation(message)
            except BaseException as error:  # noqa: BLE001 - somebody else's code may raise anything
                answer["error"] = self._encode(
                    message.get("name", self._file), error, message["op"]
                )
        answer["cpu"] = time.process_time() - started
        warned = [(w.category.__name__, one_line(str(w.message))) for w in caught]
        silent = message["op"] in ("load", "adapt", "adapt_update")
        answer["warnings"] = [] if silent else list(dict.fromkeys(warned))
        return self.registry.send(answer)

    def _timed(self, limits: dict[str, Any]) -> AbstractContextManager[None]:
        return self._watchdog.timed(limits["cpu"], limits["wall"], limits["source"])

    def _encode(self, what: str, error: BaseException, request: str) -> tuple[str, str]:
        described = as_gradlab_error(what, error, self._memory, request)
        return encode_error(described, self._location.root)

    def do_start(self, _message: dict[str, Any]) -> str:
        """Confirm that the worker has started."""
        return "started"

    def do_load(self, message: dict[str, Any]) -> dict[str, Any]:
        """Run the file; return the names of what there is to check, and notes."""
        path = Path(message["path"])
        self._location = location = locate(path)
        self._file, self._seed, self._memory = path.name, message["seed"], message["memory"]
        code = source.read(path)
        # The cells of a notebook are compiled under names of their own.
        places = tuple(piece.place for piece in code.pieces)
        self._scope = Scope((str(path.parent.resolve()), str(path.parent)), places)
        extend_path(location)
        os.chdir(path.parent)
        self._reseed()
        limit_memory(self._memory)
        try:
            module, notes = load.execute(
                code.pieces,
                location,
                definitions_only=message["definitions_only"],
                packages=message["packages"],
                before=self._reseed,
            )
        except BaseException as error:  # noqa: BLE001 - somebody else's code may raise anything
            return {"failed": self._encode("importing it", error, "load")[1]}
        trees = [piece.tree for piece in code.pieces]
        self._finder = Finder(module, trees)
        items = self._finder.all()
        return {
            "found": [(item.name, item.differentiable, item.aliases) for item in items],
            "skipped": find_skipped(module, trees, items),
            "notes": [*code.notes, *notes],
        }

    def do_find(self, message: dict[str, Any]) -> str:
        """Return the name under which an object is checked, given one of its names."""
        return self._find(message["name"]).name

    def do_adapt(self, message: dict[str, Any]) -> dict[str, Any]:
        """Adapt an object of the file; where `any_kind` is not set, only a layer or a cost."""
        item = self._whole(message["name"])
        adapter = adapt_any if message["any_kind"] else adapt
        found = adapter(item.obj, name=item.name, **message["how"])
        if isinstance(found, Routine):
            return describe(found, self.registry, self._keep)
        return self._described(message["name"], found)

    def do_adapt_update(self, message: dict[str, Any]) -> dict[str, Any] | None:
        """Adapt the update of a layer of the file; None where it has none."""
        update = update_of(self._whole(message["name"]).obj)
        return None if update is None else describe(update, self.registry, self._keep)

    def do_adapt_training(self, message: dict[str, Any]) -> dict[str, Any]:
        """Adapt the training of an object of the file; its subject goes by another name."""
        item = self._whole(message["name"])
        return self._described(message["known_as"], adapt_training(item.obj, name=item.name))

    def do_call(self, message: dict[str, Any]) -> Any:
        """Call a method of a routine's interface, or of what it has made."""
        target = self._sessions[message["object"]]
        arguments = decode(message["arguments"], self.registry, self._sessions.__getitem__)
        result = call_method(target, message["method"], arguments)
        return encode(result, self.registry, self._keep)

    def do_reseed(self, _message: dict[str, Any]) -> None:
        """Put the global random generators where they were before the file was run."""
        self._reseed()

    def _whole(self, name: str) -> Found:
        """Return the object of a name, if it is complete."""
        self._reseed()
        item = self._find(name)
        if item.incomplete:
            raise NotImplementedYetError(item.incomplete)
        for part in item.obj if isinstance(item.obj, tuple) else (item.obj,):
            if isinstance(part, Placeholder):
                part.refuse()
        return item

    def _described(self, name: str, subject: Subject) -> dict[str, Any]:
        self._subjects[name] = subject
        return to_plain(subject)

    def do_open(self, message: dict[str, Any]) -> int:
        """Open a session; return its number."""
        return self._keep(self._subjects[message["name"]].open(self._values(message)))

    def _keep(self, obj: Any) -> int:
        """Keep a session, or an object of a routine, until the parent closes it."""
        self._opened += 1
        self._sessions[self._opened] = obj
        return self._opened

    def do_forward(self, message: dict[str, Any]) -> list[int]:
        """Run a forward; return the numbers of the outputs."""
        outputs = self._sessions[message["session"]].forward(self._values(message))
        return [self.registry.number(output) for output in outputs]

    def do_trace(self, message: dict[str, Any]) -> dict[str, Any]:
        """Run a forward on traced arrays; return why where the complex step does not apply."""
        values = dict(self._values(message))
        log = Log(number_type(message["dtype"]))
        for name in message["traced"]:
            values[name] = trace(values[name], log)
        warnings.simplefilter("error", np.exceptions.ComplexWarning)
        try:
            outputs = tuple(map(untrace, self._sessions[message["session"]].forward(values)))
        except Exception:
            if log.reason:
                return {"outputs": [], "reason": log.reason}
            raise
        return {"outputs": [self.registry.number(o) for o in outputs], "reason": log.reason}

    def do_backward(self, message: dict[str, Any]) -> dict[str, int | None]:
        """Run a backward; return the numbers of the gradients."""
        cotangents = tuple(map(self.registry.array, message["cotangents"]))
        session = self._sessions[message["session"]]
        gradients = session.backward(self._values(message), cotangents)
        return {
            name: None if gradient is None else self.registry.number(gradient)
            for name, gradient in gradients.items()
        }

    def do_observe(self, message: dict[str, Any]) -> dict[str, Any]:
        """Run forward and backward once; return the lines and conditions that were met."""
        values = self._values(message)
        session = self._subjects[message["name"]].open(values)
        return coverage_to_plain(observe(session, values, self._scope, message["seed"]))

    def do_scaling(self, message: dict[str, Any]) -> dict[str, float]:
        """Return the factors that the convention puts on the gradients."""
        scaling = self._subjects[message["name"]].scaling(self._values(message))
        return {name: float(factor) for name, factor in scaling.items()}

    def _find(self, name: str) -> Found:
        if self._finder is None:
            msg = "no file has been loaded"
            raise GradlabError(msg)
        return self._finder.named(name, self._file)

    def _values(self, message: dict[str, Any]) -> Values:
        return {name: self.registry.array(number) for name, number in message["values"].items()}

    def _reseed(self) -> None:
        """Make unseeded randomness in the file the same for every run and order of checks."""
        random.seed(self._seed)
        np.random.seed(self._seed)


def main(marker: str) -> None:
    """Answer the frames on standard input until it is closed.

    `marker`, in hexadecimal digits, is written before the first answer, and to the
    output of the code under test before each.
    """
    die_with_parent()
    streams = Streams.private(bytes.fromhex(marker))
    with fixed_randomness():
        dispatcher, unpacker = Dispatcher(Watchdog(streams.report_late)), Unpacker()
        while data := os.read(streams.requests, 1 << 16):
            unpacker.feed(data)
            while (frame := unpacker.take()) is not None:
                streams.answer(pack(dispatcher.answer(frame)))
    os._exit(0)  # threads that the file has started must not keep the process alive
