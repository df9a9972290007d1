"""What filters keep, kept beside the store: right whatever was appended, derived again or rolled back meanwhile."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_filters import filters
from ledger_model import RATES, ZONES, Model, batched, histories, utc
from test_histories import assert_children_add_up, assert_equal, bases, cuts, new_store

from northstar_tui.calendar import ALL, Period
from northstar_tui.events import Batch, Event
from northstar_tui.ledger import queries, sieve
from northstar_tui.ledger.lists import page
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import Amount, Name, Term, Where
from northstar_tui.ledger.verify import rebuild

DAY = 86_400_000_000
T = utc(2025, 3, 9, 12)
LOSSES: Where = (Term("net", (Amount("<", 0),)),)
ALPHA: Where = (Term("instrument", (Name("A", prefix=True),)),)


def trade(key: str, net: int, at: int = T, **facts: object) -> Event:
    body = {"gross": net, "net": net, "closed_at": at, "opened_at": at, "instrument": "A1", **facts}
    return Event("alpha", key, "trade.closed", at, body)


@given(histories, cuts, st.sampled_from(ZONES), bases, st.lists(filters, min_size=1, max_size=3), st.booleans())
def test_it_follows_every_append_from_another_connection(
    events: list[Event], ends: list[int], zone: str, basis: str, asked: list[Where], other: bool
) -> None:
    rules = Rules(zone, rates=RATES)
    with new_store(rules) as store, Store.open(store.path) as second:
        reader = second if other else store
        model = Model(rules)
        for number, batch in enumerate(batched(events, ends)):
            store.append(batch)
            model.append(batch)
            where = asked[number % len(asked)]
            assert_equal(reader, model, basis, where)
        for where in asked:
            assert_children_add_up(reader, ALL, basis, where)
            assert (
                len(page(reader, ALL, 0, 1000, basis=basis, where=where))
                == queries.total(reader, ALL, basis=basis, where=where).entries
            )


def tables(store: Store) -> list[str]:
    rows = store.connection.execute("SELECT name FROM temp.sqlite_schema WHERE name GLOB '*_[0-9]*' AND type = 'table'")
    return [row[0] for row in rows]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    with Store.create(tmp_path / "s.db", Rules("America/New_York")) as made:
        made.append(Batch("alpha", [trade(f"k{n}", n - 5, T + n * DAY) for n in range(11)]))
        made.append(Batch("alpha", [trade("late", -7, T + 900 * DAY, instrument="B")]))
    return made


@pytest.fixture
def reader(store: Store) -> Store:
    return Store.open(store.path)


def net(store: Store, where: Where = LOSSES, span: Period = ALL) -> int:
    with store.reading():
        return queries.total(store, span, where=where).net


def test_one_look_serves_the_whole_drill_down(reader: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert net(reader) == -15 - 7
    looks: list[str] = []
    reader.connection.set_trace_callback(lambda sql: looks.append(sql) if "FROM entry" in sql else None)
    year = reader.calendar.period("year", T)
    assert net(reader, span=year) == -15
    assert net(reader, (*LOSSES, Term("kind", (Name("cost"),))), year) == 0, "a dimension beside it needs no other look"
    rows = queries.sums(reader, year, level="week", by=("category",), where=LOSSES)
    assert sum(row.measures.net for row in rows) == -15
    assert looks == []
    assert queries.sums(reader, year, level="hour", where=LOSSES)
    assert len(looks) == 1, "hours were not asked for before"


def test_only_touched_days_are_read_again(store: Store, reader: Store) -> None:
    assert net(reader) == -22
    with Store.open(store.path, write=True) as writer:
        writer.append(Batch("alpha", [trade("k0", -50), trade("new", -1, T + 3 * DAY), trade("k9", -4, T + 40 * DAY)]))
    looks: list[str] = []
    reader.connection.set_trace_callback(lambda sql: looks.append(sql) if "FROM entry" in sql else None)
    assert net(reader) == -22 + 5 - 50 - 1 - 4
    spans = [Period(*(int(n) for n in look.split(">= ")[1].split(" AND closed_at < ")), "range") for look in
             (look.split(" AND (net")[0] for look in looks)]  # fmt: skip
    assert {round((span.end - span.start) / DAY) for span in spans} == {1}
    assert len(spans) == 4, "where they came, and whence k9 left"


def test_what_was_derived_again_is_read_again(store: Store, reader: Store) -> None:
    assert net(reader) == -22
    with Store.open(store.path, write=True) as writer:
        writer.connection.execute("UPDATE entry SET net = net - 1, gross = gross - 1 WHERE instrument_id = "
                                  "(SELECT id FROM dimension WHERE axis = 'instrument' AND name = 'B')")  # fmt: skip
        assert net(reader) == -22, "damage that no append did is not looked for"
        rebuild(writer)
        assert net(reader) == -22
        rebuild(writer, Rules("Asia/Kathmandu"))
    assert net(reader) == -22
    assert reader.calendar.zone == "Asia/Kathmandu"
    days = queries.sums(reader, ALL, level="day", where=LOSSES)
    assert [row.bucket for row in days] == sorted(reader.calendar.bucket("day", row.bucket) for row in days)


def test_a_transaction_that_is_rolled_back_takes_what_was_kept_with_it(store: Store, reader: Store) -> None:
    with pytest.raises(RuntimeError), reader.reading():
        assert queries.total(reader, ALL, where=LOSSES).net == -22
        reader.connection.execute("ROLLBACK")
        raise RuntimeError
    assert net(reader) == -22
    with Store.open(store.path, write=True) as writer:
        with pytest.raises(RuntimeError), writer.transaction():
            writer.append_within(Batch("alpha", [trade("gone", -1000)]))
            assert queries.total(writer, ALL, where=LOSSES).net == -1022
            raise RuntimeError
        assert queries.total(writer, ALL, where=LOSSES).net == -22
        writer.append(Batch("alpha", [trade("other", -1)]))
        assert queries.total(writer, ALL, where=LOSSES).net == -23


def test_an_interrupted_look_leaves_nothing_half_done(reader: Store) -> None:
    calls = 0

    def stop() -> int:
        nonlocal calls
        calls += 1
        return int(calls > 3)

    assert net(reader, ALPHA) == 0
    reader.connection.set_progress_handler(stop, 100)
    with pytest.raises(Exception, match="interrupted"):
        net(reader)
    if reader.connection.in_transaction:
        reader.connection.execute("ROLLBACK")
    reader.connection.set_progress_handler(None, 100)
    assert net(reader) == -22
    assert net(reader, ALPHA) == 0


def test_it_stays_a_reader_and_keeps_few_tables(reader: Store) -> None:
    for amount in range(30):
        net(reader, (Term("net", (Amount("<", amount - 15),)),))
        page(reader, ALL, 0, 10, where=LOSSES, sort="-net")
        page(reader, ALL, 0, 10, where=(), sort="what" if amount % 2 else "-stake")
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader.connection.execute("DELETE FROM entry")
    assert len(tables(reader)) <= sieve._KEPT


def test_a_list_in_sight_stays_as_it_is_until_it_is_asked_for_anew(store: Store, reader: Store) -> None:
    def nets(*, renewed: bool) -> list[int]:
        return [entry.net for entry in page(reader, ALL, 0, 3, sort="net", renewed=renewed)]

    assert nets(renewed=True) == [-7, -5, -4]
    with Store.open(store.path, write=True) as writer:
        writer.append(Batch("alpha", [trade("worst", -99)]))
    assert nets(renewed=False) == [-7, -5, -4]
    assert nets(renewed=True) == [-99, -7, -5]


amounts = st.lists(st.tuples(st.integers(0, 8), st.integers(-9, 9), st.integers(0, 3)), min_size=1, max_size=6)
"""What a batch says: of which key, its net, its day."""


@given(
    st.lists(amounts, min_size=1, max_size=8),
    st.sampled_from(["net", "-net", "stake", "-fees", "what", "tags"]),
    st.sampled_from([(), LOSSES]),
    st.integers(1, 5),
    bases,
    st.sampled_from([ALL, Period(T - DAY, T + 2 * DAY, "range")]),
)
def test_the_first_of_an_order_follow_every_append(
    batches: list[list[tuple[int, int, int]]], sort: str, where: Where, most: int, basis: str, span: Period
) -> None:
    with new_store(Rules("UTC")) as store, Store.open(store.path) as reader:
        for said in batches:
            store.append(Batch("alpha", [trade(f"{key}", net, T + day * DAY) for key, net, day in said]))
            first = page(reader, span, 0, most, basis=basis, where=where, sort=sort, most=most)
            assert [e.id for e in first] == [
                e.id for e in queries.entries(store, span, basis=basis, where=where, sort=sort, limit=most)
            ]


def test_the_worst_of_all_time_are_brought_up_to_a_commit_by_the_days_it_touched(store: Store, reader: Store) -> None:
    def worst() -> tuple[list[int], int]:
        steps = 0

        def step() -> int:
            nonlocal steps
            steps += 1
            return 0

        reader.connection.set_progress_handler(step, 1)
        found = [entry.net for entry in page(reader, ALL, 0, 5, sort="net", most=5)]
        reader.connection.set_progress_handler(None, 1)
        return found, steps

    with Store.open(store.path, write=True) as writer:
        old = [trade(f"old {number}", -100 - number, T - (1 + number % 90) * DAY) for number in range(3_000)]
        writer.append(Batch("alpha", old))
        found, whole = worst()
        assert found == [-3099, -3098, -3097, -3096, -3095]
        writer.append(Batch("alpha", [trade("worse", -3098)]))
        found, again = worst()
        assert found == [-3099, -3098, -3098, -3097, -3096]
        assert again < whole / 5
        writer.append(Batch("alpha", [replace(old[2999], body={**old[2999].body, "net": 1, "gross": 1})]))
        assert worst()[0] == [-3098, -3098, -3097, -3096, -3095], "what comes up from below is found"


def test_the_worst_of_all_time_are_found_in_an_index_alone(reader: Store) -> None:
    asked: list[str] = []
    reader.connection.set_trace_callback(asked.append)
    page(reader, ALL, 0, 5, sort="net", most=5)
    reader.connection.set_trace_callback(None)
    (made,) = [each for each in asked if each.startswith("INSERT INTO temp.order_")]
    plan = [row[3] for row in reader.connection.execute(f"EXPLAIN QUERY PLAN {made}")]
    assert any("USING COVERING INDEX entry_closed" in step for step in plan), plan
