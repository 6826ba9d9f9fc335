"""What a project says about itself: the table ``[tool.gradlab]`` of its pyproject.toml.

Read here and nowhere else.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradlab.errors import GradlabError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FILE = "pyproject.toml"
_TABLE = "[tool.gradlab]"
#: What a test does when nothing can be told.
INCONCLUSIVE = ("fail", "skip")


@dataclass(frozen=True)
class Settings:
    """The keys of the table, with what holds where they are left out.

    Attributes
    ----------
    seed
        Of every random choice.
    examples
        How many examples the property suites draw; None leaves it to Hypothesis.
    inconclusive
        ``"fail"`` or ``"skip"``: what becomes of a test that cannot tell.
    exempt
        Laws that are left out, ``"law"`` or ``"law[tensor]"``, each with its reason.
    """

    seed: int = 0
    examples: int | None = None
    inconclusive: str = "fail"
    exempt: Mapping[str, str] = field(default_factory=dict)


_active = Settings()


def active() -> Settings:
    """Return the settings of the project whose tests are running; the defaults elsewhere."""
    return _active


def activate(settings: Settings) -> None:
    """Make `settings` the active ones."""
    global _active  # noqa: PLW0603 - one process runs the tests of one project at a time
    _active = settings


def project_of(files: Iterable[str]) -> Path:
    """Return the folder of the project that files belong to.

    It is the nearest one with a pyproject.toml, from the folder that they share
    upwards; where there is none, the folder that they share.
    """
    shared = Path(os.path.commonpath([Path(file).parent.resolve() for file in files]))
    return next((f for f in (shared, *shared.parents) if (f / FILE).is_file()), shared)


def read(folder: Path) -> Settings:
    """Read the settings of the project in `folder`; the defaults where it has none.

    Raises
    ------
    GradlabError
        For a key that does not exist, with close names, and for a value of the wrong kind.
    """
    try:
        content = (folder / FILE).read_bytes()
    except OSError:
        return Settings()
    try:
        table = tomllib.loads(content.decode()).get("tool", {}).get("gradlab", {})
    except (ValueError, AttributeError) as error:
        msg = f"{FILE} cannot be read: {error}"
        raise GradlabError(msg) from error
    if not isinstance(table, dict):
        msg = f"{FILE}: tool.gradlab is {table!r}; a table was expected, headed by {_TABLE}"
        raise GradlabError(msg)
    return _settings(table)


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
    """Say that there is no such name, and which one may have been meant.

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
