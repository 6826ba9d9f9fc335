"""Subject: the one shape in which everything else speaks of code under test.

An adapter turns a class, an instance, a pair of functions or a cost into a
`Subject`; laws and the checker see nothing else.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from gradlab.domain import Domain, Layout, Role
from gradlab.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from numpy.typing import NDArray

    from gradlab.coverage.records import Observation

    Array = NDArray[Any]
    Values = Mapping[str, Array]
    Outputs = tuple[Array, ...]
    Gradients = Mapping[str, Array | None]


class Session(Protocol):
    """One life of the code under test: an instance, with whatever state it keeps.

    The very arrays that are handed in reach the code, without a copy, so that a
    law can see what the code does to them; what the code returns comes back
    without a copy too, so that a law can see when a later call overwrites it.
    """

    def forward(self, values: Values) -> Outputs:
        """Run the forward at `values`; one array for each output."""

    def backward(self, values: Values, cotangents: Outputs) -> Gradients:
        """Run the backward for the latest forward; None for a tensor without gradient."""


@dataclass(frozen=True)
class Subject:
    """Named tensors, a forward and a vector-Jacobian product.

    Attributes
    ----------
    open
        Makes a new `Session` fit for the shapes of the values it is given.
    domain
        What the code accepts, and where a search should look.
    wrt
        The tensors whose gradients are checked; `None` means the domain's
        inputs and parameters.
    required
        The tensors of which the backward has to give a gradient: those that the caller
        named.  A missing gradient of another one leaves the verdict open.
    convention
        Its name: ``"article"``.
    layout
        The order of the axes of its input.
    upstream
        False for a cost whose backward takes no cotangent: it is then 1.
    scaling
        For values, the factor that the convention puts on each gradient,
        relative to the vector-Jacobian product (1/m on dW in `coursera`).
    accumulates
        True where each backward adds to the gradients of the ones before, until they
        are set to zero.
    notes
        What the adapter wants the reader of the report to know.
    twin
        What the subject is meant to compute: the reference, with the same tensors.
    random
        Whether identical calls differ though every generator that can be reached is put
        back: then no failure is certain.
    origin
        ``file::name`` of code that can be imported again; else empty.
    fresh
        Opens the same code in a new Python process, seeded with its argument, for as
        long as the context lasts; None for code that cannot be imported again.
    observe
        Runs forward and backward once at values, under an upstream gradient drawn from a
        seed, and returns the lines and conditions met; None where nothing can be observed.
    """

    name: str
    open: Callable[[Values], Session]
    domain: Domain = field(default_factory=lambda: Domain(()))
    wrt: tuple[str, ...] | None = None
    required: tuple[str, ...] = ()
    convention: str = "functions"
    layout: Layout = Layout.UNKNOWN
    upstream: bool = True
    scaling: Callable[[Values], Mapping[str, float]] = lambda _values: {}
    accumulates: bool = False
    notes: tuple[str, ...] = ()
    twin: Subject | None = None
    random: bool = False
    origin: str = ""
    fresh: Callable[[int], AbstractContextManager[Subject]] | None = None
    observe: Callable[[Values, int], Observation] | None = None

    @property
    def kind(self) -> Kind:
        """A cost where one of the tensors is a label, else a layer."""
        labelled = any(tensor.role is Role.LABEL for tensor in self.domain)
        return Kind.COST if labelled else Kind.LAYER

    @property
    def checked(self) -> tuple[str, ...]:
        """The names of the tensors whose gradients are checked."""
        if self.wrt is not None:
            return self.wrt
        return tuple(tensor.name for tensor in self.domain if tensor.differentiable)

    def forward(self, values: Values) -> Outputs:
        """Run the forward on a new instance."""
        return self.open(values).forward(values)

    def vjp(self, values: Values, cotangents: Outputs) -> Gradients:
        """Run forward and backward on a new instance: the vector-Jacobian product.

        `cotangents` holds one array for each output, of that output's shape.
        """
        session = self.open(values)
        session.forward(values)
        return session.backward(values, cotangents)


def origin_of(obj: object) -> str:
    """Return ``file::name`` of a class or function at the top of a file; else nothing.

    Examples
    --------
    >>> origin_of(Subject).endswith("subject.py::Subject"), origin_of(lambda x: x)
    (True, '')
    """
    name = getattr(obj, "__qualname__", "")
    module = sys.modules.get(getattr(obj, "__module__", ""))
    file = getattr(module, "__file__", None) or ""
    found = file.endswith(".py") and getattr(module, name, None) is obj
    return f"{file}::{name}" if found else ""


def draw_cotangents(outputs: Outputs, rng: np.random.Generator) -> Outputs:
    """Draw a random upstream gradient for each output; never all ones.

    Under all-ones a wrong softmax backward matches the right one to 1e-16.
    """
    return tuple(
        np.asarray(rng.uniform(0.5, 1.5, out.shape) * rng.choice([-1.0, 1.0], out.shape))
        for out in outputs
    )
