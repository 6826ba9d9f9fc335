"""The steps of the known optimizers in closed form, as sums over all gradients so far.

No recursion, and no line in common with `gradlab.reference.optimizers`: with the
weights βᵗ⁻ⁱ written out, step t of momentum is θₜ = θₜ₋₁ − α·Σᵢ βᵗ⁻ⁱ·gᵢ, and the
averages of RMSprop and Adam are (1 − β)·Σᵢ βᵗ⁻ⁱ·gᵢ².
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.roundoff import unit_roundoff

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    Array = NDArray[Any]
    Settings = Mapping[str, float]
    Directions = Callable[[list[Array], Settings], list[Array]]

#: Settings that neither the caller nor the code gives: the values in common use.
USUAL: Mapping[str, tuple[float, ...]] = {
    "beta": (0.9, 0.99, 0.999, 0.95),
    "beta1": (0.9,),
    "beta2": (0.999, 0.99),
}


@dataclass(frozen=True)
class Form:
    """One way in which an optimizer of a name may step.

    Attributes
    ----------
    label
        In words, for the report.
    directions
        From the gradients and the settings to what each step subtracts, over α.
    needs
        The settings that it reads.
    """

    label: str
    directions: Directions
    needs: tuple[str, ...] = ()

    def settings(self, known: Settings) -> Iterator[dict[str, float]]:
        """Return the settings to try: what is known, and for the rest what is usual."""
        values = [(known[need],) if need in known else USUAL[need] for need in self.needs]
        for chosen in itertools.product(*values):
            yield dict(zip(self.needs, chosen, strict=True))


def _sums(beta: float, terms: list[Array]) -> list[Array]:
    """Σᵢ βᵗ⁻ⁱ·termᵢ for each t."""
    powers = np.longdouble(beta) ** np.arange(len(terms))
    return [
        sum((powers[t - i] * terms[i] for i in range(t + 1)), np.zeros(terms[0].shape))
        for t in range(len(terms))
    ]


def _squares(gradients: list[Array]) -> list[Array]:
    return [g * g for g in gradients]


def _average(beta: float, terms: list[Array]) -> list[Array]:
    return [(1 - np.longdouble(beta)) * total for total in _sums(beta, terms)]


def _gradient(gradients: list[Array], _settings: Settings) -> list[Array]:
    return gradients


def _heavy_ball(gradients: list[Array], settings: Settings) -> list[Array]:
    return _sums(settings["beta"], gradients)


def _nesterov(gradients: list[Array], settings: Settings) -> list[Array]:
    sums = _sums(settings["beta"], gradients)
    return [g + settings["beta"] * v for g, v in zip(gradients, sums, strict=True)]


def _averaged(gradients: list[Array], settings: Settings) -> list[Array]:
    return _average(settings["beta"], gradients)


def _root(square: Array, correction: Any, epsilon: float, place: str) -> Array:
    """√ŝ with ε added in one of three places, ŝ = s/correction."""
    if place == "inside":
        return np.asarray(np.sqrt(square / correction + epsilon))
    if place == "uncorrected":
        return np.asarray((np.sqrt(square) + epsilon) / np.sqrt(correction))
    return np.asarray(np.sqrt(square / correction) + epsilon)


def _rmsprop(place: str = "") -> Directions:
    """RMSprop; without a place for it there is no ε."""

    def directions(gradients: list[Array], settings: Settings) -> list[Array]:
        squares = _average(settings["beta"], _squares(gradients))
        epsilon = settings["epsilon"] if place else 0.0
        return [g / _root(s, 1, epsilon, place) for g, s in zip(gradients, squares, strict=True)]

    return directions


def _adam(
    count_mean: Callable[[int], int | None],
    count_square: Callable[[int], int | None],
    place: str = "",
) -> Directions:
    """Adam, with the averages divided by 1 − βⁿ for n = count(t); by nothing where it is None."""

    def directions(gradients: list[Array], settings: Settings) -> list[Array]:
        means = _average(settings["beta1"], gradients)
        squares = _average(settings["beta2"], _squares(gradients))
        epsilon = settings["epsilon"] if place else 0.0
        found = []
        for t, (mean, square) in enumerate(zip(means, squares, strict=True), start=1):
            mean_by = _correction(settings["beta1"], count_mean(t))
            square_by = _correction(settings["beta2"], count_square(t))
            found.append(mean / mean_by / _root(square, square_by, epsilon, place))
        return found

    return directions


def _correction(beta: float, count: int | None) -> Any:
    return 1 if count is None else 1 - np.longdouble(beta) ** count


def _itself(t: int) -> int:
    return t


def _none(_t: int) -> None:
    return None


def _signs(gradients: list[Array], _settings: Settings) -> list[Array]:
    return [np.sign(g) for g in gradients]


_BETAS = ("beta1", "beta2")

#: The right steps of each optimizer.  Momentum has two forms in common use.
FORMS: Mapping[str, tuple[Form, ...]] = {
    "gradient_descent": (Form("gradient descent", _gradient),),
    "momentum": (
        Form("momentum as the heavy ball, v ← β·v + g", _heavy_ball, ("beta",)),
        Form("momentum as an average, v ← β·v + (1 − β)·g", _averaged, ("beta",)),
    ),
    "rmsprop": (Form("RMSprop", _rmsprop(), ("beta",)),),
    "adam": (Form("Adam with both corrections", _adam(_itself, _itself), _BETAS),),
}

_PLACES = {
    "outside": "ε outside of the root, √ŝ + ε",
    "inside": "ε inside of the root, √(ŝ + ε)",
    "uncorrected": "ε beside the root before its correction, √s + ε",
}

#: The places in which ε is in common use; the papers and libraries differ.
EPSILONS: Mapping[str, tuple[Form, ...]] = {
    "rmsprop": tuple(
        Form(_PLACES[place], _rmsprop(place), ("beta", "epsilon"))
        for place in ("outside", "inside")
    ),
    "adam": tuple(
        Form(text, _adam(_itself, _itself, place), (*_BETAS, "epsilon"))
        for place, text in _PLACES.items()
    ),
}

#: What people write by mistake; recognised so that the report can name it.
MISTAKES: Mapping[str, tuple[Form, ...]] = {
    "gradient_descent": (),
    "momentum": (
        Form("the velocity is never kept: plain gradient descent", _gradient),
        Form("g + β·v is subtracted, which is Nesterov's momentum", _nesterov, ("beta",)),
    ),
    "rmsprop": (Form("the squares are never averaged: the sign of the gradient", _signs),),
    "adam": (
        Form("no correction of either average", _adam(_none, _none), _BETAS),
        Form("only the average of the gradients is corrected", _adam(_itself, _none), _BETAS),
        Form("only the average of the squares is corrected", _adam(_none, _itself), _BETAS),
        Form("the t of the corrections stays 1", _adam(lambda _t: 1, lambda _t: 1), _BETAS),
        Form("t starts at 2", _adam(lambda t: t + 1, lambda t: t + 1), _BETAS),
    ),
}


def path(
    start: Mapping[str, Array],
    gradients: list[dict[str, Array]],
    form: Form,
    settings: Settings,
    rate: float,
) -> list[tuple[dict[str, Array], dict[str, Array]]]:
    """Return the parameters after each step, and how far rounding may move them.

    Each operation of float64 errs by at most u relative to its result.  However
    an average is written, step t has gone through at most 4t + 16 operations;
    1 − βᵗ loses what 1/(1 − βᵗ) amplifies; and sums are off relative to the sum
    of the absolute values of their terms.
    """
    steps: list[tuple[dict[str, Array], dict[str, Array]]] = [({}, {}) for _ in gradients]
    betas = [settings[need] for need in form.needs if need != "epsilon"]
    for name, value in start.items():
        g = [np.asarray(each[name], dtype=np.longdouble) for each in gradients]
        exact = form.directions(g, settings)
        sizes = _sizes(form, g, exact, settings)
        theta, reach, slack = np.asarray(value, dtype=np.longdouble), np.abs(value), 0.0
        for t, (direction, size) in enumerate(zip(exact, sizes, strict=True), start=1):
            theta = theta - rate * direction
            reach = np.maximum(reach, np.abs(theta))
            lost = sum((1 / (1 - beta**t) for beta in betas), 1.0)
            slack = slack + unit_roundoff(float) * ((4 * t + 16) * lost * rate * size + 2 * reach)
            steps[t - 1][0][name] = np.asarray(theta, dtype=float)
            steps[t - 1][1][name] = np.asarray(slack, dtype=float)
    return steps


def _sizes(
    form: Form, gradients: list[Array], exact: list[Array], settings: Settings
) -> list[Array]:
    """How large the directions were before terms of both signs cancelled in them."""
    absolute = form.directions([np.abs(g) for g in gradients], settings)
    return [np.maximum(np.abs(d), np.abs(a)) for d, a in zip(exact, absolute, strict=True)]
