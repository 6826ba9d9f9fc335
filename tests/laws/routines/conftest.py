"""Helpers for the laws of routines."""

import pytest

from gradlab import check


@pytest.fixture
def broken(student):
    """Return which laws a routine from an example breaks, with pieces of its text replaced."""

    def laws(example, name, *replacements):
        report = check(getattr(student(example, *replacements), name))
        return {finding.law for finding in report.failures}

    return laws
