"""Profiles for Hypothesis: derandomized by default, random and longer with GRADLAB_PROFILE=deep."""

import os

from hypothesis import HealthCheck, Phase, settings

settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    # Explaining a failure takes most of the time of searching for one.
    phases=[phase for phase in Phase if phase is not Phase.explain],
)
settings.register_profile("deep", max_examples=1000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("GRADLAB_PROFILE", "ci"))
