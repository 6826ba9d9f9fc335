"""The pytest plugin: options, fixtures and hooks of `gradlab.testing`.

pytest imports this in every project where gradlab is installed, so it imports
nothing heavy: the rest is loaded when a test that uses gradlab is run.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from gradlab import testing
from gradlab.errors import GradlabError
from gradlab.testing.session import CARRIED, enter

if TYPE_CHECKING:
    from pathlib import Path

    from gradlab.testing.baseline import Baselines
    from gradlab.testing.gradcheck import GradCheck


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add gradlab's options to pytest's."""
    group = parser.getgroup("gradlab", "gradients written by hand")
    group.addoption(
        "--gradlab",
        action="extend",
        nargs="+",
        metavar="FILE[::NAME]",
        help="check the layers and costs in these files, each in one test; without other paths, "
        "nothing else is collected",
    )
    group.addoption(
        "--gradlab-subject",
        metavar="FILE::NAME",
        help="the layer that gradlab's property suites run on, instead of the reference",
    )
    group.addoption(
        "--gradlab-report",
        metavar="DIR",
        help="write gradlab's report to DIR/gradlab.json, and properties to JUnit XML",
    )
    group.addoption(
        "--gradlab-update",
        action="store_true",
        help="record the baselines that fail again; their tests fail in this run all the same",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Read the project's settings, and register what the options need."""
    enter(config)
    if "gradlab.settings" in sys.modules or _may_have_settings(config.rootpath):
        _activate_settings(config)
    if targets := config.getoption("gradlab"):
        _add_files(config, targets)
    folder = config.getoption("gradlab_report")
    if folder and not hasattr(config, "workerinput"):
        from gradlab.testing.summary import Writer  # noqa: PLC0415

        config.pluginmanager.register(Writer(folder, config), "gradlab-writer")


def _may_have_settings(folder: Path) -> bool:
    """Whether pyproject.toml mentions gradlab; parsing it takes imports that few projects need."""
    try:
        return b"gradlab" in (folder / "pyproject.toml").read_bytes()
    except OSError:
        return False


def _activate_settings(config: pytest.Config) -> None:
    from gradlab import settings  # noqa: PLC0415

    try:
        read = settings.read(config.rootpath)
    except GradlabError as error:
        raise pytest.UsageError(str(error)) from None
    before = settings.active()
    settings.activate(read)
    config.add_cleanup(lambda: settings.activate(before))


def _add_files(config: pytest.Config, targets: list[str]) -> None:
    from gradlab.testing.file_items import Files  # noqa: PLC0415 - loads NumPy

    if config.args_source is not config.ArgsSource.ARGS:
        config.args[:] = []
    config.pluginmanager.register(Files(targets, config.invocation_params.dir), "gradlab-files")


@pytest.fixture
def gradcheck(request: pytest.FixtureRequest) -> GradCheck:
    """Check a gradient: gradcheck(layer), gradcheck(layer, like="linear"), or
    gradcheck(forward, backward, values); fails with gradlab's report.
    """  # noqa: D205 - pytest --fixtures shows the first paragraph
    from gradlab.testing.gradcheck import GradCheck  # noqa: PLC0415 - loads NumPy

    return GradCheck(request.node)


@pytest.fixture
def baseline(request: pytest.FixtureRequest) -> Baselines:
    """Compare with a recorded baseline: baseline.check(Network); fails with the changes."""
    from gradlab.testing.baseline import baselines_of  # noqa: PLC0415 - loads what few tests need

    return baselines_of(request)


def pytest_pycollect_makeitem(
    collector: pytest.Module | pytest.Class, name: str, obj: Any
) -> pytest.Item | None:
    """Collect the objects that `gradlab.testing.conforms_to` marks."""
    module = collector.getparent(pytest.Module) if testing.has_marks() else None
    marked = None if module is None else testing.marked_in(module.obj.__name__, obj)
    if marked is None:
        return None
    from gradlab.testing.conformance import collect_marked  # noqa: PLC0415 - loads NumPy

    return collect_marked(collector, name, obj, marked)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Write a section at the end if gradlab has checked anything."""
    reports = [report for listed in terminalreporter.stats.values() for report in listed]
    if any(hasattr(report, CARRIED) for report in reports):
        from gradlab.testing.summary import write_section  # noqa: PLC0415

        write_section(terminalreporter, reports)
