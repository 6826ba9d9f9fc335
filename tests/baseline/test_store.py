import fcntl
import json
import os
import stat
import subprocess
import sys
import textwrap

import pytest

from gradlab.baseline.store import load, save
from gradlab.errors import GradlabError
from gradlab.reference import SigmoidLayer, TanhLayer


@pytest.fixture
def pair(recorded):
    """Two baselines that differ: what they are, and the bytes that each is written as."""
    made = []
    for layer in (SigmoidLayer, TanhLayer):
        path = recorded(layer)
        made.append((load(path), path.read_bytes()))
        path.unlink()
    return made


def test_folders_are_made_and_nothing_else_is_left(pair, tmp_path):
    (baseline, content), _ = pair
    path = tmp_path / "new" / "folder" / "test_a[x-1].json"
    save(baseline, path)
    assert path.read_bytes() == content
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_the_permissions_are_those_of_any_new_file_and_stay(pair, tmp_path):
    (baseline, _), (other, _) = pair
    path, plain = tmp_path / "a.json", tmp_path / "plain"
    plain.touch()
    save(baseline, path)
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)
    path.chmod(0o640)
    save(other, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_what_a_killed_process_left_is_removed_and_is_never_read(pair, tmp_path):
    (baseline, content), _ = pair
    path = tmp_path / "test_a[1].json"
    leftover, foreign = tmp_path / f".{path.name}.abc.writing", tmp_path / ".test_a1.json.x.writing"
    leftover.write_bytes(content[:100])
    foreign.touch()
    with pytest.raises(GradlabError, match=r"json does not exist; record a baseline there first$"):
        load(path)
    save(baseline, path)
    assert path.read_bytes() == content
    assert not leftover.exists()
    assert foreign.exists()  # what a pattern would have matched: it belongs to test_a1.json


def test_what_another_process_is_writing_is_left_alone(pair, tmp_path):
    (baseline, content), _ = pair
    path = tmp_path / "a.json"
    other = tmp_path / ".a.json.other.writing"
    with other.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        save(baseline, path)
        assert other.exists()
    assert path.read_bytes() == content


def test_a_write_that_fails_leaves_the_old_file_and_no_other(pair, tmp_path, monkeypatch):
    (baseline, content), (other, _) = pair
    path = tmp_path / "a.json"
    save(baseline, path)

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(GradlabError, match=r"a\.json cannot be written: No space left on device$"):
        save(other, path)
    assert path.read_bytes() == content
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize("content", [b"", b"class Network: ...\n", b'{"format": "gradlab report"}'])
def test_what_is_no_baseline_is_never_overwritten(pair, tmp_path, content):
    (baseline, _), _ = pair
    path = tmp_path / "network.py"
    path.write_bytes(content)
    with pytest.raises(GradlabError, match=r"; it is not overwritten$"):
        save(baseline, path)
    assert path.read_bytes() == content


def test_a_folder_in_its_place_is_named(pair, tmp_path):
    with pytest.raises(GradlabError, match=r"cannot be read: Is a directory; it is not over"):
        save(pair[0][0], tmp_path)


#: Forks children that write, kills each at a random moment, and says what it then found.
KILLER = textwrap.dedent(
    """
    import json, os, random, signal, sys, time
    from pathlib import Path
    from gradlab.baseline.api import record
    from gradlab.baseline.store import load, save
    from gradlab.reference import SigmoidLayer, TanhLayer

    folder, rounds, mode = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    layers = (SigmoidLayer, TanhLayer)
    made = [record(layer, folder / f"{i}.json") for i, layer in enumerate(layers)]
    whole = [(folder / f"{i}.json").read_bytes() for i in range(2)]
    path = folder / "killed" / "a.json"
    save(made[0], path)
    draw, found, left = random.Random(7), [0, 0], 0
    started = time.monotonic()
    record(layers[0], path) if mode == "record" else save(made[0], path)
    longest = 4 * (time.monotonic() - started)
    for _ in range(rounds):
        child = os.fork()
        if child == 0:
            while True:
                for layer, baseline in zip(layers[::-1], made[::-1]):
                    record(layer, path) if mode == "record" else save(baseline, path)
        time.sleep(draw.uniform(0, longest))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        found[whole.index(path.read_bytes())] += 1  # no torn file has such an index
        load(path)
        left += len(list(path.parent.iterdir())) - 1
    save(made[0], path)
    names = sorted(p.name for p in path.parent.iterdir())
    print(json.dumps({"found": found, "left": left, "names": names}))
    """
)


def run(script, *arguments):
    ran = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.mark.parametrize(("mode", "rounds"), [("save", 50), ("record", 10)])
def test_killed_at_any_moment_the_old_file_is_there_or_the_new_one(tmp_path, mode, rounds):
    told = run(KILLER, tmp_path, rounds, mode)
    assert sum(told["found"]) == rounds
    assert told["found"][1] > 0  # it began with the other one
    assert told["names"] == ["a.json"]
    if mode == "save":  # some were killed in the middle of writing
        assert told["left"] > 0


#: Four processes write one path at once, while this one reads it.
WRITERS = textwrap.dedent(
    """
    import json, os, sys
    from pathlib import Path
    from gradlab.baseline.api import record
    from gradlab.baseline.store import save
    from gradlab.reference import SigmoidLayer, TanhLayer

    folder = Path(sys.argv[1])
    layers = (SigmoidLayer, TanhLayer)
    made = [record(layer, folder / f"{i}.json") for i, layer in enumerate(layers)]
    whole = [(folder / f"{i}.json").read_bytes() for i in range(2)]
    path = folder / "shared" / "a.json"
    children = []
    for number in range(4):
        child = os.fork()
        if child == 0:
            for _ in range(25):
                save(made[number % 2], path)
            os._exit(0)
        children.append(child)
    reads = 0
    while len(children) > 0:
        done, status = os.waitpid(children[0], os.WNOHANG)
        if done:
            assert status == 0
            children.pop(0)
        if path.exists():
            assert path.read_bytes() in whole
            reads += 1
    names = [p.name for p in path.parent.iterdir()]
    print(json.dumps({"reads": reads, "names": names}))
    """
)


def test_processes_that_write_one_baseline_at_once_do_not_lose_it(tmp_path):
    told = run(WRITERS, tmp_path)
    assert told["reads"] > 0
    assert told["names"] == ["a.json"]
