import contextlib

import numpy as np
import pytest

from gradlab.numdiff import analytic
from gradlab.numdiff.analyticity import trace, untrace
from gradlab.numdiff.trace_log import Log, NotAnalyticError


def _traced(values=(0.5, -1.0, 2.0)):
    log = Log(np.clongdouble)
    numbers = np.array(values, dtype=np.clongdouble) + 1e-20j * np.arange(1, len(values) + 1)
    return trace(numbers, log), numbers, log


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x * 2 + 1,
        np.tanh,
        lambda x: np.where(x > 0, x, 0.1 * x),
        lambda x: x[::-1][1:],
        lambda x: x[x > 0],
        lambda x: x.reshape(3, 1).T,
        lambda x: np.concatenate([x, x**2]),
        lambda x: np.stack(list(x)),
        lambda x: x - x.max(),
        lambda x: np.einsum("i,j->ij", x, x),
        lambda x: np.ones((2, 3)) @ x,
        lambda x: np.clip(x, -0.5, 1.0),
        lambda x: x.sum() / x.size,
        np.sort,
    ],
)
def test_analytic_code_computes_what_it_computes_without_the_tracer(f):
    traced, numbers, log = _traced()
    assert np.array_equal(untrace(f(traced)), f(numbers))
    assert log.reason == ""


def test_writes_go_through_to_the_numbers():
    traced, numbers, _ = _traced()
    copied = np.zeros_like(traced)
    copied[0] = traced[2]
    copied[1:] += traced[:2]
    assert np.array_equal(untrace(copied), numbers[[2, 0, 1]])
    traced *= 2
    assert np.array_equal(untrace(traced), 2 * np.array([0.5, -1, 2]) + 2e-20j * np.arange(1, 4))


@pytest.mark.parametrize(
    "strip",
    [np.asarray, np.array, np.ascontiguousarray, lambda x: np.array([x[0], x[1]]),
     lambda x: np.frombuffer(np.asarray(x).tobytes(), dtype=np.clongdouble)],
)  # fmt: skip
def test_numbers_taken_out_behind_the_protocols_are_nan(strip):
    traced, _, _ = _traced()
    assert np.all(np.isnan(untrace(strip(traced)).real))


@pytest.mark.parametrize(
    ("f", "reason"),
    [
        (abs, ".abs is used"),
        (np.abs, "np.absolute"),
        (np.conj, "np.conjugate"),
        (lambda x: x.conj(), ".conj is used"),
        (lambda x: x.real, ".real is used"),
        (lambda x: x.dtype, ".dtype is used"),
        (np.sign, "np.sign"),
        (np.std, "np.std"),
        (lambda x: x.var(), ".var is used"),
        (lambda x: float(x[0]), ".float is used"),
        (lambda x: complex(x[0]), ".complex is used"),
        (lambda x: x.tolist(), ".tolist is used"),
        (lambda x: x.astype(float), ".astype is used"),
        (np.linalg.norm, "np.norm"),
        (np.vdot, "np.vdot"),
        (np.iscomplexobj, "np.iscomplexobj"),
        (lambda x: np.multiply(x, 2, out=np.zeros(3)), "writes into an array of real numbers"),
        (lambda x: x[:, None].view(np.ndarray), ".view is used"),
        (lambda x: np.maximum(x, 0.5), "maximum meets a tie"),
        (lambda x: np.where(x > 2.0, x, 0), "greater meets a tie"),
        (lambda x: np.concatenate([x, x * (1 + 1e-20j)]).max(), "max meets a tie"),
        (lambda x: (1 + x * 0) - (1 + 1e-17 * x), "subtract cancels all digits"),
    ],
)
def test_what_is_not_analytic_is_refused_with_a_reason(f, reason):
    traced, _, log = _traced()
    with pytest.raises(NotAnalyticError):
        f(traced) if f is not np.vdot else np.vdot(traced, traced)
    assert reason in log.reason


def test_a_swallowed_refusal_is_remembered():
    traced, _, log = _traced()
    with contextlib.suppress(Exception):
        _ = traced.real
    assert log.reason == ".real is used"


def test_lower_precision_is_refused():
    traced, _, log = _traced()
    with pytest.raises(NotAnalyticError):
        np.add(traced, 7, dtype=np.complex64, casting="unsafe")
    assert log.reason == "add computes in complex64"


REREAD = {
    "a maximum": lambda x: np.maximum(np.array([x[0]]), 0),
    "a sort": lambda x: np.sort(np.array([x[0], x[1]])),
    "a condition": lambda x: np.where(np.array([x[0]]) > 0, np.array([x[1]]), np.array([x[0]])),
    "a function": lambda x: np.tanh(np.array([x[0]])),
    "a sum with what is traced": lambda x: np.array([x[0]]) + x[1:2],
    "a constant beside it": lambda x: np.array([x[0], 1.0]),
}


@pytest.mark.parametrize("what", REREAD)
def test_numbers_that_are_read_again_after_being_put_into_an_array_are_not_traced(what):
    x = np.array([0.5, -1.0, 2.0])
    assert analytic(REREAD[what], x, np.ones(3))[0] is None


def test_numbers_that_are_only_put_into_an_array_are_traced():
    x = np.array([0.5, -1.0, 2.0])
    code, reason = analytic(lambda x: np.array([np.prod(x), x[1] * x[2]]), x, np.ones(3))
    assert reason == ""
    assert np.allclose(code.first.value, [-2 + 1 - 0.5, 2 - 1])
