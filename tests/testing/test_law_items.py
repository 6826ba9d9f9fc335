"""Each law a test: marked in a test module, or in a file named on the command line."""

import pytest

from gradlab.kinds import Kind
from gradlab.laws import LAWS
from gradlab.testing.item_names import counterparts, names

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


def expected_ids(prefix, like):
    called = [f"{law}[{tensor}]" if tensor else law for law, tensor in names(like)]
    written = [name.replace(" ", "-") for name in called]
    return [f"{prefix}::{name}" for name in ["run", *written]]


def test_the_names_come_from_the_reference(run):
    seen = run("--collect-only", test=MARKED, code=0)
    right = expected_ids("test_it.py::right::sigmoid", "sigmoid")
    wrong = expected_ids("test_it.py::wrong::sigmoid", "sigmoid")
    assert collected(seen) == right + wrong
    assert "test_it.py::right::sigmoid::purity[upstream-gradient]" in right


def test_collecting_runs_nothing_of_the_layer(run):
    test = """
        from gradlab.testing import conforms_to

        @conforms_to("linear")
        def layer():
            raise ZeroDivisionError("ran")
    """
    run("--collect-only", test=test, code=0)
    seen = run("-rs", test=test, code=1)
    place = 'test_it.py, line 5: raise ZeroDivisionError("ran")'
    assert seen.below("linear::run") == [
        "layer: run: ERROR  (seed 0)",
        "",
        "ERROR  layer: run",
        f"    layer raised ZeroDivisionError: ran ({place})",
        "    run again: pytest test_it.py::layer::linear::run",
    ]
    seen.result.assert_outcomes(failed=1, skipped=len(names("linear")))
    alone = run("test_it.py::layer::linear::shape[W]", code=1)
    assert alone.below("linear::shape[W]")[0] == "layer: run: ERROR  (seed 0)"
    assert any(
        line.endswith("it could not be run, as test_it.py::layer::linear::run says")
        for line in seen.lines
    )


def test_a_broken_law_fails_with_its_own_findings_only(run):
    seen = run("-k", "right or (wrong and (gradient or shape))", test=MARKED, code=1)
    failed = [line for line in seen.lines if line.startswith("FAILED")]
    assert [line.split(" - ")[0] for line in failed] == [
        "FAILED test_it.py::wrong::sigmoid::gradient[Z]"
    ]
    shown = seen.below("sigmoid::gradient[Z]")
    assert shown[0] == "WrongSigmoid: gradient of Z: FAIL  (seed 0)"
    assert shown[2] == "FAIL  WrongSigmoid: gradient of Z"
    assert "    run again: pytest 'test_it.py::wrong::sigmoid::gradient[Z]'" in shown
    assert not [line for line in shown if "reference" in line or "Traceback" in line]


def test_one_law_is_selected_by_its_name(run):
    run(test=MARKED, code=1)
    seen = run("test_it.py::wrong::sigmoid::shape[Z]", code=0)
    seen.result.assert_outcomes(passed=1)


def test_a_class_of_another_module_is_tested_where_it_is_marked(run, project):
    marking = """
        from gradlab.testing import conforms_to
        from layers import SigmoidLayer

        again = conforms_to("sigmoid")(SigmoidLayer)
    """
    using = """
        from layers import SigmoidLayer

        def test_name():
            assert SigmoidLayer.__name__ == "SigmoidLayer"
    """
    project.makepyfile(test_a=marking, test_b=using)
    seen = run("--collect-only", code=0)
    laws = expected_ids("test_a.py::SigmoidLayer::sigmoid", "sigmoid")
    assert collected(seen) == [*laws, "test_b.py::test_name"]


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
    seen = run("-k", "run or gradient or shape or reference", test=test, code=0)
    assert seen.section[0] == "2 subjects: 2 pass"


def test_a_law_that_cannot_tell_fails_its_test(run, project):
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
    options = ("-k", "gradient and b", "-rs")
    seen = run(*options, test=test, code=1)
    shown = seen.below("linear::gradient[b]")
    assert shown[0] == "Silent: gradient of b: inconclusive  (seed 0)"
    assert seen.section[0] == "1 subject: 1 inconclusive"
    project.makepyprojecttoml('[tool.gradlab]\ninconclusive = "skip"')
    seen = run(*options, code=0)
    assert any(
        line.startswith("SKIPPED [1] ") and "Silent: gradient of b" in line for line in seen.lines
    )


def test_laws_are_left_out_with_their_reason(run):
    test = """
        from gradlab.testing import conforms_to
        import layers

        @conforms_to("tanh", exempt={"purity[upstream gradient]": "it is ours"})
        def layer():
            return layers.Tanh
    """
    seen = run("-rs", "-k", "purity", test=test, code=0)
    assert (
        "SKIPPED [1] test_it.py:4: purity[upstream-gradient] is left out: it is ours" in seen.lines
    )


def test_a_tensor_is_left_out_under_the_name_that_the_layer_gives_it(run):
    test = """
        import numpy as np
        from gradlab.testing import conforms_to

        @conforms_to("linear", exempt={"purity[w]": "it is ours"})
        class Affine:
            def __init__(self, shape, n_out):
                self.params = {"w": np.ones((n_out, shape[0])), "bias": np.ones((n_out, 1))}

            def forward(self, x):
                self.x = x
                self.Z = self.params["w"] @ x + self.params["bias"]

            def backward(self, upstream_grad):
                self.dw = upstream_grad @ self.x.T
                self.dbias = np.sum(upstream_grad, axis=1, keepdims=True)
                self.dx = self.params["w"].T @ upstream_grad
    """
    seen = run("-rs", "-k", "purity", test=test, code=0)
    seen.result.assert_outcomes(
        passed=3, skipped=1, deselected=seen.result.parseoutcomes()["deselected"]
    )
    assert "SKIPPED [1] test_it.py:4: purity[W] is left out: it is ours" in seen.lines


def test_the_laws_of_a_routine_are_tests_too(run):
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
    seen = run("--collect-only", "-k", "SGD", test=test, code=0)
    laws = ["run", *(law.name.replace(" ", "-") for law in LAWS[Kind.OPTIMIZER])]
    assert collected(seen) == [f"test_it.py::SGD::gradient_descent::{law}" for law in laws]
    seen = run("-rsf", test=test, code=1)
    failed = [line.split(" - ")[0] for line in seen.lines if line.startswith("FAILED")]
    assert failed == [
        "FAILED test_it.py::SGD::gradient_descent::optimizer-trace",
        "FAILED test_it.py::draw::xavier::initial-variance",
        "FAILED test_it.py::draw::xavier::no-initial-symmetry",
    ]
    shown = seen.below("gradient_descent::optimizer-trace")
    assert shown[0] == "SGD: optimizer trace of W1: FAIL  (seed 0)"
    assert "SKIPPED [1] test_it.py:4: descent is left out: it is ours" in seen.lines
    assert (
        "SKIPPED [1] test_it.py:4: epsilon says nothing here: the law applies to RMSprop and Adam "
        "that take ε as a setting" in seen.lines
    )


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
    seen = run("-k", "run", test=test, code=1)
    assert seen.below("tanh::run")[0] == said


def test_an_unknown_reference_is_said(run):
    test = """
        from gradlab.testing import conforms_to
        import layers

        @conforms_to("sigmoyd")
        def layer():
            return layers.Tanh
    """
    seen = run("-k", "run", test=test, code=1)
    assert seen.below("sigmoyd::run")[0].startswith(
        "like='sigmoyd' is no reference layer; known are linear, sigmoid,"
    )


def test_without_a_reference_each_law_is_one_test():
    assert names(None) == tuple((law.name, "") for law in LAWS[Kind.LAYER] if not law.on_request)


def test_tensors_are_known_by_their_place_under_any_name():
    expected = ("A_prev", "W", "b", "output")
    pairs = counterparts(expected, ("x", "w", "b", "output", "mask"))
    assert pairs == {"x": "A_prev", "w": "W", "b": "b", "output": "output"}


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
    shown = seen.below("TanhLayer::purity[upstream-gradient]")
    assert shown[0] == "TanhLayer: purity of upstream gradient: FAIL  (seed 0)"
    assert "    run again: gradlab check student.py::TanhLayer --seed 0" in shown


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


def test_a_file_that_cannot_be_checked_is_a_failure_of_its_own(run, project):
    project.makepyfile(empty="x = 1")
    seen = run("--gradlab", "nowhere.py", "empty.py", "layers.py::Missing", "-k", "run", code=1)
    assert seen.below("nowhere.py::run")[0].startswith("nowhere.py does not exist; look for a slip")
    assert seen.below("empty.py::run")[0].startswith("empty.py holds nothing to check; gradlab")
    assert "    layers.py has no Missing; it has SigmoidLayer, " in "\n".join(
        seen.below("Missing::run")
    )
    seen.result.assert_outcomes(failed=3, deselected=len(names(None)))
