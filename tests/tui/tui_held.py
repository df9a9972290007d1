"""What the company's trader holds at NOW: of every kind, with everything that can be doubtful about it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tui_company import NOW, ZONE

from northstar_tui.categories import default_categories
from northstar_tui.events import Batch, Event
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store

HOUR = 3_600_000_000
DAY = 24 * HOUR


def fill(market: str, number: int, side: str, quantity: str, price: str, ago: int, **more: Any) -> Event:
    body = {"instrument": market, "side": side, "quantity": quantity, "price": price, "fees": 70_000, **more}
    return Event("kalshi", f"fill:{market}-{number}", "fill.executed", NOW - ago, body, f'{{"fill_id":"{number}"}}')


def quote(market: str, bid: str, ask: str, title: str, expected: int, ago: int = 7 * 60_000_000, **more: Any) -> Event:
    body = {
        "instrument": market, "bid": bid, "ask": ask, "last": bid, "status": "active", "title": title,
        "event": market.rpartition("-")[0], "exclusive": True, "expected_at": NOW + expected, **more,
    }  # fmt: skip
    return Event("kalshi", f"quote:{market}", "market.quoted", NOW - ago, body, f'{{"yes_bid_dollars":"{bid}"}}')


def report(market: str, quantity: str, ago: int = HOUR) -> Event:
    body = {"instrument": market, "quantity": quantity, "subaccount": 0}
    return Event("kalshi", f"position:0:{market}", "position.reported", NOW - ago, body)


def perp(number: int, kind: str, side: str, quantity: str, price: str, start: str, ago: int, **more: Any) -> Event:
    body = {"instrument": "ETH", "category": "crypto", "side": side, "quantity": quantity, "price": price,
            "start_position": start, **more}  # fmt: skip
    return Event("hyperliquid", f"fill/{number}", kind, NOW - ago, body)


NY = "KXHIGHNY-26MAR19"
LONG = "KXVERYLONGSERIESNAME-26MAR19ALPHABRAVO-CHARLIE"


def events() -> list[Event]:
    """Return all of it; Kalshi's own, and a perpetual's of which fills are missing."""
    found = [
        fill(f"{NY}-B58.5", 1, "buy", "20", "0.31", 30 * HOUR),
        fill(f"{NY}-B58.5", 2, "buy", "10.5", "0.34", 29 * HOUR),
        fill(f"{NY}-B58.5", 3, "sell", "8", "0.45", 5 * HOUR), fill(f"{NY}-B60.5", 1, "no", "15", "0.22", 28 * HOUR),
        quote(f"{NY}-B58.5", "0.41", "0.43", "High in New York: 58° to 59°", 16 * HOUR, 40 * 60_000_000),
        quote(f"{NY}-B60.5", "0.81", "0.84", "High in New York: 60° to 61°", 16 * HOUR),
        fill("KXFED-26APR-H0", 1, "buy", "40", "0.62", 9 * DAY), fill("KXFED-26APR-H0", 2, "no", "65", "0.30", 3 * DAY),
        quote("KXFED-26APR-H0", "0.66", "0.68", "The Fed leaves its rate as it is", 42 * DAY),
        report("KXFED-26APR-H0", "-20"),
        fill("KXNBAGAME-26MAR18BOSNYK-BOS", 1, "buy", "12", "0.55", 20 * HOUR),
        quote("KXNBAGAME-26MAR18BOSNYK-BOS", "0.58", "0.60", "NYK at BOS: BOS wins", 9 * HOUR, 3 * HOUR),
        fill("KXHIGHCHI-26MAR17-B41.5", 1, "buy", "7", "0.44", 44 * HOUR),
        quote("KXHIGHCHI-26MAR17-B41.5", "0", "1", "High in Chicago: 41° to 42°", -9 * HOUR, status="determined"),
        fill(LONG, 1, "buy", "1234.25", "0.0125", 2 * DAY),
        fill("KXBTC-R9", 1, "buy", "5", "0.50", 2 * DAY), fill("KXBTC-R9", 2, "sell", "5", "0.70", DAY),
        *(report(market, quantity) for market, quantity in (
            (f"{NY}-B58.5", "22.5"), (f"{NY}-B60.5", "-15"), ("KXNBAGAME-26MAR18BOSNYK-BOS", "12"),
            ("KXHIGHCHI-26MAR17-B41.5", "7"), (LONG, "1234.25"),
        )),
    ]  # fmt: skip
    for market, result in (("KXHIGHNY-26MAR10-B50.5", "yes"), ("KXHIGHNY-26MAR11-B52.5", "no")):
        body = {"instrument": market, "market_result": result}
        found += [fill(market, 1, "buy", "10", "0.60", 8 * DAY),
                  Event("kalshi", f"market:{market}", "market.settled", NOW - 6 * DAY, body)]  # fmt: skip
    return found


def hold(path: Path, patch: pytest.MonkeyPatch) -> None:
    """Write the store of what is held; everything is recorded at NOW."""
    patch.setattr("northstar_tui.ledger.store.now", lambda: NOW)
    rules = Rules(ZONE, "main", {"kalshi": "scalper", "hyperliquid": "scalper"}, default_categories())
    bet = {"instrument": "DraftKings", "title": "Basketball: Knicks +3", "side": "Knicks +3", "stake": 20_000_000,
           "odds": "1.91", "category": "sports"}  # fmt: skip
    with Store.create(path, rules) as store:
        store.append(Batch("kalshi", events()))
        store.append(
            Batch("hyperliquid", [
                perp(1, "cost.incurred", "buy", "0.5", "3180.5", "0", 5 * DAY, amount=715_000),
                perp(2, "cost.incurred", "buy", "0.25", "3301", "0.75", 4 * DAY, amount=371_000),
            ])
        )  # fmt: skip
        store.append(Batch("bets-csv", [Event("bets-csv", "B7", "bet.placed", NOW - DAY, bet, "B7,Knicks", 2)]))
