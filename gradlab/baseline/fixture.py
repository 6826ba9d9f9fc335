"""The pytest fixture `baseline` and the option ``--gradlab-update``.

Nothing of NumPy is imported until a test checks something.
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from gradlab.baseline.pytesting import Baselines


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--gradlab-update``."""
    parser.getgroup("gradlab").addoption(
        "--gradlab-update",
        action="store_true",
        help="write anew the baselines that fail; the tests fail still, and pass in the next run",
    )


@pytest.fixture
def baseline(request: pytest.FixtureRequest) -> Baselines:
    """Compare with what was recorded: ``baseline.check(Network)``."""
    from gradlab.baseline.pytesting import Baselines  # noqa: PLC0415 - see above

    # Not the node's identifier: distributed runs add to it.
    chain = request.node.listchain()
    names = [node.name for node in chain if isinstance(node, pytest.Class | pytest.Item)]
    module, root = request.path, request.config.rootpath
    return Baselines(
        module,
        ".".join(names),
        f"pytest {'::'.join([os.path.relpath(module, root), *names])}",
        request.config.getoption("--gradlab-update"),
        root,
        partial(pytest.fail, pytrace=False),
    )
