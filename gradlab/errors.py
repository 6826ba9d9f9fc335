"""The exceptions of gradlab; nothing of gradlab is imported here."""

from __future__ import annotations


class GradlabError(Exception):
    """Incorrect use of gradlab; the message states what was given and what is expected."""


class CodeUnderTestError(GradlabError):
    """The code under test raised an exception; the message states which, and the line."""


class NotImplementedYetError(GradlabError):
    """The code under test is incomplete: it raises `NotImplementedError` or is a stub."""


class NoResultError(GradlabError):
    """The code under test returned None and stored no result in an attribute."""
