"""`northstar note` and `northstar tag`, and where what they wrote is seen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from northstar_tui.cli import cli
from northstar_tui.events import Batch, Event
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store

T = 1_773_000_000_000_000
HOSTILE = "\x1b[31mred\x1b[0m \u202egnp.exe"


@pytest.fixture(params=["real", "demo"])
def store(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Two trades, of which one is to be spoken of; notes are as welcome in a simulated company."""
    path = tmp_path / "s.db"
    with Store.create(path, Rules("America/New_York"), kind=request.param) as made:
        for key in ("a", "b"):
            body = {
                "gross": 5,
                "net": 5,
                "closed_at": T,
                "opened_at": T,
                "instrument": f"KX{key}",
                "title": f"Rain {key}",
            }
            made.append(Batch("alpha", [Event("alpha", key, "trade.closed", T, body)]))
    return path


def run(store: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["--store", str(store), *arguments])


def ids(store: Path) -> dict[str, Any]:
    return {entry["key"]: entry for entry in json.loads(run(store, "trades", "all", "--json").stdout)}


def test_a_note_and_tags_are_seen_wherever_the_entry_is(store: Path) -> None:
    entry = str(ids(store)["a"]["id"])
    done = run(store, "note", entry, "--", f"-5 lots too many {HOSTILE}")
    assert done.exit_code == 0 and done.stdout == "" and f"entry {entry} (Rain a): 1 note" in done.stderr
    done = run(store, "tag", entry, "+Late", "chased", "--json")
    said = json.loads(done.stdout)
    assert said["tags"] == ["chased", "late"] and said["notes"][0]["text"] == f"-5 lots too many {HOSTILE}"
    done = run(store, "tag", entry, "-late")
    assert done.exit_code == 0 and "(Rain a): #chased, 1 note" in done.stderr
    found = ids(store)
    assert found["a"]["tags"] == ["chased"] and found["b"]["tags"] == [] == found["b"]["notes"]
    text = run(store, "trades", "all").stdout
    assert "TAGS AND NOTES" in text and "#chased, 1 note" in text
    shown = run(store, "events", "--entry", entry).stdout
    assert "-5 lots too many ␛[31mred" in shown and "\x1b" not in shown and "\u202e" not in shown
    assert "#late" in run(store, "events").stdout and "\x1b" not in run(store, "events").stdout
    assert run(store, "verify").exit_code == 0
    assert json.loads(run(store, "report", "all", "--json").stdout)["totals"]["net"] == "0.00001"


def test_a_table_without_any_has_no_column_for_them(store: Path) -> None:
    assert "TAGS" not in run(store, "trades", "all").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("note", "99", "x"), 1, "there is no entry 99: northstar trades --json lists their ids"),
        (("note", "1", "  "), 2, "the note is empty"),
        (("note", "1", "x" * 2_001), 2, "longer than 2,000 characters"),
        (("note", "one", "x"), 2, "'one' is not a valid integer"),
        (("tag", "1"), 2, "Missing argument"),
        (("tag", "1", "+a b"), 2, "'a b' is no tag"),
        (("tag", "1", "+x", "-x"), 2, "x is to be added and removed"),
        (("tag", "99", "+x"), 1, "there is no entry 99"),
    ],
)
def test_mistakes_are_told_in_a_line(store: Path, arguments: tuple[str, ...], code: int, words: str) -> None:
    done = run(store, *arguments)
    said = done.stderr if code == 2 else str(done.exception)
    assert done.exit_code == code and words in said and "Traceback" not in said
    assert ids(store)["a"]["notes"] == [] == ids(store)["a"]["tags"]
