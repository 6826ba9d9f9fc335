"""Derivatives of any callable, each with a bound on its own error."""

from gradlab.numdiff.differences import derivative, dot, random_direction

__all__ = ["derivative", "dot", "random_direction"]
