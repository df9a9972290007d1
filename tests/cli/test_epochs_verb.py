"""Epochs on the command line: as periods, and side by side."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from northstar_tui.calendar import instant
from northstar_tui.cli import cli
from northstar_tui.events import Batch, Event
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store

CONFIG = """
timezone = "America/New_York"
[[epochs]]
name = "v1"
from = 2026-01-10
[[epochs]]
name = "v2"
from = 2026-02-01
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A dollar won each day of January and February 2026 at 23:30 in New York, but on the 20th ten lost."""
    (tmp_path / "config.toml").write_text(CONFIG)
    with Store.create(tmp_path / "s.db", Rules("America/New_York")) as store:
        events = []
        for number in range(59):
            at = instant(datetime(2026, 1, 2, 4, 30, tzinfo=UTC)) + number * 86_400_000_000
            net = -10_000_000 if number % 31 == 19 else 1_000_000
            body = {"gross": net, "net": net, "closed_at": at, "opened_at": at}
            events.append(Event("alpha", f"{number}", "trade.closed", at, body))
        store.append(Batch("alpha", events))
    return tmp_path


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(
        cli, ["--config", str(folder / "config.toml"), "--store", str(folder / "s.db"), *arguments]
    )


def report(folder: Path, *arguments: str) -> dict[str, Any]:
    done = run(folder, "report", *arguments, "--json")
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_epochs_are_periods_everywhere(folder: Path) -> None:
    v1 = report(folder, "v1")
    assert v1["period"]["from"] == "2026-01-10" and v1["period"]["to"] == "2026-02-01"
    assert v1["totals"]["net"] == "11.00" and v1["totals"]["entries"] == 22
    assert v1 == report(folder, "epoch:V1") == report(folder, "2026-01-10..2026-01-31")
    assert report(folder, "since v2")["totals"] == report(folder, "v2..")["totals"] == report(folder, "v2")["totals"]
    assert report(folder, "since v1")["totals"]["net"] == "28.00"
    assert report(folder, "all", "--where", "epoch:v1 net:<0")["totals"]["net"] == "-10.00"
    assert report(folder, "v1", "--as-of", "2099-01-01")["totals"] == v1["totals"]
    assert len(json.loads(run(folder, "trades", "v1", "--json").stdout)) == 22
    assert json.loads(run(folder, "why", "max-drawdown", "v1", "--json").stdout)["value"] == "-$10.00"
    done = run(folder, "report", "v3")
    assert done.exit_code == 2 and "'v3' is not a period" in done.stderr


def test_epochs_side_by_side(folder: Path) -> None:
    rows = json.loads(run(folder, "epochs", "--json").stdout)
    assert [(row["name"], row["from"], row["to"]) for row in rows] == [
        ("v1", "2026-01-10", "2026-01-31"), ("v2", "2026-02-01", None)
    ]  # fmt: skip
    for row in rows:
        total = report(folder, row["name"])
        assert {name: row[name] for name in total["totals"]} == total["totals"]
        assert row["drawdown"]["max"]["depth"] == total["drawdown"]["max"]["depth"] == "-10.00"
    assert rows[0]["days"] == 22
    text = run(folder, "epochs").stdout
    assert "MAX DRAWDOWN" in text and "▲ +$11.00" in text and "-$10.00" in text
    (folder / "config.toml").write_text('timezone = "America/New_York"\n')
    done = run(folder, "epochs")
    assert done.exit_code == 0 and done.stdout == "" and "no epochs are named" in done.stderr
    assert json.loads(run(folder, "epochs", "--json").stdout) == []
