"""Files without anything to check, given to ``--gradlab``."""

LAYER = """
class Half:
    def __init__(self, shape):
        pass

    def forward(self, Z):
        self.A = Z / 2

    def backward(self, upstream_grad):
        self.dZ = upstream_grad / 2
"""


def test_one_of_several_files_is_skipped(pytester):
    pytester.makepyfile(layers=LAYER, names="NAMES = ['a']")
    result = pytester.runpytest_subprocess("--gradlab", "layers.py", "names.py", "-rs")
    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines("SKIPPED*names.py holds nothing to check*")
    assert result.ret == 0


def test_an_empty_package_file_is_skipped(pytester):
    pytester.makepyfile(__init__="")
    result = pytester.runpytest_subprocess("--gradlab", "__init__.py")
    result.assert_outcomes(skipped=1)
    assert result.ret == 0


def test_a_file_named_alone_fails_and_says_what_is_looked_for(pytester):
    pytester.makepyfile(names="NAMES = ['a']")
    result = pytester.runpytest_subprocess("--gradlab", "names.py")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines("*names.py holds nothing to check; gradlab looks for*")
