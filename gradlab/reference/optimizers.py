"""Optimizers: from parameters and gradients to new parameters.

An optimizer changes neither the parameters nor the gradients that it is given.
What it remembers between steps (a velocity, an average of squares) it keeps by
the parameter's name.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import numpy as np

from gradlab.reference._arrays import as_float, with_shape
from gradlab.reference.annealing import constant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike

    from gradlab.reference._arrays import Array
    from gradlab.reference.annealing import Schedule


class Optimizer(ABC):
    """What all optimizers share: the learning rate and the count of steps.

    Parameters
    ----------
    learning_rate
        A number, or a schedule from `gradlab.reference.annealing`.

    Attributes
    ----------
    steps
        Number of steps taken.
    """

    def __init__(self, learning_rate: float | Schedule) -> None:
        self._schedule = learning_rate if callable(learning_rate) else constant(learning_rate)
        self._memory: dict[str, dict[str, Array]] = {}
        self.steps = 0

    def step(
        self, parameters: Mapping[str, ArrayLike], gradients: Mapping[str, ArrayLike]
    ) -> dict[str, Array]:
        """Return the parameters after one step, under the same names.

        Raises
        ------
        ValueError
            If names or shapes of parameters and gradients differ.
        """
        if parameters.keys() != gradients.keys():
            msg = (
                "parameters and gradients must have the same names; "
                f"got {sorted(parameters)} and {sorted(gradients)}"
            )
            raise ValueError(msg)
        rate = self._schedule(self.steps)
        values = {name: as_float(value, name) for name, value in parameters.items()}
        slopes = {
            name: with_shape(gradients[name], f"the gradient of {name}", value.shape, name)
            for name, value in values.items()
        }
        self.steps += 1
        return {name: values[name] - rate * self._direction(name, slopes[name]) for name in values}

    @abstractmethod
    def _direction(self, name: str, gradient: Array) -> Array:
        """Return what is to be multiplied by the learning rate and subtracted."""

    def _running(self, kind: str, name: str, keep: float, add: float, term: Array) -> Array:
        """Return and remember keep·(what was remembered, 0 at first) + add·term."""
        memory = self._memory.setdefault(kind, {})
        memory[name] = keep * memory.get(name, np.zeros_like(term)) + add * term
        return memory[name]


class GradientDescent(Optimizer):
    """θ ← θ - α·g.  Source: the article, figures 27 to 29; the guide.

    Examples
    --------
    The bias of the article's first step (figure 24):

    >>> parameters = GradientDescent(learning_rate=1.0).step({"b": [0.0]}, {"b": [0.125]})
    >>> print(parameters["b"])
    [-0.125]
    """

    def __init__(self, learning_rate: float | Schedule = 0.1) -> None:
        super().__init__(learning_rate)

    def _direction(self, name: str, gradient: Array) -> Array:  # noqa: ARG002  (nothing to remember)
        return gradient


class Momentum(Optimizer):
    """v ← β·v + (1 - dampening)·g, then θ ← θ - α·v, from v = 0.

    Source: the guide, by name ('information of the past gradients').  Without
    dampening this is Polyak's heavy ball, as in PyTorch; with dampening = β, v
    is an average of the gradients, as in deeplearning.ai's courses.
    """

    def __init__(
        self, learning_rate: float | Schedule = 0.1, beta: float = 0.9, dampening: float = 0.0
    ) -> None:
        super().__init__(learning_rate)
        self._beta, self._dampening = _fraction(beta, "beta"), dampening

    def _direction(self, name: str, gradient: Array) -> Array:
        return self._running("velocity", name, self._beta, 1 - self._dampening, gradient)


class RMSprop(Optimizer):
    """s ← β·s + (1 - β)·g², then θ ← θ - α·g/(√s + ε), from s = 0.

    Source: the guide, by name; ε is added outside the root, as in PyTorch.
    """

    def __init__(
        self, learning_rate: float | Schedule = 0.01, beta: float = 0.99, epsilon: float = 1e-8
    ) -> None:
        super().__init__(learning_rate)
        self._beta, self._epsilon = _fraction(beta, "beta"), epsilon

    def _direction(self, name: str, gradient: Array) -> Array:
        square = self._running("square", name, self._beta, 1 - self._beta, gradient**2)
        direction: Array = gradient / (np.sqrt(square) + self._epsilon)
        return direction


class Adam(Optimizer):
    """Adam, with the correction of the bias that the averages have from starting at 0.

    v ← β₁·v + (1 - β₁)·g and s ← β₂·s + (1 - β₂)·g²; after step t they are
    divided by 1 - β₁ᵗ and 1 - β₂ᵗ; then θ ← θ - α·v̂/(√ŝ + ε).

    Source: the guide, by name; the formulas are those of Kingma and Ba (2015).
    """

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
    ) -> None:
        super().__init__(learning_rate)
        self._beta1, self._beta2 = _fraction(beta1, "beta1"), _fraction(beta2, "beta2")
        self._epsilon = epsilon

    def _direction(self, name: str, gradient: Array) -> Array:
        mean = self._running("mean", name, self._beta1, 1 - self._beta1, gradient)
        square = self._running("square", name, self._beta2, 1 - self._beta2, gradient**2)
        mean_hat = mean / (1 - self._beta1**self.steps)
        square_hat = square / (1 - self._beta2**self.steps)
        direction: Array = mean_hat / (np.sqrt(square_hat) + self._epsilon)
        return direction


def _fraction(value: float, name: str) -> float:
    if not 0 <= value < 1:
        msg = f"{name} must lie in [0, 1); got {value}"
        raise ValueError(msg)
    return value
