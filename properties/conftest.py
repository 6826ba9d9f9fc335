"""Profiles for Hypothesis, and the subjects: everything that is right, or the one layer named.

The profiles are derandomized by default, random and longer with GRADLAB_PROFILE=deep.
"""

import os
from functools import partial

import pytest
from hypothesis import HealthCheck, Phase, settings

from gradlab.errors import GradlabError
from gradlab.faults import registry
from gradlab.kinds import Kind
from gradlab.laws import LAWS
from gradlab.settings import active
from gradlab.worker import Options, open_session

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

#: All laws but those that are evaluated on request only.
DEFAULT_LAWS = tuple(law.name for law in LAWS[Kind.LAYER] if not law.on_request)


def _named(config: pytest.Config) -> str | None:
    named: str | None = config.getoption("gradlab_subject", None)
    return named


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Evaluate all laws together on what is right; one by one on a layer named."""
    if "subject" not in metafunc.fixturenames:
        return
    named = _named(metafunc.config)
    names = [entry.name for entry in registry.correct() if entry.has_subject]
    subjects = names if named is None else [named]
    metafunc.parametrize("subject", subjects, indirect=True, scope="session")
    if named is not None:
        metafunc.parametrize(
            "laws", [(name,) for name in DEFAULT_LAWS], ids=" ".join, scope="session"
        )


@pytest.fixture(scope="session")
def laws():
    """The names of the laws that one test evaluates: all of them."""
    return DEFAULT_LAWS


@pytest.fixture(scope="session")
def subject(request):
    """What gives the subject, with all of its time before it."""
    if _named(request.config) is None:
        yield partial(registry.subject, request.param)
        return
    try:
        with open_session(request.param, Options(seed=active().seed)) as session:
            session.layer()
            yield session.layer
    except GradlabError as error:
        refused = str(error)
    else:
        return
    pytest.fail(refused, pytrace=False)
