"""verify finds and names every kind of damage, and changes nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ledger_model import CATEGORIES, RATES, utc

from northstar_tui.errors import NorthStarError
from northstar_tui.events import Batch, Event
from northstar_tui.ledger.declarations import ROLLUPS
from northstar_tui.ledger.doors import FLAGS
from northstar_tui.ledger.project import COLUMNS
from northstar_tui.ledger.rules import Rate, Rules
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.verify import SHOWN, rebuild, verify

T = utc(2025, 3, 9, 6, 30)


def trade(key: str, net: int, at: int = T, **facts: Any) -> Event:
    body = {"gross": net + 5, "net": net, "closed_at": at, "opened_at": at - 10**9, "stake": 100, **facts}
    return Event("alpha", key, "trade.closed", at, body, raw=f"{key};{net}")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    rules = Rules("America/New_York", categories=CATEGORIES, rates=RATES)
    with Store.create(tmp_path / "s.db", rules) as made:
        made.append(
            Batch(
                "alpha",
                [
                    trade("a", 1_000, instrument="KXHIGH-1"),
                    trade("b", -500, T + 40 * 86_400_000_000, instrument="KXBTC-1", currency="EUR"),
                    trade("c", 7, T + 400 * 86_400_000_000, currency="GBP"),
                    Event("beta", "x", "cost.incurred", T, {"amount": 9}, book="operations"),
                    Event("beta", "open", "bet.placed", T, {"stake": 3}),
                ],
            )
        )
        made.append(Batch("alpha", [trade("a", 2_000, instrument="KXHIGH-1")]))
        assert verify(made).ok
        yield made


def contents(store: Store) -> list[str]:
    return list(store.connection.iterdump())


def bytes_of(path: Path) -> bytes:
    wal = path.with_name(path.name + "-wal")
    return path.read_bytes() + (wal.read_bytes() if wal.exists() else b"")


def test_a_sound_store_is_proved_and_not_touched(store: Store) -> None:
    before = bytes_of(store.path)
    stages: list[str] = []
    proof = verify(store, stages.append)
    assert (proof.ok, proof.events, proof.entries, proof.count, proof.differences) == (True, 6, 5, 0, ())
    buckets = sum(store.connection.execute(f"SELECT count(*) FROM {r.table}").fetchone()[0] for r in ROLLUPS)
    assert proof.buckets == buckets
    assert bytes_of(store.path) == before
    assert stages[0] == "entries"
    assert stages[1] == "positions"
    assert len(stages) == 2 + sum(len(r.levels) for r in ROLLUPS)
    assert not store.connection.execute(
        "SELECT count(*) FROM temp.sqlite_schema WHERE name LIKE 'derived%'"
    ).fetchone()[0]


def test_it_works_on_a_reader_and_leaves_it_one(store: Store) -> None:
    with Store.open(store.path) as reader:
        assert verify(reader).ok
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader.connection.execute("DELETE FROM entry")


def test_the_store_can_be_written_and_proved_by_turns(store: Store) -> None:
    for n in range(3):
        assert store.append(Batch("alpha", [trade(f"n{n}", n)])).new == 1
        assert verify(store).ok
        rebuild(store)


OTHER = {
    "event_id": 1, "source_id": "beta", "book_id": "operations", "category_id": "other", "kind_id": "cost",
    "instrument_id": "", "opened_at": 5, "closed_at": T + 1, "stake": 99, "outcome": 0, "currency": "CHF",
    "stated_net": 1, "rate": "2", "same_id": "kalshi:X", "unreconciled": 1, "mirror": 1, "disagreement": 0,
    "side_id": "no", "title_id": "Another title",
}  # fmt: skip


@pytest.mark.parametrize("column", [c for c in (*COLUMNS, *FLAGS) if c != "id"])
def test_a_changed_column_of_an_entry_is_named(store: Store, column: str) -> None:
    connection = store.connection
    entry = connection.execute("SELECT n.id FROM entry n JOIN subject s ON s.id = n.id WHERE s.key = 'a'").fetchone()[0]
    value = OTHER.get(column)
    if column.endswith("_id") and isinstance(value, str):
        axis = column.removesuffix("_id")
        connection.execute("INSERT OR IGNORE INTO dimension (axis, name) VALUES (?, ?)", (axis, value))
        value = connection.execute("SELECT id FROM dimension WHERE axis = ? AND name = ?", (axis, value)).fetchone()[0]
    if column in ("gross", "fees"):
        change = 1 if column == "gross" else -1
        connection.execute(f"UPDATE entry SET {column} = {column} + 1, net = net + {change} WHERE id = ?", (entry,))
    elif column == "net":
        connection.execute("UPDATE entry SET net = net + 1, gross = gross + 1 WHERE id = ?", (entry,))
    elif column == "incomplete":
        connection.execute("UPDATE entry SET gross = 0, fees = 0, net = 0, incomplete = 1 WHERE id = ?", (entry,))
    else:
        connection.execute(f"UPDATE entry SET {column} = ? WHERE id = ?", (value, entry))
    before = contents(store)
    proof = verify(store)
    assert not proof.ok
    found = [d for d in proof.differences if d.where == "entry" and d.what == f"id {entry}: {column}"]
    assert len(found) == 1
    assert found[0].stored != found[0].derived
    assert contents(store) == before


def test_a_lost_entry_and_an_invented_one_are_named(store: Store) -> None:
    connection = store.connection
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("DELETE FROM entry WHERE id = 2")
    columns = ", ".join(c for c in COLUMNS if c != "id")
    connection.execute(f"INSERT INTO entry (id, {columns}) SELECT 77, {columns} FROM entry WHERE id = 1")
    proof = verify(store)
    by_row = {d.what: d for d in proof.differences if d.where == "entry"}
    assert set(by_row) == {"id 2", "id 77"}
    assert by_row["id 2"].stored is None
    assert "net" in (by_row["id 2"].derived or "")
    assert by_row["id 77"].derived is None


LEVELS = [(rollup, level) for rollup in ROLLUPS for level in rollup.levels]
_ids = [f"{rollup.name} {level}" for rollup, level in LEVELS]


@pytest.mark.parametrize(("rollup", "level"), LEVELS, ids=_ids)
def test_damage_to_a_rollup_is_named_by_level(store: Store, rollup: Any, level: str) -> None:
    connection = store.connection
    table, where = rollup.table, f"rollup {rollup.name} {level}"
    bucket = connection.execute(f"SELECT min(bucket) FROM {table} WHERE level = ?", (level,)).fetchone()[0]
    for damage, mark in [
        (f"UPDATE {table} SET net = net + 1 WHERE level = '{level}' AND bucket = {bucket}", "net"),
        (f"UPDATE {table} SET lost = lost - 1 WHERE level = '{level}' AND bucket = {bucket}", "lost"),
        (f"DELETE FROM {table} WHERE level = '{level}' AND bucket = {bucket}", str(bucket)),
        (f"UPDATE {table} SET bucket = bucket + 1 WHERE level = '{level}' AND bucket = {bucket}", str(bucket)),
        (f"UPDATE {table} SET bucket = 'x' WHERE level = '{level}' AND bucket = {bucket}", "bucket x"),
        (
            f"INSERT INTO {table} SELECT level, bucket + 7, {', '.join((*rollup.dimensions, *rollup.columns))} "
            f"FROM {table} WHERE level = '{level}' AND bucket = {bucket}",
            str(bucket + 7),
        ),
    ]:
        connection.execute("BEGIN")
        connection.execute(damage)
        connection.execute("COMMIT")
        before = contents(store)
        proof = verify(store)
        assert not proof.ok, damage
        assert {d.where for d in proof.differences} == {where}
        assert any(mark in d.what for d in proof.differences), (damage, proof.differences)
        assert contents(store) == before
        rebuild(store)
        assert verify(store).ok


def test_rows_of_a_level_that_does_not_exist_are_named(store: Store) -> None:
    columns = ", ".join((*ROLLUPS[0].dimensions, *ROLLUPS[0].columns))
    store.connection.execute(
        f"INSERT INTO rollup_booked SELECT 'decade', bucket, {columns} FROM rollup_booked WHERE level = 'year' LIMIT 1"
    )
    proof = verify(store)
    assert [d.what for d in proof.differences] == ["rows of unknown levels"]


def test_much_damage_is_counted_and_the_first_shown(store: Store) -> None:
    store.append(Batch("alpha", [trade(f"m{n}", n, T + n) for n in range(100)]))
    store.connection.execute("UPDATE entry SET stake = 12345")
    proof = verify(store)
    assert proof.count > 100
    assert len(proof.differences) == SHOWN


def test_a_damaged_log_is_an_error_that_names_the_event(store: Store) -> None:
    store.connection.execute("DROP TRIGGER event_no_update")
    store.connection.execute("UPDATE event SET body = '{' WHERE id = 2")
    for check in (verify, rebuild):
        before = contents(store)
        with pytest.raises(NorthStarError, match="event 2 of alpha"):
            check(store)
        assert contents(store) == before


def test_a_log_that_says_something_else_shows_in_the_entries(store: Store) -> None:
    store.connection.execute("DROP TRIGGER event_no_update")
    store.connection.execute("UPDATE event SET body = replace(body, '2000', '2001') WHERE id = 6")
    proof = verify(store)
    assert any(d.where == "entry" and d.what.endswith(": net") for d in proof.differences)
    assert {d.where for d in proof.differences} > {"entry", "rollup booked year"}


def test_a_rebuild_that_fails_changes_neither_the_store_nor_its_rules(store: Store) -> None:
    before, rules = contents(store), store.rules
    absurd = Rules("Asia/Kolkata", rates=(Rate("EUR", 0, Decimal(10**18)),))
    with pytest.raises(NorthStarError):
        rebuild(store, absurd)
    assert contents(store) == before
    assert store.rules == rules
    assert store.calendar.zone == "America/New_York"
    assert store.append(Batch("alpha", [trade("after", 1)])).new == 1
    assert verify(store).ok


def test_other_tables_do_not_concern_it(store: Store) -> None:
    store.connection.execute("INSERT INTO dimension (axis, name) VALUES ('book', 'nobody')")
    assert verify(store).ok
