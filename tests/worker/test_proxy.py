import gc
import os
import time
from pathlib import Path

import numpy as np
import pytest

from gradlab.errors import CodeUnderTestError
from gradlab.worker.parent import Worker
from gradlab.worker.protocol import Frame, ProtocolError
from gradlab.worker.proxy import Connection, remote_subject

SIGMOID = """
class SigmoidLayer:
    def __init__(self, shape):
        self.A = np.zeros(shape)
    def forward(self, Z):
        self.A = 1 / (1 + np.exp(-Z))
    def backward(self, upstream_grad):
        self.dZ = upstream_grad * self.A * (1 - self.A)
"""
Z = np.array([[0.5, -1.0], [2.0, 0.25]])


def layer(forward, backward="self.dZ = upstream_grad * 1"):
    return f"""
class Layer:
    def __init__(self, shape):
        self.A = np.zeros(shape)
    def forward(self, Z):
        {forward}
    def backward(self, upstream_grad):
        {backward}
"""


def subject_in(connection, name="Layer"):
    return remote_subject(connection, name, {})


def test_a_subject_in_a_worker_is_like_any_other(load):
    subject = subject_in(load(SIGMOID), "SigmoidLayer")
    assert (subject.name, subject.convention, subject.layout, subject.upstream) == (
        "SigmoidLayer",
        "article",
        "(features, examples)",
        True,
    )
    assert subject.checked == ("Z",)
    assert subject.domain["Z"].shape == ("n_in", "m")
    (output,) = subject.forward({"Z": Z})
    assert np.allclose(output, 1 / (1 + np.exp(-Z)), rtol=1e-15)
    c = np.array([[1.0, 2.0], [3.0, 4.0]])
    gradients = subject.vjp({"Z": Z}, (c,))
    assert np.allclose(gradients["Z"], c * output * (1 - output), rtol=1e-14)


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
def test_the_dtype_and_the_layout_reach_the_code(load, dtype):
    code = layer("self.A = Z + np.array(Z.strides[0] + 1000 * Z.flags.writeable, Z.dtype)")
    subject = subject_in(load(code))
    z = np.asfortranarray(np.zeros((4, 3), dtype))
    (output,) = subject.forward({"Z": z})
    assert output.dtype == dtype
    assert (output == z.itemsize + 1000).all()


def test_what_the_code_does_to_its_input_is_seen_here(load):
    session_of = subject_in(load(layer("Z *= 2; self.A = Z + 1"))).open
    z = Z.copy()
    session_of({"Z": z}).forward({"Z": z})
    assert np.array_equal(z, 2 * Z)


def test_backward_writing_into_what_forward_was_handed_is_seen_here(load):
    code = layer("self.Z = Z; self.A = Z + 1", "self.dZ = upstream_grad * 1; self.Z += 1")
    subject, z = subject_in(load(code)), Z.copy()
    session = subject.open({"Z": z})
    (output,) = session.forward({"Z": z})
    session.backward({"Z": z}, (np.ones_like(output),))
    assert np.array_equal(z, Z + 1)


def test_a_result_that_a_later_call_overwrites_changes_here(load):
    subject = subject_in(load(layer("self.A[...] = Z")))
    session = subject.open({"Z": Z})
    (first,) = session.forward({"Z": Z})
    (second,) = session.forward({"Z": Z + 1})
    assert first is second
    assert np.array_equal(first, Z + 1)


def test_the_input_handed_back_is_the_input(load):
    subject, z = subject_in(load(layer("self.Z = Z; self.A = Z.T"))), Z.copy()
    (output,) = subject.forward({"Z": z})
    assert np.shares_memory(output, z)


def test_a_warning_of_the_code_is_a_warning_here(load):
    subject = subject_in(load(layer("self.A = np.exp(Z * 1000)")))
    with pytest.warns(RuntimeWarning, match="^overflow encountered in exp$"):
        subject.forward({"Z": Z})


def test_an_error_of_the_code_is_an_error_here_and_no_end(load):
    subject = subject_in(load(layer("self.A = 1 / (Z + (3 if Z[0, 0] < 9 else None))")))
    with pytest.raises(CodeUnderTestError) as caught:
        subject.forward({"Z": np.full((2, 2), 10.0)})
    assert str(caught.value) == (
        "Layer.forward raised TypeError: unsupported operand type(s) for +: 'float' and 'NoneType'"
        " (student.py, line 7: self.A = 1 / (Z + (3 if Z[0, 0] < 9 else None)))"
    )
    subject.forward({"Z": Z})


def test_addresses_do_not_reach_a_message(load):
    code = layer("self.A = Z + (0 if Z[0, 0] < 9 else self.fail())").replace(
        "    def backward", "    def fail(self):\n        raise ValueError(self)\n    def backward"
    )
    with pytest.raises(CodeUnderTestError) as caught:
        subject_in(load(code)).forward({"Z": np.full((2, 2), 10.0)})
    assert str(caught.value) == (
        "Layer.forward raised ValueError: <student.Layer object at 0x…> "
        "(student.py, line 9: raise ValueError(self))"
    )


def test_a_session_that_is_gone_here_is_gone_there(load):
    connection = load(SIGMOID)
    subject = subject_in(connection, "SigmoidLayer")
    session = subject.open({"Z": Z})
    del session
    gc.collect()
    assert connection.closed == [1]
    subject.forward({"Z": Z})
    assert connection.closed == [2]


def test_the_scaling_of_a_convention_comes_from_there(load):
    code = """
    def linear_forward(A_prev, W, b):
        return W @ A_prev + b, (A_prev, W, b)
    def linear_backward(dZ, cache):
        A_prev, W, b = cache
        m = A_prev.shape[1]
        return W.T @ dZ, dZ @ A_prev.T / m, dZ.sum(axis=1, keepdims=True) / m
    """
    subject = subject_in(load(code), "linear_forward")
    values = subject.domain.sample({"n_in": 2, "n_out": 3, "m": 4}, np.random.default_rng(0))
    assert subject.scaling(values) == {"W": 0.25, "b": 0.25}


def test_an_answer_that_is_none_ends_the_worker(load):
    connection = load(SIGMOID)
    with pytest.raises(ProtocolError, match=r"^it: what came back from its process is no answer$"):
        connection.call("it", {"op": "start"}, dict)
    assert not connection.worker.alive


def test_noise_on_the_pipe_ends_the_worker(load):
    code = """
    import os
    for fd in range(3, 40):
        try:
            os.write(fd, b"x" * 100)
        except OSError:
            pass
    """
    with pytest.raises(ProtocolError, match=r"^a message of [\d,]+ bytes; at most"):
        load(code)


def test_the_worker_ends_with_its_group(load):
    code = """
    import subprocess
    child = subprocess.Popen(["sleep", "600"])
    class Layer:
        def __init__(self, shape):
            self.A = np.zeros(shape)
        def forward(self, Z):
            self.A = Z + child.pid
        def backward(self, upstream_grad):
            self.dZ = upstream_grad * 1
    """
    connection = load(code)
    (output,) = subject_in(connection).forward({"Z": np.zeros_like(Z)})
    child = int(output[0, 0])
    os.kill(child, 0)  # it is there
    connection.worker.close()
    assert not connection.worker.alive
    assert _dies(child)


def _dies(process):
    """Whether a process ends: SIGKILL takes effect when the process is next scheduled."""
    for _ in range(1000):
        if _state(process) in ("", "Z"):  # gone, or dead and not yet collected
            return True
        time.sleep(0.01)
    return False


def _state(process):
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return ""
    return text.rsplit(")", 1)[1].split()[0]


def test_a_request_after_the_end_is_answered_with_the_reason():
    worker = Worker()
    worker.terminate("it is over")
    with pytest.raises(CodeUnderTestError, match=r"^it is over$"):
        worker.request(Frame({}), "what")


def test_a_link_without_a_file_says_so():
    with Worker() as worker:
        connection = Connection(worker)
        with pytest.raises(Exception, match=r"^no file has been loaded$"):
            connection.call("x", {"op": "find", "name": "x"}, str)
