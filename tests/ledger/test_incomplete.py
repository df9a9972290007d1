"""What no rate converts, by currency: found by the hours that hold some, it is what the entries themselves say."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_model import CATEGORIES, utc

from northstar_tui.calendar import ALL, SECOND
from northstar_tui.events import Batch, Event
from northstar_tui.ledger import queries
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import Amount, Term, named

AUTUMN = utc(2026, 11, 1, 3)
"""A few hours before New York puts its clocks back: that day has the hour from 1 to 2 twice."""
WHERES = ((), (named("book", "john"),), (Term("fees", (Amount(">", 2),)),))


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kathmandu"])
@given(said=st.lists(st.tuples(st.sampled_from(("SEK", "EUR", "USD")), st.integers(0, 60 * 3600), st.booleans())))
def test_it_is_what_the_entries_say(zone: str, said: list[tuple[str, int, bool]]) -> None:
    events = []
    for number, (currency, after, johns) in enumerate(said):
        closed = AUTUMN + after * SECOND
        body = {"gross": 9, "net": 5, "closed_at": closed, "opened_at": closed - 7200 * SECOND, "currency": currency}
        events.append(Event("x", f"{number}", "trade.closed", closed, body, book="john" if johns else None))
    with (
        tempfile.TemporaryDirectory() as folder,
        Store.create(Path(folder) / "s.db", Rules(zone, "house", {}, CATEGORIES)) as store,
    ):
        store.append(Batch("x", events))
        days = [store.calendar.period("day", AUTUMN + n * 86_400 * SECOND) for n in range(-1, 4)]
        for basis in ("closed", "opened"):
            for where in WHERES:
                for span in (ALL, *days):
                    found = queries.entries(store, span, basis=basis, where=where)
                    there = Counter(each.currency for each in found if each.incomplete)
                    expected = [(currency, many, 5 * many) for currency, many in sorted(there.items(), key=str)]
                    assert queries.incomplete(store, span, basis, where) == expected
