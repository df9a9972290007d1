"""Any history, in any batching and zone: the ledger equals a plain recomputation, and adds up at every level."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from ledger_filters import filters
from ledger_model import DIMENSIONS, LEVELS, Model, batched, bucket_name, histories, replayed, rules_of
from ledger_names import named

from northstar_tui.calendar import ALL, DRILL, Period
from northstar_tui.events import Batch, Event, Origin, Reject
from northstar_tui.ledger import queries
from northstar_tui.ledger.queries import Measures
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store, now
from northstar_tui.ledger.terms import Where
from northstar_tui.ledger.verify import as_of, rebuild, verify

cuts = st.lists(st.integers(0, 40), max_size=6)
bases = st.sampled_from(["closed", "opened"])


@contextmanager
def new_store(rules: Rules) -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as folder, Store.create(Path(folder) / "s.db", rules) as store:
        yield store


def total(rows: list[queries.SumRow]) -> Measures:
    found = Measures()
    for row in rows:
        found += row.measures
    return found


def dump(connection: sqlite3.Connection, *but: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, but for when it was last derived again."""
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1")]
    rows = {t: sorted(connection.execute(f"SELECT * FROM {t}"), key=repr) for t in tables if t not in but}
    return rows | {"meta": [row for row in rows["meta"] if row[0] != "derived_at"]}


def assert_equal(store: Store, model: Model, basis: str, where: Where) -> None:
    zone = model.rules.zone
    lines = model.lines()
    stored = queries.entries(store, ALL, basis="opened")
    assert {(e.source, e.key): (e.book, e.category, e.kind, e.opened_at, e.closed_at, e.stake) for e in stored} == {
        line.key: (line.book, line.category, line.kind, line.opened, line.closed, line.stake)
        for line in lines
        if not line.mirror
    }
    assert {(e.source, e.key): (e.gross, e.net, e.fees, e.outcome, e.incomplete) for e in stored} == {
        line.key: (line.gross, line.net, line.gross - line.net, line.outcome, line.incomplete)
        for line in lines
        if not line.mirror
    }
    for level in ("all", *LEVELS):
        for by in ((), *((dimension,) for dimension in DIMENSIONS), DIMENSIONS, ("kind", "book")):
            rows = queries.sums(store, ALL, basis=basis, level=level, by=by, where=where)
            found = {(bucket_name(zone, level, row.bucket), row.names): row.measures for row in rows}
            assert len(found) == len(rows), "each bucket once"
            assert found == model.sums(basis, level, by, where), (level, by)
            assert [(row.bucket, row.names) for row in rows] == sorted((row.bucket, row.names) for row in rows)


def assert_children_add_up(store: Store, node: Period, basis: str, where: Where) -> None:
    """All → year → quarter → month → week within the month → day → hours and entries, wherever there are entries."""
    whole = queries.total(store, node, basis=basis, where=where)
    assert whole == queries.summed_entries(store, node, basis=basis, where=where)
    for dimension in DIMENSIONS:
        assert total(queries.sums(store, node, basis=basis, by=(dimension,), where=where)) == whole
    below = DRILL.get(node.level, "hour")
    rows = queries.sums(store, node, basis=basis, level=below, where=where)
    assert total(rows) == whole
    if below == "hour":
        entries = queries.entries(store, node, basis=basis, where=where)
        assert len(entries) == whole.entries
        assert sum(entry.net for entry in entries) == whole.net
        return
    span = node
    if node.level == "all":
        span = queries.span(store, basis) or node
        if span == node:
            assert whole == Measures()
            return
        calendar = store.calendar
        span = Period(calendar.bucket("year", span.start), calendar.period("year", span.end - 1).end, "all")
    children = store.calendar.children(span, below)
    assert {row.bucket for row in rows} <= {child.start for child in children}
    by_start = {row.bucket: row.measures for row in rows}
    for child in children:
        assert queries.total(store, child, basis=basis, where=where) == by_start.get(child.start, Measures())
        if child.start in by_start:
            assert_children_add_up(store, child, basis, where)


@given(histories, cuts, rules_of(), bases, filters)
def test_rollups_equal_a_plain_recomputation(
    events: list[Event], ends: list[int], rules: Rules, basis: str, where: Where
) -> None:
    with new_store(rules) as store:
        model = Model(rules)
        for batch in batched(events, ends):
            counts = store.append(batch)
            assert (counts.new, counts.unchanged, counts.revised) == model.append(batch)
        assert_equal(store, model, basis, where)
        assert_children_add_up(store, ALL, basis, where)
        proof = verify(store)
        assert proof.ok, proof
        assert proof.entries == len(model.lines())
        assert not store.connection.execute("PRAGMA foreign_key_check").fetchall()
        assert store.connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@given(histories, cuts, rules_of(), st.randoms(use_true_random=False))
def test_replaying_in_any_order_changes_nothing(
    events: list[Event], ends: list[int], rules: Rules, random: Random
) -> None:
    with new_store(rules) as store:
        batches = batched(events, ends)
        for batch in batches:
            store.append(batch)
        before = dump(store.connection)
        again = [replayed(batch) for batch in batches] * 2
        random.shuffle(again)
        for batch in again:
            events = list(batch.events)
            random.shuffle(events)
            counts = store.append(replace(batch, events=events))
            assert (counts.new, counts.revised, counts.unchanged) == (0, 0, len(events))
            assert counts.buckets == set()
        assert dump(store.connection) == before


def in_one_book(batch: Batch) -> Batch:
    """Return `batch` with one book for all it says about a key: a batch does not move money to and fro."""
    books = {(event.source, event.key): event.book for event in batch.events}
    return replace(batch, events=[replace(e, book=books[e.source, e.key]) for e in batch.events])


@given(histories, cuts, rules_of())
def test_the_same_batch_twice_in_a_row_changes_nothing(events: list[Event], ends: list[int], rules: Rules) -> None:
    with new_store(rules) as store:
        for number, batch in enumerate(map(in_one_book, batched(events, ends))):
            rejects = [Reject(7, "net", "no number", "x;y"), Reject(None, "", "cut in mid-row", "x")]
            full = replace(batch, cursor=f"page {number}", origin=Origin("a.csv", f"{number:064}", 5), rejects=rejects)
            first = store.append(full)
            before = dump(store.connection)
            second = store.append(full)
            assert (second.new, second.revised) == (0, 0)
            assert second.unchanged == first.new + first.revised + first.unchanged == len(batch.events)
            assert dump(store.connection) == before


@given(histories, cuts, cuts, rules_of())
def test_the_batching_does_not_matter(events: list[Event], ends: list[int], others: list[int], rules: Rules) -> None:
    with new_store(rules) as one, new_store(rules) as other:
        for batch in batched(events, ends):
            one.append(batch)
        with other.transaction():
            for batch in batched(events, others):
                other.append_within(batch)
        # A statement taken back within one batch leaves no trace there, and two revisions across batches.
        mine, theirs = named(one, "event_id"), named(other, "event_id")
        assert mine == theirs


@given(histories, cuts, rules_of(), rules_of())
def test_rebuild_reproduces_and_other_rules_derive_again(
    events: list[Event], ends: list[int], rules: Rules, others: Rules
) -> None:
    with new_store(rules) as store:
        model = Model(rules)
        for batch in batched(events, ends):
            store.append(batch)
            model.append(batch)
        before = dump(store.connection)
        assert rebuild(store) == len(model.lines())
        assert dump(store.connection) == before
        rebuild(store, others)
        model.rules = others
        assert store.calendar.zone == others.zone
        assert_equal(store, model, "closed", {})
        assert_equal(store, model, "opened", {})
        assert verify(store).ok
        with Store.open(store.path) as reader:
            assert reader.rules == others
            assert_children_add_up(reader, ALL, "closed", {})
        rebuild(store, rules)
        assert dump(store.connection, "dimension") == {k: v for k, v in before.items() if k != "dimension"}


@given(histories, cuts, rules_of(), bases)
def test_the_past_is_shown_as_it_was_known(events: list[Event], ends: list[int], rules: Rules, basis: str) -> None:
    with new_store(rules) as store:
        known = [(now(), named(store), queries.sums(store, ALL, basis=basis, level="day"))]
        for batch in batched(events, ends):
            store.append(batch)
            while (moment := now()) <= known[-1][0]:
                pass
            known.append((moment, named(store), queries.sums(store, ALL, basis=basis, level="day")))
            while now() <= moment:
                pass
        before = dump(store.connection)
        for moment, derived, daily in known:
            with as_of(store, moment) as past:
                assert named(past) == derived
                assert queries.sums(past, ALL, basis=basis, level="day") == daily
                assert verify(past).ok
        assert dump(store.connection) == before
