"""Layers and a cost, put together."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.reference._arrays import as_float, with_shape
from gradlab.reference.batching import batches
from gradlab.reference.costs import compute_cost, l2_penalty

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import ArrayLike

    from gradlab.reference._arrays import Array
    from gradlab.reference.layers import Layer

    Cost = Callable[[ArrayLike, ArrayLike], tuple[Any, Array]]


class Network:
    """A feedforward network: layers in order, and the cost of the last one's value.

    Source: the article, figures 77 to 92; the guide's summary.

    Parameters
    ----------
    layers
        From the input to the output.
    cost
        From labels and output to (cost, gradient): `compute_cost` or any other
        of `gradlab.reference.costs`.
    l2
        λ of the penalty λ/(2m)·Σ‖W‖² on the weights; biases are left out.

    Examples
    --------
    The article's architecture for XOR (figure 77):

    >>> from gradlab.reference import LinearLayer, SigmoidLayer
    >>> hidden = [LinearLayer((2, 4), n_out=3), SigmoidLayer((3, 4))]
    >>> network = Network([*hidden, LinearLayer((3, 4), n_out=1), SigmoidLayer((1, 4))])
    >>> network.n_layers, sorted(network.parameters)
    (2, ['W1', 'W2', 'b1', 'b2'])
    """

    def __init__(self, layers: Sequence[Layer], cost: Cost = compute_cost, l2: float = 0.0) -> None:
        if not layers:
            msg = "a network needs at least one layer; got none"
            raise ValueError(msg)
        if l2 < 0:
            msg = f"l2 must not be negative; got {l2}"
            raise ValueError(msg)
        self.layers = tuple(layers)
        self.cost = cost
        self.l2 = l2

    @property
    def n_layers(self) -> int:
        """The number of layers as the article counts: those with tunable parameters."""
        return len(self._tunable)

    @property
    def parameters(self) -> dict[str, Array]:
        """All parameters, as ``W1``, ``b1``, ``W2``, …, counted over the tunable layers."""
        return {
            f"{name}{number}": value
            for number, layer in self._tunable.items()
            for name, value in layer.params.items()
        }

    @parameters.setter
    def parameters(self, values: Mapping[str, ArrayLike]) -> None:
        current = self.parameters
        if values.keys() != current.keys():
            msg = f"this network's parameters are {sorted(current)}; got {sorted(values)}"
            raise ValueError(msg)
        checked = {
            name: with_shape(values[name], name, value.shape, f"this network's {name}")
            for name, value in current.items()
        }
        for number, layer in self._tunable.items():
            layer.params = {name: checked[f"{name}{number}"] for name in layer.params}

    def forward(self, X: ArrayLike) -> Array:
        """Return the output of the last layer, (n_out, m)."""
        value = as_float(X, "X")
        for layer in self.layers:
            layer.forward(value)
            value = layer.value
        return value

    def cost_and_gradients(self, X: ArrayLike, Y: ArrayLike) -> tuple[Any, dict[str, Array]]:
        """Return the cost and its gradients by all parameters, penalty included.

        All examples go through in one pass (the article's vectorized method).
        """
        cost, gradients = self._without_penalty(X, Y)
        return self._with_penalty(cost, gradients, np.shape(Y)[1])

    def accumulated_gradients(self, X: ArrayLike, Y: ArrayLike) -> tuple[Any, dict[str, Array]]:
        """Return what `cost_and_gradients` returns, one example at a time.

        Source: the article, figure 39, the slow method: the gradients of each
        example's loss are added up, and the sum is divided by m.
        """
        m = np.shape(Y)[1]
        total: Any = 0.0
        deltas = {name: np.zeros_like(value) for name, value in self.parameters.items()}
        for x, y in batches(X, Y, size=1):
            loss, gradients = self._without_penalty(x, y)
            total = total + loss
            deltas = {name: deltas[name] + gradients[name] for name in deltas}
        averages = {name: delta / m for name, delta in deltas.items()}
        return self._with_penalty(total / m, averages, m)

    def predict(self, X: ArrayLike, threshold: float = 0.5) -> Array:
        """Return 1 where the output reaches the threshold and 0 elsewhere, as floats.

        For a network that ends in logits the threshold that belongs to a
        probability of one half is 0.
        """
        return (self.forward(X) >= threshold).astype(np.float64)

    def accuracy(self, X: ArrayLike, Y: ArrayLike, threshold: float = 0.5) -> float:
        """Return the fraction of examples of which every output is predicted right.

        Raises
        ------
        ValueError
            If `Y` does not have the shape of the predictions, or there is no
            example.
        """
        predictions = self.predict(X, threshold)
        labels = with_shape(Y, "Y", predictions.shape, "the predictions")
        if labels.shape[1] == 0:
            msg = "accuracy needs at least one example; got none"
            raise ValueError(msg)
        return float(np.mean(np.all(predictions == labels, axis=0)))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the parameters to `path` as npz, without pickle."""
        arrays: dict[str, Any] = dict(self.parameters)
        # An open file, because NumPy appends .npz to a bare name that lacks it.
        with Path(path).open("wb") as file:
            np.savez(file, **arrays)

    def load(self, path: str | os.PathLike[str]) -> None:
        """Take the parameters from a file that `save` wrote for the same architecture.

        Raises
        ------
        ValueError
            If the file is none of those, or its names or shapes are not this
            network's.
        """
        if not zipfile.is_zipfile(path):
            msg = f"{path} is not an npz file; give one that Network.save wrote"
            raise ValueError(msg)
        with np.load(path, allow_pickle=False) as archive:
            self.parameters = dict(archive)

    @property
    def _tunable(self) -> dict[int, Layer]:
        tunable = (layer for layer in self.layers if layer.params)
        return dict(enumerate(tunable, start=1))

    def _without_penalty(self, X: ArrayLike, Y: ArrayLike) -> tuple[Any, dict[str, Array]]:
        cost, gradient = self.cost(Y, self.forward(X))
        for layer in reversed(self.layers):
            layer.backward(gradient)
            gradient = layer.input_gradient
        gradients = {
            f"{name}{number}": value
            for number, layer in self._tunable.items()
            for name, value in layer.gradients.items()
        }
        return cost, gradients

    def _with_penalty(
        self, cost: Any, gradients: dict[str, Array], m: int
    ) -> tuple[Any, dict[str, Array]]:
        if not self.l2:
            return cost, gradients
        weights = {name: W for name, W in self.parameters.items() if name.startswith("W")}
        penalty, slopes = l2_penalty(list(weights.values()), m, self.l2)
        extra = dict(zip(weights, slopes, strict=True))
        return cost + penalty, {
            name: value + extra[name] if name in extra else value
            for name, value in gradients.items()
        }
