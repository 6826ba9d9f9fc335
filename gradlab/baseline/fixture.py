"""What the pytest fixture `baseline` gives a test; loaded when one asks for it."""

from __future__ import annotations

import os
from functools import partial

import pytest

from gradlab.testing.baseline import UPDATE, Baselines


def baselines_of(request: pytest.FixtureRequest) -> Baselines:
    """Name the files of the test that asks, beside its module."""
    # Not the node's identifier: distributed runs add to it.
    chain = request.node.listchain()
    names = [node.name for node in chain if isinstance(node, pytest.Class | pytest.Item)]
    module, root = request.path, request.config.rootpath
    return Baselines(
        module,
        ".".join(names),
        f"pytest {'::'.join([os.path.relpath(module, root), *names])}",
        request.config.getoption(UPDATE),
        root,
        partial(pytest.fail, pytrace=False),
    )
