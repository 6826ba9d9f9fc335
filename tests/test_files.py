import os
import stat
import threading

import pytest

from gradlab import files
from gradlab.files import write_atomically


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path):
    path = tmp_path / "a.json"
    for content in (b"old", b"new"):
        write_atomically(path, content)
        assert path.read_bytes() == content
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_a_symbolic_link_stays_and_what_it_points_at_is_replaced(tmp_path):
    target, link = tmp_path / "there" / "a.json", tmp_path / "link.json"
    target.parent.mkdir()
    link.symlink_to(target)
    for content in (b"a new file", b"over the old one"):
        write_atomically(link, content)
        assert link.is_symlink()
        assert target.read_bytes() == content
    assert [p.name for p in target.parent.iterdir()] == ["a.json"]


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path):
    path, received = tmp_path / "pipe", []
    os.mkfifo(path)
    reader = threading.Thread(target=lambda: received.append(path.read_bytes()))
    reader.start()
    write_atomically(path, b"content")
    reader.join(timeout=10)
    assert received == [b"content"]
    assert stat.S_ISFIFO(path.stat().st_mode)
    assert [p.name for p in tmp_path.iterdir()] == ["pipe"]


def test_a_device_is_written_to_and_stays_a_device(tmp_path):
    link = tmp_path / "nothing"
    link.symlink_to(os.devnull)
    write_atomically(link, b"content")
    assert link.is_symlink()
    assert stat.S_ISCHR(link.stat().st_mode)


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(IsADirectoryError):
        write_atomically(tmp_path, b"content")


def test_a_name_that_is_taken_over_before_it_is_locked_is_not_used(tmp_path, monkeypatch):
    # Another process may take the new file for a leftover in that moment, and remove it.
    lock, taken = files._lock, []

    def slow(file):
        if not taken:
            taken.append(next(tmp_path.glob(".a.*")))
            taken[0].unlink()
        return lock(file)

    monkeypatch.setattr(files, "_lock", slow)
    write_atomically(tmp_path / "a", b"content")
    assert (tmp_path / "a").read_bytes() == b"content"
    assert len(taken) == 1
