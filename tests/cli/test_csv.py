"""``--csv``: the JSON's rows, cell by cell, and nothing that a spreadsheet or a terminal would obey."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from northstar_tui.calendar import Calendar
from northstar_tui.cli import spreadsheet
from northstar_tui.events import Batch, Counts, Event, Origin, Reject
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store
from northstar_tui.sync.runs import Run

FORMULA = '=HYPERLINK("http://x","y")\x1b[2J'
AT = Calendar("America/New_York").parse("2026-05-05", 0).start


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store whose texts would all be formulas."""
    path = tmp_path_factory.mktemp("csv") / "s.db"
    with Store.create(path, Rules("America/New_York", categories={"=": "+1-1"})) as opened:
        body = {"instrument": FORMULA, "side": "no", "gross": -360_000, "fees": 20_000, "net": -380_000,
                "opened_at": AT, "closed_at": AT + 1}  # fmt: skip
        trade = Event("bets-csv", "@k", "trade.closed", AT, body, raw=f"-1+1,{FORMULA}\n2", line=2)
        opened.append(
            Batch("bets-csv", [trade], [Reject(3, "@odds", "+no", FORMULA)], origin=Origin("=f.csv", "0" * 64, 9))
        )
        with opened.transaction():
            Run(opened, "bets-csv").done(Counts(new=1))
    return path


def run(store: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "northstar_tui", "--store", str(store), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("verb", "rows"),
    [
        (["report", "all", "--level", "day", "--by", "category"], lambda told: told["rows"]),
        (["trades", "all"], lambda told: told),
        (["why", "net", "all"], lambda told: told["rows"]),
        (["runs"], lambda told: told),
        (["events"], lambda told: told),
        (["quarantine"], lambda told: told),
        (["trades", "2020"], lambda told: told),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_the_rows_are_the_jsons(store: Path, verb: list[str], rows: Any) -> None:
    told = [each.pop("dimensions", {}) | each for each in rows(json.loads(run(store, *verb, "--json")))]
    text = run(store, *verb, "--csv")
    heading, *lines = csv.reader(io.StringIO(text))
    assert len(lines) == len(told) and (told or "2020" in verb)
    for line, row in zip(lines, told, strict=True):
        assert sorted(heading) == sorted(row)
        assert dict(zip(heading, line, strict=True)) == {name: spreadsheet.cell(value) for name, value in row.items()}
    assert heading and not set(text) & set(map(chr, {*range(0x20), 0x7F} - {0x0A}))
    for name, value in (pair for line in lines for pair in zip(heading, line, strict=True)):
        assert value[:1] not in ("=", "@", "+") and (value[:1] != "-" or float(value) < 0), name


def test_known_cells() -> None:
    given = {None: "", True: "true", 3: "3", "-0.40": "-0.40", "+1": "+1", "-1+1": "'-1+1", "=1": "'=1", "@x": "'@x",
             "\t=1": "␉=1", " =1": "' =1", "＝1": "'＝1", "a,b": "a,b", "\x1b[2J": "␛[2J", "1e5": "1e5"}  # fmt: skip
    for value, shown in given.items():
        assert spreadsheet.cell(value) == shown
    assert spreadsheet.cell({"a": [1]}) == '{"a": [1]}'


@given(st.text())
def test_no_text_is_a_formula(value: str) -> None:
    shown = spreadsheet.cell(value)
    assert shown[:1] not in ("=", "@") and (shown[:1] not in ("+", "-") or float(shown) is not None)
    out = io.StringIO()
    spreadsheet.write_csv([{"a": value}], ["a"], out)
    assert list(csv.reader(io.StringIO(out.getvalue()))) == [["a"], [shown]]


def test_two_forms_at_once_are_refused(store: Path) -> None:
    command = [sys.executable, "-m", "northstar_tui", "--store", str(store), "trades", "all", "--csv", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2 and "exclude each other" in done.stderr
