"""The limit on the parent's own computation."""

import contextlib
import subprocess
import sys
import threading
import time

import pytest

from gradlab.worker.time_limit import OutOfTimeError, wall_limit


def compute(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sum(range(100))


def test_a_computation_that_takes_too_long_is_ended():
    started = time.monotonic()
    with pytest.raises(OutOfTimeError), wall_limit(0.2):
        compute(30)
    assert time.monotonic() - started < 20


def stubborn():
    while True:
        with contextlib.suppress(Exception):
            compute(1)


def test_no_handler_of_exceptions_keeps_it():
    with pytest.raises(OutOfTimeError), wall_limit(0.2):
        stubborn()


def test_a_computation_that_ends_in_time_is_left_alone():
    with wall_limit(0.3):
        compute(0.01)
    compute(0.6)


def test_the_watching_thread_ends_with_the_body():
    before = threading.active_count()
    with wall_limit(1000):
        pass
    end = time.monotonic() + 10
    while threading.active_count() > before and time.monotonic() < end:
        time.sleep(0.01)
    assert threading.active_count() <= before


TRACED = """
import sys, time
from gradlab.worker.time_limit import OutOfTimeError, wall_limit

def traced():
    return 7

try:
    with wall_limit({seconds}):
        time.sleep({body})
except OutOfTimeError:
    pass
sys.settrace(lambda frame, event, argument: None)
print(traced())
"""


@pytest.mark.parametrize(("seconds", "body"), [(1000, 0.0), (0.05, 0.3)])
def test_a_function_that_is_traced_starts_after_the_limit(seconds, body):
    # In a process of its own: a function that never starts cannot be interrupted.
    code = TRACED.format(seconds=seconds, body=body)
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ran.stdout, ran.stderr) == ("7\n", "")
