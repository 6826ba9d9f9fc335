"""One test for each subject: marked in a test module, or in a file named on the command line."""

import subprocess
import sys

import pytest

MARKED = """
    from gradlab.testing import conforms_to
    import layers

    @conforms_to("sigmoid")
    def right():
        return layers.SigmoidLayer

    @conforms_to("sigmoid")
    def wrong():
        return layers.WrongSigmoid((3, 2))
"""


def collected(seen):
    return [line for line in seen.lines if "::" in line]


def failed(seen):
    return [line for line in seen.lines if line.startswith("FAILED")]


def test_one_test_for_each_mark(run):
    seen = run("--collect-only", test=MARKED, code=0)
    assert collected(seen) == ["test_it.py::right[sigmoid]", "test_it.py::wrong[sigmoid]"]


def test_one_mistake_is_one_failing_test_that_names_the_laws_at_the_layers_line(run, project):
    seen = run("--junitxml", "junit.xml", test=MARKED, code=1)
    seen.result.assert_outcomes(passed=1, failed=1)
    shown = seen.below("wrong[sigmoid]")
    broken = shown[0].removeprefix("WrongSigmoid: ").removesuffix(": FAIL  (seed 0)")
    assert broken.split("; ")[0] == "gradient of Z"
    assert shown[2] == "FAIL  WrongSigmoid: gradient of Z"
    assert "    run again: pytest 'test_it.py::wrong[sigmoid]'" in shown
    assert f"test_it.py:8: {shown[0]}" in shown
    assert not [line for line in shown if "Traceback" in line]
    [line] = failed(run(test=MARKED, code=1))
    assert line.startswith("FAILED test_it.py::wrong[sigmoid] - WrongSigmoid: gradient of Z")
    assert 'message="WrongSigmoid: gradient of Z' in (project.path / "junit.xml").read_text()


def test_a_failure_in_a_worker_of_xdist_is_shown_the_same(run, project):
    run(test=MARKED, code=1)
    ran = project.runpytest_subprocess("-q", "-n", "1")
    assert ran.ret == 1
    assert any(line.startswith("test_it.py:8: WrongSigmoid: gradient") for line in ran.outlines)


def test_collecting_runs_nothing_of_the_layer(run):
    test = """
        from gradlab.testing import conforms_to

        @conforms_to("linear")
        def layer():
            raise ZeroDivisionError("ran")
    """
    run("--collect-only", test=test, code=0)
    seen = run(test=test, code=1)
    place = 'test_it.py, line 5: raise ZeroDivisionError("ran")'
    assert seen.below("layer[linear]") == [
        "layer: execution: ERROR  (seed 0)",
        "",
        "ERROR  layer: execution",
        f"    layer raised ZeroDivisionError: ran ({place})",
        "    run again: pytest 'test_it.py::layer[linear]'",
        "",
        "test_it.py:3: layer: execution: ERROR  (seed 0)",
    ]
    seen.result.assert_outcomes(failed=1)


def test_a_class_of_another_module_is_tested_where_it_is_marked(run, project):
    marking = """
        from gradlab.testing import conforms_to
        from layers import SigmoidLayer, WrongSigmoid

        again = conforms_to("sigmoid")(SigmoidLayer)
        wrong = conforms_to("sigmoid")(WrongSigmoid)
    """
    using = """
        from layers import SigmoidLayer

        def test_name():
            assert SigmoidLayer.__name__ == "SigmoidLayer"
    """
    project.makepyfile(test_a=marking, test_b=using)
    seen = run("--collect-only", code=0)
    assert collected(seen) == [
        "test_a.py::SigmoidLayer[sigmoid]",
        "test_a.py::WrongSigmoid[sigmoid]",
        "test_b.py::test_name",
    ]
    # The line is that of the mark, since the class is not in this file.
    assert any(line.startswith("test_a.py:5: WrongSigmoid: ") for line in run(code=1).lines)


def test_a_pair_of_functions_and_a_cost_can_be_marked(run):
    test = """
        import numpy as np
        from gradlab.testing import conforms_to

        def tanh_forward(Z):
            return np.tanh(Z), Z

        def tanh_backward(dA, cache):
            return dA * (1 - np.tanh(cache) ** 2)

        pair = conforms_to("tanh", convention="coursera")((tanh_forward, tanh_backward))

        @conforms_to("squared_error")
        def compute_cost(Y, Y_hat):
            m = Y.shape[1]
            return np.sum((Y - Y_hat) ** 2) / (2 * m), (Y_hat - Y) / m
    """
    seen = run(test=test, code=0)
    assert seen.section[0] == "2 subjects: 2 pass"


def test_an_inconclusive_report_fails_its_test_or_skips_it(run, project):
    test = """
        from gradlab.testing import conforms_to
        import numpy as np

        @conforms_to("linear")
        class Silent:
            def __init__(self, input_shape, n_out):
                self.params = {"W": np.ones((n_out, input_shape[0])), "b": np.ones((n_out, 1))}

            def forward(self, A_prev):
                self.A_prev = A_prev
                self.Z = self.params["W"] @ A_prev + self.params["b"]

            def backward(self, upstream_grad):
                self.dW = upstream_grad @ self.A_prev.T
                self.dA_prev = self.params["W"].T @ upstream_grad
    """
    seen = run("-rs", test=test, code=1)
    shown = seen.below("Silent[linear]")
    assert shown[0] == "Silent: gradient of b: inconclusive  (seed 0)"
    assert seen.section[0] == "1 subject: 1 inconclusive"
    project.makepyprojecttoml('[tool.gradlab]\ninconclusive = "skip"')
    seen = run("-rs", code=0)
    assert any(
        line.startswith("SKIPPED [1] test_it.py:4: Silent: gradient of b") for line in seen.lines
    )


def test_laws_are_exempt_with_a_reason_where_the_layer_is_marked(run):
    test = """
        from gradlab.testing import conforms_to
        import layers

        @conforms_to("tanh"{exempt})
        def layer():
            return layers.Tanh
    """
    assert run(test=test.format(exempt=""), code=1).below("layer[tanh]")[0] == (
        "Tanh: purity of upstream gradient: FAIL  (seed 0)"
    )
    exempt = ', exempt={"purity[upstream gradient]": "it is ours"}'
    seen = run(test=test.format(exempt=exempt), code=0)
    assert seen.section[0] == "1 subject: 1 pass, 1 exempt"


def test_routines_can_be_marked_too(run):
    test = """
        import numpy as np
        from gradlab.testing import conforms_to

        @conforms_to("gradient_descent", exempt={"descent": "it is ours"})
        class SGD:
            def __init__(self, lr=0.1):
                self.lr = lr

            def step(self, params, grads):
                return {k: p - 2 * self.lr * grads[k] for k, p in params.items()}

        @conforms_to("xavier")
        def draw(n_in, n_out):
            return np.zeros((n_out, n_in))
    """
    seen = run("-rf", test=test, code=1)
    first, second = failed(seen)
    assert first.startswith("FAILED test_it.py::SGD[gradient_descent] - SGD: optimizer trace of W1")
    assert second.startswith("FAILED test_it.py::draw[xavier] - draw: initial variance of W; no")


@pytest.mark.parametrize(
    ("exempt", "said"),
    [
        ({"purty": "why"}, "no law is called 'purty'; did you mean purity?"),
        (
            {"purity": " "},
            (
                "exempt={'purity': …} needs the reason why the law does not apply, in a sentence, "
                "and got ' '"
            ),
        ),
    ],
)
def test_an_exemption_names_a_law_and_a_reason(run, exempt, said):
    test = f"""
        from gradlab.testing import conforms_to
        import layers

        conforms_to("tanh", exempt={exempt!r})(layers.Tanh)
        from layers import Tanh
    """
    seen = run(test=test, code=1)
    assert seen.below("Tanh[tanh]")[0] == said
    seen.result.assert_outcomes(failed=1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            "'nope'",
            "test_it.py:4: conforms_to on layer: there is no reference 'nope'; known are linear, ",
        ),
        (
            "'sigmoyd'",
            (
                "test_it.py:4: conforms_to on layer: there is no reference 'sigmoyd'; did you mean "
                "'sigmoid'? known are linear, "
            ),
        ),
        (
            "'tanh', convention='artikle'",
            (
                "test_it.py:4: conforms_to on layer: there is no convention 'artikle'; did you "
                "mean 'article'? known are article, "
            ),
        ),
    ],
)
def test_an_unknown_name_is_one_error_of_collection(run, arguments, said):
    test = f"""
        from gradlab.testing import conforms_to
        import layers

        @conforms_to({arguments})
        def layer():
            return layers.Tanh
    """
    seen = run(test=test, code=pytest.ExitCode.INTERRUPTED)
    seen.result.assert_outcomes(errors=1)
    assert any(line.startswith(said) for line in seen.lines)
    assert not [line for line in seen.lines if "Traceback" in line]


def test_a_file_is_checked_in_a_process_of_its_own(run, project):
    project.makepyfile(
        test_other="def test_nothing(): pass",
        student="""
            import sys
            from layers import Tanh as TanhLayer

            assert "pytest" not in sys.modules
        """,
    )
    seen = run("--gradlab", "student.py::TanhLayer", code=1)
    # Nothing but the file is collected, and how to run it again is the command.
    assert not [line for line in seen.lines if "test_other" in line]
    shown = seen.below("TanhLayer")
    assert shown[0] == "TanhLayer: purity of upstream gradient: FAIL  (seed 0)"
    assert "    run again: gradlab check student.py::TanhLayer --seed 0" in shown


def test_a_failure_in_a_file_is_located_at_the_layers_line(run):
    seen = run("--gradlab", "layers.py", code=1)
    seen.result.assert_outcomes(passed=1, failed=5)
    assert "layers.py:15: WrongSigmoid: gradient of Z: FAIL  (seed 0)" in [
        line.split("; ")[0] + ": FAIL  (seed 0)" * ("; " in line) for line in seen.lines
    ]
    assert "layers.py:20: Tanh: purity of upstream gradient: FAIL  (seed 0)" in seen.lines


def test_files_stand_beside_paths(run, project):
    project.makepyfile(test_other="def test_nothing(): pass")
    seen = run("--collect-only", "test_other.py", "--gradlab", "layers.py", code=0)
    assert collected(seen)[0] == "test_other.py::test_nothing"
    assert {line.split("::")[1] for line in collected(seen)[1:]} == {
        "SigmoidLayer",
        "WrongSigmoid",
        "Tanh",
        "square",
        "wrong_backward",
        "no_backward",
    }


def test_pytest_never_imports_a_file_that_is_named(project):
    # It looks like a test module, stands where pytest searches, and would stop the run.
    project.makepyfile(
        test_student="""
            import sys

            if "pytest" in sys.modules:
                raise SystemExit("imported by pytest")

            from layers import SigmoidLayer
        """,
        test_other="def test_nothing(): pass",
    )
    ran = project.runpytest_subprocess("-q", ".", "--gradlab", "test_student.py::SigmoidLayer")
    ran.assert_outcomes(passed=2)


def test_a_file_that_cannot_be_checked_is_one_failing_test(run, project):
    project.makepyfile(empty="x = 1")
    seen = run("--gradlab", "nowhere.py", "empty.py", "layers.py::Missing", code=1)
    assert seen.below("nowhere.py::execution")[0].startswith("nowhere.py does not exist; look for")
    assert "    layers.py has no Missing; it has SigmoidLayer, " in "\n".join(seen.below("Missing"))
    # Among several files, one without anything to check is none that cannot be checked.
    seen.result.assert_outcomes(failed=2, skipped=1)


def test_the_decorator_is_not_hidden_by_the_modules_of_the_package():
    script = (
        "import gradlab.testing, gradlab.testing.conformance, gradlab.testing.gradcheck; "
        "from gradlab.testing import assert_gradients, conforms_to; "
        "assert callable(conforms_to) and callable(assert_gradients)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
