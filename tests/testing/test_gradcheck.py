"""The fixture gradcheck: what a test that uses it shows."""

import json
import re

from gradlab import GradlabError

WRONG = """
    from layers import *

    def test_square(gradcheck):
        gradcheck(square, wrong_backward, POINT)
"""

NOTHING = "backward gave no gradient of x, so nothing is known about it"

MESSAGE = """\
AssertionError: square: gradient of x: FAIL  (seed 0)

FAIL  square: gradient of x
    gradient of x, entry [1]: got 1.53957, should be 3.07915 ± …; at the values given
    every entry is 0.5 times what it should be
    run again: pytest test_it.py::test_square"""


def without_bounds(lines):
    """Bounds end in rounding, which is not the same everywhere."""
    return [re.sub(r"± [^;]+;", "± …;", line.rstrip()) for line in lines]


def test_a_right_layer_passes(run):
    seen = run(
        test="""
            from layers import *

            def test_layer(gradcheck):
                report = gradcheck(SigmoidLayer, like="sigmoid", laws=["gradient"])
                assert report.passed

            def test_pair(gradcheck):
                assert gradcheck(square, square_backward, POINT).passed
        """,
        code=0,
    )
    seen.result.assert_outcomes(passed=2)
    assert seen.section[0] == "2 subjects: 2 pass"


def test_the_report_is_the_message(run):
    seen = run(test=WRONG, code=1)
    assert without_bounds(seen.errors) == MESSAGE.splitlines()


def test_nothing_of_gradlabs_own_traceback_is_shown(run):
    for style in ("long", "short"):
        seen = run(f"--tb={style}", test=WRONG, code=1)
        told = " ".join(seen.lines)
        assert "test_it.py:4" in told
        assert "gradlab/" not in told
        assert "During handling" not in told


def test_the_section_names_laws_evaluations_and_what_could_not_be_told(run):
    seen = run(
        test="""
            from layers import *

            def test_none(gradcheck):
                gradcheck(square, no_backward, POINT, inconclusive="skip")
        """,
        code=0,
    )
    seen.result.assert_outcomes(skipped=1)
    assert seen.section == [
        "1 subject: 1 inconclusive",
        "1 law checked, 0 evaluations, seed 0",
        f"inconclusive: test_it.py::test_none: square: gradient of x: {NOTHING}",
    ]


def test_what_cannot_be_told_fails_unless_the_project_says_otherwise(run, project):
    test = """
        from layers import *

        def test_none(gradcheck):
            gradcheck(square, no_backward, POINT)
    """
    seen = run(test=test, code=1)
    assert seen.errors == [
        "AssertionError: square: gradient of x: inconclusive  (seed 0)",
        "",
        "inconclusive  square: gradient of x",
        f"    {NOTHING}",
        "    run again: pytest test_it.py::test_none",
    ]
    project.makepyprojecttoml('[tool.gradlab]\ninconclusive = "skip"')
    run(code=0).result.assert_outcomes(skipped=1)


def test_the_projects_seed_and_exemptions_hold(run, project):
    project.makepyprojecttoml(
        '[tool.gradlab]\nseed = 5\n[tool.gradlab.exempt]\n"purity[upstream gradient]" = "ours"'
    )
    seen = run(
        test="""
            from layers import *

            def test_tanh(gradcheck):
                report = gradcheck(Tanh)
                said = "law 'purity' left out for upstream gradient: ours"
                assert said in report.subjects[0].notes
                assert report.seed == 5
        """,
        code=0,
    )
    assert seen.section[1].endswith("seed 5")


ADAM = """
    class Adam:
        def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
            self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
            self.m, self.v, self.t = {}, {}, 0

        def step(self, params, grads):
            self.t += 1
            for k, g in grads.items():
                self.m[k] = self.beta1 * self.m.get(k, 0) + (1 - self.beta1) * g
                self.v[k] = self.beta2 * self.v.get(k, 0) + (1 - self.beta2) * g**2
                m_hat = self.m[k] / (1 - self.beta1**self.t)
                v_hat = self.v[k] / (1 - self.beta2**self.t)
                params[k] = params[k] - self.lr * m_hat / (v_hat**0.5 + self.eps)
            return params

    class Uncorrected(Adam):
        def step(self, params, grads):
            self.t = 10**6
            return super().step(params, grads)
"""


def test_an_optimizer_is_checked_too(run, project):
    project.makepyfile(optimizers=ADAM)
    test = """
        from optimizers import *

        def test_right(gradcheck):
            gradcheck(Adam, like="adam")

        def test_wrong(gradcheck):
            gradcheck(Uncorrected, like="adam")
    """
    seen = run(test=test, code=1)
    seen.result.assert_outcomes(passed=1, failed=1)
    assert seen.errors[0] == "AssertionError: Uncorrected: optimizer trace of b1: FAIL  (seed 0)"
    assert seen.errors[-1] == "    run again: pytest test_it.py::test_wrong"
    assert seen.section[1].startswith("6 laws checked, ")
    named = (
        "6 laws checked (descent, epsilon, optimizer trace, purity, two instances, zero gradient)"
    )
    assert run("-v", "-v", code=1).section[1].startswith(named)
    project.makepyprojecttoml('[tool.gradlab.exempt]\n"optimizer trace" = "ours"')
    seen = run(code=0)
    assert seen.section[1].startswith("5 laws checked, ")
    # What is the project's for an optimizer is nothing to a layer, and no mistake there.
    test = """
        from layers import *

        def test_layer(gradcheck):
            gradcheck(SigmoidLayer)
    """
    run(test=test, code=0)


def test_what_the_project_exempts_is_asked_of_layers_that_have_no_such_tensor(run, project):
    project.makepyprojecttoml('[tool.gradlab.exempt]\n"purity[W]" = "ours"')
    test = """
        from gradlab.reference import LinearLayer
        from layers import *

        def test_linear(gradcheck):
            report = gradcheck(LinearLayer, laws="purity")
            assert "W" not in {finding.tensor for finding in report.findings}
            assert report.subjects[0].notes[-1] == "law 'purity' left out for W: ours"

        def test_sigmoid(gradcheck):
            report = gradcheck(SigmoidLayer, laws="purity")
            assert not [note for note in report.subjects[0].notes if "left out" in note]
    """
    run(test=test, code=0)


def test_assert_gradients_counts_as_well(run):
    test = """
        import pytest
        from gradlab.testing import assert_gradients
        from layers import *

        assert_gradients(square, square_backward, POINT)  # no test is running

        @pytest.fixture
        def checked():
            return assert_gradients(square, square_backward, POINT)

        def test_first():
            assert_gradients(square, wrong_backward, POINT)

        def test_nothing():
            pass

        def test_second(checked):
            pass
    """
    seen = run("--gradlab-report", "out", test=test, code=1)
    assert seen.section[0] == "2 subjects: 1 fail, 1 pass"
    told = json.loads((seen.folder / "out" / "gradlab.json").read_text())
    assert {subject["name"]: subject["status"] for subject in told["subjects"]} == {
        "test_it.py::test_first: square": "fail",
        "test_it.py::test_second: square": "pass",
    }


def test_beside_a_hypothesis_test(run):
    seen = run(
        test="""
            from hypothesis import given, strategies as st
            from layers import *

            @given(st.floats(-1, 1))
            def test_square(x):
                assert square({"x": x}) >= 0

            def test_pair(gradcheck):
                gradcheck(square, square_backward, POINT)
        """,
        code=0,
    )
    seen.result.assert_outcomes(passed=2)


def test_a_check_in_a_fixture_is_told_too(run):
    seen = run(
        test="""
            import pytest
            from layers import *

            @pytest.fixture
            def checked(gradcheck):
                return gradcheck(square, square_backward, POINT)

            def test_it(checked):
                assert checked.passed
        """,
        code=0,
    )
    assert seen.section[0] == "1 subject: 1 pass"


def test_misuse_is_said_in_gradlabs_words(run):
    seen = run(
        test="""
            from gradlab.reference import TanhLayer

            def test_two(gradcheck):
                gradcheck(1, 2)

            def test_law(gradcheck):
                gradcheck(TanhLayer, laws=["gradeint"])
        """,
        code=1,
    )
    error = f"{GradlabError.__module__}.{GradlabError.__name__}"
    assert seen.errors[0] == (
        f"{error}: got 2 positional arguments; expected one object, or three: "
        "forward, backward, values"
    )
    close = "gradient, subgradient, zero gradient"
    assert seen.errors[1] == f"{error}: no law is called 'gradeint'; did you mean {close}?"
