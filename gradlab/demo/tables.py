"""The numbers of a run, as tables."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table

from gradlab.demo.drawing import number, subscript

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gradlab.demo.run import DemoRun, LayerStep

    Array = NDArray[Any]

WIDTH = 100


def forward_tables(outcome: DemoRun) -> list[tuple[str, str]]:
    """Return a title and a table for each layer: inputs, linear parts, activations, losses."""
    tables = []
    for index, layer in enumerate(outcome.layers, start=1):
        last = index == len(outcome.layers)
        columns = [(_input(index, row), values) for row, values in enumerate(layer.A_prev)]
        for row in range(layer.Z.shape[0]):
            label = _neuron(index, row, len(outcome.layers))
            columns.append((f"z{label}", layer.Z[row]))
            columns.append(("ŷ" if last else f"a{label}", layer.A[row]))
        if last:
            y = outcome.example.Y[0]
            columns += [("y", y), ("loss ½(y−ŷ)²", (y - layer.A[0]) ** 2 / 2)]
        rows = [
            [str(example + 1), *(_cell(name, values[example]) for name, values in columns)]
            for example in range(layer.Z.shape[1])
        ]
        title = "output layer" if last else "hidden layer"
        tables.append((title, _table(["example", *(name for name, _ in columns)], rows)))
    return tables


def backward_tables(outcome: DemoRun) -> list[tuple[str, str]]:
    """Return a table for each neuron, from the output back: a title and the table.

    A row is a local gradient or the gradient that flows back through it, an example
    in each column; parameters are shared, so that their gradients add up at the end.
    """
    tables = []
    count = len(outcome.layers)
    for index in range(count, 0, -1):
        layer = outcome.layers[index - 1]
        for row in range(layer.Z.shape[0]):
            label = _neuron(index, row, count)
            where = "output neuron" if index == count else f"hidden neuron {row + 1}"
            table = _neuron_table(outcome, index, row, label)
            tables.append((f"{where}: z{label} and its activation", table))
        if index > 1:
            tables.append((f"into layer {index - 1}", _inputs_table(layer, index)))
    return tables


def update_table(outcome: DemoRun) -> str:
    """Return every parameter with its gradient, before and after the update."""
    rows = []
    for index, layer in enumerate(outcome.layers, start=1):
        for row in range(layer.W.shape[0]):
            label = _neuron(index, row, len(outcome.layers))
            names = [_weight(label, column) for column in range(layer.W.shape[1])]
            before, gradients, after = (
                np.append(W[row], b[row])
                for W, b in (
                    (layer.W, layer.b),
                    (layer.dW, layer.db),
                    (layer.W_after, layer.b_after),
                )
            )
            columns = (before, gradients, -outcome.learning_rate * gradients, after)
            rows += [
                [name, *map(number, values)]
                for name, *values in zip([*names, f"b{label}"], *columns, strict=True)
            ]
    return _table(["parameter", "before", "gradient", "step −α·gradient", "after"], rows, left=1)


def training_table(outcome: DemoRun) -> str:
    """Return the cost at some epochs, the first and the last among them."""
    stride = max(1, outcome.epochs // 10)
    last = outcome.epochs
    epochs = sorted({0, min(1, last), *range(0, last + 1, stride), last})
    rows = [[str(epoch), f"{outcome.costs[epoch]:.8f}"] for epoch in epochs]
    return _table(["epoch", "cost"], rows)


def prediction_table(outcome: DemoRun) -> str:
    """Return what the trained network puts out and predicts."""
    example = outcome.example
    X = example.features(example.points)
    outputs, predictions = outcome.network.forward(X)[0], outcome.network.predict(X)[0]
    rows = [
        [*(f"{value:g}" for value in point), f"{y:g}", number(output), f"{prediction:g}"]
        for point, y, output, prediction in zip(
            example.points.T, example.Y[0], outputs, predictions, strict=True
        )
    ]
    return _table(["x₁", "x₂", "y", "ŷ", "predicted"], rows)


def _neuron_table(outcome: DemoRun, index: int, row: int, label: str) -> str:
    layer, last = outcome.layers[index - 1], index == len(outcome.layers)
    a = "ŷ" if last else f"a{label}"
    z = f"z{label}"
    rows = []
    if last:
        rows.append(_gradient_row("Cost", f"local  ∂Cost/∂{a} = ({a}−y)/m", layer.dA[row]))
    else:
        rows.append(_gradient_row(a, f"flowing in  ∂Cost/∂{a}", layer.dA[row]))
    rows.append(_gradient_row(a, f"local  ∂{a}/∂{z} = {a}(1−{a})", layer.slope[row]))
    rows.append(_gradient_row(a, f"flowing back  ∂Cost/∂{z}", layer.dZ[row]))
    for column, values in enumerate(layer.A_prev):
        w, source = _weight(label, column), _input(index, column)
        rows.append(_gradient_row(z, f"local  ∂{z}/∂{w} = {source}", values))
        flow = layer.dZ[row] * values
        rows.append(_gradient_row(z, f"flowing back  ∂Cost/∂{w}", flow, layer.dW[row, column]))
    ones = layer.dZ[row] * 0 + 1
    rows.append(_gradient_row(z, f"local  ∂{z}/∂b{label} = 1", ones))
    flow, total = layer.dZ[row], layer.db[row, 0]
    rows.append(_gradient_row(z, f"flowing back  ∂Cost/∂b{label}", flow, total))
    return _gradient_table(rows)


def _inputs_table(layer: LayerStep, index: int) -> str:
    """Return what flows back to the activations before a layer, through all its neurons."""
    rows = []
    for column, total in enumerate(layer.dA_prev):
        a = _input(index, column)
        for row, weights in enumerate(layer.W):
            z = f"z{_neuron(index, row, index)}"
            local = total * 0 + weights[column]
            w = _weight(_neuron(index, row, index), column)
            rows.append(_gradient_row(z, f"local  ∂{z}/∂{a} = {w}", local))
        rows.append(_gradient_row(z, f"flowing back  ∂Cost/∂{a}", total))
    return _gradient_table(rows)


def _gradient_row(node: str, what: str, values: Array, total: float | None = None) -> list[str]:
    return [node, what, *map(number, values), "" if total is None else number(total)]


def _gradient_table(rows: list[list[str]]) -> str:
    examples = [f"ex. {example + 1}" for example in range(len(rows[0]) - 3)]
    return _table(["node", "gradient", *examples, "sum"], rows, left=2)


def _neuron(layer: int, row: int, layers: int) -> str:
    """Return the subscript of a neuron: none for a single one, layer and place otherwise."""
    if layers == 1:
        return ""
    return subscript(layer) if layer == layers else f"{subscript(layer)}.{subscript(row + 1)}"


def _weight(label: str, column: int) -> str:
    return f"w{label}{'.' if label else ''}{subscript(column + 1)}"


def _input(layer: int, column: int) -> str:
    place = subscript(column + 1)
    return f"x{place}" if layer == 1 else f"a{subscript(layer - 1)}.{place}"


def _cell(name: str, value: float) -> str:
    """Return labels and features as they are, everything else with decimals."""
    return f"{value:g}" if name[0] == "x" or name == "y" else number(value)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], left: int = 0) -> str:
    """Return a table as text, the same wherever it is printed.

    The first `left` columns hold words and stand to the left.
    """
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for place, name in enumerate(columns):
        table.add_column(name, justify="left" if place < left else "right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    out = io.StringIO()
    console = Console(file=out, width=WIDTH, color_system=None, legacy_windows=False, _environ={})
    console.print(table)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()).strip("\n")
