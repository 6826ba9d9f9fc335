"""A project's settings: the table ``[tool.gradlab]`` of its pyproject.toml, read only here."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradlab.errors import GradlabError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FILE = "pyproject.toml"
_TABLE = "[tool.gradlab]"
#: The outcomes of a test whose report is inconclusive.
INCONCLUSIVE = ("fail", "skip")


@dataclass(frozen=True)
class Settings:
    """The keys of the table, and their defaults.

    Attributes
    ----------
    seed
        Of every random choice.
    examples
        How many examples the property suites draw; None leaves it to Hypothesis.
    inconclusive
        ``"fail"`` or ``"skip"``: the outcome of a test whose report is inconclusive.
    exempt
        Laws that are exempt, ``"law"`` or ``"law[tensor]"``, each with its reason.
    """

    seed: int = 0
    examples: int | None = None
    inconclusive: str = "fail"
    exempt: Mapping[str, str] = field(default_factory=dict)


_active = Settings()


def active() -> Settings:
    """Return the settings of the project whose tests are running, else the defaults."""
    return _active


def activate(settings: Settings) -> None:
    """Make `settings` the active ones."""
    global _active  # noqa: PLW0603 - one process runs the tests of one project at a time
    _active = settings


def of_target(target: str) -> Settings:
    """Return the settings for a file or folder that is checked.

    They are those of its own project: the nearest folder, from the target upwards,
    whose pyproject.toml has the table; if there is none, those of the current folder's
    project.  Other targets of the same command play no part.

    Raises
    ------
    GradlabError
        As `read`.
    """
    path = Path(target).resolve()
    current = Path.cwd()
    start = path if path.is_dir() else path.parent
    folders = dict.fromkeys([start, *start.parents, current, *current.parents])
    found = next((folder for folder in folders if _table(folder) is not None), None)
    return Settings() if found is None else read(found)


def read(folder: Path) -> Settings:
    """Read the settings of the project in `folder`; the defaults where it has none.

    Raises
    ------
    GradlabError
        For a key that does not exist, with close names, and for a value of the wrong kind.
    """
    table = _table(folder)
    return Settings() if table is None else _settings(table)


def _table(folder: Path) -> dict[str, Any] | None:
    """Return the table of the project in `folder`; None if there is none."""
    try:
        content = (folder / FILE).read_bytes()
    except OSError:
        return None
    try:
        table = tomllib.loads(content.decode()).get("tool", {}).get("gradlab")
    except (ValueError, AttributeError) as error:
        msg = f"{FILE} cannot be read: {error}"
        raise GradlabError(msg) from error
    if table is not None and not isinstance(table, dict):
        msg = f"{FILE}: tool.gradlab is {table!r}; a table was expected, headed by {_TABLE}"
        raise GradlabError(msg)
    return table


def _settings(table: dict[str, Any]) -> Settings:
    known = [field.name for field in fields(Settings)]
    for key in table:
        if key not in known:
            msg = f"{FILE}, {_TABLE}: {no_such('key', key, known)}"
            raise GradlabError(msg)
    _expect(table, "seed", _is_count, "a whole number, 0 or more")
    _expect(table, "examples", lambda value: _is_count(value) and value > 0, "a whole number > 0")
    _expect(table, "inconclusive", INCONCLUSIVE.__contains__, " or ".join(map(repr, INCONCLUSIVE)))
    _expect(table, "exempt", _is_reasons, 'a table of reasons, as in {"purity[b]" = "why"}')
    return Settings(**table)


def _expect(table: dict[str, Any], key: str, holds: Any, expected: str) -> None:
    if key in table and not holds(table[key]):
        msg = f"{FILE}, {_TABLE}: {key} is {table[key]!r}; expected is {expected}"
        raise GradlabError(msg)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_reasons(value: Any) -> bool:
    reasons = value.values() if isinstance(value, dict) else [None]
    return all(isinstance(reason, str) and reason.strip() for reason in reasons)


def no_such(what: str, name: str, known: Iterable[str]) -> str:
    """Return the message that there is no such name, with the closest one that there is.

    Examples
    --------
    >>> no_such("key", "sede", ["seed", "examples"])
    "there is no key 'sede'; did you mean 'seed'? known are seed, examples"
    """
    import difflib  # noqa: PLC0415 - needed once something is wrong

    names = list(known)
    close = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return f"there is no {what} {name!r}; {hint}known are {', '.join(names)}"
