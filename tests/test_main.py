"""``python -m gradlab``: nothing of the current folder is imported into the parent."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def run(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "gradlab", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_module_in_the_current_folder_is_not_imported(tmp_path):
    for name in ("click.py", "numpy.py", "rich.py"):
        (tmp_path / name).write_text("raise SystemExit('imported')\n")
    ran = run(tmp_path, "--version")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("gradlab ")


def test_processes_started_from_a_checkout_find_gradlab():
    code = (
        "import runpy, sys; sys.argv = ['gradlab', '--version']\n"
        "try: runpy.run_module('gradlab', run_name='__main__')\n"
        "except SystemExit: print(sys.path[-1])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert Path(ran.stdout.splitlines()[-1]) == ROOT
