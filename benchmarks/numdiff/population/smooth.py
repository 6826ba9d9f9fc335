"""Smooth, well-scaled functions: elementwise ones and scalar ones."""

from __future__ import annotations

from typing import Any

from .shapes import decades, fixed, normal, plain, uniform


def _sigmoid(m: Any, x: Any) -> Any:
    return 1 / (1 + m.exp(-x))


def _gelu(m: Any, x: Any) -> Any:
    return x * (1 + m.tanh(0.75 * (x + 0.0447 * x**3))) / 2


def _softplus(m: Any, x: Any) -> Any:
    return m.log1p(m.exp(x))


def _rosenbrock(m: Any, x: Any) -> Any:
    return m.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def _logsumexp(m: Any, x: Any) -> Any:
    top = m.max(x)
    return top + m.log(m.sum(m.exp(x - top)))


def _beale(_m: Any, x: Any) -> Any:
    a, b = x[0], x[1]
    return (1.5 - a + a * b) ** 2 + (2.25 - a + a * b**2) ** 2 + (2.625 - a + a * b**3) ** 2


def _cosine(m: Any, x: Any) -> Any:
    a, b = x[:3], x[3:]
    return m.sum(a * b) / m.sqrt(m.sum(a * a) * m.sum(b * b))


def _cofactor(_m: Any, x: Any) -> Any:
    a = x.reshape(3, 3)
    return (
        a[0, 0] * (a[1, 1] * a[2, 2] - a[1, 2] * a[2, 1])
        - a[0, 1] * (a[1, 0] * a[2, 2] - a[1, 2] * a[2, 0])
        + a[0, 2] * (a[1, 0] * a[2, 1] - a[1, 1] * a[2, 0])
    )


ELEMENTWISE = "smooth, elementwise"
SCALAR = "smooth, scalar"

plain("sin", ELEMENTWISE, lambda m, x: m.sin(x), normal())
plain("tanh", ELEMENTWISE, lambda m, x: m.tanh(x), normal())
plain("exp", ELEMENTWISE, lambda m, x: m.exp(x), normal())
plain("log", ELEMENTWISE, lambda m, x: m.log(x), decades(-2, 2))
plain("sigmoid", ELEMENTWISE, _sigmoid, normal(2.0))
plain("softplus", ELEMENTWISE, _softplus, normal(2.0))
plain("gelu", ELEMENTWISE, _gelu, normal())
plain("runge", ELEMENTWISE, lambda _m, x: 1 / (1 + 25 * x**2), normal())
plain("cubic", ELEMENTWISE, lambda _m, x: x**3 - 2 * x, normal())
plain("root of a square", ELEMENTWISE, lambda m, x: m.sqrt(1 + x * x), normal())
plain("swish", ELEMENTWISE, lambda m, x: x * _sigmoid(m, x), normal(2.0), held_out=True)
plain("arctan", ELEMENTWISE, lambda m, x: m.arctan(x), normal(), held_out=True)
plain("log cosh", ELEMENTWISE, lambda m, x: m.log(m.cosh(x)), normal(2.0), held_out=True)
plain("power 2.5", ELEMENTWISE, lambda m, x: m.power(x, 2.5), decades(-1, 1), held_out=True)
plain("mish", ELEMENTWISE, lambda m, x: x * m.tanh(_softplus(m, x)), normal(), held_out=True)

plain("rosenbrock", SCALAR, _rosenbrock, fixed(4))
plain("mean square", SCALAR, lambda m, x: m.sum(x * x) / len(x), normal(most=20))
plain("logsumexp", SCALAR, _logsumexp, fixed(6, 2.0))
plain("euclidean norm", SCALAR, lambda m, x: m.sqrt(m.sum(x * x)), normal(most=12))
plain("product", SCALAR, lambda m, x: m.prod(x), uniform(0.5, 2.0))
plain("determinant", SCALAR, _cofactor, fixed(9))
plain("beale", SCALAR, _beale, fixed(2), held_out=True)
plain("cosine similarity", SCALAR, _cosine, fixed(6), held_out=True)
plain("geometric mean", SCALAR, lambda m, x: m.exp(m.sum(m.log(x)) / len(x)), uniform(0.1, 4.0),
      held_out=True)  # fmt: skip
