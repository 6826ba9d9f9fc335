"""Each law is broken by a planted fault, and left alone by a near miss."""

import pytest

from gradlab import Status, check


def broken(report):
    return {(f.law, f.tensor) for f in report.failures if f.law != "reference"}


def test_purity_upstream_overwritten(student):
    module = student(
        "activations.py",
        ("self.dZ = upstream_grad * self.A", "upstream_grad *= self.A; self.dZ = upstream_grad"),
    )
    report = check(module.SigmoidLayer)
    assert ("purity", "upstream gradient") in broken(report)
    (finding,) = [f for f in report.failures if f.law == "purity"]
    assert finding.message.startswith("backward changes upstream gradient in place: entry [")


def test_purity_near_miss_a_copy_is_overwritten(student):
    module = student(
        "activations.py",
        (
            "self.dZ = upstream_grad * self.A",
            "up = upstream_grad.copy(); up *= self.A; self.dZ = up",
        ),
    )
    assert check(module.SigmoidLayer).status is Status.PASS


@pytest.mark.parametrize(
    ("old", "new", "tensor"),
    [
        ("self.A_prev = A_prev\n", "A_prev *= 1.5; self.A_prev = A_prev\n", "A_prev"),
        ("self.A_prev = A_prev\n", "self.A_prev = A_prev; self.params['W'] *= 2\n", "W"),
    ],
)
def test_purity_forward_changes_what_it_is_handed(student, old, new, tensor):
    module = student("linear.py", (old, new))
    assert ("purity", tensor) in broken(check(module.LinearLayer))


def test_purity_backward_changes_the_input(student):
    module = student("linear.py", ("self.db = ", "self.A_prev[:] = 0; self.db = "))
    report = check(module.LinearLayer)
    # What was zeroed is missing in the second backward too.
    assert broken(report) == {("purity", "A_prev"), ("backward twice", "W")}


def test_repeat_gradients_that_add_up(student):
    module = student(
        "linear.py",
        ("self.Z = np.zeros", "self.dW = 0.0; self.Z = np.zeros"),
        ("self.dW = upstream_grad @", "self.dW = self.dW + upstream_grad @"),
    )
    report = check(module.LinearLayer)
    assert broken(report) == {("repeat", "W"), ("backward twice", "W")}
    assert report.failures[0].notes == (
        "the second is twice the first: results add up over calls and are not replaced",
    )


def test_repeat_an_output_that_changes(student):
    module = student(
        "activations.py",
        ("self.A = 1 / (1", "self.n = getattr(self, 'n', 0) + 1; self.A = self.n / (1"),
    )
    report = check(module.SigmoidLayer)
    assert ("repeat", "output") in broken(report)


def test_repeat_near_miss_results_written_into_one_buffer(student):
    module = student(
        "activations.py",
        (
            "self.A = 1 / (1 + np.exp(-Z))",
            "self.A = np.zeros(Z.shape); self.A[:] = 1 / (1 + np.exp(-Z))",
        ),
    )
    assert check(module.SigmoidLayer).status is Status.PASS


def test_shape_an_axis_lost(student):
    module = student("linear.py", (", keepdims=True", ""))
    report = check(module.LinearLayer)
    assert broken(report) == {("shape", "b")}
    assert report.failures[0].message == (
        "the gradient of b has shape (3,), b has shape (3, 1); "
        "at all sizes distinct (n_in=4, m=2, n_out=3)"
    )


def test_shape_near_miss_a_reshaped_sum(student):
    module = student(
        "linear.py",
        ("np.sum(upstream_grad, axis=1, keepdims=True)", "upstream_grad.sum(1).reshape(-1, 1)"),
    )
    assert check(module.LinearLayer).status is Status.PASS


def test_gradient_near_miss_a_reordered_sum(student):
    module = student(
        "linear.py",
        ("upstream_grad @ self.A_prev.T", "np.einsum('om,im->oi', upstream_grad, self.A_prev)"),
    )
    assert check(module.LinearLayer).status is Status.PASS


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "self.Z = np.zeros((n_out, self.m))",
            "pass\n        self.backward = None",
            "LinearLayer has no backward yet, so there is nothing to compare",
        ),
        (
            "self.dW = upstream_grad @ self.A_prev.T",
            "raise NotImplementedError",
            (
                "LinearLayer.backward is not implemented yet (student_linear.py, line 21: "
                "raise NotImplementedError); at all sizes distinct (n_in=4, m=2, n_out=3)"
            ),
        ),
        (
            'self.Z = self.params["W"] @ A_prev + self.params["b"]',
            'Z = self.params["W"] @ A_prev + self.params["b"]',
            (
                "LinearLayer.forward returned None and set no array; in convention article it sets "
                "self.Z or self.A"
            ),
        ),
    ],
)
def test_code_that_cannot_be_asked_is_an_error_and_no_failure(student, old, new, message):
    report = check(student("linear.py", (old, new)).LinearLayer)
    assert report.status is Status.ERROR
    assert report.findings[0].message == message
