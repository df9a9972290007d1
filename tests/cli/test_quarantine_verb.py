"""`northstar quarantine`: what is to be seen to, what was settled and how, and the operator's word with its undoing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BETS = """date,selection,odds,stake,profit
2026-03-02,Alpha,+100,10,10
2026-03-03,Beta,+100,10,{}
2026-03-04,Gamma,+100,10,{}
"""


def run(folder: Path, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "northstar_tui", "--store", "s.db", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == code, done.stderr
    return done


def listed(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run(folder, "quarantine", "--json", *arguments).stdout)
    return found


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with a store, and a file of which two rows could not be read."""
    (tmp_path / "bets.csv").write_text(BETS.format("oops", "\x1b[31mhuh"))
    run(tmp_path, "import", "bets.csv", code=1)
    return tmp_path


def test_it_lists_what_is_to_be_seen_to_and_shows_one_in_full(desk: Path) -> None:
    told = run(desk, "quarantine")
    heading, *rows = told.stdout.splitlines()
    assert heading.split() == ["ID", "SOURCE", "WHERE", "FIELD", "REASON", "SINCE"]
    assert [row.split()[:4] for row in rows] == [
        ["2", "bets-csv", "bets.csv:4", "profit"], ["1", "bets-csv", "bets.csv:3", "profit"],
    ]  # fmt: skip
    assert told.stderr == "" and "\x1b" not in told.stdout
    full = run(desk, "quarantine", "2").stdout
    assert "2026-03-04,Gamma,+100,10,␛[31mhuh" in full and "line" in full and "\x1b" not in full
    assert run(desk, "quarantine", "--limit", "1").stdout.count("bets.csv:") == 1
    assert "there is no record 9" in run(desk, "quarantine", "9", code=1).stderr


def test_doctor_and_verify_say_what_lies_there(desk: Path) -> None:
    told = next(line for line in run(desk, "doctor").stdout.splitlines() if "quarantine" in line)
    assert told.startswith("! bets-csv: 2 records in quarantine, not read and in no figure: northstar quarantine says")
    assert (
        run(desk, "verify").stderr
        == "2 records are in quarantine, not part of the log: northstar quarantine says why\n"
    )
    run(desk, "quarantine", "--settle", "1", "2", "--because", "void")
    assert "quarantine" not in run(desk, "doctor").stdout and run(desk, "verify").stderr == ""


def test_settling_takes_a_reason_and_can_be_undone(desk: Path) -> None:
    done = run(desk, "quarantine", "--settle", "1", "2", "--because", "both were \x1b[1mvoid")
    assert done.stdout == "" and "records 1 2 settled: northstar quarantine --reopen 1 2 undoes it" in done.stderr
    empty = run(desk, "quarantine")
    assert (
        empty.stdout == "nothing is in quarantine\n"
        and "2 records settled: northstar quarantine --all lists them" in empty.stderr
    )
    assert "dismissed: both were ␛[1mvoid" in run(desk, "quarantine", "--all").stdout
    assert "--reopen 1" in run(desk, "quarantine", "1").stdout
    found = listed(desk, "--all")
    assert [(each["id"], each["settled_by"]) for each in found] == [
        (2, "dismissed: both were ␛[1mvoid"), (1, "dismissed: both were ␛[1mvoid"),
    ]  # fmt: skip
    assert all(each["settled_at"].endswith("+00:00") for each in found)
    assert run(desk, "import", "bets.csv").stderr == "", "what was dismissed is no failure"
    assert listed(desk) == []
    assert "record 2 open again" in run(desk, "quarantine", "--reopen", "2").stderr
    (again,) = listed(desk)
    assert (again["id"], again["settled_at"], again["settled_by"]) == (2, None, "re-opened")
    assert run(desk, "import", "bets.csv", code=1).stderr.count("bets.csv: line") == 1


def test_a_mended_file_is_told_by_import_and_by_the_list(desk: Path) -> None:
    (desk / "bets.csv").write_text(BETS.format("-10", "5"))
    done = run(desk, "import", "--json", "bets.csv")
    assert json.loads(done.stdout)["files"][0]["mended"] == 2
    assert "bets.csv: 2 records left quarantine" in done.stderr
    assert listed(desk) == []
    assert {each["settled_by"] for each in listed(desk, "--all")} == {"import of bets.csv"}
    assert json.loads(run(desk, "runs", "--json").stdout)[0]["path"] == str(desk / "bets.csv")


def test_the_store_says_the_same_everywhere(desk: Path) -> None:
    for arguments in (("--plain",), ("runs",), ("show", "operations"), ("show", "source", "bets-csv")):
        assert "2 records" in run(desk, *arguments).stdout, arguments
    run(desk, "quarantine", "--settle", "1", "--because", "seen")
    for arguments in (("--plain",), ("runs",), ("show", "operations"), ("show", "source", "bets-csv")):
        text = run(desk, *arguments).stdout
        assert "1 record" in text and "2 records" not in text, arguments
    shown = run(desk, "show", "quarantine").stdout
    assert shown.index("bets.csv:4") < shown.index("Settled") < shown.index("dismissed: seen")
    assert "dismissed: seen" in run(desk, "show", "record", "1").stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--settle", "--because", "x"), "name the records"),
        (("--reopen",), "name the records"),
        (("--settle", "1"), "say why"),
        (("--settle", "1", "--because", " "), "say why"),
        (("1", "--because", "x"), "goes with --settle"),
        (("--settle", "--reopen", "1", "--because", "x"), "ask for one"),
        (("0",), "0"),
        (("one",), "one"),
    ],
)
def test_wrong_usage_is_2(desk: Path, arguments: tuple[str, ...], says: str) -> None:
    assert says in run(desk, "quarantine", *arguments, code=2).stderr
    assert len(listed(desk)) == 2


def test_all_or_none(desk: Path) -> None:
    told = run(desk, "quarantine", "--settle", "1", "9", "--because", "x", code=1).stderr
    assert "there is no record 9 in quarantine" in told and "--all lists them" in told
    assert len(listed(desk)) == 2
