"""What is held, at which marks, when its money comes back, how events can end, and what is doubtful."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ledger_model import CATEGORIES, utc

from northstar_tui.calendar import SECOND
from northstar_tui.events import Batch, Counts, Event
from northstar_tui.ledger import held
from northstar_tui.ledger.rules import Rate, Rules
from northstar_tui.ledger.store import Store
from northstar_tui.sync.runs import Run
from northstar_tui.views.base import ViewError, head
from northstar_tui.views.marks import FRESH
from northstar_tui.views.needs import needs
from northstar_tui.views.overview import overview
from northstar_tui.views.plain import needs_text
from northstar_tui.views.plain_positions import position_text, positions_text
from northstar_tui.views.position import PositionView, position
from northstar_tui.views.position_words import held_quantity, price_paid
from northstar_tui.views.positions import PositionsView, asked, find_one, positions

HOUR = 3600 * SECOND
DAY = 24 * HOUR
NOW = utc(2026, 3, 18, 15, 30)  # a Wednesday, 11:30 in New York
RULES = Rules("America/New_York", "house", {"kalshi": "scalper"}, CATEGORIES, (Rate("EUR", 0, Decimal("1.25")),))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "s.db", RULES) as made:
        yield made


def tell(store: Store, *events: Event) -> None:
    store.append(Batch(events[0].source, list(events)))


_keys = iter(range(10**9))


def fill(market: str, side: str, quantity: str, price: str, ago: int = DAY, **more: Any) -> Event:
    body = {"instrument": market, "side": side, "quantity": quantity, "price": price, "fees": 0, **more}
    source = str(more.pop("source", "kalshi"))
    body.pop("source", None)
    return Event(source, f"fill:{next(_keys)}", "fill.executed", NOW - ago, body)


def quote(market: str, bid: str | None, ask: str | None, ago: int = 60 * SECOND, **more: Any) -> Event:
    body = {"instrument": market, "bid": bid, "ask": ask, "last": "0.5", "status": "active", **more}
    return Event("kalshi", f"quote:{market}", "market.quoted", NOW - ago, body)


def report(market: str, quantity: str, ago: int = HOUR) -> Event:
    body = {"instrument": market, "quantity": quantity, "subaccount": 0}
    return Event("kalshi", f"position:0:{market}", "position.reported", NOW - ago, body)


def settled(market: str, ago: int = 0, **said: Any) -> Event:
    return Event("kalshi", f"market:{market}", "market.settled", NOW - ago, {"instrument": market, **said})


def one(store: Store, **asked: Any) -> Any:
    (row,) = positions(store, NOW, **asked).rows
    return row


# -- marks -------------------------------------------------------------------------------------------------------------


def test_a_long_position_is_worth_the_bid_and_a_short_one_costs_the_ask(store: Store) -> None:
    tell(store, fill("KXHIGH-A", "buy", "10", "0.40"), fill("KXHIGH-B", "no", "10", "0.30"))
    tell(store, quote("KXHIGH-A", "0.45", "0.55"), quote("KXHIGH-B", "0.60", "0.64"))
    yes, no = sorted(positions(store, NOW).rows, key=lambda row: row.instrument)
    assert (yes.side, yes.average, yes.mark, yes.unrealised, yes.locked) == ("yes", "0.4", "0.45", 500_000, 4_000_000)
    assert (no.side, no.average, no.mark, no.unrealised, no.locked) == ("no", "0.3", "0.36", 600_000, 3_000_000)
    assert positions(store, NOW).totals.unrealised == 1_100_000
    assert positions(store, NOW).head.net == 0, "nothing of it is in P&L"


@pytest.mark.parametrize(
    ("side", "said", "why", "mark"),
    [
        ("buy", {"bid": "0", "ask": "0.03"}, "", "0"),  # nobody bids: it is worth nothing
        ("buy", {"bid": None, "ask": "0.5"}, "nobody bids", None),
        ("no", {"bid": "0.5", "ask": None}, "nobody offers", None),
        ("no", {"bid": "0.5", "ask": "0"}, "nobody offers", None),
        ("buy", {"bid": "0", "ask": "0"}, "no quote", None),
        ("buy", {"bid": None, "ask": None}, "no quote", None),
        ("buy", {"bid": "x", "ask": None}, "no quote", None),
        ("buy", {"bid": "0.5", "ask": "0.6", "status": "closed"}, "not trading", None),
        ("buy", {"bid": "0.5", "ask": "0.6", "ago": FRESH + SECOND}, "stale", None),
        ("buy", {"bid": "0.5", "ask": "0.6", "ago": FRESH}, "", "0.5"),
    ],
)
def test_what_is_no_mark_says_why_and_is_out_of_the_total(
    store: Store, side: str, said: Any, why: str, mark: str | None
) -> None:
    tell(store, fill("KXHIGH-A", side, "10", "0.40"), quote("KXHIGH-A", **said))
    view = positions(store, NOW)
    (row,) = view.rows
    assert (row.why, row.mark) == (why, mark)
    assert (row.unrealised is None) == (mark is None)
    assert view.totals.excluded == (mark is None)
    assert ("excl. 1 position" in positions_text(view, store.calendar)) == (mark is None)


def test_a_market_that_was_never_quoted_has_no_mark(store: Store) -> None:
    tell(store, fill("KXHIGH-A", "buy", "10", "0.40"))
    assert (one(store).why, one(store).marked_at) == ("no quote", None)


def test_a_quote_that_did_not_change_holds_until_its_source_was_read(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(store, fill("KXHIGH-A", "buy", "10", "0.40"), quote("KXHIGH-A", "0.45", "0.55", ago=5 * HOUR))
    assert one(store).why == "stale"
    for ago, failed in ((10 * 60 * SECOND, False), (60 * SECOND, True)):
        monkeypatch.setattr("northstar_tui.sync.runs.now", lambda ago=ago: NOW - ago)
        with store.transaction():
            run = Run(store, "kalshi")
            run.failed("no", Counts()) if failed else run.done(Counts())
    assert (one(store).mark, one(store).marked_at) == ("0.45", NOW - 10 * 60 * SECOND)
    past = positions(store, NOW, NOW - HOUR).rows[0]
    assert (past.why, past.marked_at) == ("stale", NOW - 5 * HOUR)


# -- moments -----------------------------------------------------------------------------------------------------------


def test_a_past_moment_shows_what_was_held_then_at_the_quote_of_then(store: Store) -> None:
    tell(
        store, fill("KXHIGH-A", "buy", "10", "0.40", 10 * HOUR), fill("KXHIGH-A", "sell", "4", "0.50", 5 * HOUR),
        quote("KXHIGH-A", "0.42", "0.5", 8 * HOUR), quote("KXHIGH-A", "0.60", "0.7", HOUR),
    )  # fmt: skip
    then = positions(store, NOW, NOW - 8 * HOUR)
    assert [(row.quantity, row.mark, row.unrealised) for row in then.rows] == [("10", "0.42", 200_000)]
    assert positions(store, NOW, NOW - 11 * HOUR).rows == ()
    assert [(row.quantity, row.unrealised) for row in positions(store, NOW).rows] == [("6", 1_200_000)]
    tell(store, settled("KXHIGH-A", market_result="yes"))
    assert positions(store, NOW).rows == ()
    assert positions(store, NOW, NOW - 8 * HOUR).rows == then.rows


def test_fifo_costs_what_is_left(store: Store) -> None:
    tell(
        store, fill("BTC", "sell", "1", "9", 9 * HOUR, source="desk"),
        *(fill("BTC", side, n, price, ago * HOUR, source="desk")
          for side, n, price, ago in (("buy", "11", "100", 8), ("buy", "10", "110", 7), ("sell", "5", "120", 6))),
    )  # fmt: skip
    average, fifo = one(store), one(store, fifo=True)
    assert (average.average, average.cost, average.realised) == ("105", 1_575_000_000, 75_000_000)
    assert (fifo.cost, fifo.realised) == (1_600_000_000, 100_000_000)
    one_fifo = view_of(store, "BTC", fifo=True)
    assert one_fifo.row is not None
    assert (one_fifo.row.cost, one_fifo.row.realised) == (fifo.cost, fifo.realised)
    assert [step.realised for step in one_fifo.steps] == [100_000_000, None, -91_000_000, None], "one table, one kind"
    assert view_of(store, "BTC").steps[0].realised == 75_000_000
    assert one_fifo.proved and one_fifo.cycles[0].gross == 100_000_000
    assert (average.side, average.locked) == ("long", None), "what a position of no bounds ties up is not known"


# -- what comes back, and how it can end -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ahead", "when"),
    [
        (None, "unknown"), (12 * HOUR, "today"), (13 * HOUR, "this week"), (4 * DAY + 12 * HOUR, "this week"),
        (4 * DAY + 13 * HOUR, "later"), (-6 * HOUR, "today"), (-6 * HOUR - SECOND, "overdue"),
    ],
)  # fmt: skip
def test_locked_money_comes_back_by_the_local_day_and_week(store: Store, ahead: int | None, when: str) -> None:
    expected = {} if ahead is None else {"expected_at": NOW + ahead}
    tell(store, fill("KXHIGH-A", "buy", "10", "0.40"), quote("KXHIGH-A", "0.45", "0.55", **expected))
    view = positions(store, NOW)
    assert [(each.when, each.amount, each.positions) for each in view.locked] == [(when, 4_000_000, 1)]
    assert bool(view.rows[0].overdue) == (when == "overdue")


def test_a_market_that_stopped_trading_and_is_still_open_is_somebodys_to_look_at(store: Store) -> None:
    tell(store, fill("KXHIGH-A", "buy", "10", "0.40"), quote("KXHIGH-A", "0", "1", 7 * HOUR, status="determined"))
    assert not positions(store, NOW, NOW - 2 * HOUR).rows[0].overdue, "it may take a while"
    row = one(store)
    assert row.overdue == "its market does not trade any more"
    assert "still open" in positions_text(positions(store, NOW), store.calendar)
    tell(store, settled("KXHIGH-A", market_result="scalar"))  # at what value nobody said
    assert one(store).overdue
    (need,) = overview(store, NOW).needs
    assert (need.kind, need.severe) == ("overdue", False) and "northstar sync kalshi" in need.remedy
    assert "◐ KXHIGH-A: its market" in positions_text(positions(store, NOW), store.calendar)
    tell(store, settled("KXHIGH-A", market_result="scalar", value="0.3"), report("KXHIGH-A", "2"))
    (need,) = overview(store, NOW).needs
    assert (need.kind, need.severe) == ("differs", True) and "--since" in need.remedy
    (simulated,) = needs(head(store)._replace(kind="demo"), (), NOW, positions(store, NOW))
    assert simulated.remedy == f"nothing to do in a demo; for real: {need.remedy}", "its sources are never read"
    said = needs_text((need,))
    assert said[1].startswith("✗ KXHIGH-A: ") and said[2] == f"    {need.remedy}"
    assert said[1] in positions_text(positions(store, NOW), store.calendar), "one mark for one fact"
    tell(store, fill("KXLATE-A", "buy", "1", "0.40"), quote("KXLATE-A", "0", "1", 7 * HOUR, status="determined"))
    assert [each.severe for each in overview(store, NOW).needs] == [True, True, False], "the severe first"


@pytest.mark.parametrize(
    ("exclusive", "worst", "best"), [(True, -6_000_000, 4_000_000), (None, -6_000_000, 14_000_000)]
)
def test_markets_of_one_event_end_together(store: Store, exclusive: bool | None, worst: int, best: int) -> None:
    more: dict[str, Any] = {} if exclusive is None else {"exclusive": exclusive}
    tell(
        store, fill("KXHIGH-26MAR18-A", "buy", "10", "0.40"), fill("KXHIGH-26MAR18-B", "buy", "10", "0.20"),
        quote("KXHIGH-26MAR18-A", "0.40", "0.50", **more), quote("KXHIGH-26MAR18-B", "0.1", "0.3", **more),
        fill("KXBTC-26MAR18-A", "buy", "10", "0.20"),
    )  # fmt: skip
    (group,) = positions(store, NOW).groups
    assert (group.name, group.markets, group.exclusive) == ("KXHIGH-26MAR18", 2, exclusive)
    assert (group.worst, group.best, group.expected) == (worst, best, -6_000_000 + 4_500_000 + 2_000_000)
    tell(store, quote("KXHIGH-26MAR18-B", None, "0.3", ago=0, **more))
    assert positions(store, NOW).groups[0].expected is None


def test_what_waits_is_of_the_same_kind_of_cost(store: Store) -> None:
    for number, (side, price) in enumerate((("buy", "0.20"), ("buy", "0.40"), ("sell", "0.50"))):
        tell(store, fill("KXHIGH-A", side, "10", price, DAY - number))
    tell(store, quote("KXHIGH-A", "0.50", "0.60"))
    average, fifo = (positions(store, NOW, fifo=kind).totals for kind in (False, True))
    assert (average.unrealised, average.waiting) == (2_000_000, 2_000_000)
    assert (fifo.unrealised, fifo.waiting) == (1_000_000, 3_000_000)


def test_what_was_realised_waits_for_its_market_to_settle(store: Store) -> None:
    tell(
        store, fill("KXHIGH-A", "buy", "10", "0.40", fees=7), fill("KXHIGH-A", "sell", "4", "0.50", HOUR),
        fill("KXBTC-B", "buy", "1", "0.40", fees=1), fill("KXBTC-B", "sell", "1", "0.70", HOUR, fees=1),
        fill("BTC", "buy", "1", "5", source="desk"), fill("BTC", "sell", "1", "7", HOUR, source="desk"),
    )  # fmt: skip
    totals = positions(store, NOW).totals
    assert (totals.waiting, totals.markets) == (400_000 - 7 + 300_000 - 2, 2)
    tell(store, settled("KXBTC-B", market_result="no"))
    assert positions(store, NOW).totals.waiting == 400_000 - 7
    assert positions(store, NOW, NOW - HOUR // 2).totals.waiting == totals.waiting


def test_a_market_that_was_entered_twice_is_one_market_not_settled(store: Store) -> None:
    for ago in (DAY, HOUR):
        tell(store, fill("KXHIGH-A", "buy", "1", "0.40", ago), fill("KXHIGH-A", "sell", "1", "0.50", ago - 60 * SECOND))
    view = positions(store, NOW)
    assert (view.totals.markets, view.totals.cycles, len(view.waiting)) == (1, 2, 2)
    assert "realised so far in 1 market (2 cycles) not settled, after fees: ▲ +$0.20" in positions_text(
        view, store.calendar
    )


@pytest.mark.parametrize("said", ["kalshi", "source:kalshi", "kx", "scalper", "book:scalper", "weather"])
def test_a_filter_keeps_the_same_in_every_part(store: Store, said: str) -> None:
    tell(
        store, fill("KXHIGH-A", "buy", "10", "0.40"), fill("KXHIGH-A", "sell", "4", "0.50", HOUR),
        fill("KXHIGH-B", "buy", "1", "0.40"), fill("KXHIGH-B", "sell", "1", "0.70", HOUR),
        report("KXHIGH-A", "9", 0),
        fill("BTC", "buy", "1", "5", source="desk"), fill("BTC", "sell", "1", "7", HOUR, source="desk"),
    )  # fmt: skip
    whole = positions(store, NOW)
    assert [row.instrument for row in whole.waiting] == ["KXHIGH-A", "KXHIGH-B"] and len(whole.differences) == 1
    where, search = asked(said)
    kept = positions(store, NOW, where=where, search=search)
    assert (kept.waiting, kept.differences) == (whole.waiting, whole.differences)
    where, search = asked("source:desk" if ":" in said else "desk")
    other = positions(store, NOW, where=where, search=search)
    assert (other.waiting, other.differences) == ((), ())


def test_a_filter_keeps_what_the_venue_alone_reports_by_what_is_known_of_it(store: Store) -> None:
    tell(store, fill("KXHIGH-A", "buy", "10", "0.40"), report("KXHIGH-A", "10", 0), report("KXHIGH-C", "2"))
    for said, many in (("kalshi", 1), ("source:kalshi", 1), ("KXHIGH-C", 1), ("KXHIGH-A", 0), ("book:scalper", 0)):
        where, search = asked(said)
        found = positions(store, NOW, where=where, search=search).differences
        assert [each.instrument for each in found] == ["KXHIGH-C"] * many, said


def test_a_currency_is_converted_by_its_rate_or_left_out(store: Store) -> None:
    for currency in ("EUR", "SEK"):
        tell(
            store, fill(f"KXHIGH-{currency}", "buy", "10", "0.40", currency=currency),
            quote(f"KXHIGH-{currency}", "0.50", "0.55"),
        )  # fmt: skip
    view = positions(store, NOW)
    assert {row.instrument: (row.unrealised, row.locked, row.why) for row in view.rows} == {
        "KXHIGH-EUR": (1_250_000, 5_000_000, ""), "KXHIGH-SEK": (None, None, "no rate for SEK"),
    }  # fmt: skip
    assert (view.totals.unrealised, view.totals.excluded, view.totals.unlocked) == (1_250_000, 1, 1)


def test_fees_are_dollars_beside_the_money_they_are_taken_from(store: Store) -> None:
    for currency in ("EUR", "SEK"):
        market = f"KXHIGH-{currency}"
        tell(
            store, fill(market, "buy", "10", "0.40", currency=currency, fees=400_000),
            fill(market, "sell", "4", "0.90", ago=HOUR, currency=currency, fees=200_000),
        )  # fmt: skip
    (waiting,) = positions(store, NOW).waiting
    assert (waiting.gross, waiting.fees, waiting.net) == (2_500_000, 750_000, 1_750_000)
    assert [row.fees for row in positions(store, NOW).rows] == [750_000, None]
    euro, krona = (position(store, NOW, find_one(store, f"KXHIGH-{each}")) for each in ("EUR", "SEK"))
    assert [(cycle.gross, cycle.fees, cycle.net) for cycle in euro.cycles] == [(2_500_000, 750_000, 1_750_000)]
    assert [step.fees for step in euro.steps] == [250_000, 500_000]
    assert [step.fees for step in krona.steps] == [None, None], "without a rate there is no telling"
    assert "fees so far —" in position_text(krona, store.calendar)


def test_a_position_of_many_cycles_costs_what_there_are_cycles(tmp_path: Path) -> None:
    def steps(cycles: int) -> int:
        taken = 0

        def step() -> int:
            nonlocal taken
            taken += 1
            return 0

        with Store.create(tmp_path / f"{cycles}.db", RULES) as made:
            tell(made, *(fill("KXA", ("buy", "sell")[n % 2], "1", "0.40", ago=DAY - n) for n in range(2 * cycles)))
            key = find_one(made, "KXA")
            made.connection.set_progress_handler(step, 10)
            assert len(position(made, NOW, key).cycles) == cycles
        return taken

    few, many = steps(50), steps(400)
    assert many <= 1.3 * 8 * few, f"{few:,}, then {many:,} steps"


def test_open_bets_are_positions_without_a_mark(store: Store) -> None:
    facts = {"instrument": "DK", "title": "Knicks +3", "side": "Knicks", "stake": 20_000_000, "odds": "-110"}
    placed = Event("bets-csv", "B1", "bet.placed", NOW - DAY, facts)
    tell(store, placed)
    row = one(store)
    assert (row.title, row.side, row.odds, row.locked, row.mark) == ("Knicks +3", "Knicks", "-110", 20_000_000, None)
    assert (held_quantity(row), price_paid(row)) == ("—", "odds -110"), "odds are a price, and a bet has no quantity"
    assert (held_quantity(row), price_paid(replace(row, odds=""))) == ("—", "—")
    totals = positions(store, NOW).totals
    assert (totals.positions, totals.bets, totals.locked, totals.excluded) == (0, 1, 20_000_000, 0)
    won = {**facts, "gross": 5, "net": 5, "closed_at": NOW - HOUR, "opened_at": NOW - DAY}
    tell(store, replace(placed, kind="bet.settled", occurred_at=NOW - HOUR, body=won))
    assert positions(store, NOW).rows == ()
    assert one(store, at=NOW - 2 * HOUR).entry == row.entry
    assert positions(store, NOW, NOW - 2 * DAY).rows == ()


def test_a_past_moment_with_too_many_bets_after_it_says_so(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    body = {"gross": 5, "net": 5, "stake": 9, "opened_at": NOW - DAY}
    bets = [Event("b", f"{n}", "bet.settled", NOW - HOUR, {**body, "closed_at": NOW - HOUR + n}) for n in range(4)]
    tell(store, *bets)
    monkeypatch.setattr(held, "SEARCHED", 4)
    assert len(positions(store, NOW, NOW - 2 * HOUR).rows) == 4
    monkeypatch.setattr(held, "SEARCHED", 3)
    view = positions(store, NOW, NOW - 2 * HOUR)
    assert (view.rows, view.bets_told) == ((), False)


# -- doubts ------------------------------------------------------------------------------------------------------------


def test_the_venue_and_the_fills_are_reconciled(store: Store) -> None:
    tell(store, fill("KXHIGH-A", "buy", "10", "0.40"), fill("KXHIGH-B", "no", "3.5", "0.40"))
    assert positions(store, NOW).differences == (), "a source that reports nothing is not in doubt"
    tell(store, report("KXHIGH-A", "10.00"), report("KXHIGH-B", "-3.50"))
    assert positions(store, NOW).differences == ()
    tell(store, report("KXHIGH-B", "-4"), report("KXHIGH-C", "2"))
    found = positions(store, NOW).differences
    assert [(d.instrument, d.held, d.reported) for d in found] == [
        ("KXHIGH-B", "-3.5", "-4"), ("KXHIGH-C", "0", "2"),
    ]  # fmt: skip
    rows = {row.instrument: row.reported for row in positions(store, NOW).rows}
    assert rows == {"KXHIGH-A": None, "KXHIGH-B": "-4"}
    assert positions(store, NOW, NOW - 2 * HOUR).differences != found
    tell(store, fill("KXHIGH-D", "buy", "1", "0.4"))
    assert [d.reported for d in positions(store, NOW).differences if d.instrument == "KXHIGH-D"] == [None]


def test_fills_after_a_report_are_no_difference(store: Store) -> None:
    tell(store, fill("KXHIGH-A", "buy", "10", "0.40"), report("KXHIGH-A", "10"))
    tell(store, fill("KXHIGH-A", "buy", "5", "0.40", HOUR // 2))
    assert positions(store, NOW).differences == ()
    tell(store, fill("KXHIGH-A", "buy", "1", "0.40", 2 * HOUR))
    assert [d.held for d in positions(store, NOW).differences] == ["16"]


def test_missing_fills_and_unreadable_ones_are_told(store: Store) -> None:
    tell(store, fill("BTC", "sell", "1", "9", start_position="5", source="h"), fill("BTC", "?", "1", "9", source="h"))
    view = positions(store, NOW)
    assert (view.rows[0].quantity, view.rows[0].average, view.rows[0].why) == ("4", None, "opened before coverage")
    assert (view.totals.broken, view.totals.excluded, view.unreadable) == (1, 1, 1)
    told = positions_text(view, store.calendar)
    assert "fills are missing" in told
    assert "1 fill cannot be read" in told


# -- filters -----------------------------------------------------------------------------------------------------------


def test_rows_are_kept_by_members_and_by_words(store: Store) -> None:
    tell(store, fill("KXHIGH-A", "buy", "10", "0.40"), fill("KXBTC-B", "buy", "10", "0.20", subaccount=3))
    tell(store, quote("KXHIGH-A", "0.5", "0.6", title="High in Miami"))
    tell(store, Event("bets", "B1", "bet.placed", NOW - DAY, {"title": "Knicks", "stake": 5, "category": "sports"}))

    def kept(said: str) -> set[str]:
        where, search = asked(said)
        view = positions(store, NOW, where=where, search=search)
        assert view.totals.positions + view.totals.bets == len(view.rows)
        return {row.instrument or row.title for row in view.rows}

    assert kept("") == {"KXHIGH-A", "KXBTC-B", "Knicks"}
    assert kept("category=weather") == kept("MIAMI high") == kept("weather") == {"KXHIGH-A"}
    assert kept("book:scalper btc") == kept("kalshi/3") == {"KXBTC-B"}
    assert kept("category=sports") == {"Knicks"}
    assert kept("kind=trade nothing") == kept("kind=cost") == set()
    with pytest.raises(ViewError):
        asked("colour=red")


# -- one position ------------------------------------------------------------------------------------------------------


def view_of(store: Store, name: str, account: str = "", **asked: Any) -> PositionView:
    return position(store, NOW, find_one(store, name, account), **asked)


def test_a_position_shows_every_fill_with_what_it_did(store: Store) -> None:
    tell(
        store, fill("KXHIGH-A", "buy", "10", "0.40", 5 * HOUR, fees=5), fill("KXHIGH-A", "sell", "4", "0.50", 4 * HOUR),
        fill("KXHIGH-A", "no", "16", "0.45", 3 * HOUR, fees=8), settled("KXHIGH-A", market_result="no"),
    )  # fmt: skip
    view = view_of(store, "kxhigh-a")
    assert view.row is None
    assert [(s.what, s.quantity, s.price, s.after, s.side, s.average, s.realised) for s in view.steps] == [
        ("settled", "10", "0", "0", "", None, 5_500_000),
        ("sell", "16", "0.55", "10", "no", "0.45", 900_000),
        ("sell", "4", "0.5", "6", "yes", "0.4", 400_000),
        ("buy", "10", "0.4", "10", "yes", "0.4", None),
    ]
    assert [(c.number, c.side, c.gross, c.fees, c.net, c.fills) for c in view.cycles] == [
        (2, "no", 5_500_000, 5, 5_499_995, 1), (1, "yes", 1_300_000, 8, 1_299_992, 3),
    ]  # fmt: skip
    bodies = dict(store.connection.execute("SELECT id, body FROM event"))
    assert [json.loads(bodies[step.event])["instrument"] for step in view.steps] == ["KXHIGH-A"] * 4
    then = view_of(store, "KXHIGH-A", at=NOW - 4 * HOUR)
    assert then.row is not None
    assert (then.row.quantity, len(then.steps), len(then.cycles), then.proved) == ("6", 2, 1, True)
    assert "(mark" not in position_text(then, store.calendar)


def test_why_it_is_unrealised_says_formula_numbers_and_proof(store: Store) -> None:
    tell(store, fill("KXHIGH-A", "no", "10", "0.40"), quote("KXHIGH-A", "0.5", "0.55"))
    told = position_text(view_of(store, "KXHIGH-A"), store.calendar)
    assert "unrealised ▲ +$0.50 = (mark − average cost) × quantity" in told
    assert "= (0.45 − 0.40) × 10" in told
    assert "✓ the fills add up to it" in told
    store.connection.execute("UPDATE position_version SET cost = '3'")
    view = view_of(store, "KXHIGH-A")
    assert not view.proved
    assert "northstar verify" in position_text(view, store.calendar)


def test_fills_of_one_instant_show_the_position_once(store: Store) -> None:
    tell(store, *(fill("KXHIGH-A", "buy", n, "0.40") for n in ("1", "2", "3")))
    view = view_of(store, "KXHIGH-A")
    assert [step.after for step in view.steps] == ["6", "", ""]
    assert view.fills == 3


def test_a_position_of_several_accounts_must_be_named(store: Store) -> None:
    tell(store, fill("KXHIGH-A", "buy", "1", "0.4"), fill("KXHIGH-A", "buy", "2", "0.4", subaccount=3))
    with pytest.raises(ViewError, match="--account NAME shows one: kalshi, kalshi/3") as error:
        find_one(store, "KXHIGH-A")
    assert "2 accounts" in error.value.message
    row = view_of(store, "KXHIGH-A", "kalshi/3").row
    assert row is not None
    assert row.quantity == "2"
    with pytest.raises(ViewError, match="never held in kalshi/7"):
        find_one(store, "KXHIGH-A", "kalshi/7")


# -- the command line --------------------------------------------------------------------------------------------------


def run(store: Store, *arguments: str, code: int = 0) -> str:
    command = [sys.executable, "-m", "northstar_tui", "--store", str(store.path), "positions", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout if not code else done.stderr


def test_the_command_line_says_what_the_view_says(store: Store) -> None:
    tell(
        store, fill("KXHIGH-A", "buy", "3", "0.40", fees=5), fill("KXHIGH-A", "buy", "4", "0.45", HOUR),
        quote("KXHIGH-A", "0.5", "0.55"), report("KXHIGH-A", "8"),
    )  # fmt: skip
    moment = "2026-03-18T11:30:00-04:00"
    told = json.loads(run(store, "--at", moment, "--json"))
    view: PositionsView = positions(store, NOW, NOW)
    row = told["positions"][0]
    assert (row["average"], row["mark"], row["unrealised"]) == ("0.428571428571428571", "0.5", "0.50")
    assert (row["opened_at"], row["fees"], row["reported"]) == ("2026-03-17T11:30:00-04:00", "0.000005", "8")
    assert told["totals"]["locked"] == "3.00" == told["locked"][0]["amount"]
    assert told["differences"][0]["held"] == "7"
    assert told["at"] == moment
    text = run(store, "--at", moment)
    assert text == positions_text(view, store.calendar) + "\n"
    assert "0.4286" in text
    heading, *lines = run(store, "--at", moment, "--csv").splitlines()
    cells = dict(zip(heading.split(","), lines[0].split(","), strict=True))
    assert {name: cells[name] for name in ("instrument", "average", "unrealised", "opened_at")} == {
        name: row[name] for name in ("instrument", "average", "unrealised", "opened_at")
    }
    assert len(run(store, "KXHIGH-A", "--csv").splitlines()) == 3
    assert json.loads(run(store, "kxhigh-a", "--json", "--at", moment))["position"]["quantity"] == "7"
    assert "CYCLE" in run(store, "KXHIGH-A")
    assert json.loads(run(store, "--fifo", "--json"))["cost"] == "fifo"
    assert json.loads(run(store, "--as-of", "2026-03-18", "--json"))["positions"] == [], "recorded later"
    assert "never held" in run(store, "NOPE", code=1)
    assert "not a moment" in run(store, "--at", "noon", code=2)
    assert json.loads(run(store, "--where", "category=crypto", "--json"))["positions"] == []
    assert run(store, "--where", "category=crypto").strip() == "no position matches the filter"


def test_nothing_held_says_where_positions_come_from(store: Store) -> None:
    assert "positions come from fills" in run(store)
