"""A new process computes the same, where it is asked to."""

import numpy as np
import pytest

from gradlab import check
from gradlab.records import Status
from gradlab.reference import SigmoidLayer

LAW = "fresh process"
# The first input ever seen sets a scale, for good: every later call agrees with every other.
REMEMBERS = (
    "self.A = 1 / (1 + np.exp(-Z))",
    "SEEN.append(np.abs(Z).max()); self.A = 1 / (1 + np.exp(-Z * SEEN[0]))",
)
SLOPE = ("self.A * (1 - self.A)", "self.A * (1 - self.A) * SEEN[0]")
LIST = ("import numpy as np\n", "import numpy as np\n\nSEEN = []\n")


def test_a_layer_that_remembers_the_first_call_ever(student):
    module = student("activations.py", REMEMBERS, SLOPE, LIST)
    module.SigmoidLayer((2, 1)).forward(np.array([[7.0], [1.0]]))
    assert check(module.SigmoidLayer, laws=["gradient", "repeat"]).passed
    report = check(module.SigmoidLayer, laws=LAW)
    assert report.status is Status.FAIL
    message = report.failures[0].message
    assert message.startswith("in a new process the output, entry [")
    assert "it depends on what this process did before; at all sizes distinct" in message


def test_what_remembers_nothing_passes(student):
    report = check(student("activations.py").SigmoidLayer, laws=LAW)
    assert report.status is Status.PASS
    assert {finding.tensor for finding in report.findings} == {"Z", "output"}


def test_a_file_that_cannot_run_again_is_an_error(student, tmp_path):
    module = student("activations.py")
    (tmp_path / "student_activations.py").write_text("import nothing_of_this_name\n")
    (finding,) = check(module.SigmoidLayer, laws=LAW).findings
    assert finding.status is Status.ERROR
    assert finding.message.startswith("the code could not be run in a new process: ")


@pytest.mark.parametrize("obj", [SigmoidLayer((3, 2)), (lambda Z: (Z, Z), lambda dA, cache: dA)])
def test_what_has_no_name_in_a_file_is_not_asked(obj):
    convention = "coursera" if isinstance(obj, tuple) else None
    assert check(obj, laws=LAW, convention=convention).findings == ()


def test_it_is_asked_on_request_only():
    assert LAW not in {finding.law for finding in check(SigmoidLayer).findings}
