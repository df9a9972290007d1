"""A store of schema 1, as releases before the sources wrote it, is brought up whole or not at all."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from ledger_model import RATES, utc
from ledger_names import named

from northstar_tui.calendar import ALL
from northstar_tui.errors import NorthStarError
from northstar_tui.events import Batch, Event, Origin, Reject
from northstar_tui.ledger import queries
from northstar_tui.ledger.declarations import ROLLUPS
from northstar_tui.ledger.rollups import create_sql
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.schema import MIGRATIONS
from northstar_tui.ledger.store import Store, StoreError
from northstar_tui.ledger.verify import verify
from northstar_tui.sync.runs import Run

T = utc(2026, 5, 4, 18)
RULES = Rules("Asia/Kathmandu", "house", {"kalshi": "john"}, {"KX": "weather"}, RATES)
KEPT = ("meta", "dimension", "origin", "subject", "event", "cursor", "run", "quarantine", "batch", "touched")


def trade(source: str, key: str, net: int, **facts: object) -> Event:
    body = {"gross": net + 5, "net": net, "closed_at": T + len(key), "opened_at": T - 10**12, **facts}
    return Event(source, key, "trade.closed", T, body, f"{key};{net}", 3)


BATCHES = (
    Batch("kalshi", [trade("kalshi", "a", 1_000_000, instrument="KXHIGH-1", same="m")], cursor="7"),
    Batch("kalshi", [trade("kalshi", "a", 2_000_000, instrument="KXHIGH-1", same="m", check_net=1_999_000)]),
    Batch(
        "bets",
        [trade("bets", "b", 9_000_000, same="m"), trade("bets", "cc", 5, currency="EUR")],
        [Reject(9, "net", "is no number", "x;y")],
        origin=Origin("bets.csv", "5" * 64, 12),
    ),
    Batch("bets", [replace(trade("bets", "b", 9_000_000, same="m"), book="john"), trade("bets", "dd", 1)]),
)


def version_1(path: Path) -> Path:
    """Write a store of schema 1 that was told BATCHES, as its own code left it; return the same by today's code."""
    with Store.create(path.with_suffix(".now"), RULES) as store:
        for batch in BATCHES:
            store.append(batch)
        with store.transaction():
            Run(store, "bets")
    old = sqlite3.connect(path, isolation_level=None)
    old.executescript(MIGRATIONS[0])
    without = [tuple(m for m in rollup.measures if m.name != "unreconciled") for rollup in ROLLUPS]
    for rollup, measures in zip(ROLLUPS, without, strict=True):
        old.execute(create_sql(rollup._replace(measures=measures)))
    old.execute("ATTACH ? AS now", (str(path.with_suffix(".now")),))
    for table in (*KEPT, "entry", *(rollup.table for rollup in ROLLUPS)):
        columns = ", ".join(row[1] for row in old.execute(f"PRAGMA main.table_info({table})"))
        old.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM now.{table}")
    old.execute("DETACH now")
    old.execute(f"PRAGMA application_id = {0x4E535452}")
    old.execute("PRAGMA user_version = 1")
    assert "same_id" not in {row[1] for row in old.execute("PRAGMA table_info(entry)")}
    assert "pages" not in {row[1] for row in old.execute("PRAGMA table_info(run)")}
    old.close()
    return path.with_suffix(".now")


def contents(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    found = [*connection.iterdump(), *map(str, connection.execute("PRAGMA user_version"))]
    connection.close()
    return found


@pytest.mark.parametrize("way", ["open", "create"])
def test_a_store_of_schema_1_is_derived_again_under_its_own_rules(tmp_path: Path, way: str) -> None:
    path = tmp_path / "s.db"
    now = version_1(path)
    before = contents(path)
    with pytest.raises(StoreError, match="older"):
        Store.open(path)
    assert contents(path) == before, "a reader changes nothing"
    opened = Store.open(path, write=True) if way == "open" else Store.create(path, Rules("UTC"))
    with opened as store, Store.open(now) as fresh:
        assert store.rules == fresh.rules
        assert store.calendar.zone == "Asia/Kathmandu"
        assert verify(store).ok
        assert named(store) == named(fresh)
        for table in (*KEPT, "breaker"):
            rows = f"SELECT * FROM {table}" + " WHERE name <> 'derived_at'" * (table == "meta")
            assert store.connection.execute(rows).fetchall() == fresh.connection.execute(rows).fetchall(), table
        assert queries.total(store, ALL).net == 2_000_000 + 5 + 1
        assert queries.total(store, ALL).unreconciled == 1_000 + 7_000_000
        schema = "SELECT name, sql FROM sqlite_schema ORDER BY name"
        assert store.connection.execute(schema).fetchall() == fresh.connection.execute(schema).fetchall()
        assert not store.connection.execute("PRAGMA foreign_key_check").fetchall()
        store.append(Batch("kalshi", [trade("kalshi", "a", 9_000_000, same="m")]))
        assert queries.total(store, ALL).unreconciled == 0
        assert verify(store).ok


def test_a_store_whose_log_is_damaged_is_not_brought_up_by_half(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    version_1(path)
    with sqlite3.connect(path) as old:
        old.execute("DROP TRIGGER event_no_update")
        old.execute("UPDATE event SET body = '{' WHERE id = 2")
    old.close()
    before = contents(path)
    for _ in range(2):
        with pytest.raises(NorthStarError, match="event 2 of kalshi"):
            Store.open(path, write=True)
        assert contents(path) == before


def test_verify_brings_it_up_and_the_schema_verb_describes_all_of_it(tmp_path: Path) -> None:
    import json

    path = tmp_path / "s.db"
    version_1(path)
    command = [sys.executable, "-m", "northstar_tui", "--store", str(path)]
    refused = subprocess.run([*command, "report", "all"], capture_output=True, text=True)
    assert refused.returncode == 1
    assert "northstar verify" in refused.stderr
    subprocess.run([*command, "verify"], check=True, capture_output=True)
    said = subprocess.run([*command, "schema", "--json"], check=True, capture_output=True, text=True).stdout
    tables = {table["table"]: table for table in json.loads(said)}
    assert {"entry", "run", "breaker", "event", "rollup_booked"} <= set(tables)
    assert all(table["about"] for table in tables.values())
    for name in ("entry", "run"):
        columns = {column["name"]: column["about"] for column in tables[name]["columns"]}
        with sqlite3.connect(path) as connection:
            assert list(columns) == [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
        connection.close()
    entry = {column["name"]: column["about"] for column in tables["entry"]["columns"]}
    assert all(entry[name] for name in ("same_id", "unreconciled", "mirror", "disagreement"))
