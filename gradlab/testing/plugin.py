"""The pytest plugin: options, fixtures, and doors to `gradlab.testing`.

pytest imports this in every project where gradlab is installed, so it imports
nothing else: what is needed is loaded when a test of gradlab's is there to run.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from gradlab.errors import GradlabError

if TYPE_CHECKING:
    from pathlib import Path

    from gradlab.testing.baseline import Baselines
    from gradlab.testing.gradcheck import GradCheck

#: The attribute of pytest's reports by which what gradlab found out crosses processes.
CARRIED = "gradlab_told"

# The runs of pytest in this process, one inside of another.
_running: list[pytest.Config] = []


def running() -> pytest.Config | None:
    """Return the configuration of the run that is going on; None outside of pytest."""
    return _running[-1] if _running else None


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add gradlab's options to pytest's."""
    group = parser.getgroup("gradlab", "gradients written by hand")
    group.addoption(
        "--gradlab",
        action="extend",
        nargs="+",
        metavar="FILE[::NAME]",
        help="check the layers and costs in these files, each law a test; where no other paths "
        "are given, nothing else is collected",
    )
    group.addoption(
        "--gradlab-subject",
        metavar="FILE::NAME",
        help="the layer that gradlab's property suites run on, instead of the reference",
    )
    group.addoption(
        "--gradlab-report",
        metavar="DIR",
        help="write what gradlab found out to DIR/gradlab.json, and properties to JUnit XML",
    )
    group.addoption(
        "--gradlab-update",
        action="store_true",
        help="write anew the baselines that fail; the tests fail still, and pass in the next run",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Read the project's settings, and open the doors that options ask for."""
    _running.append(config)
    config.add_cleanup(lambda: _running.remove(config))
    if "gradlab.settings" in sys.modules or _speaks_of_gradlab(config.rootpath):
        _activate_settings(config)
    if targets := config.getoption("gradlab"):
        _open_files(config, targets)
    folder = config.getoption("gradlab_report")
    if folder and not hasattr(config, "workerinput"):
        from gradlab.testing.summary import Writer  # noqa: PLC0415

        config.pluginmanager.register(Writer(folder, config), "gradlab-writer")


def _speaks_of_gradlab(folder: Path) -> bool:
    """Whether a project may have settings; reading them loads what others need not pay for."""
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


def _open_files(config: pytest.Config, targets: list[str]) -> None:
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
    """Compare with what was recorded: baseline.check(Network); fails with what has moved."""
    from gradlab.baseline.fixture import baselines_of  # noqa: PLC0415 - loads what few tests need

    return baselines_of(request)


def pytest_pycollect_makeitem(
    collector: pytest.Module | pytest.Class, name: str, obj: Any
) -> pytest.Collector | None:
    """Collect what `gradlab.testing.conforms_to` marks."""
    testing = sys.modules.get("gradlab.testing")
    module = collector.getparent(pytest.Module) if testing else None
    if testing is None or module is None:
        return None
    marked = testing.marked_in(module.obj.__name__, obj)
    if marked is None:
        return None
    from gradlab.testing.conforms_to import collect_marked  # noqa: PLC0415 - loads NumPy

    return collect_marked(collector, name, obj, marked)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end what gradlab has checked; nothing where it has checked nothing."""
    reports = [report for listed in terminalreporter.stats.values() for report in listed]
    if any(hasattr(report, CARRIED) for report in reports):
        from gradlab.testing.summary import write_section  # noqa: PLC0415

        write_section(terminalreporter, reports)
