"""A part of a log, exported under a filter: imported elsewhere, it is what the filter keeps here."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_filters import filters
from ledger_model import RATES, events_of, some_sources

from northstar_tui.calendar import ALL
from northstar_tui.events import Batch, Event
from northstar_tui.ledger import queries
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.saying import add_note, change_tags
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import Where, named
from northstar_tui.sync.export import write_jsonl
from northstar_tui.sync.files import Request, import_file

alone = st.lists(events_of(some_sources, st.none()), min_size=1, max_size=20)


@settings(max_examples=40)
@given(alone, filters, st.sampled_from([None, "2025", "2025-03"]))
def test_it_says_what_the_filter_keeps(events: list[Event], where: Where, word: str | None) -> None:
    with Store.scratch(Rules("UTC", rates=RATES)) as store, Store.scratch(store.rules) as other:
        store.append(Batch("alpha", events))
        span = store.calendar.parse(word, 0) if word else None
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "part.jsonl"
            with path.open("wb") as out:
                count = write_jsonl(store, out, where, span)
            if count:
                assert not import_file(other, path, Request()).counts.quarantined
        for basis in ("closed",) if span else ("closed", "opened"):
            kept = queries.entries(store, span or ALL, basis=basis, where=where)
            found = queries.entries(other, ALL, basis=basis)
            facts = ("source", "key", "book", "category", "instrument", "side", "title", "net", "gross", "closed_at")
            assert [[getattr(e, f) for f in facts] for e in sorted(found, key=lambda e: (e.source, e.key))] == [
                [getattr(e, f) for f in facts] for e in sorted(kept, key=lambda e: (e.source, e.key))
            ]


def test_what_the_operator_said_goes_along() -> None:
    def trade(key: str, net: int) -> Event:
        return Event("alpha", key, "trade.closed", 10**15, {"gross": net, "net": net, "closed_at": 10**15})

    with Store.scratch(Rules("UTC")) as store, Store.scratch(store.rules) as other:
        store.append(Batch("alpha", [trade('odd "key"', 5), trade("b", -5)]))
        first, second = queries.entries(store, ALL)
        add_note(store, first.id, "kept")
        change_tags(store, first.id, ["late"], [])
        add_note(store, second.id, "left here")
        out = io.BytesIO()
        assert write_jsonl(store, out, (named("tag", "late"),)) == 3
        assert b"left here" not in out.getvalue()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "part.jsonl"
            path.write_bytes(out.getvalue())
            import_file(other, path, Request())
        [entry] = queries.entries(other, ALL)
        assert (entry.key, entry.tags, [note.text for note in entry.notes]) == ('odd "key"', ("late",), ["kept"])
