"""Other people's gradient checkers, and gradlab, put to the same NumPy code.

Each method gets a `Task` and says whether it flags the gradient.  All of them check
the derivative with respect to every parameter, at their own default tolerances and steps:

- torch: a `torch.autograd.Function` whose forward and backward call the NumPy code;
  `torch.autograd.gradcheck`, slow and fast.
- JAX: `jax.custom_vjp` around `jax.pure_callback`; `jax.test_util.check_grads`, order 1,
  reverse mode, 64 bits.
- autograd: `primitive` with `defvjp`; `autograd.test_util.check_grads`, order 1, reverse.
- SciPy: `scipy.optimize.check_grad` of ⟨c, f⟩, c random.  It returns a distance and no
  verdict; more than ten times the distance at the right gradient counts as flagged,
  which nobody who uses it could know.
- numdifftools: `Gradient` of ⟨c, f⟩ held against the claim by `numpy.allclose`.
- the course loop: two-sided differences of ⟨c, f⟩ for each parameter, step 1e-7,
  relative difference of the norms, flagged above 2e-7.

The peers see all parameters as one vector.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import graded
import numpy as np

import gradlab

if TYPE_CHECKING:
    from collections.abc import Callable

    from correct import Pair

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Task:
    """A pair to check: as it is for gradlab, as functions of one vector for the others.

    `entries` are the parameters that the vector holds: all, or a stated subset for
    methods that go through them one by one.  `reference` is what SciPy's distance is
    at the right gradient.
    """

    pair: Pair
    entries: Array
    reference: float = np.nan

    @property
    def names(self) -> list[str]:
        """The tensors, in the vector's order."""
        return list(self.pair.values)

    def _values(self, u: Array) -> dict[str, Array]:
        whole = np.concatenate([x.ravel() for x in self.pair.values.values()])
        whole[self.entries] = u
        found, start = {}, 0
        for name, x in self.pair.values.items():
            found[name] = whole[start : start + x.size].reshape(x.shape)
            start += x.size
        return found

    @property
    def point(self) -> Array:
        """The vector at which to check."""
        whole = np.concatenate([x.ravel() for x in self.pair.values.values()])
        return np.asarray(whole[self.entries])

    def forward(self, u: Array) -> Array:
        """Return all outputs as one vector."""
        return np.atleast_1d(np.asarray(self.pair.forward(self._values(np.asarray(u))))).ravel()

    def backward(self, u: Array, c: Array) -> Array:
        """Return the claimed gradient of ⟨c, forward⟩."""
        values = self._values(np.asarray(u))
        like = np.asarray(self.pair.forward(values))
        cotangent = np.asarray(c).reshape(like.shape)
        gradients = self.pair.backward(values, cotangent if like.ndim else cotangent[()])
        whole = np.concatenate([np.ravel(gradients[name]) for name in self.names])
        return np.asarray(whole[self.entries])

    @property
    def weights(self) -> Array:
        """The cotangent of the methods that know scalar functions only."""
        size = self.forward(self.point).size
        return np.random.default_rng(0).standard_normal(size)


def task(pair: Pair, entries: Array | None = None) -> Task:
    """Return the task of checking a pair, or of checking some of its parameters."""
    size = sum(x.size for x in pair.values.values())
    return Task(pair, np.arange(size) if entries is None else entries)


def wrong(given: Task, entry: int, size: float) -> Task:
    """Return the task with one parameter's gradient wrong by `size` times rms(g)."""
    start = 0
    for name, x in given.pair.values.items():
        if entry < start + x.size:
            where = np.array([entry - start])
            rng = np.random.default_rng(0)
            return replace(given, pair=graded.spoiled(given.pair, name, where, size, rng))
        start += x.size
    raise IndexError(entry)


def _gradlab(given: Task) -> bool:
    pair = given.pair
    return str(gradlab.check_gradients(pair.forward, pair.backward, pair.values).status) == "fail"


def _torch(given: Task, *, fast: bool) -> bool:
    import torch  # noqa: PLC0415 - a peer that may not be there

    torch.set_num_threads(1)
    torch.manual_seed(0)

    class Function(torch.autograd.Function):  # type: ignore[misc,name-defined,unused-ignore]
        @staticmethod
        def forward(ctx: Any, u: Any) -> Any:
            ctx.save_for_backward(u)
            return torch.from_numpy(given.forward(u.detach().numpy()))

        @staticmethod
        def backward(ctx: Any, c: Any) -> Any:
            (u,) = ctx.saved_tensors
            return torch.from_numpy(given.backward(u.detach().numpy(), c.numpy()))

    u = torch.tensor(given.point, dtype=torch.float64, requires_grad=True)
    apply = Function.apply
    return not torch.autograd.gradcheck(apply, (u,), fast_mode=fast, raise_exception=False)


def _jax(given: Task) -> bool:
    import jax  # noqa: PLC0415 - a peer that may not be there
    from jax.test_util import check_grads  # noqa: PLC0415

    jax.config.update("jax_enable_x64", True)
    point = given.point
    out = jax.ShapeDtypeStruct(given.forward(point).shape, np.float64)
    into = jax.ShapeDtypeStruct(point.shape, np.float64)
    f = jax.custom_vjp(lambda u: jax.pure_callback(given.forward, out, u))
    f.defvjp(lambda u: (f(u), u), lambda u, c: (jax.pure_callback(given.backward, into, u, c),))
    return _raises(lambda: check_grads(f, (point,), order=1, modes=["rev"]))


def _autograd(given: Task) -> bool:
    from autograd.extend import defvjp, primitive  # noqa: PLC0415 - a peer that may not be there
    from autograd.test_util import check_grads  # noqa: PLC0415

    np.random.seed(0)  # autograd draws from the global stream
    f = primitive(given.forward)
    defvjp(f, lambda _answer, u: lambda c: given.backward(u, c))
    return _raises(lambda: check_grads(f, modes=["rev"], order=1)(given.point))


def _raises(check: Callable[[], Any]) -> bool:
    try:
        check()
    except AssertionError:
        return True
    return False


def _scalar(given: Task) -> tuple[Callable[[Array], float], Callable[[Array], Array]]:
    c = given.weights
    return lambda u: float(c @ given.forward(u)), lambda u: given.backward(u, c)


def scipy_distance(given: Task, direction: str) -> float:
    """Return what scipy.optimize.check_grad says."""
    from scipy.optimize import check_grad  # noqa: PLC0415 - a peer that may not be there

    f, gradient = _scalar(given)
    rng = np.random.default_rng(0)
    random = {"rng": rng} if direction == "random" else {}
    return float(check_grad(f, gradient, given.point, direction=direction, **random))


def _scipy(given: Task, direction: str) -> bool:
    return not scipy_distance(given, direction) <= 10 * given.reference


def _numdifftools(given: Task) -> bool:
    import numdifftools  # noqa: PLC0415 - a peer that may not be there

    f, gradient = _scalar(given)
    return not np.allclose(gradient(given.point), numdifftools.Gradient(f)(given.point))


def _course(given: Task) -> bool:
    f, gradient = _scalar(given)
    u, step = given.point, 1e-7
    numeric = np.zeros(u.size)
    for i in range(u.size):
        up, down = u.copy(), u.copy()
        up[i] += step
        down[i] -= step
        numeric[i] = (f(up) - f(down)) / (2 * step)
    claimed = gradient(u)
    distance = np.linalg.norm(claimed - numeric)
    return not distance <= 2e-7 * (np.linalg.norm(claimed) + np.linalg.norm(numeric))


@dataclass(frozen=True)
class Method:
    """A way to check a gradient.

    `needs` is the package without which it is left out.  `each` says that it goes
    through the parameters one by one, so that a large task is timed on subsets.
    """

    name: str
    flags: Callable[[Task], bool]
    needs: str = "numpy"
    each: bool = False
    direction: str = ""

    @property
    def there(self) -> bool:
        """Whether its package is installed."""
        return importlib.util.find_spec(self.needs) is not None


METHODS = [
    Method("gradlab", _gradlab),
    Method("torch gradcheck, slow", lambda t: _torch(t, fast=False), "torch", each=True),
    Method("torch gradcheck, fast", lambda t: _torch(t, fast=True), "torch"),
    Method("JAX check_grads", _jax, "jax"),
    Method("autograd check_grads", _autograd, "autograd"),
    Method("scipy check_grad, all", lambda t: _scipy(t, "all"), "scipy", each=True,
           direction="all"),
    Method("scipy check_grad, random", lambda t: _scipy(t, "random"), "scipy",
           direction="random"),
    Method("numdifftools", _numdifftools, "numdifftools", each=True),
    Method("course loop", _course, each=True),
]  # fmt: skip


def prepared(method: Method, given: Task) -> Task:
    """Tell SciPy's rows what their distance is at the right gradient."""
    if not method.direction:
        return given
    return replace(given, reference=scipy_distance(given, method.direction))
