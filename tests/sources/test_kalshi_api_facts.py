"""Kalshi by API: direction, orders, subaccounts, positions, cash, the rate; and the rows that the real one sent."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kalshi_venue import SAMPLES, Venue

from northstar_tui.sources.kalshi import api
from tests.fakes.kalshi import DAY, START, KalshiFake


@pytest.fixture(autouse=True)
def fast(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask a local server as often as it can answer."""
    if "rate" not in request.node.name:
        monkeypatch.setattr(api, "RATE", 2000)


@pytest.fixture
def fake() -> Iterator[KalshiFake]:
    with KalshiFake(empty=True) as served:
        yield served


@pytest.fixture
def venue(tmp_path: Path, fake: KalshiFake) -> Venue:
    return Venue(tmp_path, fake)


def test_direction_is_the_book_side_alone(venue: Venue) -> None:
    venue.fake.trade("KXA-1", "bid", "1.00", "0.1800", START)
    fill = venue.fake.trade("KXA-1", "ask", "10.50", "0.1800", START)
    fill.update(action="sell", side="no")
    venue.done()
    bodies = [venue.said()[f"fill:fill-{number}"][1] for number in (1, 2)]
    assert [(body["side"], body["quantity"], body["price"]) for body in bodies] == [
        ("buy", "1", "0.18"),
        ("sell", "10.5", "0.18"),
    ]
    assert bodies[1]["fees"] == 10_000


def test_a_fill_of_unknown_direction_is_quarantined_and_its_market_unchecked(venue: Venue) -> None:
    venue.fake.trade("KXA-1", "bid", "10.00", "0.4000", START)["book_side"] = "cross"
    venue.fake.settle("KXA-1", "1.0000", START + 60)
    outcome = venue.sync()
    assert outcome.state == "partial"
    assert venue.office.rejects()[0][1] == "book_side"
    assert venue.trades()["0:KXA-1"]["fills_missing"] is True


def test_orders_tell_the_last_thing_that_happened_to_them(venue: Venue) -> None:
    fake = venue.fake
    old = fake.rest("KXA-1", "bid", "10.00", "0.4000", START)
    venue.done()
    fake.trade("KXA-1", "bid", "1.00", "0.4000", START + 5 * DAY)
    venue.done()
    for change, kind in (
        ({"last_update_time": "2026-09-27T00:00:00Z", "yes_price_dollars": "0.4100"}, "order.amended"),
        ({"fill_count_fp": "4.00", "remaining_count_fp": "6.00"}, "order.filled"),
        ({"status": "canceled", "remaining_count_fp": "0.00"}, "order.cancelled"),
    ):
        old.update(change)
        venue.done()
        assert venue.said()["order:order-1"][0] == kind, "also days after its creation"
    assert venue.said()["order:order-2"][0] == "order.filled"


def test_every_subaccount_is_asked_for_by_its_number(venue: Venue) -> None:
    venue.fake.trade("KXA-1", "bid", "10.00", "0.4000", START, sub=0)
    venue.fake.trade("KXA-1", "ask", "3.00", "0.4000", START, sub=5)
    venue.fake.trade("KXB-1", "ask", "3.00", "0.4000", START, sub=5)
    venue.fake.settle("KXA-1", "1.0000", START + 60)
    venue.done()
    assert {key: body["net"] for key, body in venue.trades().items()} == {
        "0:KXA-1": 5_990_000, "5:KXA-1": -1_810_000,
    }  # fmt: skip
    assert venue.said()["position:5:KXB-1"][1]["quantity"] == "-3"
    assert venue.news("balance:5")[-1]["amount"] == -3_620_000
    assert {entry[-1] for entry in venue.office.entries()} == {"5.99", "-1.81"}, "the same market twice, both count"


def test_a_key_tied_to_one_subaccount_reads_that_one(venue: Venue) -> None:
    venue.fake.trade("KXA-1", "ask", "3.00", "0.4000", START, sub=5)
    venue.fake.settle("KXA-1", "1.0000", START + 60)
    venue.fake.account.tied = 5
    venue.done()
    venue.done()
    assert {key: body["check_net"] for key, body in venue.trades().items()} == {"5:KXA-1": -1_810_000}


def test_positions_balances_and_quotes_are_news_only_when_they_change(venue: Venue) -> None:
    fake = venue.fake
    fake.deposit(10_000, START - DAY)
    fake.trade("KXA-1", "bid", "10.00", "0.4000", START)
    venue.done()
    time.sleep(0.01)
    again = venue.done()
    assert (again.counts.new, again.counts.revised) == (0, 0)
    assert venue.news("quote:KXA-1")[0]["bid"] == "0.4"
    fake.market("KXA-1")["yes_bid_dollars"] = "0.4500"
    assert venue.done().counts.revised == 1
    fake.settle("KXA-1", "1.0000", START + 60)
    venue.done()
    assert [body["quantity"] for body in venue.news("position:0:KXA-1")] == ["10", "0"]
    assert [body["amount"] for body in venue.news("balance:0")] == [95_990_000, 105_990_000]


def test_cash_that_moves_is_never_profit(venue: Venue) -> None:
    venue.fake.deposit(10_000, START)
    row = venue.fake.deposit(-2_500, START + DAY)
    venue.done()
    row["status"] = "returned"
    venue.done()
    assert [body["amount"] for body in venue.news("deposit:cash-1")] == [100_000_000]
    assert [(b["amount"], b["status"]) for b in venue.news("withdrawal:cash-2")] == [
        (-25_000_000, "applied"),
        (-25_000_000, "returned"),
    ]
    assert venue.office.entries() == []


def test_all_fits_within_the_rate_of_the_lowest_tier(venue: Venue) -> None:
    venue.fake.page = 1
    for number in range(24):
        venue.fake.trade("KXA-1", "bid", "1.00", "0.4000", START + number)
    began = time.monotonic()
    venue.done()
    assert len(venue.fake.requests) > 50
    assert (len(venue.fake.requests) - 20) / 20 <= time.monotonic() - began + 0.2


# -- real rows -----------------------------------------------------------------------------------------------------

real = pytest.mark.skipif(not SAMPLES.is_dir(), reason="../shared/samples is not here")


def sample(name: str) -> Any:
    return json.loads((SAMPLES / name).read_text("utf-8"))


@real
def test_real_settlements_keep_both_checks(venue: Venue) -> None:
    rows = sample("rest/portfolio_settlements.json")["settlements"]
    fills = sample("rest/portfolio_fills.json")["fills"]
    venue.fake.account.settlements += [row | {"_at": START, "_sub": 0} for row in rows]
    for row in rows:  # tickers were redacted in each file apart; what was paid was not
        paid = (
            row["ticker"].partition("-")[0],
            row["fee_cost"],
            max(row["yes_count_fp"], row["no_count_fp"], key=float),
        )
        found = [f for f in fills if (f["ticker"].partition("-")[0], f["fee_cost"], f["count_fp"]) == paid]
        for fill in found if len(found) == 1 else []:
            fill["ticker"] = fill["market_ticker"] = row["ticker"]
    venue.fake.account.fills += [row | {"_at": START, "_sub": 0} for row in fills]
    for row in fills:
        venue.fake.market(row["ticker"])
    venue.done()
    bodies = venue.trades()
    assert len(bodies) == 22
    assert sum(body["net"] for body in bodies.values()) == 1_028_300
    checked = [body for body in bodies.values() if "check_net" in body]
    assert len(checked) == 17
    assert all(body["net"] == body["check_net"] for body in checked)
    assert sum(1 for key in venue.said() if key.startswith("fill:")) == 33


@real
def test_the_real_netting_cases(venue: Venue) -> None:
    rows = sample("rest/settlements_netting_cases.json")["settlements"]
    venue.fake.account.settlements += [
        row | {"settled_time": "2026-09-22T10:15:00Z", "_at": START, "_sub": 0} for row in rows
    ]
    venue.done()
    assert [body["net"] for body in venue.trades().values()] == [364_700, 206_200]


@real
def test_other_real_shapes_are_read(venue: Venue) -> None:
    account = venue.fake.account
    account.fills += [row | {"_at": START, "_sub": 0} for row in sample("rest/fill_sell_no_anonymised.json")["fills"]]
    account.orders.append(sample("rest/order_buy_no_anonymised.json")["order"] | {"_at": START, "_sub": 0})
    for row in sample("rest/markets_settled_trimmed.json")["markets"]:
        venue.fake.markets[row["ticker"]] = row | {"_at": 2.0**40}
    venue.fake.market("KXTEST-26-A")
    venue.done()
    kind, body = venue.said()["fill:00000000-0000-0000-0000-000000000003"]
    assert (body["side"], body["price"]) == ("sell", "0.18")
    kind, body = venue.said()["order:00000000-0000-0000-0000-000000000001"]
    assert (kind, body["side"], body["remaining"]) == ("order.filled", "sell", "116")


@real
@pytest.mark.parametrize(
    ("name", "rows", "lacks"),
    [
        ("fills", "fills", "book_side"),
        ("settlements", "settlements", "yes_count_fp"),
        ("orders", "orders", "book_side"),
    ],
)
def test_shapes_of_old_are_refused_by_name(venue: Venue, name: str, rows: str, lacks: str) -> None:
    legacy = sample(f"legacy_2026_01/portfolio_{name}.json")["response"][rows]
    getattr(venue.fake.account, rows).extend(row | {"_at": START, "_sub": 0} for row in legacy)
    outcome = venue.sync()
    assert outcome.state == "failed"
    assert (
        f"/portfolio/{name} $.{rows}[0] is not as documented: Object missing required field `{lacks}`" in outcome.error
    )
    assert venue.office.entries() == []
