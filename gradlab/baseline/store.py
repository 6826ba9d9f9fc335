"""Files that are written whole or not at all, and never over something that is no baseline."""

from __future__ import annotations

import importlib
import os
import tempfile
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradlab.baseline import file_format
from gradlab.errors import GradlabError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from gradlab.baseline.model import Baseline

# Windows has no such locks: what a killed process leaves there stays.
_FCNTL: Any = importlib.import_module("fcntl") if os.name == "posix" else None

_SUFFIX = ".writing"


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


def write_atomically(path: Path, data: bytes) -> None:
    """Write all of a file or none of it: whoever reads it finds the old content or the new.

    The data go to a file of another name beside it, reach the disk, and take the
    name over in one step.  What a killed process has left of such files is
    removed, what another process is writing is left alone.

    Raises
    ------
    OSError
        When the folder or the disk refuses.
    """
    _remove_leftovers(path)
    with _temporary(path) as (file, temporary):
        file.write(data)
        file.flush()
        temporary.chmod(_permissions(path))
        os.fsync(file.fileno())
        if _FCNTL is None:
            file.close()  # Windows renames no open file
        temporary.replace(path)
    _sync_folder(path.parent)


@contextmanager
def _temporary(path: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """Open a new file beside `path`, locked for as long as it is written."""
    while True:
        handle, name = tempfile.mkstemp(_SUFFIX, f".{path.name}.", path.parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            if not _lock(file) or not _is_still(temporary, file):
                continue  # taken for a leftover in the moment before it was locked
            try:
                yield file, temporary
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
            return


def _is_still(temporary: Path, file: BinaryIO) -> bool:
    with suppress(FileNotFoundError):
        return os.path.samestat(temporary.stat(), os.fstat(file.fileno()))
    return False


def _remove_leftovers(path: Path) -> None:
    """Remove what killed processes have left: nobody holds the lock of such a file."""
    if _FCNTL is None:
        return
    for leftover in path.parent.glob(f".{escape(path.name)}.*{_SUFFIX}"):
        with suppress(OSError), leftover.open("rb") as file:
            if _lock(file):
                leftover.unlink()


def _lock(file: BinaryIO) -> bool:
    """Lock a file for this process, if no other has; killing a process lets go of its locks."""
    if _FCNTL is None:
        return True
    try:
        _FCNTL.flock(file, _FCNTL.LOCK_EX | _FCNTL.LOCK_NB)
    except OSError:
        return False
    return True


def _permissions(path: Path) -> int:
    """Those of the file that is replaced, or what the process gives to a new one."""
    if path.exists():
        return path.stat().st_mode & 0o777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask


def _sync_folder(folder: Path) -> None:
    """Have the new name itself reach the disk, where folders can be synchronised."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
