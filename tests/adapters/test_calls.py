import numpy as np
import pytest

from gradlab.adapters.calls import as_array, call, is_stub, parameters_of
from gradlab.errors import CodeUnderTestError, GradlabError, NoResultError, NotImplementedYetError


def raises(x):
    return np.ones(2) @ np.ones(x)


def unfinished():
    raise NotImplementedError("later")


def test_an_exception_is_told_with_the_line_it_came_from():
    with pytest.raises(CodeUnderTestError) as caught:
        call("layer.forward", raises, 3)
    said = str(caught.value)
    assert said.startswith("layer.forward raised ValueError: matmul: ")
    assert said.endswith("(test_calls.py, line 9: return np.ones(2) @ np.ones(x))")


def test_unfinished_code_is_not_wrong_code():
    with pytest.raises(NotImplementedYetError) as caught:
        call("layer.forward", unfinished)
    assert str(caught.value) == (
        "layer.forward is not implemented yet "
        '(test_calls.py, line 13: raise NotImplementedError("later"))'
    )


def test_arrays_are_not_copied():
    x = np.ones(3)
    assert as_array("x", x) is x


@pytest.mark.parametrize(
    ("result", "error", "message"),
    [
        (None, NoResultError, "the output is None, where an array was expected"),
        ("a", CodeUnderTestError, "the output is a str, where an array of numbers was expected"),
        (
            {"W": 1},
            CodeUnderTestError,
            "the output is a dict, where an array of numbers was expected",
        ),
    ],
)
def test_what_is_no_array_is_refused(result, error, message):
    with pytest.raises(error) as caught:
        as_array("the output", result)
    assert str(caught.value) == message


def test_ragged_lists_are_refused():
    with pytest.raises(CodeUnderTestError, match="makes no array"):
        as_array("the output", [[1], [1, 2]])


def empty():
    """Say nothing."""


def ellipsis(x): ...


def constant():
    return 3


def does(x):
    x += 1


@pytest.mark.parametrize(("function", "stub"), [(empty, True), (ellipsis, True), (does, False)])
def test_a_body_of_nothing_is_a_stub(function, stub):
    assert is_stub(function) is stub


def test_a_builtin_is_no_stub():
    assert not is_stub(len)


def test_arguments_that_must_be_given():
    assert parameters_of(lambda a, b, c=1, *d, **e: None) == ("a", "b")


def test_unreadable_arguments_are_an_error():
    with pytest.raises(GradlabError, match="cannot be read"):
        parameters_of(dict.pop)
