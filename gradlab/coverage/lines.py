"""Which lines of the code under test are executed: a trace of one run.

Python 3.12 and later have `sys.monitoring`, which coexists with debuggers and coverage
tools.  Python 3.11 has `sys.settrace`, which is taken only where nothing else uses it.
"""

from __future__ import annotations

import ast
import linecache
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from gradlab.coverage.records import Line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType, FrameType

    Covers = Callable[[str], bool]

#: Tool numbers of `sys.monitoring` that Python does not reserve for debuggers and the like.
_FREE_TOOLS = (3, 4)


@dataclass
class LineTrace:
    """The code objects that were entered, and the lines that were executed in each.

    Attributes
    ----------
    phase
        The pass that runs now, ``"forward"`` or ``"backward"``.
    refused
        Why nothing was traced; empty where something was.
    """

    covers: Covers
    phase: str = "forward"
    refused: str = ""
    entered: dict[CodeType, str] = field(default_factory=dict)
    executed: dict[CodeType, set[int]] = field(default_factory=dict)

    def enter(self, code: CodeType) -> bool:
        """Note that a code object was entered; False where it is not under test."""
        if code in self.entered:
            return True
        if not self.covers(code.co_filename) or code.co_name in ("<module>", "<listcomp>"):
            return False
        self.entered[code] = self.phase
        self.executed[code] = set()
        return True

    def execute(self, code: CodeType, number: int) -> None:
        """Note that a line was executed."""
        if code in self.executed:
            self.executed[code].add(number)

    def lines(self) -> tuple[frozenset[Line], frozenset[Line]]:
        """Return the executable lines of what was entered, and those that were executed."""
        every, run = set(), set()
        for code, phase in self.entered.items():
            raising = _lines_that_only_raise(code.co_filename)
            for number in executable(code) - raising:
                text = linecache.getline(code.co_filename, number).strip()
                line = Line(code.co_filename, number, code.co_name, phase, text)
                every.add(line)
                if number in self.executed[code]:
                    run.add(line)
        return frozenset(every), frozenset(run)


def executable(code: CodeType) -> set[int]:
    """Return the numbers of the lines of a function's own body that carry bytecode."""
    return {n for _, _, n in code.co_lines() if n is not None} - {code.co_firstlineno}


@lru_cache(maxsize=64)
def _lines_that_only_raise(file: str) -> frozenset[int]:
    """Return the lines of raise statements, and of what computes their messages.

    The statements of a block that ends in a raise only prepare the exception.
    """
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, ValueError):
        return frozenset()
    numbers: set[int] = set()
    for node in ast.walk(tree):
        for block in ("body", "orelse", "finalbody"):
            statements = getattr(node, block, None)
            if not isinstance(statements, list) or not statements:
                continue
            inner = isinstance(node, ast.If | ast.ExceptHandler | ast.Try | ast.match_case)
            if isinstance(statements[-1], ast.Raise) and inner:
                if isinstance(node, ast.ExceptHandler):
                    numbers.add(node.lineno)
                for statement in statements:
                    numbers |= set(range(statement.lineno, (statement.end_lineno or 0) + 1))
            elif isinstance(statements[-1], ast.Raise):
                last = statements[-1]
                numbers |= set(range(last.lineno, (last.end_lineno or last.lineno) + 1))
    return frozenset(numbers)


@contextmanager
def traced_lines(trace: LineTrace) -> Iterator[None]:
    """Trace what runs inside of the block into `trace`."""
    if sys.version_info >= (3, 12):
        with _monitored(trace):
            yield
    elif sys.gettrace() is not None:
        trace.refused = "lines are not observed: a debugger or a coverage tool is tracing already"
        yield
    else:
        sys.settrace(_tracer(trace))
        try:
            yield
        finally:
            sys.settrace(None)


def _tracer(trace: LineTrace) -> Any:
    def local(frame: FrameType, event: str, _argument: Any) -> Any:
        if event == "line":
            trace.execute(frame.f_code, frame.f_lineno)
        return local

    def enter(frame: FrameType, _event: str, _argument: Any) -> Any:
        return local if trace.enter(frame.f_code) else None

    return enter


if sys.version_info >= (3, 12):

    @contextmanager
    def _monitored(trace: LineTrace) -> Iterator[None]:
        monitoring = sys.monitoring
        free = [tool for tool in _FREE_TOOLS if monitoring.get_tool(tool) is None]
        if not free:
            trace.refused = "lines are not observed: other tools monitor the interpreter already"
            yield
            return
        tool, events = free[0], monitoring.events

        def start(code: CodeType, _offset: int) -> Any:
            if not trace.enter(code):
                return monitoring.DISABLE
            return None

        def line(code: CodeType, number: int) -> Any:
            trace.execute(code, number)
            return monitoring.DISABLE

        monitoring.use_tool_id(tool, "gradlab")
        monitoring.register_callback(tool, events.PY_START, start)
        monitoring.register_callback(tool, events.LINE, line)
        monitoring.set_events(tool, events.PY_START | events.LINE)
        monitoring.restart_events()
        try:
            yield
        finally:
            monitoring.set_events(tool, 0)
            monitoring.register_callback(tool, events.PY_START, None)
            monitoring.register_callback(tool, events.LINE, None)
            monitoring.free_tool_id(tool)
