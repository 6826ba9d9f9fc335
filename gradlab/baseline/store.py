"""Loading and saving baselines; a file that is not a baseline is never overwritten."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gradlab.baseline import file_format
from gradlab.errors import GradlabError
from gradlab.files import write_atomically

if TYPE_CHECKING:
    import os

    from gradlab.baseline.model import Baseline


def load(path: str | os.PathLike[str]) -> Baseline:
    """Read a baseline from a file.

    Raises
    ------
    GradlabError
        When there is none, or when it is damaged, something else, or of a later
        version.
    """
    file = Path(path)
    try:
        data = file.read_bytes()
    except FileNotFoundError as error:
        msg = f"{file} does not exist; record a baseline there first"
        raise GradlabError(msg) from error
    except OSError as error:
        msg = f"{file} cannot be read: {error.strerror}"
        raise GradlabError(msg) from error
    return file_format.read(data, str(file))


def save(baseline: Baseline, path: str | os.PathLike[str]) -> None:
    """Write a baseline, over an older one if there is one; folders are made as needed.

    Raises
    ------
    GradlabError
        When something stands there that is no whole baseline of this format, or
        when the file cannot be written; it is untouched then.
    """
    file = Path(path)
    refuse_to_overwrite(file)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, file_format.write(baseline).encode())
    except OSError as error:
        msg = f"{file} cannot be written: {error.strerror}"
        raise GradlabError(msg) from error


def refuse_to_overwrite(path: str | os.PathLike[str]) -> None:
    """See to it that only a whole baseline of this format is ever overwritten.

    Raises
    ------
    GradlabError
        When something else stands there.
    """
    file = Path(path)
    if not file.exists():
        return
    try:
        load(file)
    except GradlabError as error:
        msg = f"{error}; it is not overwritten"
        raise GradlabError(msg) from error
