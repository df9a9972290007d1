"""What changed since: the parts add up to what the total changed by, whatever the history and wherever it is cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from ledger_model import batched, rules_of, twice
from test_histories import cuts, histories, new_store

from northstar_tui.calendar import ALL
from northstar_tui.events import Batch, Event
from northstar_tui.ledger import queries
from northstar_tui.ledger.change import Sum, change, event_at, fresh_entries, newest_event
from northstar_tui.ledger.rules import Rules
from northstar_tui.notes import NOTED, OPERATOR, about


@given(st.one_of(twice, histories), cuts, rules_of())
def test_the_parts_add_up_to_the_difference(events: list[Event], ends: list[int], rules: Rules) -> None:
    with new_store(rules) as store:
        looks = [(0, 0)]
        for batch in batched(events, ends):
            store.append(batch)
            looks.append((newest_event(store), queries.total(store, ALL).net))
        now = queries.total(store, ALL).net
        for event, was in looks:
            found = change(store, event)
            fresh = sum(part.gross - part.fees for part in found.fresh.values())
            assert was + fresh + sum(each.net for each in found.older) == now
            assert all(each.before != each.after for each in found.older)
            for what, part in found.fresh.items():
                assert len(fresh_entries(store, found, what, part.entries + 1)) == part.entries


@given(st.one_of(twice, histories), cuts, rules_of())
def test_an_instant_is_the_last_event_before_it(events: list[Event], ends: list[int], rules: Rules) -> None:
    with new_store(rules) as store:
        for batch in batched(events, ends):
            store.append(batch)
        said = store.connection.execute("SELECT id, recorded_at FROM event ORDER BY id").fetchall()
        assert event_at(store, -(2**60)) == 0
        for _, instant in said:
            held = [event for event, at in said if at <= instant]
            assert event_at(store, instant) == held[-1]


def trade(source: str, net: int) -> Event:
    body = {"gross": net, "net": net, "closed_at": 1_000_000, "same": "kalshi:KXA"}
    return Event(source, "a", "trade.closed", 1_000_000, body, "raw")


def test_an_entry_that_another_door_bears_now_left_the_total_though_nothing_was_said_of_it() -> None:
    with new_store(Rules("UTC")) as store:
        store.append(Batch("kalshi-csv", [trade("kalshi-csv", 5_000_000)]))
        look = newest_event(store)
        store.append(Batch("kalshi", [trade("kalshi", 7_000_000)]))
        found = change(store, look)
        assert found.fresh == {"closes": Sum(1, 0, 7_000_000, 0)}
        assert [(each.net, each.before, each.after) for each in found.older] == [(-5_000_000, (5_000_000, 0), None)]


def test_an_entry_that_a_note_named_before_it_came_is_new_alone() -> None:
    """Its subject is older than those of entries that came between: what is new is told by the log, not by ids."""

    def plain(key: str, net: int) -> Event:
        return Event("alpha", key, "trade.closed", 7, {"gross": net, "net": net, "closed_at": 7}, key)

    with new_store(Rules("UTC")) as store:
        store.append(Batch(OPERATOR, [Event(OPERATOR, about("alpha", "late"), NOTED, 7, {"text": "soon"}, "soon")]))
        store.append(Batch("alpha", [plain("early", 5)]))
        look = newest_event(store)
        store.append(Batch("alpha", [plain("late", 7)]))
        found = change(store, look)
        assert (found.fresh, found.older) == ({"closes": Sum(1, 0, 7, 0)}, ())
        (number,) = fresh_entries(store, found, "closes", 9)
        noted = queries.entry(store, number)
        assert noted is not None and (noted.net, len(noted.notes)) == (7, 1)
