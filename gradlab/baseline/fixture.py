"""The pytest fixture `baseline` and the option ``--gradlab-update``.

Nothing of NumPy is imported until a test checks something.
"""

from __future__ import annotations

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

    # Class, name and parameters, without what distributed runs add to the node's identifier.
    test = request.node.location[2]
    update = request.config.getoption("--gradlab-update")
    fail = partial(pytest.fail, pytrace=False)
    return Baselines(request.path, test, update, request.config.rootpath, fail)
