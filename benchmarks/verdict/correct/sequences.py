"""Normalisation, attention and recurrent steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .base import Pair, add

if TYPE_CHECKING:
    from collections.abc import Callable

    from .base import Rng

SMALL = 1e-5


def _normalise(axis: int, size: tuple[int, int], offset: float = 0.0) -> Callable[[Rng], Pair]:
    """Batch norm (over examples) or layer norm (over features), with scale and shift."""

    def parts(v: Any) -> tuple[Any, Any]:
        centred = v["x"] - np.mean(v["x"], axis=axis, keepdims=True)
        deviation = np.sqrt(np.mean(centred**2, axis=axis, keepdims=True) + SMALL)
        return centred / deviation, deviation

    def forward(v: Any) -> Any:
        return parts(v)[0] * v["gamma"] + v["beta"]

    def backward(v: Any, c: Any) -> Any:
        x_hat, deviation = parts(v)
        d_hat = c * v["gamma"]
        mean = np.mean(d_hat, axis=axis, keepdims=True)
        along = np.mean(d_hat * x_hat, axis=axis, keepdims=True)
        return {
            "x": (d_hat - mean - x_hat * along) / deviation,
            "gamma": np.sum(c * x_hat, axis=1 - features, keepdims=True),
            "beta": np.sum(c, axis=1 - features, keepdims=True),
        }

    features = 0

    def make(rng: Rng) -> Pair:
        values = {
            "x": offset + rng.standard_normal(size),
            "gamma": 1 + 0.5 * rng.standard_normal((size[0], 1)),
            "beta": rng.standard_normal((size[0], 1)),
        }
        worst = 10 * max(offset, 1.0)
        width = max(1.0, float(1 / np.min(parts(values)[1], initial=1.0)))
        return Pair(forward, backward, values, terms={"x": worst * width, "gamma": worst})

    return make


add("batch norm", "ordinary", _normalise(1, (3, 6)))
add("batch norm", "two examples", _normalise(1, (4, 2)))
add("batch norm", "batch of 1", _normalise(1, (4, 1)))
add("batch norm", "offset data", _normalise(1, (3, 6), 1e3), doubles=True)
add("layer norm", "ordinary", _normalise(0, (5, 3)))
add("layer norm", "batch of 1", _normalise(0, (5, 1)))
add("layer norm", "offset data", _normalise(0, (5, 3), 1e3), doubles=True)


def _root_mean_square(rng: Rng) -> Pair:
    def root(x: Any) -> Any:
        return np.sqrt(np.mean(x * x, axis=0) + SMALL)

    def backward(v: Any, c: Any) -> Any:
        size = root(v["x"])
        along = np.mean(c * v["x"], axis=0)
        return {"x": c / size - v["x"] * along / size**3}

    return Pair(
        lambda v: v["x"] / root(v["x"]),
        backward,
        {"x": rng.standard_normal((4, 3))},
        terms={"x": 20.0},
    )


add("root-mean-square norm", "ordinary", _root_mean_square)


def _softmax(z: Any) -> Any:
    power = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return power / np.sum(power, axis=-1, keepdims=True)


def _through_softmax(p: Any, c: Any) -> Any:
    return p * (c - np.sum(p * c, axis=-1, keepdims=True))


def _softmax_layer(scale: float, *, tied: bool = False) -> Callable[[Rng], Pair]:
    def make(rng: Rng) -> Pair:
        z = scale * rng.standard_normal((int(rng.integers(1, 5)), int(rng.integers(2, 6))))
        if tied:
            z[:] = z[:, :1]
        # A rounding of z counts as much as z is large.
        terms = {"z": max(scale, 1.0)}
        return Pair(
            lambda v: _softmax(v["z"]),
            lambda v, c: {"z": _through_softmax(_softmax(v["z"]), c)},
            {"z": z},
            terms=terms,
        )

    return make


add("softmax", "ordinary", _softmax_layer(1.0))
add("softmax", "ties", _softmax_layer(1.0, tied=True))
add("softmax", "saturation", _softmax_layer(30.0))
add("softmax", "logits over 1e3", _softmax_layer(1e3))


def _log_softmax(scale: float) -> Callable[[Rng], Pair]:
    def forward(v: Any) -> Any:
        z = v["z"] - np.max(v["z"], axis=-1, keepdims=True)
        return z - np.log(np.sum(np.exp(z), axis=-1, keepdims=True))

    return lambda rng: Pair(
        forward,
        lambda v, c: {"z": c - _softmax(v["z"]) * np.sum(c, axis=-1, keepdims=True)},
        {"z": scale * rng.standard_normal((2, 4))},
        terms={"z": 4 * scale},
    )


add("log-softmax", "ordinary", _log_softmax(1.0))
add("log-softmax", "saturation", _log_softmax(30.0))


def _attention(scale: float) -> Callable[[Rng], Pair]:
    """Scaled dot-product attention over a batch of sequences."""
    d = 3

    def weights(v: Any) -> Any:
        return _softmax(v["Q"] @ np.swapaxes(v["K"], -1, -2) / np.sqrt(v["Q"].dtype.type(d)))

    def backward(v: Any, c: Any) -> Any:
        a = weights(v)
        ds = _through_softmax(a, c @ np.swapaxes(v["V"], -1, -2)) / np.sqrt(v["Q"].dtype.type(d))
        return {
            "Q": ds @ v["K"],
            "K": np.swapaxes(ds, -1, -2) @ v["Q"],
            "V": np.swapaxes(a, -1, -2) @ c,
        }

    def make(rng: Rng) -> Pair:
        m, t = int(rng.integers(1, 3)), int(rng.integers(1, 5))
        values = {key: rng.standard_normal((m, t, d)) for key in ("Q", "K", "V")}
        values["Q"] = scale * values["Q"]
        terms = {"Q": 100 * scale, "K": 100 * scale**2, "V": 10 * scale}
        return Pair(lambda v: weights(v) @ v["V"], backward, values, terms=terms)

    return make


add("attention", "ordinary", _attention(1.0))
add("attention", "saturation", _attention(10.0), doubles=True)


def _recurrent(rng: Rng) -> Pair:
    """One step of a simple recurrent network; two outputs."""
    n, m = int(rng.integers(1, 5)), int(rng.integers(1, 4))

    def state(v: Any) -> Any:
        return np.tanh(v["W"] @ v["x"] + v["U"] @ v["h"] + v["b"])

    def forward(v: Any) -> Any:
        return state(v), v["V"] @ state(v)

    def backward(v: Any, c: Any) -> Any:
        h = state(v)
        dz = (c[0] + v["V"].T @ c[1]) * (1 - h**2)
        return {
            "W": dz @ v["x"].T,
            "U": dz @ v["h"].T,
            "b": np.sum(dz, axis=1, keepdims=True),
            "x": v["W"].T @ dz,
            "h": v["U"].T @ dz,
            "V": c[1] @ h.T,
        }

    values = {
        "W": rng.standard_normal((n, 2)),
        "U": rng.standard_normal((n, n)),
        "V": rng.standard_normal((3, n)),
        "b": rng.standard_normal((n, 1)),
        "x": rng.standard_normal((2, m)),
        "h": np.tanh(rng.standard_normal((n, m))),
    }
    return Pair(forward, backward, values, terms=dict.fromkeys(values, 30.0))


add("recurrent step", "ordinary", _recurrent)


def _gates(v: Any) -> tuple[Any, ...]:
    z = v["W"] @ np.concatenate([v["x"], v["h"]])
    i, f, o, g = np.split(z, 4)
    sigmoid = [1 / (1 + np.exp(-gate)) for gate in (i, f, o)]
    return *sigmoid, np.tanh(g)


def _lstm(rng: Rng) -> Pair:
    """One step of long short-term memory; the state and the cell are its outputs."""
    n, m = int(rng.integers(1, 4)), int(rng.integers(1, 4))

    def forward(v: Any) -> Any:
        i, f, o, g = _gates(v)
        cell = f * v["c"] + i * g
        return o * np.tanh(cell), cell

    def backward(v: Any, c: Any) -> Any:
        i, f, o, g = _gates(v)
        t = np.tanh(f * v["c"] + i * g)
        dc = c[1] + c[0] * o * (1 - t * t)
        dz = np.concatenate(
            [
                dc * g * i * (1 - i),
                dc * v["c"] * f * (1 - f),
                c[0] * t * o * (1 - o),
                dc * i * (1 - g * g),
            ]
        )
        below = v["W"].T @ dz
        joined = np.concatenate([v["x"], v["h"]])
        return {"W": dz @ joined.T, "x": below[:2], "h": below[2:], "c": dc * f}

    values = {
        "W": rng.standard_normal((4 * n, 2 + n)),
        "x": rng.standard_normal((2, m)),
        "h": np.tanh(rng.standard_normal((n, m))),
        "c": rng.standard_normal((n, m)),
    }
    return Pair(forward, backward, values, terms=dict.fromkeys(values, 10.0))


add("LSTM step", "ordinary", _lstm)
