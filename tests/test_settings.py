"""[tool.gradlab] in pyproject.toml."""

import pytest

from gradlab import GradlabError
from gradlab.settings import Settings, activate, active, of_target, read


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


def test_a_target_has_the_settings_of_its_own_project_or_of_the_current_folder(
    tmp_path, monkeypatch
):
    inner, current = tmp_path / "outer" / "inner", tmp_path / "current"
    inner.mkdir(parents=True)
    current.mkdir()
    monkeypatch.chdir(current)
    target = str(inner / "a.py")

    def write(folder, seed):
        (folder / "pyproject.toml").write_text(f"[tool.gradlab]\nseed = {seed}\n")

    assert of_target(target) == Settings()
    write(current, 1)
    assert of_target(target).seed == 1
    write(tmp_path / "outer", 2)
    assert of_target(target).seed == of_target(str(inner)).seed == 2
    (inner / "pyproject.toml").write_text("[project]\nname = 'without the table'\n")
    assert of_target(target).seed == 2
    write(inner, 3)
    assert of_target(target).seed == 3
    assert of_target("a.py").seed == 1


def test_the_settings_of_a_run_are_active_in_it():
    before = active()
    activate(Settings(seed=9))
    try:
        assert active().seed == 9
    finally:
        activate(before)
