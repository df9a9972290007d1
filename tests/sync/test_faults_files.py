"""Every source of files and databases against what happens to files: stored, quarantined or refused by name."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fault_world import FaultWorld
from test_sync_verb import last, until
from tiny import TinyFake

from northstar_tui.ledger.health import last_runs, quarantine
from northstar_tui.ledger.store import Store, now
from northstar_tui.sources import batches, rows
from northstar_tui.sync import prepare

pytestmark = pytest.mark.usefixtures("quick", "packages")

ROWS = [
    {"id": f"n{nth}", "day": f"2026-03-{nth:02d}", "usd": f"{nth}.{nth:02d}", "who": f"Gärtner {nth}", "note": "ok"}
    for nth in range(1, 8)
]
"""Seven rows; a batch is three."""


def write_csv(path: Path, table: Sequence[Mapping[str, str]]) -> None:
    lines = [",".join(table[0]), *(",".join(row.values()) for row in table)]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def write_jsonl(path: Path, table: Sequence[Mapping[str, str]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in table), "utf-8")


def write_sqlite(path: Path, table: Sequence[Mapping[str, str]]) -> None:
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as other, other:
        other.execute(f"CREATE TABLE bill ({', '.join(f'{name} TEXT' for name in table[0])})")
        other.executemany(f"INSERT INTO bill VALUES ({', '.join('?' * len(table[0]))})", [[*r.values()] for r in table])


@dataclass(frozen=True)
class Kind:
    """One way to state the rows, and the config that reads them."""

    file: str
    write: Callable[[Path, Sequence[Mapping[str, str]]], None]
    text: str
    amount: str = "usd"
    """Name of the amount in this kind's errors, where it stands under another one: its role."""


BILLS = 'event = "cost.incurred"\nfields = { key = "id", time = "day", amount = "usd", instrument = "who" }\n'
WORK = 'columns = { key = "id", completed_at = "day", amount = "usd", instrument = "who" }\n'
KINDS = {
    "csv": Kind("x.csv", write_csv, f'[sources.x]\nkind = "csv"\npath = "x.csv"\n{BILLS}'),
    "jsonl": Kind("x.jsonl", write_jsonl, f'[sources.x]\nkind = "jsonl"\npath = "x.jsonl"\n{BILLS}'),
    "sqlite": Kind(
        "x.db", write_sqlite, f'[sources.x]\nkind = "sqlite"\npath = "x.db"\nquery = "SELECT * FROM bill"\n{BILLS}'
    ),
    "jobs-csv": Kind("x.csv", write_csv, f'[sources.x]\nkind = "jobs"\npath = "x.csv"\n{WORK}', "amount"),
    "jobs-jsonl": Kind("x.jsonl", write_jsonl, f'[sources.x]\nkind = "jobs"\npath = "x.jsonl"\n{WORK}', "amount"),
    "costs": Kind(
        "x.csv", write_csv,
        '[sources.x]\nkind = "costs"\nfiles = ["x.csv"]\ncolumns = { amount = "usd", instrument = "who" }\n', "amount",
    ),
}  # fmt: skip
TABLES = ("csv", "jobs-csv", "costs")
LINES = ("jsonl", "jobs-jsonl")


class World(FaultWorld):
    """A file, to which things happen."""

    def __init__(self, kind: Kind, folder: Path, neighbour: TinyFake) -> None:
        super().__init__(folder, f"{kind.text.split(chr(34))[1]}:x", kind.text, neighbour)
        self.kind = kind
        self.path = folder / kind.file
        self.heal()

    def heal(self) -> None:
        if self.path.is_dir():
            self.path.rmdir()
        self.kind.write(self.path, ROWS)

    def rejects(self) -> list[tuple[str, str, str]]:
        with Store.open(self.folder / "disturbed.db") as store:
            return [(each.field, each.reason, each.raw) for each in quarantine(store, 100)]

    def partly(self, new: int, quarantined: int) -> None:
        """Sync, and prove how much of it was taken."""
        outcome = self.sync()
        assert (outcome.state, outcome.error) == ("partial", "")
        held = len(self.dump()[1]) - 25  # the neighbour's
        assert (held, outcome.counts.quarantined) == (new, quarantined)


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    instant = now()
    monkeypatch.setattr(prepare, "now", lambda: instant)
    monkeypatch.setattr(batches, "BATCH", 3)
    with TinyFake() as neighbour:
        yield World(KINDS[request.param], tmp_path, neighbour)


def each(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("world", names or KINDS, indirect=True)


@each()
@pytest.mark.parametrize("before", [False, True], ids=["at first", "later"])
def test_a_file_that_is_not_there_is_named(world: World, before: bool) -> None:
    if before:
        assert world.sync().state == "done"
    world.path.unlink()
    world.fails(world.kind.file)
    world.path.mkdir()
    world.fails(world.kind.file)
    world.recovers()


@each()
def test_a_web_page_in_its_place_is_named(world: World) -> None:
    world.path.write_text("<!DOCTYPE html>\n<html><title>Sign in, please</title>\n<body>1,2,3</body></html>\n")
    world.fails("is not a database" if world.path.suffix == ".db" else "web page")
    world.recovers()


@each(*TABLES, "sqlite")
@pytest.mark.parametrize(
    ("content", "word"),
    [(b"", "empty"), (b"PK\x03\x04" + bytes(200), "ZIP"), (b"just one line of words\n", "no header")],
    ids=["empty", "archive", "text"],
)
def test_what_is_no_table_is_named(world: World, content: bytes, word: str) -> None:
    world.path.write_bytes(content)
    world.fails(*([word] if world.path.suffix == ".csv" else []))
    world.recovers()


@each(*LINES)
def test_lines_that_are_no_json_are_quarantined_and_an_empty_file_is_one(world: World) -> None:
    world.path.write_bytes(b"")
    assert world.sync().state == "done", "a log before its first line"
    world.path.write_bytes(b"PK\x03\x04\nwords\n")
    world.partly(0, 2)
    world.recovers()


@each(*TABLES, *LINES)
def test_a_file_cut_off_in_a_record_keeps_what_is_whole_and_names_the_rest(world: World) -> None:
    content = world.path.read_bytes()
    world.path.write_bytes(content[: content.index(b"n5") + 4])
    world.partly(4, 1)
    ((_, reason, raw),) = world.rejects()
    assert "n5" in raw
    assert "in the middle of this record" in reason or "no JSON" in reason
    world.recovers()


@each("sqlite")
def test_a_database_cut_off_is_named(world: World) -> None:
    content = world.path.read_bytes()
    world.path.write_bytes(content[: len(content) // 2])
    world.fails("x.db")
    world.recovers()


@each(*TABLES, "sqlite")
@pytest.mark.parametrize("how", ["renamed", "missing"])
def test_a_column_that_is_not_there_is_named_and_nothing_is_stored(world: World, how: str) -> None:
    assert world.sync().state == "done"
    table = [{"total" if name == "usd" else name: text for name, text in row.items()} for row in ROWS]
    if how == "missing":
        table = [{name: text for name, text in row.items() if name != "total"} for row in table]
    world.kind.write(world.path, [*table, {**table[0], "id": "n8"}])
    outcome = world.fails(f"column {world.kind.amount!r}" if world.kind.amount == "usd" else "states the amount")
    assert outcome.counts.unchanged == 0
    world.recovers()


@each(*LINES)
def test_a_field_that_is_not_there_is_named_for_each_record(world: World) -> None:
    world.kind.write(world.path, [{"total" if name == "usd" else name: t for name, t in r.items()} for r in ROWS])
    world.partly(0, 7)
    assert {name for name, _, _ in world.rejects()} <= {"usd", "amount"}
    world.recovers()


@each("csv", "jsonl", "jobs-jsonl", "sqlite")
def test_mending_the_config_reads_what_was_quarantined(world: World) -> None:
    world.kind.write(world.path, [{"total" if name == "usd" else name: t for name, t in r.items()} for r in ROWS])
    world.sync()
    assert len(world.dump()[1]) == 25
    (world.folder / "config.toml").write_text((world.folder / "config.toml").read_text().replace('"usd"', '"total"'))
    world.settings = world._settings((world.folder / "config.toml").read_text())
    outcome = world.sync()
    assert outcome.state == "done", outcome.error
    assert len(world.dump()[1]) == 25 + 7
    again = world.sync()
    assert (again.counts.new, again.counts.revised) == (0, 0)


@each("costs")
def test_a_row_without_an_id_is_not_read_again_in_other_words(world: World) -> None:
    """Its key is what it says: under another category it would be another row, and count twice."""
    write_csv(world.path, [{name: text for name, text in row.items() if name != "id"} for row in ROWS])
    world.sync()
    world.settings = world._settings(
        (world.folder / "config.toml").read_text().replace('files = ["x.csv"]', 'files = ["x.csv"]\ncategory = "tools"')
    )
    assert world.sync().counts.new == 0


@each()
def test_a_value_that_cannot_be_read_is_quarantined_alone(world: World) -> None:
    world.kind.write(world.path, [{**row, **({"usd": "lots"} if row["id"] == "n4" else {})} for row in ROWS])
    world.partly(6, 1)
    assert world.rejects()[0][:2] == ("usd", "'lots' is not a number")
    world.recovers()


@each(*TABLES, *LINES)
def test_bytes_that_are_not_text_cost_their_own_record_alone(world: World) -> None:
    world.path.write_bytes(world.path.read_bytes().replace("Gärtner 4".encode(), b"G\xe4rtner 4"))
    world.partly(6, 1)
    ((_, reason, raw),) = world.rejects()
    assert "Grtner" not in raw
    assert "n4" in raw
    assert "not text" in reason or "JSON" in reason
    world.recovers()


@each("sqlite")
def test_bytes_that_are_not_text_in_a_database_cost_their_own_record_alone(world: World) -> None:
    with closing(sqlite3.connect(world.path)) as other, other:
        other.execute("UPDATE bill SET who = CAST(x'47e472' AS TEXT) WHERE id = 'n4'")
    world.partly(6, 1)
    ((_, reason, raw),) = world.rejects()
    assert reason == "who holds bytes that are not text"
    assert "G\\\\xe4r" in raw
    world.recovers()


@each(*TABLES)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1252"])
def test_a_table_in_another_encoding_is_the_same_table(world: World, encoding: str) -> None:
    world.path.write_text(world.path.read_text("utf-8"), encoding)
    assert world.sync().state == "done"
    world.recovers()


def meddling(monkeypatch: pytest.MonkeyPatch, meddle: Callable[[], object]) -> None:
    """Let something happen to the file once four of its rows have been read."""
    for name in ("csv_rows", "jsonl_rows"):
        given_rows = getattr(rows, name)

        def meddled(*arguments: Any, given_rows: Any = given_rows) -> Iterator[rows.Row]:
            for number, row in enumerate(given_rows(*arguments), 1):
                yield row
                if number == 4:
                    meddle()

        monkeypatch.setattr(rows, name, meddled)
        if name == "csv_rows":
            monkeypatch.setattr("northstar_tui.sources.costs.csv_rows", meddled)


@each(*TABLES, *LINES)
def test_a_file_rewritten_while_it_is_read_is_named_and_read_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = [{**row, "usd": "100.00"} for row in ROWS]
    with monkeypatch.context() as patch:
        meddling(patch, lambda: (time.sleep(0.02), world.kind.write(world.path, changed)))
        outcome = world.fails("was written while it was read")
        assert len(world.dump()[1]) == 25 + 3, "what was read before the change stands"
        assert outcome.counts.new + outcome.counts.unchanged >= 3
    world.recovers()


@each(*TABLES, *LINES)
def test_a_file_that_grows_while_it_is_read_loses_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = world.path.read_bytes()
    part = whole[: whole.index(b"n6") - (2 if world.path.suffix == ".csv" else 9)]
    world.path.write_bytes(part[: part.rindex(b"\n") + 1])
    rest = whole[len(world.path.read_bytes()) :]

    def grow() -> None:
        with world.path.open("ab") as file:
            file.write(rest)

    with monkeypatch.context() as patch:
        meddling(patch, grow)
        assert world.sync().state == "done"
    world.recovers()


@each(*TABLES, *LINES)
def test_a_file_replaced_while_it_is_read_is_read_to_its_end_and_then_the_new_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = [{**row, "usd": "100.00"} for row in ROWS]

    def replace() -> None:
        other = world.path.with_name("other")
        world.kind.write(other, changed)
        other.replace(world.path)

    with monkeypatch.context() as patch:
        meddling(patch, replace)
        assert world.sync().state == "done"
    assert 100_000_000 not in {abs(row[6]) for row in world.dump()[1]}
    outcome = world.sync()
    assert outcome.counts.revised >= 7
    assert [abs(row[6]) for row in world.dump()[1] if row[0] == world.name] == [100_000_000] * 7


@each("sqlite")
def test_a_locked_database_is_waited_for_alone_and_read_the_next_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "LOCKED_SECONDS", 1.0)
    with closing(sqlite3.connect(world.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert "tried again" in world.fails("is locked by another program").remedy
        with Store.open(world.folder / "disturbed.db") as store:
            run = last_runs(store)[world.name]
        assert run.finished_at is not None and run.finished_at - run.started_at >= 900_000
        other.execute("ROLLBACK")
    world.recovers()


@each("sqlite")
def test_nobody_else_waits_for_a_locked_database(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "LOCKED_SECONDS", 60.0)
    path = world.folder / "disturbed.db"

    def unlock() -> None:
        until(lambda: last(path, "tiny:neighbour") == "done")
        other.execute("ROLLBACK")

    with closing(sqlite3.connect(world.path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN EXCLUSIVE")
        unlocking = threading.Thread(target=unlock)
        unlocking.start()
        assert world.sync().state == "done", "it was there as soon as its neighbour was done"
        unlocking.join()


@each("sqlite")
def test_a_database_that_is_written_meanwhile_is_read_as_it_was(world: World) -> None:
    with closing(sqlite3.connect(world.path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO bill VALUES ('n8', '2026-03-08', '8', 'x', '')")
        assert world.sync().state == "done"
        assert len(world.dump()[1]) == 25 + 7
        other.execute("COMMIT")
        assert world.sync().counts.new == 1


@each("sqlite")
def test_a_query_that_no_longer_fits_is_named(world: World) -> None:
    with closing(sqlite3.connect(world.path)) as other, other:
        other.execute("ALTER TABLE bill RENAME TO bills")
    world.fails("no such table: bill")
    world.recovers()


def test_one_file_that_is_not_there_costs_no_other(tmp_path: Path) -> None:
    write_csv(tmp_path / "there.csv", ROWS)
    text = '[sources.x]\nkind = "costs"\nfiles = ["gone.csv", "there.csv"]\ncolumns = { amount = "usd" }\n'
    with TinyFake() as neighbour:
        world = FaultWorld(tmp_path, "costs:x", text, neighbour)
        assert world.fails("gone.csv").counts.new == 7
        assert world.fails("gone.csv").counts.unchanged == 0, "what was read is not read again"
        write_csv(tmp_path / "gone.csv", [{**row, "id": f"m{row['id']}"} for row in ROWS])
        assert world.sync().counts.new == 7
