"""[tool.gradlab] in pyproject.toml."""

import pytest

from gradlab import GradlabError
from gradlab.settings import Settings, activate, active, project_of, read


def test_a_project_that_says_nothing_has_the_defaults(tmp_path):
    assert read(tmp_path) == Settings()
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "uses-gradlab"\n')
    assert read(tmp_path) == Settings(seed=0, examples=None, inconclusive="fail", exempt={})


def test_everything_that_can_be_said(tmp_path):
    (tmp_path / "pyproject.toml").write_text(
        "[tool.gradlab]\nseed = 3\nexamples = 50\ninconclusive = 'skip'\n"
        "[tool.gradlab.exempt]\n'purity[b]' = 'ours'\n"
    )
    assert read(tmp_path) == Settings(3, 50, "skip", {"purity[b]": "ours"})


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (
            "[tool.gradlab]\nsede = 3",
            (
                "pyproject.toml, [tool.gradlab]: there is no key 'sede'; did you mean 'seed'? "
                "known are seed, examples, inconclusive, exempt"
            ),
        ),
        (
            "[tool.gradlab]\nzzz = 3",
            (
                "pyproject.toml, [tool.gradlab]: there is no key 'zzz'; known are seed, examples, "
                "inconclusive, exempt"
            ),
        ),
        (
            "[tool.gradlab]\nseed = -1",
            "pyproject.toml, [tool.gradlab]: seed is -1; expected is a whole number, 0 or more",
        ),
        (
            "[tool.gradlab]\nseed = true",
            "pyproject.toml, [tool.gradlab]: seed is True; expected is a whole number, 0 or more",
        ),
        (
            "[tool.gradlab]\nexamples = 0",
            "pyproject.toml, [tool.gradlab]: examples is 0; expected is a whole number > 0",
        ),
        (
            "[tool.gradlab]\ninconclusive = 'pass'",
            "pyproject.toml, [tool.gradlab]: inconclusive is 'pass'; expected is 'fail' or 'skip'",
        ),
        (
            "[tool.gradlab]\nexempt = ['purity']",
            (
                "pyproject.toml, [tool.gradlab]: exempt is ['purity']; expected is a table of "
                'reasons, as in {"purity[b]" = "why"}'
            ),
        ),
        (
            "[tool.gradlab.exempt]\npurity = ''",
            (
                "pyproject.toml, [tool.gradlab]: exempt is {'purity': ''}; expected is a table of "
                'reasons, as in {"purity[b]" = "why"}'
            ),
        ),
        (
            "[tool]\ngradlab = 1",
            "pyproject.toml: tool.gradlab is 1; a table was expected, headed by [tool.gradlab]",
        ),
        (
            "[tool.gradlab",
            (
                "pyproject.toml cannot be read: Expected ']' at the end of a table declaration "
                "(at end of document)"
            ),
        ),
    ],
)
def test_what_is_wrong_is_an_error(tmp_path, table, said):
    (tmp_path / "pyproject.toml").write_text(table)
    with pytest.raises(GradlabError) as raised:
        read(tmp_path)
    assert str(raised.value) == said


def test_a_project_is_the_nearest_folder_that_says_so(tmp_path):
    inner = tmp_path / "outer" / "inner"
    (inner / "deep").mkdir(parents=True)
    one, other = str(inner / "deep" / "a.py"), str(inner / "b.py")
    assert project_of([one]) == inner / "deep"
    (tmp_path / "outer" / "pyproject.toml").write_text("")
    assert project_of([one]) == project_of([one, other]) == tmp_path / "outer"
    (inner / "deep" / "pyproject.toml").write_text("")
    assert project_of([one]) == inner / "deep"
    assert project_of([one, other]) == tmp_path / "outer"


def test_the_settings_of_a_run_are_active_in_it():
    before = active()
    activate(Settings(seed=9))
    try:
        assert active().seed == 9
    finally:
        activate(before)
