"""Atomic writes: a reader finds the old content of a file or the new, never a part."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Of temporary files; those of killed processes are recognised by it and removed.
_SUFFIX = ".writing"


def write_atomically(path: Path, data: bytes) -> None:
    """Write all of a file or none of it: a reader finds the old content or the new.

    The data are written to a temporary file in the same folder, synchronised with
    the disk, and renamed.  Temporary files that killed processes have left are
    removed; one that another process is writing is left alone.  A symbolic link is
    followed: the file that it points at is replaced, the link stays.  A device, a
    pipe or a socket is opened and written to, since it has no content to replace.

    Raises
    ------
    OSError
        When the folder or the disk refuses, or `path` is a folder.
    """
    if _is_special(path):
        with path.open("wb") as file:
            file.write(data)
        return
    target = path.resolve()
    _remove_leftovers(target)
    with _temporary(target) as (file, temporary):
        file.write(data)
        file.flush()
        temporary.chmod(_permissions(target))
        os.fsync(file.fileno())
        if sys.platform == "win32":
            file.close()  # Windows renames no open file
        temporary.replace(target)
    _sync_folder(target.parent)


def _is_special(path: Path) -> bool:
    """Whether `path` is something else than a regular file, or a process's open file.

    ``/dev/stdout`` may be a link to a regular file, which is open and must not be
    replaced under the process that writes to it.
    """
    if not path.exists():
        return False
    return not stat.S_ISREG(path.stat().st_mode) or path.absolute().is_relative_to("/dev")


@contextmanager
def _temporary(path: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """Open a new file beside `path`, locked for as long as it is written."""
    while True:
        handle, name = tempfile.mkstemp(_SUFFIX, f".{path.name}.", path.parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            if not _lock(file) or not _is_still(temporary, file):
                continue  # another process removed it before it was locked
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
    """Remove the temporary files of killed processes: those that no process has locked."""
    if sys.platform == "win32":  # no such locks: its temporary files stay
        return
    for leftover in path.parent.glob(f".{escape(path.name)}.*{_SUFFIX}"):
        with suppress(OSError), leftover.open("rb") as file:
            if _lock(file):
                leftover.unlink()


def _lock(file: BinaryIO) -> bool:
    """Lock a file unless another process has; the lock ends with the process."""
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _permissions(path: Path) -> int:
    """Return the permissions of the file that is replaced, or the default of a new one."""
    if path.exists():
        return path.stat().st_mode & 0o777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask


def _sync_folder(folder: Path) -> None:
    """Synchronise the renaming with the disk, on systems where a folder can be."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
