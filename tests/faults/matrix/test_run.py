"""Checking the registry, in one process and in several, and the command around it."""

import json

import pytest
from click.testing import CliRunner

from gradlab import check
from gradlab.cli import cli
from gradlab.faults import registry
from gradlab.faults.matrix import findings, run
from gradlab.records import Status

FEW = ("mutant:tail-dropped/batches", "mutant:weights-zero/he", "mutant:half-missing/l2_penalty")


def test_several_processes_give_the_outcomes_of_one_in_the_same_order():
    shown = []
    alone = run(FEW, (0, 3), jobs=1, progress=shown.append)
    assert [(outcome.name, outcome.seed) for outcome in alone] == [
        (n, s) for n in FEW for s in (0, 3)
    ]
    assert shown[-1] == "6 of 6"
    assert run(FEW, (0, 3), jobs=2) == alone


@pytest.mark.parametrize(
    "name", ["mutant:half-missing/squared_error", "mutant:stale-cache/sigmoid"]
)
def test_the_laws_do_not_lean_on_the_law_reference(name):
    # The matrix derives from one run what is detected without it.
    subject, reason = registry.subject(name), "left out"
    without = check(subject, exempt={"reference": reason}).findings
    rest = [f for f in check(subject).findings if f.law != "reference"]
    assert [(f.law, f.tensor, f.message) for f in without] == [
        (f.law, f.tensor, f.message) for f in rest
    ]


def test_a_layer_is_checked_for_its_update_too():
    laws = [finding.law for finding in findings("linear")]
    assert "descent" in laws
    assert {finding.law for finding in findings("linear", laws=["descent"])} == {"descent"}
    assert {finding.status for finding in findings("linear")} == {Status.PASS}


@pytest.fixture
def few(monkeypatch):
    """Three mutants and two correct variants for the command."""
    correct = tuple(
        registry.variant(name) for name in ("adam", "near-miss:batches-by-splitting/batches")
    )
    monkeypatch.setattr(registry, "names", lambda **_options: FEW)
    monkeypatch.setattr(registry, "correct", lambda: correct)


def command(*arguments):
    return CliRunner().invoke(cli, ["faults", *arguments, "--jobs", "1"])


@pytest.mark.usefixtures("few")
def test_the_matrix_fits_a_hundred_columns_and_names_the_laws():
    ran = command("--matrix")
    assert max(map(len, ran.stdout.splitlines())) <= 100
    lines = [line.split() for line in ran.stdout.splitlines()]
    assert ["tail-dropped", "✗", "1", "1", "every", "example", "once"] in lines
    assert ["half-missing", "✗", "1", "1", "(reference)"] in lines
    assert "3 of 3 mutants are detected with every seed, 2 by one law alone" in ran.stdout
    # Most laws detect none of these three.
    assert "the law 'purity' of optimizers detects no mutant" in ran.stderr
    assert ran.exit_code == 1


@pytest.mark.usefixtures("few")
def test_the_matrix_as_json():
    found = json.loads(command("--matrix", "--json", "--seed", "5", "--seeds", "2").stdout)
    assert found["seeds"] == [5, 6]
    by_name = {fault["name"]: fault for fault in found["faults"]}
    assert by_name["half-missing"]["mutants"] == [
        {
            "name": "mutant:half-missing/l2_penalty",
            "detected": 2,
            "laws": {"reference": 2},
            "without_reference": False,
        }
    ]
    assert {
        "scope": "mini-batches",
        "law": "every example once",
        "detects": 1,
        "alone": 1,
    } in found["laws"]


@pytest.mark.usefixtures("few")
def test_correct_variants_pass():
    ran = command("--correct", "--seeds", "2")
    assert ran.stdout == (
        "2 correct targets and near misses, seeds 0 to 1\n"
        "0 of 4 reports are false alarms, 0 inconclusive\n"
    )
    assert ran.exit_code == 0
    assert json.loads(command("--correct", "--json").stdout) == {
        "seeds": [0],
        "variants": 2,
        "reports": 2,
        "false_alarms": [],
        "inconclusive": [],
    }


def test_a_false_alarm_is_an_exit_code(monkeypatch):
    wrong = (registry.variant("mutant:optimizer-ascends/momentum"),)
    monkeypatch.setattr(registry, "correct", lambda: wrong)
    ran = command("--correct")
    assert ran.exit_code == 1
    assert ran.stderr == "mutant:optimizer-ascends/momentum, seed 0: optimizer trace, descent\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--matrix", "--correct"], "--matrix and --correct are two runs; choose one of them"),
        (["--json"], "--seed, --seeds, --jobs and --json go with --matrix or --correct"),
        (
            ["stale-cache", "--matrix"],
            "--matrix and --correct check everything; leave 'stale-cache' out",
        ),
    ],
)
def test_options_that_do_not_go_together_are_refused(arguments, message):
    ran = CliRunner().invoke(cli, ["faults", *arguments])
    assert ran.exit_code == 2
    assert ran.stderr == f"Error: {message}\n"
