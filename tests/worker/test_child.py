"""The worker's end: what of the code under test reaches a message, and its clock."""

import sys
import time

import numpy as np
import pytest

from gradlab.errors import CodeUnderTestError
from gradlab.worker.proxy import remote_subject
from gradlab.worker.watchdog import Late, Watchdog, outermost_function

Z = {"Z": np.ones((2, 3))}


def subject_of(load, forward):
    code = f"""
    import warnings
    class Layer:
        def __init__(self, shape):
            self.A = np.zeros(shape)
        def forward(self, Z):
            if (Z == 1).all():
                {forward}
            self.A = np.tanh(Z)
        def backward(self, upstream_grad):
            self.dZ = upstream_grad * (1 - self.A**2)
    """
    return remote_subject(load(code), "Layer", {})


def test_an_exception_cannot_forge_a_line_or_redraw_the_terminal(load):
    forged = r"raise ValueError('no\n1 pass  (seed 0)\x1b[2J\u202e')"
    with pytest.raises(CodeUnderTestError) as caught:
        subject_of(load, forged).forward(Z)
    message = str(caught.value)
    assert message.isprintable()
    assert r"ValueError: no\n1 pass  (seed 0)\x1b[2J\u202e" in message


def test_a_warning_cannot_either(load):
    with pytest.warns(UserWarning, match="careful") as caught:
        subject_of(load, r"warnings.warn('careful\n\x1b[2J')").forward(Z)
    assert str(caught[0].message) == r"careful\n\x1b[2J"


def test_a_long_message_is_cut(load):
    with pytest.raises(CodeUnderTestError) as caught:
        subject_of(load, "raise ValueError('x' * 10**6)").forward(Z)
    assert len(str(caught.value)) < 3000


def test_plain_text_is_left_as_it_is(load):
    with pytest.raises(CodeUnderTestError, match="ValueError: größer als σ"):
        subject_of(load, "raise ValueError('größer als σ')").forward(Z)


class Recorder:
    def __init__(self):
        self.late = []

    def __call__(self, late):
        self.late.append(late)

    def wait(self):
        end = time.monotonic() + 20
        while not self.late and time.monotonic() < end:
            time.sleep(0.01)
        return self.late


def test_the_watchdog_reports_where_it_was():
    recorder = Recorder()
    watchdog = Watchdog(recorder)
    with watchdog.timed(1000, 0.05, __file__):
        assert recorder.wait() == [Late("wall", "test_the_watchdog_reports_where_it_was")]


def test_the_watchdog_measures_cpu_time():
    recorder = Recorder()
    with Watchdog(recorder).timed(0.05, 1000, ""):
        while not recorder.late:
            sum(range(1000))
    assert recorder.late == [Late("cpu", "")]


def test_a_request_that_ends_in_time_is_not_reported():
    recorder = Recorder()
    watchdog = Watchdog(recorder)
    with watchdog.timed(0.3, 0.3, ""):
        pass
    time.sleep(0.6)
    assert recorder.late == []


def test_the_outermost_function_is_of_the_file_asked_for():
    def inner():
        return outermost_function(sys._getframe(), __file__)

    assert inner() == "test_the_outermost_function_is_of_the_file_asked_for"
    assert outermost_function(sys._getframe(), "another.py") == ""
    assert outermost_function(None, __file__) == ""
