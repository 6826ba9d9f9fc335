"""Every code block of README and docs is run, and prints what it is said to print.

A block of ``console`` is a session: lines after ``$`` are run by bash from the
checkout's root, what follows is their output.  A block of ``python`` is executed;
a ``text`` block directly below it is its output.  A block of ``sh`` holds the
command that printed the tables below it, which takes long: it is run with few
draws, or with one seed.  A console block headed by ``<!-- set-up -->`` installs things.
"""

import io
import re
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]
FENCE = re.compile(
    r"(?:<!-- (?P<mark>[\w-]+) -->\n)?^```(?P<language>\w*)\n(?P<body>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


def blocks(page):
    return [
        (
            found["language"],
            found["body"],
            found["mark"],
            page.read_text()[: found.start()].count("\n") + 1,
        )
        for found in FENCE.finditer(page.read_text())
    ]


def sessions(page):
    return [b for b in blocks(page) if b[0] == "console" and b[2] != "set-up"]


def split_session(body):
    """Split a console block into commands and the output that follows each."""
    pairs = []
    for line in body.splitlines(keepends=True):
        if line.startswith("$ "):
            pairs.append((line[2:].strip(), ""))
        else:
            command, output = pairs[-1]
            pairs[-1] = (command, output + line)
    return pairs


def named(pages, pick):
    return [
        pytest.param(page, block, id=f"{page.name}:{block[3]}")
        for page in pages
        for block in pick(page)
    ]


def run(command):
    """Run one command of a session as a reader would, and return what it prints."""
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    ran = subprocess.run(
        ["bash", "-c", command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": path, "MPLBACKEND": "Agg", "HOME": "/nonexistent", "LANG": "C.UTF-8"},
    )
    return ran.stdout + ran.stderr


@pytest.mark.parametrize(("page", "block"), named(PAGES, sessions))
def test_a_session_prints_what_it_shows(page, block):
    for command, expected in split_session(block[1]):
        assert strip(run(command)) == strip(expected), command


def long_commands(page):
    return [b for b in blocks(page) if b[0] == "sh"]


@pytest.mark.parametrize(("page", "block"), named(PAGES, long_commands))
def test_a_long_command_runs_with_few_draws(page, block):
    for line in block[1].splitlines():
        if line.startswith("pip install "):
            continue
        few, shortened = re.subn(r"--draws \d+", "--draws 20", line)
        few, asked_less = re.subn(r"--seeds \d+", "--seeds 1", few)
        assert shortened + asked_less == 1, line
        ran = subprocess.run(
            [sys.executable, *few.split()[1:]], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert "|---|" in ran.stdout or "seed 0" in ran.stdout, line


#: Error bounds end in rounding, and that differs from processor to processor; so does how many
#: last places two ways of computing the same are apart.
BOUND = re.compile(
    r"\b\d(\.\d+)?e-\d\d\b|[▁▂▃▄▅▆▇█·]{20,}"
    r"|the same bits as recorded$|within what rounding explains, .*$"
)


def strip(text):
    lines = text.strip().splitlines()
    return "\n".join(BOUND.sub("…", line.rstrip()) for line in lines)


def follows_directly(page, line):
    """Whether a text block stands right below a python block: nothing but white space between."""
    above = page.read_text().split("\n")[: line - 1]
    while above and not above[-1].strip():
        above.pop()
    return bool(above) and above[-1] == "```"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_blocks_run_in_order(page):
    names, printed = {"__name__": "docs"}, None
    for language, body, _mark, line in blocks(page):
        if language == "python":
            out = io.StringIO()
            with redirect_stdout(out):
                exec(compile("\n" * line + body, str(page), "exec"), names)  # noqa: S102 - the docs' own code
            printed = out.getvalue()
        elif language == "text" and printed is not None and follows_directly(page, line):
            assert strip(printed) == strip(body), f"{page.name}:{line}"
            printed = None
        else:
            printed = None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_has_a_language_that_is_tested(page):
    for language, _body, _mark, line in blocks(page):
        assert language in {"console", "python", "text", "sh"}, f"{page.name}:{line}"


def test_the_readme_is_read_first():
    first_screen = (ROOT / "README.md").read_text().splitlines()[:60]
    assert any("gradlab check examples/linear_bias_mean.py" in line for line in first_screen)


def rewrite(page):
    """Put what the commands of a page print today below them."""

    def refreshed(found):
        if found["language"] != "console" or found["mark"] == "set-up":
            return found[0]
        pairs = split_session(found["body"])
        body = "".join(f"$ {command}\n{run(command).rstrip()}\n" for command, _ in pairs)
        return f"```console\n{body}```"

    page.write_text(FENCE.sub(refreshed, page.read_text()))


if __name__ == "__main__":
    for page in PAGES:
        rewrite(page)
