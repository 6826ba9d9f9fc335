"""The command on files as students hand them in."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

import gradlab

GOOD = """import numpy as np


class SigmoidLayer:
    def __init__(self, shape):
        self.A = np.zeros(shape)

    def forward(self, Z):
        self.A = 1 / (1 + np.exp(-Z))

    def backward(self, upstream_grad):
        self.dZ = upstream_grad * self.A * (1 - self.A)
"""
WHERE = "; at all sizes distinct (n_in=4, m=2)"


def tanh_layer(forward="self.A = np.tanh(Z)", backward="self.dZ = upstream_grad * (1 - self.A**2)"):
    return f"""

class TanhLayer:
    def __init__(self, shape):
        self.A = np.zeros(shape)

    def forward(self, Z):
        {forward}

    def backward(self, upstream_grad):
        {backward}
"""


@pytest.fixture
def command(tmp_path):
    """Run the command in a folder of its own."""

    def run(*arguments, **options):
        return subprocess.run(
            [sys.executable, "-m", "gradlab", *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            **options,
        )

    return run


@pytest.fixture
def checked(tmp_path, command):
    """Check a student's file; return the exit code and the report as data."""

    def check(code, *options, name="student.py", target=None):
        (tmp_path / name).write_text(code)
        ran = command("check", target or name, *options, "--json", "-")
        assert ran.stderr == ""
        return ran.returncode, json.loads(ran.stdout)

    return check


def messages(report):
    """What is no pass: subject, status, and the first message."""
    return {
        subject["name"]: (subject["status"], told[0])
        for subject in report["subjects"]
        if (told := [f["message"] for f in subject["findings"] if f["status"] != "pass"])
    }


def statuses(report):
    return {subject["name"]: subject["status"] for subject in report["subjects"]}


def test_a_right_layer_passes(checked):
    code, report = checked(GOOD)
    assert (code, report["status"], statuses(report)) == (0, "pass", {"SigmoidLayer": "pass"})


def test_a_wrong_gradient_fails_and_is_named(checked):
    code, report = checked(GOOD.replace("(1 - self.A)", "self.A"))
    (failed,) = [f for f in report["subjects"][0]["findings"] if f["law"] == "gradient"]
    assert (code, failed["status"], failed["tensor"]) == (1, "fail", "Z")
    assert failed["rerun"] == "gradlab check student.py::SigmoidLayer --seed 0"


#: What comes after a right layer in the file, and all that is said about it.
BAD = {
    "a layer that raises": (
        tanh_layer(backward="self.dZ = upstream_grad * self.activations"),
        "TanhLayer.backward raised AttributeError: 'TanhLayer' object has no attribute "
        "'activations' (student.py, line 23: self.dZ = upstream_grad * self.activations)" + WHERE,
    ),
    "not implemented, as it says itself": (
        tanh_layer(backward="raise NotImplementedError"),
        "TanhLayer.backward is not implemented yet (student.py, line 23: raise NotImplementedError)"
        + WHERE,
    ),
    "an empty backward": (
        tanh_layer(backward="pass"),
        "TanhLayer.backward is not implemented yet: its body is empty" + WHERE,
    ),
    "an empty forward": (
        tanh_layer(forward='"""To do."""'),
        "TanhLayer.forward is not implemented yet: its body is empty",
    ),
    "no result, and None returned": (
        tanh_layer(backward="dZ = upstream_grad * (1 - self.A**2)"),
        "TanhLayer.backward returned None and set no array; in convention article it sets self.dZ"
        + WHERE,
    ),
    "os._exit": (
        tanh_layer(forward="import os; os._exit(0)"),
        (
            "TanhLayer ended its process with exit code 0, without a result; "
            "remove os._exit, exit and quit from it"
        ),
    ),
    "exit": (
        tanh_layer(forward="raise SystemExit('enough')"),
        (
            "TanhLayer called exit('enough') (student.py, line 20: raise SystemExit('enough')); "
            "remove exit and quit from it"
        ),
    ),
    "a crash": (
        tanh_layer(forward="import os; os.abort()"),
        "TanhLayer ended its process by signal SIGABRT, without a result",
    ),
    "all memory": (
        tanh_layer(forward="self.A = np.stack([np.zeros(10**8) for _ in range(100)])"),
        (
            "TanhLayer.forward raised MemoryError: Unable to allocate 763. MiB for an "
            "array with shape "
            "(100000000,) and data type float64 (student.py, line 20: self.A = np.stack([np.zeros("
            "10**8) for _ in range(100)])); the code under test may use 2 GiB of memory, "
            "raise the limit with --memory GIB"
        ),
    ),
    "waits for input": (
        tanh_layer(forward="self.A = Z * float(input())"),
        (
            "TanhLayer.forward raised EOFError: EOF when reading a line "
            "(student.py, line 20: self.A = Z * float(input()))"
        ),
    ),
    "objects instead of numbers": (
        tanh_layer(forward="return np.array([{}])"),
        (
            "the output of TanhLayer.forward is an array of object, "
            "where an array of numbers was expected"
        ),
    ),
}


@pytest.fixture(scope="module")
def bad_report(tmp_path_factory):
    """Every bad layer, each in a file of its own, in one run of the command."""
    folder = tmp_path_factory.mktemp("bad")
    for case, (code, _) in BAD.items():
        (folder / case).mkdir()
        (folder / case / "student.py").write_text(GOOD + code)
    ran = subprocess.run(
        [sys.executable, "-m", "gradlab", "check", "--deadline", "60", "--json", "-"]
        + [f"{case}/student.py" for case in BAD],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (2, "")
    return json.loads(ran.stdout)


@pytest.mark.parametrize("case", BAD)
def test_bad_code_is_an_error_of_its_own_and_the_others_are_checked(bad_report, case):
    bad, good = f"{case}/student.py::TanhLayer", f"{case}/student.py::SigmoidLayer"
    assert messages(bad_report)[bad] == ("error", BAD[case][1])
    assert statuses(bad_report)[good] == "pass"


def test_a_wrong_shape_is_a_failure(checked):
    code = tanh_layer(backward="self.dZ = np.sum(upstream_grad * (1 - self.A**2), axis=1)")
    exit_code, report = checked(GOOD + code)
    assert messages(report) == {
        "TanhLayer": ("fail", "the gradient of Z has shape (4,), Z has shape (4, 2)" + WHERE)
    }
    assert (exit_code, statuses(report)["SigmoidLayer"]) == (1, "pass")


LATE = (
    " did not finish within 3 s of CPU time; look for a loop that never ends, or for printing "
    "inside a loop, or raise the limit with --deadline SECONDS"
)
NEVER = "\n        ".join(["self.A = np.tanh(Z)", "while True:", "    pass"])


@pytest.mark.parametrize("forward", [NEVER, NEVER.replace("pass", "print(Z)")])
def test_a_layer_that_never_ends(checked, forward):
    # The bad one first: the good one needs a worker of its own then.
    bad = tanh_layer(forward=forward)
    code = "import numpy as np" + bad + GOOD.removeprefix("import numpy as np")
    exit_code, report = checked(code, "--deadline", "3")
    assert messages(report) == {"TanhLayer": ("error", "TanhLayer.forward" + LATE)}
    assert statuses(report)["SigmoidLayer"] == "pass"
    assert exit_code == 2


def test_a_million_lines_are_counted_and_not_shown(checked):
    printing = "for i in range(1_000_000):\n    print(i)\n"
    exit_code, report = checked(GOOD + printing, "--deadline", "60")
    assert (exit_code, messages(report)) == (0, {})
    assert report["notes"] == ["student.py: it printed 1,000,000 lines, which are not shown"]


ONLY = "student.py: read for its imports, functions, classes and constants only, because importing "


@pytest.mark.parametrize(
    ("code", "why", "deadline"),
    [
        ("w = np.eye(2)\nwhile True:\n    w = np.tanh(w @ w)\n", "it" + LATE, "3"),
        (
            "import os\nos._exit(0)\n",
            (
                "it ended its process with exit code 0, without a result; "
                "remove os._exit, exit and quit from it"
            ),
            "60",
        ),
        (
            "layer = SigmoidLayer()\n",
            (
                "it raised TypeError: SigmoidLayer.__init__() missing 1 required "
                "positional argument: "
                "'shape' (student.py, line 13: layer = SigmoidLayer())"
            ),
            "60",
        ),
        (
            "import sys\nsys.exit()\n",
            "it called exit(None) (student.py, line 14: sys.exit()); remove exit and quit from it",
            "60",
        ),
    ],
    ids=["trains a network", "os._exit", "raises", "sys.exit"],
)
def test_a_file_that_cannot_be_imported_is_read_for_its_definitions(checked, code, why, deadline):
    exit_code, report = checked(GOOD + code, "--deadline", deadline)
    assert (exit_code, statuses(report)) == (0, {"SigmoidLayer": "pass"})
    assert report["notes"] == [ONLY + why]


LINEAR = """
from util.paramInitializer import initialize_parameters


class LinearLayer:
    def __init__(self, input_shape, n_out, ini_type="plain"):
        self.params = initialize_parameters(input_shape[0], n_out, ini_type)

    def forward(self, A_prev):
        self.A_prev = A_prev
        self.Z = self.params["W"] @ A_prev + self.params["b"]

    def backward(self, upstream_grad):
        self.dW = upstream_grad @ self.A_prev.T
        self.db = np.sum(upstream_grad, axis=1, keepdims=True)
        self.dA_prev = self.params["W"].T @ upstream_grad
"""


def test_an_import_that_is_not_there(checked):
    exit_code, report = checked(GOOD + LINEAR)
    assert messages(report) == {
        "LinearLayer": (
            "error",
            (
                "initialize_parameters (line 14 of student.py) is missing, which `from "
                "util.paramInitializer import initialize_parameters` imports: no module named "
                "'util'; looked for util/paramInitializer.py beside student.py, and for an "
                "installed package util; put the file there or install the package, or write `from "
                "gradlab.reference import initialize_parameters` there"
            ),
        )
    }
    assert (exit_code, statuses(report)["SigmoidLayer"]) == (2, "pass")
    assert report["notes"] == [
        ONLY + "it raised ModuleNotFoundError: No module named 'util' (student.py, line 14: "
        "from util.paramInitializer import initialize_parameters)"
    ]


@pytest.mark.parametrize("cure", ["put it beside", "take it from gradlab"])
def test_what_the_message_says_to_do_helps(checked, tmp_path, cure):
    code = GOOD + LINEAR
    if cure == "put it beside":
        (tmp_path / "util").mkdir()
        (tmp_path / "util" / "paramInitializer.py").write_text(
            "import numpy as np\n"
            "def initialize_parameters(n_in, n_out, ini_type):\n"
            "    return {'W': np.ones((n_out, n_in)), 'b': np.zeros((n_out, 1))}\n"
        )
    else:
        code = code.replace("util.paramInitializer", "gradlab.reference")
    exit_code, report = checked(code)
    assert statuses(report) == {"SigmoidLayer": "pass", "LinearLayer": "pass"}
    assert (exit_code, report["notes"]) == (0, [])
    assert not list(tmp_path.rglob("__pycache__"))


def test_a_syntax_error(checked):
    exit_code, report = checked(GOOD + "\n\ndef broken(:\n    pass\n")
    assert messages(report) == {
        "student.py": ("error", "student.py, line 15: invalid syntax: def broken(:")
    }
    assert exit_code == 2


def test_a_missing_file_and_the_others_are_checked(tmp_path, command):
    (tmp_path / "student.py").write_text(GOOD)
    ran = command("check", "gone.py", "student.py", "--json", "-")
    report = json.loads(ran.stdout)
    assert messages(report) == {
        "gone.py": (
            "error",
            (
                "gone.py does not exist; look for a slip in the path, seen from the folder "
                f"{tmp_path.name!r}"
            ),
        )
    }
    assert (ran.returncode, statuses(report)["student.py::SigmoidLayer"]) == (2, "pass")


def test_a_name_that_is_not_there_and_the_others_are_checked(checked):
    exit_code, report = checked(GOOD, target="student.py::Sigmoid::SigmoidLayer")
    assert messages(report) == {
        "Sigmoid": ("error", "student.py has no Sigmoid; it has SigmoidLayer")
    }
    assert (exit_code, statuses(report)["SigmoidLayer"]) == (2, "pass")


def test_a_file_with_nothing_to_check(checked):
    exit_code, report = checked("def helper(x):\n    return x\n")
    assert messages(report) == {
        "student.py": (
            "error",
            (
                "student.py holds nothing to check; gradlab looks for classes with forward and "
                "backward, for pairs of functions like X_forward and X_backward, X and "
                "X_backward, or X and X_prime, for functions that return a value and its "
                "gradient, like (loss, dx), and for optimizers, initializers, mini-batching, "
                "networks, training loops and classes of graph nodes"
            ),
        )
    }
    assert exit_code == 2


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("notes.txt", "notes.txt is neither a .py file nor an .ipynb notebook"),
        ("folder", "folder is a folder without .py files and notebooks"),
    ],
)
def test_what_is_no_file_of_code(tmp_path, command, path, message):
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "folder").mkdir()
    ran = command("check", path, "--json", "-")
    assert messages(json.loads(ran.stdout)) == {path: ("error", message)}
    assert ran.returncode == 2


def notebook(*cells):
    return json.dumps(
        {
            "cells": [
                {"cell_type": "markdown", "source": ["# Layers"]},
                *({"cell_type": "code", "source": cell.splitlines(True)} for cell in cells),
            ],
            "nbformat": 4,
        }
    )


def test_a_notebook_and_the_place_in_it(checked):
    cells = notebook("%matplotlib inline\nimport numpy as np\n!ls", GOOD, tanh_layer("Z / None"))
    exit_code, report = checked(cells, name="week1.ipynb")
    assert messages(report) == {
        "TanhLayer": (
            "error",
            (
                "TanhLayer.forward raised TypeError: unsupported operand type(s) for /: "
                "'float' and "
                "'NoneType' (week1.ipynb, cell 3, line 8: Z / None)"
            ),
        )
    }
    assert (exit_code, statuses(report)["SigmoidLayer"], report["notes"]) == (2, "pass", [])


def test_a_notebook_that_cannot_be_read(checked):
    exit_code, report = checked("{}", name="bad.ipynb")
    message = "bad.ipynb is not a notebook: expected JSON with a list of cells, as Jupyter 4 has it"
    assert (exit_code, messages(report)) == (2, {"bad.ipynb": ("error", message)})


def test_a_cell_that_is_not_python_is_left_out_and_the_others_are_checked(checked):
    cells = notebook("y = (\n", "import numpy as np\nif True:\n    %time x = 1", "z = !ls", GOOD)
    exit_code, report = checked(cells, name="week1.ipynb")
    assert (exit_code, statuses(report)) == (0, {"SigmoidLayer": "pass"})
    assert report["notes"] == [
        (
            "week1.ipynb: a cell is left out, because it is not Python: week1.ipynb, cell 1, "
            "line 1: '(' was never closed: y = ("
        )
    ]


def test_fail_comes_before_error_and_error_before_inconclusive(checked):
    wrong = tanh_layer(backward="self.dZ = upstream_grad * 1.0")
    exit_code, _ = checked(GOOD + wrong + tanh_layer(backward="pass").replace("Tanh", "Other"))
    assert exit_code == 1


def test_the_same_seed_gives_the_same_report_to_the_byte(tmp_path, command):
    code = GOOD + tanh_layer(backward="self.dZ = upstream_grad * np.random.rand()")
    (tmp_path / "student.py").write_text(code)
    first, second = (command("check", "student.py", "--seed", "5") for _ in range(2))
    assert first.stdout == second.stdout
    assert first.returncode == 1
    assert "run again: gradlab check student.py::TanhLayer --seed 5\n" in first.stdout
    assert not re.search(r"0x[0-9a-f]{6}|/tmp", first.stdout)


def test_a_name_with_a_space_is_quoted_in_how_to_run_it_again(checked):
    _, report = checked(GOOD, "--like", "sigmoid", "--convention", "article", name="my layers.py")
    assert {finding["rerun"] for finding in report["subjects"][0]["findings"]} == {
        "gradlab check 'my layers.py::SigmoidLayer' --like sigmoid --convention article --seed 0"
    }


def test_json_goes_to_a_file_and_the_text_to_the_terminal(tmp_path, command):
    (tmp_path / "student.py").write_text(GOOD)
    (tmp_path / "report.json").write_text("old")
    ran = command("check", "student.py", "--json", "report.json")
    assert json.loads((tmp_path / "report.json").read_text())["status"] == "pass"
    assert ran.stdout.endswith("1 pass  (seed 0)\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.json", "student.py"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["student.py", "--json", "nowhere/report.json"],
            "Error: --json nowhere/report.json cannot be written: No such file or directory\n",
        ),
        (
            ["student.py", "--convention", "mine"],
            "Error: --convention mine is not known; known are article, coursera, cs231n\n",
        ),
        (
            ["student.py", "--like", "liner"],
            (
                "Error: --like liner is not known; known are linear, sigmoid, tanh, relu, "
                "leaky_relu, "
                "softmax, sin, cos, identity, flatten, squared_error, binary_cross_entropy, "
                "binary_cross_entropy_from_logits, softmax_cross_entropy, gradient_descent, "
                "momentum, rmsprop, adam, network, graph, train, batches, plain, xavier, he\n"
            ),
        ),
        (
            [],
            (
                "Usage: gradlab check [OPTIONS] FILE[::NAME]|FOLDER ...\n"
                "Try 'gradlab check --help' for help.\n\n"
                "Error: Missing argument 'FILE[::NAME]|FOLDER ...'.\n"
            ),
        ),
    ],
)
def test_wrong_usage(tmp_path, command, arguments, message):
    (tmp_path / "student.py").write_text(GOOD)
    ran = command("check", *arguments)
    assert (ran.returncode, ran.stderr) == (2, message)


def test_the_version(command):
    ran = command("--version")
    assert (ran.returncode, ran.stdout) == (0, f"gradlab {gradlab.__version__}\n")


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["check", "--help"]])
def test_what_is_asked_of_the_command_itself_loads_nothing_heavy(arguments):
    script = (
        "import sys\nfrom gradlab.cli import main\n"
        f"sys.argv[1:] = {arguments!r}\n"
        "try:\n    main()\nfinally:\n    print('LOADED', *sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in ran.stdout.split("LOADED")[1].split()}
    assert "click" in loaded
    assert not loaded & {"numpy", "hypothesis", "rich"}


#: Starts Python with its arguments and the default action of SIGINT: a test process that runs in
#: the background, or under nohup, ignores the signal, and its children inherit that.
INTERRUPTIBLE = (
    "import os, signal, sys\n"
    "signal.signal(signal.SIGINT, signal.SIG_DFL)\n"
    "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])\n"
)


def test_an_interrupt_ends_the_worker_too(tmp_path):
    (tmp_path / "student.py").write_text(
        "import os, time\n"
        "with open('worker', 'w') as file:\n    file.write(str(os.getpid()))\n"
        "os.rename('worker', 'worker.pid')\n"
        "time.sleep(600)\n"
    )
    command = ["-m", "gradlab", "check", "student.py", "--deadline", "300"]
    running = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE, *command],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    started = tmp_path / "worker.pid"
    while not started.exists():
        assert running.poll() is None
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    _, printed = running.communicate()
    assert (running.returncode, printed) == (130, "\ninterrupted\n")
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)


def test_a_reader_that_goes_away_is_no_traceback(tmp_path):
    (tmp_path / "student.py").write_text(GOOD)
    reader, writer = os.pipe()
    os.close(reader)
    ran = subprocess.run(
        [sys.executable, "-m", "gradlab", "check", "student.py"],
        cwd=tmp_path,
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert (ran.returncode, ran.stderr) == (0, "")
