"""Ways to write code that the complex step survives, refuses, or gets silently wrong.

Each is (name, function, slope): `slope` is the true derivative of every output
by its own entry, or the gradient where the function returns one number.
"""

from __future__ import annotations

import cmath
import copy
import math
from typing import Any

import numpy as np

Array = Any
X = np.array([0.7, -1.3, 2.1, -0.4, 1.6])


def _sig(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def _dsig(x: Array) -> Array:
    return _sig(x) * (1 - _sig(x))


def _filled(x: Array, buffer: Array) -> Array:
    for i in range(len(x)):
        buffer[i] = x[i] ** 2
    return buffer


def _stable_sigmoid(x: Array) -> Array:
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + e), e / (1 + e))


def _masked_in_place(x: Array) -> Array:
    y = x.copy()
    y[y < 0] = 0
    return y


def _masked_product(x: Array) -> Array:
    y = x * 1
    y *= x > 0
    return y


def _branches(x: Array) -> Array:
    return np.stack([t * t if t > 0 else -t for t in x])


def _by_item(x: Array) -> Array:
    return np.array([t.item() ** 2 for t in x])


def _softmax_slope(x: Array) -> Array:
    e = np.exp(x - x.max())
    return e / e.sum()


def _kahan(x: Array) -> Array:
    total, lost = 0.0 * x[0], 0.0 * x[0]
    for t in x:
        y = t * t - lost
        new = total + y
        lost = (new - total) - y
        total = new
    return total


def _matrix(x: Array) -> Array:
    return np.stack([np.stack([x[0] ** 2 + 3, x[1]]), np.stack([x[1], x[2] ** 2 + 4])])


def _solve_slope(x: Array) -> Array:
    a = np.array([[x[0] ** 2 + 3, x[1]], [x[1], x[2] ** 2 + 4]])
    y = np.linalg.solve(a, [1.0, 2.0])
    w = np.linalg.solve(a.T, np.ones(2))
    return np.array(
        [-w[0] * y[0] * 2 * x[0], -w[0] * y[1] - w[1] * y[0], -w[1] * y[1] * 2 * x[2], 0, 0]
    )


def _det_slope(x: Array) -> Array:
    p, q = x[0] ** 2 + 3, x[2] ** 2 + 4
    return np.array([2 * x[0] * q, -2 * x[1], 2 * x[2] * p, 0, 0])


def _inv_slope(x: Array) -> Array:
    a = np.array([[x[0] ** 2 + 3, x[1]], [x[1], x[2] ** 2 + 4]])
    b = np.linalg.inv(a)
    s, t = b.sum(axis=0), b.sum(axis=1)
    return np.array([-s[0] * t[0] * 2 * x[0], -s[0] * t[1] - s[1] * t[0],
                     -s[1] * t[1] * 2 * x[2], 0, 0])  # fmt: skip


def _complex_only(x: Array) -> Array:
    return x * 3 if np.iscomplexobj(x) else x * x


def _dtype_switch(x: Array) -> Array:
    return x * x * (1 + 0.001 * (x.dtype.kind == "c"))


def _type_switch(x: Array) -> Array:
    return x * x if type(x) is np.ndarray else 3 * x


def _caught(x: Array) -> Array:
    try:
        return x * x + 0.5 * x.real
    except Exception:  # noqa: BLE001 - code that swallows what the guard raises
        return x * x


def _sorted_slope(x: Array) -> Array:
    return 2 * x * (np.argsort(np.argsort(x)) + 1)


def _norm_slope(x: Array) -> Array:
    return x / np.linalg.norm(x)


def _var_slope(x: Array) -> Array:
    return 2 * (x - x.mean()) / len(x)


def _std_slope(x: Array) -> Array:
    return (x - x.mean()) / len(x) / x.std()


def _top(x: Array) -> Array:
    return (x == x.max()) * 1.0


def _single(x: Array) -> Array:
    if x.dtype.kind != "c":
        return x * 1.0
    return (x.astype(np.complex64) * np.complex64(1e-30)) * 1e30


SIGN = np.sign
ONES = np.ones_like
ARANGE = np.arange(1.0, 6.0)

SURVIVES: list[tuple[str, Any, Any]] = [
    ("np.maximum(x, 0)", lambda x: np.maximum(x, 0), lambda x: (x > 0) * 1.0),
    ("np.minimum(x, 1)", lambda x: np.minimum(x, 1), lambda x: (x < 1) * 1.0),
    ("np.fmax(x, 0)", lambda x: np.fmax(x, 0), lambda x: (x > 0) * 1.0),
    ("np.fmin(x, 1)", lambda x: np.fmin(x, 1), lambda x: (x < 1) * 1.0),
    ("np.clip(x, -1, 1)", lambda x: np.clip(x, -1, 1), lambda x: (np.abs(x) < 1) * 1.0),
    ("np.where(x > 0, x, 0.1 x)", lambda x: np.where(x > 0, x, 0.1 * x),
     lambda x: np.where(x > 0, 1, 0.1)),
    ("x * (x > 0)", lambda x: x * (x > 0), lambda x: (x > 0) * 1.0),
    ("in-place mask", _masked_in_place, lambda x: (x > 0) * 1.0),
    ("in-place product with a mask", _masked_product, lambda x: (x > 0) * 1.0),
    ("if on every entry", _branches, lambda x: np.where(x > 0, 2 * x, -1)),
    ("np.sort", lambda x: np.sum(np.sort(x) ** 2 * ARANGE), _sorted_slope),
    ("x[np.argsort(x)]", lambda x: np.sum(x[np.argsort(x)] ** 2 * ARANGE), _sorted_slope),
    ("np.max", np.max, _top),
    ("x[x.argmax()]", lambda x: x[x.argmax()], _top),
    ("np.min", lambda x: x.min(), lambda x: (x == x.min()) * 1.0),
    ("softmax less its max", lambda x: np.sum(ARANGE * np.exp(x - x.max())
                                            / np.exp(x - x.max()).sum()),
     lambda x: _softmax_slope(x) * (ARANGE - ARANGE @ _softmax_slope(x))),
    ("sqrt(x * x)", lambda x: np.sqrt(x * x), SIGN),
    ("(x * x) ** (1/3)", lambda x: (x * x) ** (1 / 3),
     lambda x: 2 / 3 * SIGN(x) * np.abs(x) ** (-1 / 3)),
    ("expm1", np.expm1, np.exp),
    ("log1p(x * x)", lambda x: np.log1p(x * x), lambda x: 2 * x / (1 + x * x)),
    ("tanh", np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    ("arctan", np.arctan, lambda x: 1 / (1 + x * x)),
    ("x ** 3", lambda x: x**3, lambda x: 3 * x**2),
    ("np.power(x, 2)", lambda x: np.power(x, 2), lambda x: 2 * x),
    ("sigmoid", _sig, _dsig),
    ("einsum", lambda x: np.einsum("i,i->", x, x), lambda x: 2 * x),
    ("np.dot", lambda x: np.dot(x, x), lambda x: 2 * x),
    ("np.inner", lambda x: np.inner(x, x), lambda x: 2 * x),
    ("x @ x", lambda x: x @ x, lambda x: 2 * x),
    ("np.outer", lambda x: np.outer(x, x).sum(), lambda x: 2 * x.sum() * ONES(x)),
    ("zeros_like buffer", lambda x: _filled(x, np.zeros_like(x)), lambda x: 2 * x),
    ("np.concatenate", lambda x: np.concatenate([x[:2] ** 2, x[2:] ** 2]), lambda x: 2 * x),
    ("np.prod", np.prod, lambda x: np.prod(x) / x),
    ("cumsum", lambda x: np.cumsum(x)[-1] ** 2, lambda x: 2 * x.sum() * ONES(x)),
    ("mean and subtraction", lambda x: np.sum((x - x.mean()) ** 2) / len(x), _var_slope),
    ("np.roll", lambda x: np.sum(np.roll(x, 1) * x), lambda x: np.roll(x, 1) + np.roll(x, -1)),
    ("deep copy", lambda x: copy.deepcopy(x) ** 2, lambda x: 2 * x),
    ("python sum", lambda x: sum(t * t for t in x), lambda x: 2 * x),
    ("compensated sum", _kahan, lambda x: 2 * x),
    ("reshape and transpose", lambda x: x.reshape(5, 1).T.ravel() ** 2, lambda x: 2 * x),
    ("np.linalg.solve", lambda x: np.linalg.solve(_matrix(x), np.array([1.0, 2.0])).sum(),
     _solve_slope),
    ("np.linalg.det", lambda x: np.linalg.det(_matrix(x)), _det_slope),
    ("np.linalg.inv", lambda x: np.linalg.inv(_matrix(x)).sum(), _inv_slope),
]  # fmt: skip

REFUSES: list[tuple[str, Any, Any]] = [
    ("np.logaddexp", lambda x: np.logaddexp(x, 0), _sig),
    ("np.arctan2", lambda x: np.arctan2(x, 2.0), lambda x: 2 / (x * x + 4)),
    ("np.hypot", lambda x: np.hypot(x, 1.0), lambda x: x / np.hypot(x, 1)),
    ("np.cbrt", np.cbrt, lambda x: 1 / 3 / np.cbrt(x) ** 2),
    ("np.heaviside", lambda x: x * np.heaviside(x, 0.5), lambda x: (x > 0) * 1.0),
    ("np.floor", lambda x: x - np.floor(x), ONES),
    ("np.mod", lambda x: np.mod(x, 1.0), ONES),
    ("np.interp", lambda x: np.interp(x, [-2.0, 0.1, 3.0], [0.0, 1.0, 5.0]),
     lambda x: np.where(x < 0.1, 1 / 2.1, 4 / 2.9)),
    ("np.median", np.median, lambda x: (x == np.median(x)) * 1.0),
    ("np.percentile", lambda x: np.percentile(x, 50), lambda x: (x == np.median(x)) * 1.0),
    ("np.fft.rfft", lambda x: np.sum(np.abs(np.fft.rfft(x)) ** 2),
     lambda x: len(x) * x + x.sum() * ONES(x)),
    ("float()", lambda x: float(x[0]) ** 2 + float(x[1]),
     lambda x: np.array([2 * x[0], 1, 0, 0, 0])),
    ("math.exp", lambda x: np.array([math.exp(t) for t in x]), np.exp),
    ("astype(float)", lambda x: x.astype(float) ** 2, lambda x: 2 * x),
    ("asarray(dtype=float)", lambda x: np.asarray(x, dtype=float) ** 2, lambda x: 2 * x),
    ("real buffer", lambda x: _filled(x, np.zeros(5)), lambda x: 2 * x),
    ("np.real_if_close", lambda x: np.real_if_close(x) ** 2, lambda x: 2 * x),
    ("item in a loop", _by_item, lambda x: 2 * x),
    ("np.copysign", lambda x: np.copysign(x, 1.0) ** 2, lambda x: 2 * x),
    ("%-format", lambda x: np.array([float("%.17g" % t) ** 2 for t in x]), lambda x: 2 * x),  # noqa: UP031
    ("exp overflow", lambda x: 1 / (1 + np.exp(-800 * x)), lambda x: 0 * x),
]  # fmt: skip

WRONG: list[tuple[str, Any, Any]] = [
    ("abs", np.abs, SIGN),
    ("x.__abs__()", abs, SIGN),
    ("np.linalg.norm", np.linalg.norm, _norm_slope),
    ("x.real", lambda x: x.real**2, lambda x: 2 * x),
    ("np.real", lambda x: np.real(x) ** 2, lambda x: 2 * x),
    ("x + 0.001 x.real", lambda x: x * x + 0.001 * x.real, lambda x: 2 * x + 0.001),
    ("np.var", np.var, _var_slope),
    ("np.std", np.std, _std_slope),
    ("std inside a complex expression", lambda x: np.sum(x) * 0 + np.std(x), _std_slope),
    ("sign", lambda x: x * np.sign(x), SIGN),
    ("sign times x, 1e-9 of it", lambda x: x * x + 1e-9 * x * np.sign(x) * (1 + 0j * x).real,
     lambda x: 2 * x + 1e-9 * SIGN(x)),
    ("conj", lambda x: np.conj(x) * x, lambda x: 2 * x),
    ("x.conj()", lambda x: x.conj() * 2 + x, lambda x: 3 * ONES(x)),
    ("vdot", lambda x: np.vdot(x, x), lambda x: 2 * x),
    ("vdot, real part added", lambda x: np.vdot(x, x) + x.sum(), lambda x: 2 * x + 1),
    ("abs of one term", lambda x: np.sum(x * x) + np.abs(x[0]),
     lambda x: 2 * x + np.array([SIGN(x[0]), 0, 0, 0, 0])),
    ("abs of a thousandth", lambda x: x * x + 0.001 * np.abs(x), lambda x: 2 * x + 0.001 * SIGN(x)),
    ("abs of 1e-9", lambda x: x * x + 1e-9 * np.abs(x), lambda x: 2 * x + 1e-9 * SIGN(x)),
    ("abs of asarray, 1e-6", lambda x: x * x + 1e-6 * np.abs(np.asarray(x)),
     lambda x: 2 * x + 1e-6 * SIGN(x)),
    ("abs of asarray, 1e-9", lambda x: x * x + 1e-9 * np.abs(np.asarray(x)),
     lambda x: 2 * x + 1e-9 * SIGN(x)),
    ("abs of a python complex", lambda x: np.stack([t * t + 1e-3 * abs(complex(t)) for t in x]),
     lambda x: 2 * x + 1e-3 * SIGN(x)),
    ("cmath.polar", lambda x: np.stack([t * t + 1e-3 * cmath.polar(complex(t))[0] for t in x]),
     lambda x: 2 * x + 1e-3 * SIGN(x)),
    ("log1p(exp(-abs(x)))", lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))), _sig),
    ("sigmoid by exp(-abs(x))", _stable_sigmoid, _dsig),
    ("float32 cast", lambda x: x * x + x.astype(np.float32) * 0.01, lambda x: 2 * x + 0.01),
    ("complex64 cast", lambda x: (x.astype(np.complex64) if x.dtype.kind == "c" else x) ** 2,
     lambda x: 2 * x),
    ("complex64 times 1e-30", _single, ONES),
    ("absolute square by conj", lambda x: (x * np.conj(x)).real, lambda x: 2 * x),
    ("np.angle", lambda x: x * x + np.angle(x), lambda x: 2 * x),
    ("x.imag dropped", lambda x: x - 1j * np.imag(x) if np.iscomplexobj(x) else x * 1, ONES),
    ("view as float", lambda x: x.view(float)[:: x.itemsize // 8] ** 2, lambda x: 2 * x),
    ("np.round(x, 20)", lambda x: x + 0 * np.round(x, 3), ONES),
    ("array of tolist", lambda x: np.array([t.real**2 for t in x.tolist()]), lambda x: 2 * x),
    ("eigvalsh", lambda x: np.linalg.eigvalsh(np.diag(x)).sum(), ONES),
    ("svd", lambda x: np.linalg.svd(np.diag(x))[1].sum(), SIGN),
    ("cholesky", lambda x: np.linalg.cholesky(np.diag(x * x + 1)).sum(),
     lambda x: x / np.sqrt(x * x + 1)),
    ("another law for complex numbers", _complex_only, lambda x: 2 * x),
    ("another factor for complex numbers", _dtype_switch, lambda x: 2 * x),
    ("another law for other types", _type_switch, lambda x: 2 * x),
    ("a swallowed exception", _caught, lambda x: 2 * x + 0.5),
    ("np.nan_to_num", lambda x: np.nan_to_num(x) ** 2, lambda x: 2 * x),
    ("memory through a view", lambda x: np.frombuffer(np.ascontiguousarray(x).tobytes(),
     dtype=x.dtype).real ** 2, lambda x: 2 * x),
]  # fmt: skip

ALL = {"survives": SURVIVES, "refuses": REFUSES, "silently wrong": WRONG}
