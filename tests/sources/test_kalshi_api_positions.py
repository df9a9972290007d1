"""What a synced account holds: the fold of its fills against what the venue reports, from first fill to settlement."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from kalshi_venue import Venue

from northstar_tui.figures.exact import micros
from northstar_tui.ledger import held
from northstar_tui.ledger.store import now
from northstar_tui.sources.kalshi import api
from northstar_tui.views.positions import PositionsView, positions
from tests.fakes.kalshi import KalshiFake, problem
from tests.fakes.kalshi_account import DAY, START


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask a local server as often as it can answer."""
    monkeypatch.setattr(api, "RATE", 2000)


@pytest.fixture
def fake() -> Iterator[KalshiFake]:
    with KalshiFake(empty=True) as fake:
        yield fake


@pytest.fixture
def venue(tmp_path: Path, fake: KalshiFake, quick: None) -> Venue:
    return Venue(tmp_path, fake)


def view(venue: Venue) -> PositionsView:
    with venue.office.store() as store:
        return positions(store, now())


def test_a_synced_account_agrees_with_what_it_reports(venue: Venue) -> None:
    random, fake = Random(5), venue.fake
    fake.deposit(100_000, START - DAY)
    for number in range(60):
        ticker = f"KXHIGHNY-{number % 3}-B{number % 7}"
        side, count = random.choice(("bid", "ask")), f"{random.randrange(1, 900) / 100:.2f}"
        price = f"{random.randrange(1, 99) / 100:.4f}"
        fake.trade(ticker, side, count, price, START + number * 60, sub=random.choice((0, 0, 2)))
    venue.done()
    found = view(venue)
    assert found.differences == () and len(found.rows) > 20
    assert {row.why for row in found.rows} == {""}
    assert {row.exclusive for row in found.rows} == {True} and found.groups
    assert {row.when for row in found.rows} <= {"overdue", "today", "this week", "later"}
    assert sum(row.fills for row in found.rows) >= len(found.rows)


def test_what_it_earned_when_all_is_settled_is_what_its_fills_make(venue: Venue) -> None:
    random, fake = Random(6), venue.fake
    tickers = [f"KXMLBGAME-{n}-MIA" for n in range(5)]
    for number in range(40):
        fake.trade(random.choice(tickers), random.choice(("bid", "ask")), f"{random.randrange(1, 30)}.00",
                   f"{random.randrange(2, 98) / 100:.4f}", START + number * 60, fee="0.037000")  # fmt: skip
    venue.done()
    assert view(venue).head.net == 0 and view(venue).totals.markets
    for number, ticker in enumerate(tickers):
        fake.settle(ticker, str(Decimal(number % 2)) + ".0000", START + DAY)
    venue.done()
    after = view(venue)
    assert after.rows == () and after.totals.waiting == 0 and after.differences == ()
    with venue.office.store() as store:
        cycles = [cycle for ticker in tickers for key in held.find(store, ticker) for cycle in held.cycles(store, key)]
    assert sum(micros(c.state.gross or 0) - c.state.fees for c in cycles) == after.head.net
    assert after.head.unreconciled == 0


def test_whether_markets_exclude_each_other_is_asked_once(venue: Venue) -> None:
    fake = venue.fake
    for ticker in ("KXBTC-1-T70", "KXBTC-1-T80", "KXHIGHNY-2-B60"):
        fake.trade(ticker, "bid", "5.00", "0.4000", START)
    asked = []
    answer = fake._event
    fake._event = lambda ticker: asked.append(ticker) or answer(ticker)  # type: ignore[assignment,func-returns-value]
    venue.done()
    fake.market("KXBTC-1-T70")["yes_bid_dollars"] = "0.4500"
    venue.done()
    assert asked == ["KXBTC-1", "KXHIGHNY-2"]
    (group,) = view(venue).groups
    assert (group.name, group.exclusive, group.worst, group.best) == ("KXBTC-1", False, -4_000_000, 6_000_000)
    assert venue.news("quote:KXBTC-1-T70")[-1]["expected_at"] == (START + 40 * DAY) * 10**6


def test_an_event_that_kalshi_does_not_know_is_left_open(venue: Venue) -> None:
    venue.fake.trade("KXA-1", "bid", "5.00", "0.4000", START)
    venue.fake._event = lambda _: problem(404, "not_found", "not found")  # type: ignore[method-assign]
    venue.done()
    (row,) = view(venue).rows
    assert (row.group, row.exclusive) == ("KXA", None)


def test_a_market_that_closed_and_is_not_settled_has_no_mark(venue: Venue) -> None:
    venue.fake.trade("KXA-1", "bid", "5.00", "0.4000", START)
    venue.fake.market("KXA-1").update(status="closed", expected_expiration_time=None)
    venue.fake._positions = lambda *_: [  # type: ignore[method-assign]
        {"ticker": "KXA-1", "position_fp": "5.00", "market_exposure_dollars": "2.0", "realized_pnl_dollars": "0.0",
         "fees_paid_dollars": "0.01", "last_updated_ts": "2026-09-21T14:13:20Z", "_at": START, "_sub": 0}
    ]  # fmt: skip
    venue.done()
    (row,) = view(venue).rows
    assert (row.why, row.unrealised, row.locked) == ("not trading", None, 2_000_000)
