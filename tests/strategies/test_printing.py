"""What is printed makes an equal value when pasted."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from gradlab import strategies
from gradlab.domain import Domain, TensorSpec
from gradlab.strategies import expression, snippet

if TYPE_CHECKING:
    from collections.abc import Callable

RELU = Domain((TensorSpec("Z", ("n", "m"), kinks=(0.0,)),))

EVERYTHING = {
    "arrays": strategies.arrays(strategies.shapes(min_dims=0, max_dims=3, min_side=0)),
    "adversarial": strategies.adversarial_arrays(strategies.shapes(max_dims=3, min_side=0)),
    "laid out": strategies.laid_out(strategies.arrays(strategies.shapes(min_dims=1, max_dims=3))),
    "cotangents": strategies.cotangents(),
    "values": strategies.values(RELU),
    "parameters": strategies.parameters(2, 3),
    "layers": strategies.layers(memory=True),
    "costs": strategies.costs(),
    "networks": strategies.networks(),
    "batch plans": strategies.batch_plans(),
    "optimizers": strategies.optimizers(),
}


@pytest.mark.parametrize("name", EVERYTHING)
def test_every_draw_prints_as_what_makes_it_again(
    name: str, same: Callable[[object, object], bool], pasted: Callable[[str], Any]
) -> None:
    @settings(max_examples=max(10, settings.default.max_examples // 3))  # type: ignore[union-attr]
    @given(EVERYTHING[name])
    def prints(value: object) -> None:
        assert same(pasted(expression(value)), value)

    prints()


@pytest.mark.parametrize("name", EVERYTHING)
def test_what_hypothesis_prints_of_a_failure_runs_when_pasted(
    name: str, same: Callable[[object, object], bool]
) -> None:
    failed: list[object] = []

    # without what adds prose after the call
    @settings(
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        print_blob=False,
    )
    @given(EVERYTHING[name], EVERYTHING[name])
    def law(one: object, other: object) -> None:
        failed[:] = [one, other]
        assert expression(one) == expression(other)

    with pytest.raises(AssertionError) as raised:
        law()
    told = "\n".join(raised.value.__notes__)
    call = told[told.index("law(") :]
    again: list[object] = []

    def record(one: object, other: object) -> None:
        again[:] = [one, other]

    exec(call, {"np": np, "strategies": strategies, "law": record})  # noqa: S102 - our own text
    assert len(again) == 2
    assert same(again, failed)


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (np.array(0.5), "np.array(0.5)"),
        (np.array([0.1 + 0.2, -0.0]), "np.array([0.30000000000000004, -0.0])"),
        (np.array([np.nan, np.inf, -np.inf]), "np.array([np.nan, np.inf, -np.inf])"),
        (np.array([0.1], dtype=np.float32), "np.array([0.1], dtype=np.float32)"),
        (np.array([1, -2]), "np.array([1, -2])"),
        (np.array([1, 2], dtype=np.int8), "np.array([1, 2], dtype=np.int8)"),
        (np.array([True]), "np.array([True])"),
        (np.array([1j]), "np.array([1j], dtype=np.complex128)"),
        (np.zeros((0, 2)), "np.zeros((0, 2))"),
        (np.zeros((0,), dtype=int), "np.zeros((0,), dtype=np.int64)"),
        (np.zeros((3, 3)), "np.full((3, 3), 0.0)"),
        (np.full((3, 3), -0.0), "np.full((3, 3), -0.0)"),
        (
            np.arange(6.0).reshape(2, 3)[:, ::-1],
            "np.array([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]])[:, ::-1]",
        ),
        (np.arange(3.0)[::-1], "np.array([0.0, 1.0, 2.0])[::-1]"),
        (
            np.arange(4.0).reshape(2, 2)[:, :1],
            "np.repeat(np.array([[0.0], [2.0]]), 2, axis=0)[::2]",
        ),
    ],
)
def test_arrays_print_with_all_that_matters(
    array: Any, text: str, same: Callable[[object, object], bool], pasted: Callable[[str], Any]
) -> None:
    assert expression(array) == text
    assert same(pasted(text), array)


@pytest.mark.parametrize("axes", list(itertools.permutations(range(3))))
@pytest.mark.parametrize(
    "steps", [(1, 1, 1), (2, 1, 1), (1, 2, -1), (1, 1, -1), (-1, -1, -1), (2, 2, 2)]
)
def test_any_view_prints_as_an_array_of_its_kind(
    axes: tuple[int, ...], steps: tuple[int, ...], pasted: Callable[[str], Any]
) -> None:
    whole = np.arange(64.0).reshape(4, 4, 4)
    view = whole.transpose(axes)[tuple(slice(None, None, step) for step in steps)]
    again = pasted(expression(view))
    assert np.array_equal(again, view)
    assert again.flags.c_contiguous == view.flags.c_contiguous
    assert again.flags.f_contiguous == view.flags.f_contiguous


def test_read_only_arrays_stay_read_only(pasted: Callable[[str], Any]) -> None:
    for order in "CF":
        array = np.array([[1.0, 2.0], [3.0, 4.0]], order=order)  # type: ignore[call-overload]
        array.setflags(write=False)
        again = pasted(expression(array))
        assert not again.flags.writeable
        assert again.flags.f_contiguous == (order == "F")


def test_scalars_tuples_and_mappings(pasted: Callable[[str], Any]) -> None:
    value = {"a": (1,), "b": [np.float64(0.5), None], "c": float("nan"), "d": (1, "x")}
    text = "{'a': (1,), 'b': [np.float64(0.5), None], 'c': np.nan, 'd': (1, 'x')}"
    assert expression(value) == text
    assert pasted(text)["b"] == [0.5, None]


def test_a_snippet_is_a_program(same: Callable[[object, object], bool]) -> None:
    plan = strategies.BatchPlan(m=3, size=2)
    x = np.array([0.1, 2.0])
    text = snippet(plan=plan, x=x, n=3)
    assert text.splitlines()[:2] == ["import numpy as np", "from gradlab import strategies"]
    names: dict[str, object] = {}
    exec(text, names)  # noqa: S102 - our own text
    assert same([names["plan"], names["x"], names["n"]], [plan, x, 3])


def test_a_snippet_imports_only_what_it_uses() -> None:
    assert snippet(n=3) == "n = 3"
    assert snippet(x=np.zeros(1)) == "import numpy as np\n\nx = np.array([0.0])"


def test_fields_left_at_their_defaults_are_not_printed() -> None:
    assert repr(strategies.BatchPlan(m=3)) == "strategies.BatchPlan(m=3)"
    spec = strategies.LayerSpec("SinLayer", (1, 1))
    assert repr(spec) == "strategies.LayerSpec(kind='SinLayer', shape=(1, 1))"


@given(st.data())
def test_features_survive_printing(data: st.DataObject) -> None:
    array = data.draw(strategies.adversarial_arrays())
    again = eval(expression(array), {"np": np})  # noqa: S307 - our own text
    assert strategies.features(again) == strategies.features(array)
