import importlib.util

import pytest

from gradlab.baseline.api import record


@pytest.fixture
def version(root):
    """Load one of the three versions of the network."""

    def load(name):
        path = root / "examples" / "refactor" / f"{name}.py"
        spec = importlib.util.spec_from_file_location(f"refactor_{name}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.Network

    return load


@pytest.fixture
def recorded(tmp_path):
    """Record an object; return the path."""

    def make(obj, **options):
        path = tmp_path / "baseline.json"
        record(obj, path, **options)
        return path

    return make
