import textwrap

import pytest

from gradlab.worker.parent import Worker
from gradlab.worker.proxy import Connection


@pytest.fixture
def load(tmp_path):
    """Write a student's file and have a worker execute it; returns the connection to it."""
    connections = []

    def start(code, *, definitions_only=False):
        path = tmp_path / "student.py"
        path.write_text("import numpy as np\n" + textwrap.dedent(code))
        connection = Connection(Worker())
        connections.append(connection)
        connection.loaded = connection.load(
            str(path), seed=0, seconds=60, definitions_only=definitions_only
        )
        return connection

    yield start
    for connection in connections:
        connection.worker.close()
