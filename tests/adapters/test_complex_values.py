"""Complex-valued functions, in torch's convention and in JAX's."""

import numpy as np
import pytest

from gradlab import Status, check_gradients

Z = np.array([1 + 2j, 0.5 - 1j, -0.3 + 0.2j])
A = np.random.default_rng(0).standard_normal((2, 3))


def f(v):
    return np.exp(v["z"]) * v["z"]


def slope(v):
    return np.exp(v["z"]) * (1 + v["z"])


def test_a_holomorphic_function_in_either_convention():
    torch = check_gradients(f, lambda v, c: {"z": np.conj(slope(v)) * c}, {"z": Z})
    jax = check_gradients(f, lambda v, c: {"z": slope(v) * c}, {"z": Z})
    assert torch.passed
    assert jax.passed
    assert torch.subjects[0].notes[0] == "complex gradients in torch's convention"
    assert jax.subjects[0].notes[0] == "complex gradients in JAX's convention"


def test_a_real_function_of_complex_numbers():
    def squares(v):
        return np.sum(np.abs(v["z"]) ** 2)

    assert check_gradients(squares, lambda v, c: {"z": 2 * v["z"] * c}, {"z": Z}).passed
    wrong = check_gradients(squares, lambda v, c: {"z": v["z"] * c}, {"z": Z})
    assert wrong.status is Status.FAIL
    assert "JAX's does not fit either" in wrong.subjects[0].notes[0]
    assert "every entry is 0.5 times what it should be" in wrong.failures[0].notes


@pytest.mark.parametrize("factor", [1.0, 1.01])
def test_real_and_complex_tensors_together(factor):
    def backward(v, c):
        return {
            "z": v["A"].T @ c,
            "A": factor * np.real(np.outer(c, np.conj(v["z"]))),
        }

    report = check_gradients(lambda v: v["A"] @ v["z"], backward, {"A": A, "z": Z})
    assert report.status is (Status.PASS if factor == 1 else Status.FAIL)


def test_complex_numbers_may_come_out_where_none_go_in():
    x = np.array([0.3, -1.2])
    right = check_gradients(
        lambda v: np.exp(1j * v["x"]),
        lambda v, c: {"x": np.real(np.conj(1j * np.exp(1j * v["x"])) * c)},
        {"x": x},
    )
    assert right.passed


def test_two_outputs_of_which_one_is_real():
    report = check_gradients(
        lambda v: (v["z"] ** 2, np.real(v["z"])),
        lambda v, c: {"z": np.conj(2 * v["z"]) * c[0] + c[1]},
        {"z": Z},
    )
    assert report.passed
