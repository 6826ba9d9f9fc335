"""Profiles for Hypothesis, and student code to check."""

import importlib.util
import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parent.parent

settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    # Explaining a failure takes most of the time of searching for one.
    phases=[phase for phase in Phase if phase is not Phase.explain],
)
settings.register_profile("deep", max_examples=500, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("GRADLAB_PROFILE", "ci"))


@pytest.fixture
def root():
    """The top of the checkout."""
    return ROOT


@pytest.fixture
def student(tmp_path):
    """Load an example with pieces of its text replaced: a correct layer, made wrong."""

    def load(example, *replacements):
        source = (ROOT / "examples" / example).read_text()
        for old, new in replacements:
            assert old in source, f"{example} has no {old!r}"
            source = source.replace(old, new)
        path = tmp_path / f"student_{example}"
        path.write_text(source)
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module
        spec.loader.exec_module(module)
        return module

    return load
