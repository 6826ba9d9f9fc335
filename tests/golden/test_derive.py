"""derived.toml is what the script writes, and what the reference computes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gradlab.golden import article, derived
from gradlab.reference.datasets import or_gate, with_crosses, xor_gate
from gradlab.reference.functions import sigmoid_derivative
from gradlab.reference.walkthrough import step_by_layers, step_by_nodes, step_vectorized

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType

    from gradlab.reference.walkthrough import Step

    Load = Callable[[str], ModuleType]

#: A few ulps for the longest chain (an update and a second forward and backward pass).
TOLERANCE = 2e-15


def test_running_the_script_again_gives_the_identical_file(load_script: Load) -> None:
    script = load_script("derive")
    assert script.render(script.derive()) == script.FILE.read_text("utf-8")


def test_the_script_compares_and_writes(
    load_script: Load, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = load_script("derive")
    committed = script.FILE.read_text("utf-8")
    monkeypatch.setattr(script, "FILE", tmp_path / "derived.toml")
    monkeypatch.setattr(sys, "argv", ["derive.py"])
    with pytest.raises(SystemExit, match="run again with --write"):
        script.main()
    monkeypatch.setattr(sys, "argv", ["derive.py", "--write"])
    script.main()
    assert script.FILE.read_text("utf-8") == committed
    monkeypatch.setattr(sys, "argv", ["derive.py"])
    script.main()


def _inputs(**instead: float) -> dict[str, float]:
    return {name: entry.number for name, entry in article().inputs.items()} | instead


def _steps(step: Callable[..., Step], given: dict[str, float]) -> dict[str, Step]:
    W, b = [[given["w1"], given["w2"]]], [[given["b"]]]
    rate = given["learning_rate"]
    example = ([[given["x1"]], [given["x2"]]], [[given["y"]]])
    first, first_or = step(*example, W, b, rate), step(*or_gate(), W, b, rate)
    X, Y = xor_gate()
    crossed = [[*W[0], given["w3"]]]
    return {
        "first_example": first,
        "first_example_after_the_step": step(*example, W, first.b, rate),
        "or_first_step": first_or,
        "or_second_step": step(*or_gate(), first_or.W, first_or.b, rate),
        "xor_cross": step(with_crosses(X, (0, 1)), Y, crossed, b, rate),
    }


def _difference(name: str, step: Step) -> float:
    """Return the largest difference from a derived section, relative to the largest entry."""
    worst = 0.0
    for key, texts in derived()[name].items():
        if key in {"figures", "given", "assumed"}:
            continue
        expected = np.array(texts, dtype=np.float64).ravel()
        got: Any = sigmoid_derivative(step.Z) if key == "sigmoid_derivative" else getattr(step, key)
        scale = max(np.max(np.abs(expected)), np.finfo(float).tiny)
        worst = max(worst, float(np.max(np.abs(np.ravel(got) - expected)) / scale))
    return worst


@pytest.mark.parametrize("step", [step_by_nodes, step_by_layers, step_vectorized])
@pytest.mark.parametrize("name", list(derived()))
def test_the_reference_computes_it(name: str, step: Callable[..., Step]) -> None:
    assert _difference(name, _steps(step, _inputs())[name]) <= TOLERANCE


@pytest.mark.parametrize("entry", [e for e in article().inputs.values() if e.derived])
def test_another_input_gives_other_derived_values(entry: Any) -> None:
    changed = _inputs(**{entry.id: entry.number + 1})
    assert entry.id in derived()[entry.derived]["given"]
    assert _difference(entry.derived, _steps(step_by_layers, changed)[entry.derived]) > 0.01


def test_sections_name_inputs_that_exist_and_what_is_assumed() -> None:
    for section in derived().values():
        assert set(section["given"]) <= set(article().inputs)
        assert set(section.get("assumed", [])) <= set(section["given"])
    assert derived()["xor_cross"]["assumed"] == ["w1", "w2", "b", "learning_rate"]


def test_the_first_iterations_gradients_are_not_the_printed_ones() -> None:
    """The article prints the second iteration's; taking them for the first's is the trap."""
    first, second = derived()["or_first_step"], derived()["or_second_step"]
    assert [f"{float(text):.3f}" for text in [*first["dW"], first["db"]]] == [
        "-0.048",
        "-0.039",
        "-0.037",
    ]
    assert [f"{float(text):.3f}" for text in [*second["dW"], second["db"]]] == [
        *article().values["or.dW_second"].printed,
        *article().values["or.db_second"].printed,
    ]
