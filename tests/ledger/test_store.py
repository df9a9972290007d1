"""The store's file: made, opened, guarded, refused; and its schema."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from ledger_model import utc

from northstar_tui.calendar import ALL
from northstar_tui.errors import NorthStarError
from northstar_tui.events import Batch, Event
from northstar_tui.ledger import queries, state
from northstar_tui.ledger.declarations import ROLLUPS
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.schema import MIGRATIONS
from northstar_tui.ledger.store import Store, StoreError
from northstar_tui.ledger.verify import rebuild, verify

T = utc(2025, 3, 9, 6, 30)
RULES = Rules("America/New_York")


def trade(key: str, net: int = 1, at: int = T) -> Event:
    return Event("alpha", key, "trade.closed", at, {"gross": net, "net": net, "closed_at": at})


def refused(call: object, *words: str) -> None:
    """The error is a StoreError of one line, with a remedy, that names what it should."""
    assert callable(call)
    with pytest.raises(StoreError) as caught:
        call()
    assert caught.value.remedy
    assert "\n" not in str(caught.value)
    for word in words:
        assert word in str(caught.value)


# -- files that are no store -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content", [b"x", b"date,profit\n2026-01-01,5\n", b"SQLite format 2\0", b"\0" * 4096, b"x" * 9000]
)
def test_a_file_of_anything_else_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bets.csv"
    path.write_bytes(content)
    refused(lambda: Store.create(path, RULES), "bets.csv")
    refused(lambda: Store.open(path), "bets.csv")
    refused(lambda: Store.open(path, write=True), "bets.csv")
    assert path.read_bytes() == content
    assert [each.name for each in tmp_path.iterdir()] == ["bets.csv"]


def test_a_database_of_another_program_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "places.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE bookmarks (url)")
    other.close()
    before = path.read_bytes()
    for call in (lambda: Store.create(path, RULES), lambda: Store.open(path), lambda: Store.open(path, write=True)):
        refused(call, "another program")
    assert path.read_bytes() == before


def test_an_application_id_of_another_program_is_enough(tmp_path: Path) -> None:
    path = tmp_path / "o.db"
    other = sqlite3.connect(path)
    other.execute("PRAGMA application_id = 77")
    other.close()
    refused(lambda: Store.create(path, RULES), "another program")


def test_a_newer_schema_is_refused_by_number(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    Store.create(path, RULES).close()
    with sqlite3.connect(path) as newer:
        newer.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 3}")
    newer.close()
    for call in (lambda: Store.create(path, RULES), lambda: Store.open(path), lambda: Store.open(path, write=True)):
        refused(call, f"schema {len(MIGRATIONS) + 3}", "upgrade")


def test_a_folder_and_nothing_at_all(tmp_path: Path) -> None:
    refused(lambda: Store.open(tmp_path), "folder")
    refused(lambda: Store.create(tmp_path, RULES), str(tmp_path))
    refused(lambda: Store.open(tmp_path / "none.db"), "no store at", "import")
    assert not (tmp_path / "none.db").exists()
    (tmp_path / "empty.db").touch()
    refused(lambda: Store.open(tmp_path / "empty.db"), "empty")
    refused(lambda: Store.open(tmp_path / "empty.db", write=True), "empty")
    assert (tmp_path / "empty.db").stat().st_size == 0


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    refused(lambda: Store.create(tmp_path / "file" / "s.db", RULES), "s.db")
    refused(lambda: Store.create(Path("/proc/northstar/s.db"), RULES), "/proc/northstar")
    if os.geteuid():
        locked = tmp_path / "locked"
        locked.mkdir(mode=0o500)
        refused(lambda: Store.create(locked / "s.db", RULES), "permissions")


def test_a_damaged_store_is_refused_with_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    with Store.create(path, RULES) as store:
        store.append(Batch("alpha", [trade(str(n)) for n in range(2000)]))
        store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        store.connection.execute("PRAGMA journal_mode = DELETE")
    data = bytearray(path.read_bytes())
    data[4096 : len(data) // 2] = b"\xa5" * (len(data) // 2 - 4096)
    path.write_bytes(data)
    with pytest.raises(NorthStarError) as caught, Store.open(path, write=True) as store:
        store.append(Batch("alpha", [trade("more")]))
    assert "restore" in str(caught.value)


def test_an_empty_file_can_become_a_store(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "s.db"
    path.parent.mkdir(parents=True)
    path.touch()
    with Store.create(path, RULES) as store:
        assert store.append(Batch("alpha", [trade("a")])).new == 1


# -- one kind, one set of rules ----------------------------------------------------------------------------------------


def test_real_and_simulated_money_never_mix(tmp_path: Path) -> None:
    Store.create(tmp_path / "demo.db", RULES, kind="demo").close()
    Store.create(tmp_path / "real.db", RULES).close()
    refused(lambda: Store.create(tmp_path / "demo.db", RULES), "demo store", "never mix")
    refused(lambda: Store.create(tmp_path / "real.db", RULES, kind="demo"), "real store")
    with Store.open(tmp_path / "demo.db") as demo, Store.create(tmp_path / "demo.db", RULES, kind="demo") as again:
        assert demo.kind == again.kind == "demo"
    refused(lambda: Store.open(tmp_path / "demo.db", write=True, kind="real"), "demo store")
    Store.open(tmp_path / "real.db", write=True, kind="real").close()


def test_a_store_keeps_the_rules_it_was_made_under(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    Store.create(path, RULES).close()
    with Store.create(path, Rules("Asia/Kolkata")) as store:
        assert store.rules == RULES
        assert store.calendar.zone == "America/New_York"


def test_a_writer_follows_rules_that_another_process_changed(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    with Store.create(path, RULES) as one, Store.open(path, write=True) as other, Store.open(path) as reader:
        one.append(Batch("alpha", [trade("a", 5)]))
        rebuild(other, Rules("Asia/Kathmandu", books={"alpha": "john"}))
        one.append(Batch("alpha", [trade("b", 6, T + 3_600_000_000)]))
        assert one.rules == other.rules
        assert verify(one).ok
        with reader.reading():
            assert reader.calendar.zone == "Asia/Kathmandu"
            assert [row.names for row in queries.sums(reader, ALL, by=("book",))] == [("john",)]


# -- transactions ------------------------------------------------------------------------------------------------------


def test_a_bad_event_stores_nothing_of_its_batch_and_harms_no_later_one(tmp_path: Path) -> None:
    with Store.create(tmp_path / "s.db", RULES) as store:
        store.append(Batch("alpha", [trade("a"), trade("b")]))
    with Store.open(tmp_path / "s.db", write=True) as store:
        before = list(store.connection.iterdump())
        bad = Event("gamma", "c", "cost.incurred", T, {}, line=12, book="new book")
        with pytest.raises(NorthStarError, match=r"gamma 'c' line 12.*amount"):
            store.append(Batch("alpha", [trade("a", 9), trade("new"), bad], cursor="1"))
        assert list(store.connection.iterdump()) == before
        assert store.append(Batch("alpha", [trade("a", 9)])).revised == 1
        good = Event("gamma", "c", "cost.incurred", T, {"amount": 1, "instrument": "host"}, book="new book")
        with sqlite3.connect(store.path, isolation_level=None) as other:  # another writer takes the next id for a name
            other.execute("INSERT INTO dimension (axis, name) VALUES ('book', 'its own')")
        other.close()
        assert store.append(Batch("gamma", [good])).new == 1
        assert {row.names for row in queries.sums(store, ALL, by=("book", "source"))} == {
            ("main", "alpha"),
            ("new book", "gamma"),
        }
        assert verify(store).ok


@pytest.mark.parametrize(
    ("kind", "body", "named"),
    [
        ("trade.closed", {"gross": 1, "net": 1}, "closed_at"),
        ("trade.closed", {"gross": 1, "net": None, "closed_at": T}, "net"),
        ("trade.closed", {"gross": 1.0, "net": 1, "closed_at": T}, "gross"),
        ("trade.closed", {"gross": True, "net": 1, "closed_at": T}, "gross"),
        ("trade.closed", {"gross": "1", "net": 1, "closed_at": T}, "gross"),
        ("trade.closed", {"gross": 2**62, "net": 1, "closed_at": T}, "gross"),
        ("trade.closed", {"gross": 1, "net": 1, "closed_at": 2**62}, "closed_at"),
        ("trade.closed", {"gross": 1, "net": 1, "closed_at": T, "opened_at": -(2**62)}, "opened_at"),
        ("trade.closed", {"gross": 1, "net": 1, "closed_at": T, "instrument": 5}, "instrument"),
        ("trade.closed", {"gross": 1, "net": 1, "closed_at": T, "currency": ["EUR"]}, "currency"),
        ("bet.settled", {"net": 1}, "gross"),
        ("credit.received", {}, "net"),
        ("cost.incurred", {"net": 1}, "amount"),
        ("job.completed", {"amount": "12"}, "amount"),
        ("job.refunded", {}, "refunded"),
    ],
)
def test_an_event_without_its_facts_is_an_error_that_names_the_field(kind: str, body: object, named: str) -> None:
    with Store.scratch(RULES) as store:
        with pytest.raises(NorthStarError, match=f"'k'.*{named}"):
            store.append(Batch("alpha", [Event("alpha", "k", kind, T, body)]))  # type: ignore[arg-type]
        assert store.connection.execute("SELECT count(*) FROM event").fetchone() == (0,)


@pytest.mark.parametrize("at", [2**62, -(2**62), 253_402_300_800 * 10**6])
def test_an_event_outside_all_calendars_is_an_error(at: int) -> None:
    with Store.scratch(RULES) as store, pytest.raises(NorthStarError, match="occurred_at"):
        store.append(Batch("alpha", [Event("alpha", "k", "note.made", at, {})]))


def test_a_corrected_time_of_occurrence_is_news(tmp_path: Path) -> None:
    with Store.create(tmp_path / "s.db", RULES) as store:
        cost = {"amount": 5}
        assert store.append(Batch("a", [Event("a", "k", "cost.incurred", T, cost)])).new == 1
        later = T + 40 * 86_400_000_000
        assert store.append(Batch("a", [Event("a", "k", "cost.incurred", later, cost)])).revised == 1
        months = queries.sums(store, ALL, level="month")
        assert [store.calendar.bucket_text("month", row.bucket) for row in months] == ["2025-04-01"]


def test_an_explicit_book_is_an_order_also_when_the_bytes_are_old(tmp_path: Path) -> None:
    """`import --book` moves money back and forth; a replay that names no book leaves it where it is."""
    from dataclasses import replace

    with Store.create(tmp_path / "s.db", RULES) as store:
        event = trade("a", 5)
        for book, expected in [("john", "john"), ("operations", "operations"), (None, "operations"), ("john", "john")]:
            store.append(Batch("alpha", [replace(event, book=book)], replay=True))
            assert [row.names for row in queries.sums(store, ALL, by=("book",))] == [(expected,)]
        assert verify(store).ok


def test_the_log_refuses_update_and_delete(tmp_path: Path) -> None:
    with Store.create(tmp_path / "s.db", RULES) as store:
        store.append(Batch("alpha", [trade("a")]))
        for statement in (
            "UPDATE event SET body = '{}'", "DELETE FROM event", "UPDATE subject SET key = 'x'", "DELETE FROM subject",
            "UPDATE OR REPLACE event SET id = id + 1", "DELETE FROM event WHERE id = 1",
        ):  # fmt: skip
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                store.connection.execute(statement)


def test_a_replaced_row_of_the_log_is_refused_too(tmp_path: Path) -> None:
    with Store.create(tmp_path / "s.db", RULES) as store:
        store.append(Batch("alpha", [trade("a")]))
        before = store.connection.execute("SELECT * FROM event").fetchall()
        with pytest.raises(sqlite3.Error):
            store.connection.execute("INSERT OR REPLACE INTO event SELECT * FROM event")
        with pytest.raises(sqlite3.Error):
            store.connection.execute("INSERT OR REPLACE INTO subject SELECT * FROM subject")
        assert store.connection.execute("SELECT * FROM event").fetchall() == before


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    Store.create(tmp_path / "s.db", RULES).close()
    with Store.open(tmp_path / "s.db") as reader:
        refused(lambda: reader.append(Batch("alpha", [trade("a")])), "s.db")


def test_the_cursor_moves_with_its_rows_or_not_at_all(tmp_path: Path) -> None:
    with Store.create(tmp_path / "s.db", RULES) as store:
        store.append(Batch("alpha", [trade("a")], cursor="1"))
        with pytest.raises(NorthStarError):
            store.append(Batch("alpha", [trade("b"), Event("alpha", "c", "cost.incurred", T, {})], cursor="2"))
        assert store.connection.execute("SELECT value FROM cursor").fetchall() == [("1",)]
        store.append(Batch("alpha", cursor="3"))
        store.append(Batch("alpha", [trade("b")]))
        assert store.connection.execute("SELECT value FROM cursor").fetchall() == [("3",)]


def test_readers_learn_which_days_changed(tmp_path: Path) -> None:
    with Store.create(tmp_path / "s.db", RULES) as store:
        assert state.last_batch(store) is None
        store.append(Batch("alpha", [trade("a"), trade("b", at=T + 10 * 86_400_000_000)]))
        first = state.last_batch(store)
        assert first is not None
        store.append(Batch("alpha", [trade("a")]))
        assert state.last_batch(store) == first, "nothing new is no batch"
        store.append(Batch("alpha", [trade("a", at=T + 3 * 86_400_000_000)]))
        span = state.touched_since(store, first[0])
        assert span is not None
        assert store.calendar.span_text(span) == ("2025-03-09", "2025-03-13"), "where the money left and where it went"
        newest = state.last_batch(store)
        assert newest is not None
        assert state.touched_since(store, newest[0]) is None


# -- schema ------------------------------------------------------------------------------------------------------------


def standing_comments() -> list[str]:
    """Every comment on a table and its columns, but those of tables that a later migration makes anew."""
    made = re.findall(r"(CREATE TABLE (\w+) .*?\n\).*?;)", "\n".join(MIGRATIONS), re.DOTALL)
    return re.findall(r"--.*", "\n".join({name: text for text, name in made}.values()))


def test_every_comment_of_the_schema_reaches_the_data_dictionary(tmp_path: Path) -> None:
    with Store.create(tmp_path / "s.db", RULES) as store:
        kept = "\n".join(row[0] for row in store.connection.execute("SELECT sql FROM sqlite_schema WHERE sql NOT NULL"))
        comments = standing_comments()
        assert len(comments) > 50
        for comment in comments:
            assert comment in kept
        for rollup in ROLLUPS:
            for measure in rollup.measures:
                assert re.search(rf"\b{measure.name} INTEGER NOT NULL, -- {re.escape(measure.about)}", kept)
        for (sql,) in store.connection.execute("SELECT sql FROM sqlite_schema WHERE type = 'table' AND sql NOT NULL"):
            assert re.match(r"CREATE TABLE \w+ \( -- \w", sql), f"the table explains itself: {sql[:60]}"


def test_a_new_store_is_sound(tmp_path: Path) -> None:
    with Store.create(tmp_path / "s.db", RULES) as store:
        connection = store.connection
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (1,)
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute("INSERT INTO subject (source_id, key) VALUES (999, 'x')")
        assert queries.total(store, ALL) == queries.Measures()
        assert queries.span(store) is None
        assert verify(store).ok


def test_many_processes_may_make_the_same_store_at_once(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from northstar_tui.ledger.store import Store; "
        "from northstar_tui.ledger.rules import Rules; from northstar_tui.events import Batch, Event\n"
        "with Store.create(Path(sys.argv[1]), Rules()) as store:\n"
        "    store.append(Batch('s', [Event('s', sys.argv[2], 'cost.incurred', 5, {'amount': 1})]))\n"
    )
    children = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path / "s.db"), str(n)], stderr=subprocess.PIPE)
        for n in range(6)
    ]
    for child in children:
        assert (child.communicate()[1], child.returncode) == (b"", 0)
    with Store.open(tmp_path / "s.db") as store:
        assert queries.total(store, ALL).entries == 6
        assert verify(store).ok


def test_an_older_store_is_brought_up_by_a_writer_and_named_to_a_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "s.db"
    with Store.create(path, RULES) as store:
        store.append(Batch("alpha", [trade("a", 5)]))
    more = (
        "CREATE TABLE later ( -- added later\n    id INTEGER PRIMARY KEY -- its key\n);\nINSERT INTO later VALUES (7);"
    )
    monkeypatch.setattr("northstar_tui.ledger.store.MIGRATIONS", (*MIGRATIONS, more))
    refused(lambda: Store.open(path), "older")
    with Store.open(path, write=True) as store:
        assert store.connection.execute("SELECT id FROM later").fetchall() == [(7,)]
        assert store.connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS) + 1,)
        assert verify(store).ok
    with Store.open(path) as reader:
        assert queries.total(reader, ALL).net == 5
        assert reader.kind == "real"


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "s.db"
    Store.create(path, RULES).close()
    broken = "CREATE TABLE later (id INTEGER);\nCREATE TABLE later (id INTEGER);"
    with monkeypatch.context() as patch:
        patch.setattr("northstar_tui.ledger.store.MIGRATIONS", (*MIGRATIONS, broken))
        refused(lambda: Store.open(path, write=True), "later")
    with Store.open(path) as store:
        assert not store.connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'later'").fetchall()


def test_the_schema_verb_prints_every_comment(tmp_path: Path) -> None:
    import json

    path = tmp_path / "s.db"
    Store.create(path, RULES).close()
    command = [sys.executable, "-m", "northstar_tui", "--store", str(path), "schema", "--json"]
    tables = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    said = {column["about"] for table in tables for column in table["columns"]} | {table["about"] for table in tables}
    for comment in standing_comments():
        assert comment.removeprefix("--").strip() in said
    for rollup in ROLLUPS:
        [table] = [each for each in tables if each["table"] == rollup.table]
        assert [c["name"] for c in table["columns"]] == ["level", "bucket", *rollup.dimensions, *rollup.columns]
        assert {measure.about for measure in rollup.measures} <= {column["about"] for column in table["columns"]}


def test_side_and_title_are_the_entrys_own_and_follow_corrections(tmp_path: Path) -> None:
    def bet(kind: str, **facts: object) -> Event:
        return Event("alpha", "b", kind, utc(2025, 3, 9), {"instrument": "NFL", **facts})

    with Store.create(tmp_path / "s.db", Rules("UTC")) as store:
        store.append(Batch("alpha", [bet("bet.placed", side="Jets", title="Jets at Bills", stake=5)]))
        (entry,) = queries.entries(store, ALL, basis="opened")
        assert (entry.side, entry.title) == ("Jets", "Jets at Bills")
        store.append(Batch("alpha", [bet("bet.settled", gross=3, net=3)]))
        (entry,) = queries.entries(store, ALL)
        assert (entry.side, entry.title) == ("Jets", "Jets at Bills"), "said when it was placed, and not taken back"
        store.append(Batch("alpha", [bet("bet.settled", gross=3, net=3, side=["odd"], title="")]))
        (entry,) = queries.entries(store, ALL)
        assert (entry.side, entry.title) == (None, None), "what is no text is kept in the log alone"
        assert verify(store).ok
