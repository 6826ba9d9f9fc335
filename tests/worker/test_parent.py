"""The parent's end of a worker: budgets, exits, and the path that every system takes."""

import json
import os
import subprocess
import sys
import time

import numpy as np
import pytest

from gradlab.worker import Options, check_files
from gradlab.worker.channel import Printed
from gradlab.worker.limits import NO_MEMORY_LIMIT, PORTABLE
from gradlab.worker.parent import DeadlineError, ExitedError, Worker
from gradlab.worker.protocol import ProtocolError
from gradlab.worker.proxy import Connection, remote_subject

LAYER = """
import os, sys, threading, time
class Layer:
    def __init__(self, shape):
        self.A = np.zeros(shape)
    def forward(self, Z):
        if (Z == 13).all():
            {bad}
        self.A = np.tanh(Z)
    def backward(self, upstream_grad):
        self.dZ = upstream_grad * (1 - self.A**2)
"""


def run_bad(load, bad, seconds=2.0):
    """Start a layer and run the bad part of its forward, with a budget of `seconds`."""
    connection = load(LAYER.format(bad=bad))
    subject = remote_subject(connection, "Layer", {})
    connection.worker.set_budget(seconds)
    subject.forward({"Z": np.full((2, 3), 13.0)})
    return connection


def test_cpu_time_runs_out(load):
    with pytest.raises(DeadlineError) as caught:
        run_bad(load, "while True: pass", 0.5)
    assert str(caught.value) == (
        "Layer.forward did not finish within 0.5 s of CPU time; look for a loop that never ends, "
        "or for printing inside a loop, or raise the limit with --deadline SECONDS"
    )


def test_wall_time_runs_out_where_code_waits(load):
    with pytest.raises(DeadlineError) as caught:
        run_bad(load, "time.sleep(600)", 0.2)
    assert str(caught.value) == (
        "Layer.forward did not finish within 1 s of wall time, 5 times the limit on CPU time; look "
        "for code that waits, use a smaller layer, or raise the limit with --deadline SECONDS"
    )


def test_waiting_uses_no_cpu_time(load):
    # Longer than the budget of CPU time, shorter than that of wall time.
    connection = run_bad(load, "time.sleep(1.5)", 1.0)
    assert connection.worker.alive
    assert 0 <= connection.worker.cpu_seconds < 10


def test_the_time_between_requests_counts_as_wall_time(load):
    connection = load(LAYER.format(bad="pass"))
    subject = remote_subject(connection, "Layer", {})
    connection.worker.set_budget(0.1)
    time.sleep(0.6)
    with pytest.raises(DeadlineError, match=r"^the check of Layer did not finish within 0\.5 s of"):
        subject.forward({"Z": np.ones((2, 3))})


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("os._exit(7)", "Layer ended its process with exit code 7, without a result"),
        ("os.abort()", "Layer ended its process by signal SIGABRT, without a result"),
        ("os.closerange(3, 99)", "Layer closed the pipes of its process; no result can be read"),
    ],
)
def test_a_process_that_ends(load, bad, message):
    with pytest.raises((ExitedError, DeadlineError)) as caught:
        run_bad(load, bad, 5.0)
    # A process whose pipes are closed ends by itself as well: either is reported.
    assert str(caught.value).startswith((message, "Layer ended its process with exit code"))


def test_what_a_thread_of_the_code_prints_is_no_answer(load):
    connection = run_bad(
        load, "os.write(1, b'forged' * 1000); sys.stdout.write('x'); os.write(2, b'more')"
    )
    assert connection.worker.alive


def test_standard_input_is_empty(load):
    connection = run_bad(load, "assert sys.stdin.read() == ''; assert os.read(0, 9) == b''")
    assert connection.worker.alive


def test_an_answer_without_its_cpu_time_is_refused(load):
    worker = load(LAYER.format(bad="pass")).worker
    for used in (None, -1.0, float("nan"), "0"):
        answer = type("F", (), {"message": {"cpu": used}})
        with pytest.raises(ProtocolError, match=r"^an answer came without the CPU time"):
            worker._account(answer)


def test_printed_text_is_counted_across_pieces_and_markers():
    printed = Printed(b"\0mark\0")
    for piece in (b"one\ntw", b"o\n\0ma", b"rk\0", b"three\n\0mark", b"\0"):
        printed.add(piece)
    printed.wait_for(2)
    assert printed._characters == len("one\ntwo\nthree\n")
    assert printed.take() == "it printed 3 lines, which are not shown"
    assert printed.take() == ""


def test_text_that_only_begins_like_a_marker_is_counted():
    printed = Printed(b"\0mark\0")
    printed.add(b"\0ma")
    assert printed.take() == "it printed 1 line, which are not shown"


GOOD = "import numpy as np\n" + LAYER.format(bad="pass")


def report_of(folder, *, portable):
    environment = {**os.environ, PORTABLE: "1" if portable else "0"}
    # The two differ in how messages and arrays travel, which a few laws exercise as well as all.
    laws = ["--law", "gradient", "--law", "shape", "--law", "purity"]
    ran = subprocess.run(
        [sys.executable, "-m", "gradlab", "check", "student.py", "--json", "-", *laws],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert ran.stderr == ""
    return ran.returncode, json.loads(ran.stdout)


@pytest.mark.parametrize("fault", ["", "print('x')", "os._exit(3)", "Z = Z * 2"])
def test_the_portable_path_gives_the_same_report(tmp_path, fault):
    code = GOOD.replace("self.A = np.tanh(Z)", f"self.A = np.tanh(Z); {fault}")
    (tmp_path / "student.py").write_text(code)
    usual, portable = (report_of(tmp_path, portable=each) for each in (False, True))
    assert portable[1]["notes"][-1:] == [NO_MEMORY_LIMIT]
    portable[1]["notes"].remove(NO_MEMORY_LIMIT)
    assert portable == usual


def test_a_file_has_a_total(tmp_path, monkeypatch):
    endless = LAYER.format(bad="pass").replace("self.A = np.tanh(Z)", "while True: pass")
    classes = [endless.replace("Layer", f"Layer{n}") for n in range(4)]
    (tmp_path / "many.py").write_text("import numpy as np\n" + "".join(classes))
    monkeypatch.setattr("gradlab.worker.options._SUBJECTS_A_FILE", 1)
    report = check_files([str(tmp_path / "many.py")], Options(deadline=0.5))
    messages = [subject.findings[0].message for subject in report.subjects]
    assert messages[0].startswith("Layer0.forward did not finish within 0.5 s of CPU time")
    assert messages[-1].startswith(f"not checked: {tmp_path / 'many.py'} as a whole has used up")
    assert messages[-1].endswith("check it by name, or raise the limit with --deadline SECONDS")


def test_memory_is_limited_and_the_limit_can_be_raised(tmp_path):
    code = "import numpy as np\nblock = np.ones(2**26)\n" + LAYER.format(bad="pass")
    (tmp_path / "big.py").write_text(code)  # 0.5 GiB
    notes = check_files([str(tmp_path / "big.py")], Options(memory=0.25)).notes
    assert any("may use 0.25 GiB of memory, raise the limit with --memory GIB" in n for n in notes)
    assert check_files([str(tmp_path / "big.py")], Options(memory=1.0)).notes == ()


def test_addresses_are_not_limited(load):
    # What torch does: many GiB of addresses are reserved, few are used.
    code = """
    import mmap
    reserved = mmap.mmap(-1, 8 << 30, prot=mmap.PROT_READ, flags=mmap.MAP_SHARED)
    class Layer:
        def forward(self, x): ...
        def backward(self, c): ...
    """
    assert load(code).loaded.failed == ""


def test_the_worker_answers_nothing_after_it_was_closed():
    worker = Worker()
    worker.close()
    worker.close()
    with pytest.raises(ExitedError, match=r"^it ended its process by signal SIGKILL"):
        Connection(worker).call("it", {"op": "start"}, str)
