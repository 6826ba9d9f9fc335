"""What a recording was made with."""

from __future__ import annotations

import platform

import numpy as np

from gradlab._version import __version__


def versions() -> dict[str, str]:
    """Return the versions of gradlab, NumPy and Python, and the machine's architecture."""
    return {
        "gradlab": __version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
