"""Positions kept in the writing transaction: whatever comes, in whatever order and batches, they are the pure fold."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_model import CATEGORIES, batched, utc

from northstar_tui.events import Batch, Event
from northstar_tui.figures.exact import UNIT, units
from northstar_tui.figures.positions import Fill, Settlement, fold
from northstar_tui.ledger.positions import TABLES, amount
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.verify import as_of, rebuild, verify

T = utc(2026, 3, 2, 14)
RULES = Rules("America/New_York", "house", {"kalshi": "scalper"}, CATEGORIES)
VERSIONS = (
    "SELECT d.name, i.name, v.subaccount, v.valid_from, v.cycle, v.valid_to, v.quantity, v.cost, v.gross, v.fees "
    "FROM position_version v JOIN dimension d ON d.id = v.source_id JOIN dimension i ON i.id = v.instrument_id "
    "ORDER BY 1, 2, 3, 4, 5"
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "s.db", RULES) as made:
        yield made
        assert verify(made).ok


def filled(
    key: str, side: str, quantity: str, price: str, at: int, *, source: str = "kalshi", fees: int = 0, **more: Any
) -> Event:
    body = {"instrument": "KXHIGH-A", "side": side, "quantity": quantity, "price": price, "fees": fees, **more}
    return Event(source, f"fill:{key}", "fill.executed", T + at, body)


def settled(at: int, source: str = "kalshi", instrument: str = "KXHIGH-A", **more: Any) -> Event:
    return Event(source, f"market:{instrument}", "market.settled", T + at, {"instrument": instrument, **more})


def reported(at: int, quantity: str, **more: Any) -> Event:
    body = {"instrument": "KXHIGH-A", "quantity": quantity, **more}
    return Event("kalshi", "position:0:KXHIGH-A", "position.reported", T + at, body)


def quoted(at: int, bid: str, source: str = "kalshi") -> Event:
    body = {"instrument": "KXHIGH-A", "bid": bid, "ask": "0.99", "status": "active"}
    return Event(source, "quote:KXHIGH-A", "market.quoted", T + at, body)


def rows(store: Store, sql: str) -> list[tuple[Any, ...]]:
    return list(map(tuple, store.connection.execute(sql)))


def positions(store: Store, columns: str) -> list[tuple[Any, ...]]:
    return rows(store, f"SELECT {columns} FROM position ORDER BY source_id, instrument_id, subaccount, cycle")


def tables(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    return {table: sorted(rows(store, f"SELECT * FROM {table}"), key=repr) for table in TABLES}


# -- what is kept ------------------------------------------------------------------------------------------------------


def test_versions_hold_from_one_fill_to_the_next(store: Store) -> None:
    store.append(Batch("kalshi", [filled("a", "buy", "10", "0.40", 1, fees=5), filled("b", "sell", "4", "0.5", 7)]))
    assert rows(store, VERSIONS) == [
        ("kalshi", "KXHIGH-A", 0, T + 1, 1, T + 7, "10", "4", "0", 5),
        ("kalshi", "KXHIGH-A", 0, T + 7, 1, None, "6", "2.4", "0.4", 5),
    ]
    assert positions(store, "opened_at, closed_at, over_at, booked, pays, broken") == [(T + 1, None, None, 0, 1, "")]
    names = "SELECT b.name, c.name FROM position JOIN dimension b ON b.id = book_id "
    assert rows(store, names + "JOIN dimension c ON c.id = category_id") == [("scalper", "weather")]


def test_a_flip_ends_one_cycle_and_begins_the_next_at_one_instant(store: Store) -> None:
    store.append(Batch("kalshi", [filled("a", "buy", "3", "0.40", 1), filled("b", "no", "10", "0.45", 2, fees=10)]))
    assert [row[3:] for row in rows(store, VERSIONS)][1:] == [
        (T + 2, 1, T + 2, "0", "0", "0.45", 3),
        (T + 2, 2, None, "-7", "3.85", "0", 7),
    ]
    at = f"valid_from <= {T + 2} AND (valid_to IS NULL OR valid_to > {T + 2})"
    assert rows(store, f"SELECT quantity FROM position_version WHERE {at}") == [("-7",)]


def test_a_late_fill_and_one_restated_change_what_came_after(store: Store) -> None:
    store.append(Batch("kalshi", [filled("a", "buy", "10", "0.40", 1), filled("c", "sell", "5", "0.60", 9)]))
    store.append(Batch("kalshi", [filled("b", "buy", "10", "0.50", 5)]))
    assert [row[6:9] for row in rows(store, VERSIONS)] == [
        ("10", "4", "0"), ("20", "9", "0"), ("15", "6.75", "0.75"),
    ]  # fmt: skip
    store.append(Batch("kalshi", [filled("b", "buy", "10", "0.30", 12)]))
    assert [row[3:9] for row in rows(store, VERSIONS)] == [
        (T + 1, 1, T + 9, "10", "4", "0"), (T + 9, 1, T + 12, "5", "2", "1"), (T + 12, 1, None, "15", "5", "1"),
    ]  # fmt: skip


def test_a_fill_restated_about_another_market_leaves_the_first(store: Store) -> None:
    store.append(Batch("kalshi", [filled("a", "buy", "1", "0.40", 1), filled("b", "buy", "1", "0.50", 2)]))
    store.append(Batch("kalshi", [filled("a", "buy", "1", "0.40", 1, instrument="KXBTC-B")]))
    assert [row[:2] + row[6:7] for row in rows(store, VERSIONS)] == [
        ("kalshi", "KXBTC-B", "1"), ("kalshi", "KXHIGH-A", "1"),
    ]  # fmt: skip


def test_a_duplicate_changes_nothing(store: Store) -> None:
    events = [filled("a", "buy", "10", "0.40", 1), filled("b", "sell", "10", "0.50", 2)]
    store.append(Batch("kalshi", events))
    before = tables(store)
    assert store.append(Batch("kalshi", [*events, *events])).unchanged == 4
    assert tables(store) == before


@pytest.mark.parametrize(
    ("said", "gross"),
    [
        ({"market_result": "yes"}, "6"),
        ({"market_result": "no"}, "-4"),
        ({"market_result": "scalar", "value": "0.4500"}, "0.5"),
        ({"market_result": "void"}, "0"),
    ],
)
def test_a_market_that_settles_closes_what_every_subaccount_holds(store: Store, said: Any, gross: str) -> None:
    store.append(
        Batch("kalshi", [filled("a", "buy", "10", "0.40", 1), filled("b", "buy", "10", "0.40", 1, subaccount=3)])
    )
    store.append(Batch("kalshi", [settled(99, **said)]))
    assert [row[2:] for row in rows(store, VERSIONS) if row[6] == "0"] == [
        (sub, T + 99, 1, None, "0", "0", gross, 0) for sub in (0, 3)
    ]
    assert positions(store, "closed_at, over_at") == [(T + 99, T + 99)] * 2


def test_a_market_of_unknown_value_stays_open_until_it_is_said(store: Store) -> None:
    store.append(Batch("kalshi", [filled("a", "buy", "1", "0.40", 1), settled(9, market_result="scalar")]))
    assert positions(store, "closed_at, over_at") == [(None, None)]
    store.append(Batch("kalshi", [settled(9, market_result="scalar", value="0.7")]))
    assert positions(store, "closed_at, over_at") == [(T + 9, T + 9)]
    store.append(Batch("kalshi", [filled("b", "buy", "2", "0.40", 20)]))  # said late, by another clock
    assert positions(store, "closed_at, over_at") == [(T + 20, T + 20)]


def test_the_accounts_own_result_settles_where_the_market_says_nothing(store: Store) -> None:
    result = {
        "instrument": "KXHIGH-A", "market_result": "no", "subaccount": 3, "gross": 1, "net": 1, "closed_at": T + 50
    }  # fmt: skip
    closed = Event("kalshi", "settlement:3:KXHIGH-A", "trade.closed", T + 50, result)
    both = [filled("a", "sell", "1", "0.40", 1, subaccount=sub) for sub in (0, 3)]
    store.append(Batch("kalshi", [replace(e, key=f"fill:{n}") for n, e in enumerate(both)] + [closed]))
    assert positions(store, "subaccount, closed_at") == [(0, None), (3, T + 50)]
    store.append(Batch("kalshi", [settled(40, market_result="no")]))
    assert positions(store, "subaccount, closed_at") == [(0, T + 40), (3, T + 40)]


def test_what_was_sold_before_settlement_waits_for_it(store: Store) -> None:
    store.append(Batch("kalshi", [filled("a", "buy", "1", "0.40", 1), filled("b", "sell", "1", "0.50", 5)]))
    assert positions(store, "closed_at, over_at") == [(T + 5, None)]
    store.append(Batch("kalshi", [settled(9, market_result="no")]))
    assert positions(store, "closed_at, over_at") == [(T + 5, T + 9)]


def perp(key: str, kind: str, side: str, quantity: str, price: str, at: int, start: str, **more: Any) -> Event:
    body = {"instrument": "BTC", "category": "crypto", "side": side, "quantity": quantity, "price": price,
            "start_position": start, **more}  # fmt: skip
    return Event("hyperliquid", f"fill/{key}", kind, T + at, body)


def test_fills_that_bear_entries_of_their_own_move_positions_too(store: Store) -> None:
    store.append(
        Batch("hyperliquid", [
            perp("1", "cost.incurred", "buy", "0.5", "100", 1, "0", amount=30_000),
            perp("2", "fill.executed", "buy", "0.5", "102", 2, "0.5"),
            perp("3", "trade.closed", "sell", "1.0", "104", 3, "1", gross=3_000_000, net=2_960_000, fees=40_000,
                 closed_at=T + 3),
        ])
    )  # fmt: skip
    assert [row[6:] for row in rows(store, VERSIONS)] == [
        ("0.5", "50", "0", 30_000), ("1", "101", "0", 30_000), ("0", "0", "3", 70_000),
    ]  # fmt: skip
    assert positions(store, "booked, pays, over_at") == [(1, 0, T + 3)]


def test_what_a_spot_buy_is_charged_in_kind_is_not_held(store: Store) -> None:
    kind = {"fee": "0.01", "fee_token": "UXMR"}
    store.append(Batch("h", [perp("1", "cost.incurred", "buy", "10", "3", 1, "0", amount=30_000, **kind)]))
    store.append(Batch("h", [perp("2", "fill.executed", "sell", "9.99", "4", 2, "9.99", **kind)]))
    assert [row[6:9] for row in rows(store, VERSIONS)] == [("9.99", "29.97", "0"), ("0", "0", "9.99")]


def test_missing_fills_are_counted_and_never_guessed(store: Store) -> None:
    store.append(Batch("h", [perp("1", "fill.executed", "sell", "1", "100", 1, "5")]))
    assert positions(store, "broken, closed_at") == [("opened before coverage", None)]
    assert [row[6:] for row in rows(store, VERSIONS)] == [("4", None, None, 0)]
    store.append(Batch("h", [perp("2", "fill.executed", "sell", "4", "90", 2, "4")]))
    store.append(Batch("h", [perp("3", "fill.executed", "buy", "1", "80", 3, "0")]))
    assert positions(store, "broken, closed_at") == [("opened before coverage", T + 2), ("", None)]
    store.append(Batch("h", [perp("0", "fill.executed", "buy", "5", "70", 0, "0")]))  # the missing one is found
    assert positions(store, "broken, closed_at") == [("", T + 2), ("", None)]


def test_exports_state_closed_trades_and_no_positions(store: Store) -> None:
    events = [filled("a", "buy", "1", "0.4", 1, source=source) for source in ("kalshi-csv:john", "hyperliquid-csv")]
    store.append(Batch("x", events))
    assert rows(store, "SELECT * FROM fill") == []


@pytest.mark.parametrize(
    "wrong", [{"side": "bid"}, {"quantity": "-1"}, {"quantity": "ten"}, {"price": None}, {"quantity": "0"}]
)
def test_a_fill_that_cannot_be_read_moves_nothing_and_is_kept_with_its_problem(store: Store, wrong: Any) -> None:
    store.append(Batch("kalshi", [filled("a", "buy", "1", "0.4", 1), filled("b", "buy", "1", "0.4", 2)]))
    spoilt = filled("b", "buy", "1", "0.4", 2)
    store.append(Batch("kalshi", [replace(spoilt, body={**spoilt.body, **wrong})]))
    assert [row[6] for row in rows(store, VERSIONS)] == ["1"]
    ((problem,),) = rows(store, "SELECT problem FROM fill WHERE problem IS NOT NULL")
    assert "number" in problem or "fill's" in problem


def test_reports_hold_until_the_next(store: Store) -> None:
    held = "SELECT at, quantity, until FROM position_report ORDER BY at"
    store.append(Batch("kalshi", [reported(1, "5.00"), reported(9, "7")]))
    store.append(Batch("kalshi", [reported(4, "6")]))
    assert rows(store, held) == [(T + 1, "5", T + 4), (T + 4, "6", T + 9), (T + 9, "7", None)]
    store.append(Batch("kalshi", [reported(9, "8")]))
    assert rows(store, held)[-1] == (T + 9, "8", None)


def test_a_quote_is_found_by_its_instant(store: Store) -> None:
    store.append(Batch("kalshi", [quoted(1, "0.3"), quoted(5, "0.4")]))
    store.append(Batch("kalshi", [quoted(5, "0.45")]))
    found = rows(store, "SELECT q.at, json_extract(e.body, '$.bid') FROM quote q JOIN event e ON e.id = q.event_id")
    assert found == [(T + 1, "0.3"), (T + 5, "0.45")]


def test_damage_is_found_and_rebuild_mends_it(store: Store) -> None:
    store.append(
        Batch("kalshi", [filled("a", "buy", "9", "0.4", 1), filled("b", "sell", "1", "0.5", 2), settled(9, value="1"),
                         quoted(1, "0.3"), reported(2, "8")])
    )  # fmt: skip
    before = tables(store)
    for table, (columns, key) in TABLES.items():
        for column in columns[key:]:
            if column in ("event_id", "source_id", "instrument_id", "book_id", "category_id"):
                continue
            store.connection.execute(f"UPDATE {table} SET {column} = CASE {column} WHEN '3' THEN '4' ELSE '3' END")
            differences = verify(store).differences
            assert differences, (table, column)
            assert {d.where for d in differences} == {table.replace("_", " ")}
            assert all(d.what.endswith(f": {column}") for d in differences)
            rebuild(store)
            assert tables(store) == before
        store.connection.execute(f"DELETE FROM {table}")
        assert {d.where for d in verify(store).differences} == {table.replace("_", " ")}
        rebuild(store)


def test_a_failed_append_leaves_every_table_as_it_was(store: Store) -> None:
    store.append(Batch("kalshi", [filled("a", "buy", "1", "0.4", 1)]))
    before = tables(store)
    with pytest.raises(Exception, match="lacks"):
        store.append(Batch("kalshi", [filled("b", "buy", "1", "0.4", 2), Event("kalshi", "x", "trade.closed", T, {})]))
    assert tables(store) == before


# -- any history -------------------------------------------------------------------------------------------------------

SOURCES = ("kalshi", "hyperliquid", "other:desk")
MARKETS = ("KXHIGH-A", "KXBTC-B")
decimals = st.integers(1, 500).map(lambda n: f"{n / 100:.2f}")


@st.composite
def moves(draw: st.DrawFn) -> Event:
    source, market = draw(st.sampled_from(SOURCES)), draw(st.sampled_from(MARKETS))
    at, sub = T + draw(st.integers(0, 12)), draw(st.sampled_from((0, 0, 3)))
    what = draw(st.integers(0, 20))
    facts: dict[str, Any] = {"instrument": market, "subaccount": sub}
    if what == 0:
        said = draw(st.sampled_from(({"market_result": "yes"}, {"market_result": "void"}, {"market_result": "scalar"},
                                     {"value": "0.25"})))  # fmt: skip
        return Event(source, f"market:{market}", "market.settled", at, {"instrument": market, **said})
    if what == 1:
        return Event(source, f"position:{sub}:{market}", "position.reported", at, {**facts, "quantity": draw(decimals)})
    if what == 2:
        return Event(source, f"quote:{market}", "market.quoted", at, {"instrument": market, "bid": draw(decimals)})
    side = draw(st.sampled_from(("buy", "sell", "yes", "no")))
    facts |= {"side": side, "quantity": draw(decimals), "price": draw(decimals), "fees": draw(st.integers(-9, 900))}
    key = f"fill:{draw(st.integers(0, 14))}"
    if what == 3:
        facts["quantity"] = "?"
    if what < 7:
        facts["start_position"] = draw(st.sampled_from(("0", "1.5", "-2")))
    if what == 8:
        facts |= {"gross": 5, "net": 4, "closed_at": at, "start_position": "0"}
        return Event(source, key, "trade.closed", at, facts, book=draw(st.sampled_from((None, "john"))))
    return Event(source, key, "fill.executed", at, facts)


def expected(events: Sequence[Event]) -> list[tuple[Any, ...]]:
    """Return the versions that the newest statement of every fill makes by the pure fold, without any table."""
    newest: dict[tuple[str, str], tuple[int, Event]] = {}
    for place, event in enumerate(events):
        if event.kind not in ("market.quoted", "position.reported"):
            first = newest.get((event.source, event.key), (place, event))[0]
            newest[event.source, event.key] = first, event
    fills: dict[tuple[str, str, int], list[Fill]] = defaultdict(list)
    ends: dict[tuple[str, str], Settlement] = {}
    for _, event in sorted(newest.values(), key=lambda found: (found[1].occurred_at, found[0])):
        body = event.body
        if event.kind == "market.settled":
            value = body.get("value") or {"yes": "1"}.get(body.get("market_result", ""))
            ends[event.source, body["instrument"]] = Settlement(
                event.occurred_at, None if value is None else units(value), body.get("market_result") == "void"
            )
        elif body["quantity"] != "?":
            sign = 1 if body["side"] in ("buy", "yes") else -1
            price = units(body["price"])
            start = body.get("start_position")
            fills[event.source, body["instrument"], body["subaccount"]].append(
                Fill(event.occurred_at, sign * units(body["quantity"]), UNIT - price if body["side"] == "no" else price,
                     body["fees"], None if start is None else units(start))
            )  # fmt: skip
    found = []
    for (source, market, sub), group in fills.items():
        versions = list(fold(group, ends.get((source, market))))
        for version, after in zip(versions, [*versions[1:], None], strict=True):
            state = version.state
            found.append((source, market, sub, version.at, state.cycle, None if after is None else after.at,
                          state.quantity, state.cost, state.gross, state.fees))  # fmt: skip
    return sorted(found, key=lambda row: row[:5])


def kept(store: Store) -> list[tuple[Any, ...]]:
    return [(*row[:6], units(row[6]), amount(row[7]), amount(row[8]), row[9]) for row in rows(store, VERSIONS)]


histories = st.lists(moves(), min_size=1, max_size=40)


@given(histories, st.lists(st.integers(0, 40), max_size=6), st.data())
def test_whatever_comes_in_whatever_batches_it_is_the_pure_fold(
    events: list[Event], ends: list[int], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder, Store.create(Path(folder) / "s.db", RULES) as store:
        for batch in batched(events, ends):
            store.append(batch)
        assert kept(store) == expected(events)
        assert verify(store).ok
        again = data.draw(st.sampled_from(events))
        store.append(Batch(again.source, [again]))
        assert kept(store) == expected([*events, again])
        rebuild(store)
        assert kept(store) == expected([*events, again])


@given(histories, st.integers(0, 40))
def test_a_past_moment_of_knowledge_has_its_own_positions(events: list[Event], cut: int) -> None:
    known = [replace(event, recorded_at=T + place) for place, event in enumerate(events)]
    with tempfile.TemporaryDirectory() as folder, Store.create(Path(folder) / "s.db", RULES) as store:
        for event in known:
            store.append(Batch(event.source, [event]))
        with as_of(store, T + cut) as past:
            assert kept(past) == expected(known[: cut + 1])


@given(histories)
def test_exactly_one_version_holds_at_any_instant_from_the_first_fill_on(events: list[Event]) -> None:
    with tempfile.TemporaryDirectory() as folder, Store.create(Path(folder) / "s.db", RULES) as store:
        for event in events:
            store.append(Batch(event.source, [event]))
        for at in range(T, T + 14):
            held = f"valid_from <= {at} AND (valid_to IS NULL OR valid_to > {at})"
            counts = rows(store, "SELECT count(*), min(v.valid_from) FROM position_version v WHERE "
                          f"{held} GROUP BY source_id, instrument_id, subaccount")  # fmt: skip
            assert all(count == 1 for count, _ in counts)
            begun = rows(store, "SELECT DISTINCT source_id, instrument_id, subaccount FROM position_version "
                         f"WHERE valid_from <= {at}")  # fmt: skip
            assert len(begun) == len(counts)
