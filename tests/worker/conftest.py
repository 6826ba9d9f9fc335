import textwrap

import pytest

from gradlab.worker.parent import Worker
from gradlab.worker.proxy import Link


@pytest.fixture
def load(tmp_path):
    """Write a student's file and have a worker run it; returns the link to it."""
    links = []

    def start(code, *, definitions_only=False):
        path = tmp_path / "student.py"
        path.write_text("import numpy as np\n" + textwrap.dedent(code))
        link = Link(Worker())
        links.append(link)
        link.call("start", {"op": "start"}, str)
        message = {
            "op": "load",
            "path": str(path),
            "seed": 0,
            "definitions_only": definitions_only,
        }
        link.loaded = link.call("load", message, dict)
        link.source = str(path)
        return link

    yield start
    for link in links:
        link.worker.close()
