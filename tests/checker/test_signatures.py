"""Nothing that is public takes a tolerance, a step or a threshold."""

import importlib
import inspect
import pkgutil

import pytest

import gradlab
from gradlab import checker, numdiff

WORDS = ("tol", "atol", "rtol", "eps", "epsilon", "step", "threshold", "delta", "h")
MODULES = [
    info.name
    for room in (checker, numdiff)
    for info in pkgutil.iter_modules(room.__path__, room.__name__ + ".")
]


def functions(module):
    for name, thing in vars(module).items():
        if name.startswith("_") or getattr(thing, "__module__", None) != module.__name__:
            continue
        if inspect.isfunction(thing):
            yield thing
        elif inspect.isclass(thing):
            yield from (f for k, f in vars(thing).items() if inspect.isfunction(f) and k[0] != "_")


def chosen_by_the_caller(function):
    """Arguments that a number between right and wrong could hide in."""
    names = [name.lower() for name in inspect.signature(function).parameters]
    return [name for name in names for word in WORDS if name == word or "toler" in name]


@pytest.mark.parametrize("name", MODULES)
def test_no_room_takes_a_tolerance(name):
    for function in functions(importlib.import_module(name)):
        # Arrays of steps that gradlab has chosen itself travel under the plural.
        assert not chosen_by_the_caller(function), f"{name}.{function.__qualname__}"


def test_neither_does_the_face():
    for name in gradlab.__all__:
        thing = getattr(gradlab, name)
        if inspect.isfunction(thing):
            assert not chosen_by_the_caller(thing), name


def test_what_takes_one_is_seen():
    def check(x, atol=1e-8):
        return x < atol

    assert chosen_by_the_caller(check)
