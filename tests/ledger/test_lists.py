"""Lists of entries in any order: any page is that part of the whole list, from wherever it is walked to."""

from __future__ import annotations

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
from northstar_tui.ledger.queries import Entry
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.sorts import SORTS, SortError, order_by
from northstar_tui.ledger.terms import Where

sorts = st.sampled_from([*SORTS, *(f"-{name}" for name in SORTS), "time", "-time"])


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

        def read(first: int, seek: Seek | None = None, count: int = size) -> list[Entry]:
            return page(store, ALL, first, count, basis=basis, where=where, sort=sort, seek=seek)

        for first in range(0, len(whole) + 2, size):
            assert read(first) == whole[first : first + size]
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
        assert read(first, nearer(first, count, len(whole)), count) == whole[first : first + count]
        end = beyond(store, ALL, basis=basis, sort=sort)
        assert (end is None) == (not whole)
        assert read(first, Seek(end, back=True, skip=len(whole) - first - count), count) == whole[first : first + count]
        if whole:
            known = data.draw(st.integers(0, len(whole) - 1))
            at = whole[known].opened_at if basis == "opened" else whole[known].closed_at
            assert at is not None
            key = at, whole[known].id
            assert read(known + 3, Seek(key, skip=2)) == whole[known + 3 : known + 3 + size]
            begin = max(0, known - size)
            assert read(begin, Seek(key, back=True), known - begin) == whole[begin:known]


def test_an_order_that_is_none_is_an_error_that_names_them() -> None:
    with pytest.raises(SortError, match=r"sort by time, what, .*net"):
        order_by("closed", "-colour")
