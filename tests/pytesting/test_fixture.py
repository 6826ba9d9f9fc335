"""The fixture gradcheck: what a test that uses it shows."""

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
    """Bounds, and the picture of the error, end in rounding; that is not the same everywhere."""
    kept = [line.rstrip() for line in lines if not line.strip().startswith("error of plain")]
    return [re.sub(r"± [^;]+;", "± …;", line) for line in kept]


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
        "1 law checked (gradient), 0 evaluations, seed 0",
        f"inconclusive: test_it.py::test_none: square: gradient[x]: {NOTHING}",
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
            def test_two(gradcheck):
                gradcheck(1, 2)

            def test_law(gradcheck):
                gradcheck(object, laws=["gradeint"])
        """,
        code=1,
    )
    error = f"{GradlabError.__module__}.{GradlabError.__name__}"
    assert seen.errors[0] == (
        f"{error}: 2 things came to be checked; expected is one object, or three: "
        "forward, backward, values"
    )
    assert seen.errors[1] == f"{error}: no law is called 'gradeint'; did you mean gradient?"
