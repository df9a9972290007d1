"""Lists of entries in any order: any page is that part of the whole list, from wherever it is walked to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_filters import filters
from ledger_model import RATES, ZONES, histories
from test_histories import bases, new_store

from northstar_tui.calendar import ALL
from northstar_tui.events import Batch, Event
from northstar_tui.ledger import queries
from northstar_tui.ledger.lists import Seek, beyond, nearer, page, position, walked
from northstar_tui.ledger.queries import Entry, Listed
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.sorts import SORTS, SortError, order_by
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import Where

sorts = st.sampled_from([*SORTS, *(f"-{name}" for name in SORTS), "time", "-time"])


def listed(entries: Sequence[Entry]) -> list[Listed]:
    """What a list shows of entries."""
    return [Listed(*(getattr(entry, field) for field in Listed._fields)) for entry in entries]


def ordered(entries: list[Entry], basis: str, sort: str) -> list[Entry]:
    """The same order, in plain Python: what is not stated comes last either way."""

    def value(entry: Entry) -> Any:
        name = sort.removeprefix("-")
        if name == "time":
            return entry.opened_at if basis == "opened" else entry.closed_at
        found = {"what": entry.title or entry.instrument, "side": entry.side or entry.kind}.get(name)
        found = getattr(entry, name) if found is None else found
        return "".join(char.lower() if char.isascii() else char for char in found) if isinstance(found, str) else found

    stated = [entry for entry in entries if value(entry) is not None]
    stated.sort(key=lambda entry: (value(entry), entry.id), reverse=sort.startswith("-"))
    rest = [entry for entry in entries if value(entry) is None]
    return stated + sorted(rest, key=lambda entry: entry.id, reverse=sort.startswith("-"))


@given(histories, st.sampled_from(ZONES), filters, bases, sorts, st.integers(1, 9), st.data())
def test_any_page_is_a_part_of_the_one_list(
    events: list[Event], zone: str, where: Where, basis: str, sort: str, size: int, data: st.DataObject
) -> None:
    with new_store(Rules(zone, rates=RATES)) as store:
        store.append(Batch("alpha", events))
        whole = queries.entries(store, ALL, basis=basis, where=where, sort=sort)
        everything = queries.entries(store, ALL, basis=basis)
        kept = {entry.id for entry in whole}
        assert whole == ordered([entry for entry in everything if entry.id in kept], basis, sort)
        assert len(whole) == queries.total(store, ALL, basis=basis, where=where).entries
        limit = data.draw(st.integers(1, 5))
        assert queries.entries(store, ALL, basis=basis, where=where, sort=sort, limit=limit) == whole[:limit]

        rows = listed(whole)

        def read(first: int, seek: Seek | None = None, count: int = size) -> list[Listed]:
            return page(store, ALL, first, count, basis=basis, where=where, sort=sort, seek=seek)

        for first in range(0, len(whole) + 2, size):
            assert read(first) == rows[first : first + size]
        for number, entry in enumerate(whole):
            assert position(store, ALL, entry.id, basis=basis, where=where, sort=sort) == number
        for entry in everything:
            if entry.id not in kept:
                assert position(store, ALL, entry.id, basis=basis, where=where, sort=sort) is None
        assert position(store, ALL, 10**9, basis=basis, where=where, sort=sort) is None
        if not walked(where, sort):
            return
        first = data.draw(st.integers(0, len(whole)))
        count = min(size, len(whole) - first)
        assert read(first, nearer(first, count, len(whole)), count) == rows[first : first + count]
        end = beyond(store, ALL, basis=basis, sort=sort)
        assert (end is None) == (not whole)
        assert read(first, Seek(end, back=True, skip=len(whole) - first - count), count) == rows[first : first + count]
        if whole:
            known = data.draw(st.integers(0, len(whole) - 1))
            at = whole[known].opened_at if basis == "opened" else whole[known].closed_at
            assert at is not None
            key = at, whole[known].id
            assert read(known + 3, Seek(key, skip=2)) == rows[known + 3 : known + 3 + size]
            begin = max(0, known - size)
            assert read(begin, Seek(key, back=True), known - begin) == rows[begin:known]


def test_a_list_reads_nothing_of_the_log(tmp_path: Path) -> None:
    """Its page is read where it lies, and what was said of its entries lies elsewhere: on a disk, most of the time."""
    with Store.create(tmp_path / "s.db", Rules("UTC")) as store:
        body = {"gross": 5, "net": 5, "closed_at": 7, "title": "A"}
        store.append(Batch("alpha", [Event("alpha", key, "trade.closed", 7, body, key) for key in "abc"]))
        reads = (lambda sort: page(store, ALL, 0, 9, sort=sort), lambda sort: beyond(store, ALL, sort=sort))
        before = [read(sort) for sort in ("time", "-time", "net") for read in reads]
        for table in ("event", "subject"):
            store.connection.execute(f"DROP TRIGGER {table}_no_delete")
        store.connection.execute("PRAGMA foreign_keys = OFF")
        for table in ("event", "subject"):
            store.connection.execute(f"DELETE FROM {table}")
        assert before == [read(sort) for sort in ("time", "-time", "net") for read in reads]
        assert len(before[0]) == 3


def test_the_end_of_a_list_is_read_from_an_index(tmp_path: Path) -> None:
    with Store.create(tmp_path / "s.db", Rules("UTC")) as store:
        asked: list[str] = []
        store.connection.set_trace_callback(asked.append)
        for basis in ("closed", "opened"):
            beyond(store, ALL, basis=basis)
        store.connection.set_trace_callback(None)
        plans = [store.connection.execute(f"EXPLAIN QUERY PLAN {each}").fetchall() for each in asked]
        assert ["COVERING INDEX" in plan[0][3] for plan in plans] == [True, True]
        assert [len(plan) for plan in plans] == [1, 1]


def test_an_order_that_is_none_is_an_error_that_names_them() -> None:
    with pytest.raises(SortError, match=r"sort by time, what, .*net"):
        order_by("closed", "-colour")
