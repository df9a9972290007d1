"""A small company whose every figure is known: two books, four categories, a corrected bet, hostile text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from northstar_tui.calendar import instant
from northstar_tui.events import Batch, Counts, Event, Origin, Reject
from northstar_tui.ledger.intern import Interner
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store
from northstar_tui.sync import breaker
from northstar_tui.sync.runs import Run

NOW = instant(datetime(2026, 3, 18, 15, 30, tzinfo=UTC))
ZONE = "America/New_York"
HOSTILE = "\x1b[31mred\x1b[0m [bold]not markup[/] \u202egnp.exe"
"""Escape sequences, console markup and a bidi override, as a source might send them."""
BUSY_DAY = 300
"""Entries on 11 March 2026: more than two pages."""


def _trade(key: str, when: datetime, net: int, *, title: str, ticker: str, line: int, stake: int = 10_000_000) -> Event:
    closed = instant(when)
    fees = 70_000
    body = {
        "instrument": ticker, "title": title, "side": "yes", "quantity": "20", "price": "0.50", "stake": stake,
        "gross": net + fees, "fees": fees, "net": net, "opened_at": closed - 3_600_000_000, "closed_at": closed,
    }  # fmt: skip
    raw = f"trade,{ticker},yes,{net / 1e6:.4f},{when:%Y-%m-%dT%H:%M:%SZ}"
    return Event("kalshi-csv", key, "trade.closed", closed, body, raw, line, "scalper")


def _events() -> list[Event]:
    events = []
    start = datetime(2025, 1, 6, 14, tzinfo=UTC)
    for week in range(62):
        for number in range(3):
            when = start + timedelta(weeks=week, days=number * 2, minutes=17 * number)
            net = ((week * 7 + number * 5) % 11 - 4) * 1_370_000 + number * 10_000
            kind = ("KXHIGHNY", "KXNFLGAME", "KXBTC")[number]
            title = ("High in NYC", "PHI at DAL: PHI wins", "BTC up in the quarter hour")[number]
            events.append(
                _trade(f"t{week}-{number}", when, net, title=title, ticker=f"{kind}-{week}", line=len(events) + 2)
            )
    busy = datetime(2026, 3, 11, 13, tzinfo=UTC)
    for number in range(BUSY_DAY):
        net = (number % 7 - 2) * 110_000
        title = f"BTC up, round {number}"
        events.append(
            _trade(f"b{number}", busy + timedelta(seconds=40 * number), net, title=title, ticker=f"KXBTC-R{number}",
                   line=len(events) + 2)
        )  # fmt: skip
    today = datetime(2026, 3, 18, 14, tzinfo=UTC)
    events.append(_trade("today", today, 12_340_000, title="High in NYC today", ticker="KXHIGHNY-T", line=900))
    events.append(_trade("evil", today + timedelta(minutes=5), -2_000_001, title=HOSTILE, ticker="KXEVIL", line=901))
    return events


def _bills() -> list[Event]:
    bills = []
    for month in range(14):
        when = datetime(2025 + month // 12, month % 12 + 1, 2, 15, tzinfo=UTC)
        body = {"instrument": "hetzner", "title": "Servers", "amount": 24_500_000, "category": "infrastructure"}
        bills.append(Event("bills", f"m{month}", "cost.incurred", instant(when), body, "", None, "operations"))
    return bills


def _jobs() -> list[Event]:
    """Four jobs that nothing is booked for: the pipeline."""
    jobs = (("J-1", "quoted", 180_000_000), ("J-2", "quoted", 121_500_000), ("J-3", "started", 900_000_000),
            ("J-4", "lead", None))  # fmt: skip
    return [
        Event("jobs", key, "job.quoted", NOW - 86_400_000_000,
              {"title": f"Fence {key}", "status": status, **({"expected": amount} if amount else {})}, "", None, "john")
        for key, status, amount in jobs
    ]  # fmt: skip


CONFIG = """
timezone = "America/New_York"
[sources.kalshi]
every = "15m"
[sources.openrouter]
every = "1h"
[sources.mail]
at = "10:05"
[sources.hyperliquid]
[sources.spare]
kind = "jobs"
enabled = false
[[epochs]]
name = "v1"
from = 2025-03-03
[[epochs]]
name = "v2"
from = 2026-02-10
"""
"""A config whose sources are, in this order: fresh, failing with an open breaker, late, never read, off."""
REFUSED = f"openrouter: refused us (401) {HOSTILE}: check OPENROUTER_MANAGEMENT_KEY, it must be a management key"


MINUTE = 60_000_000


def ran(store: Store, patch: pytest.MonkeyPatch, source: str, ago: int, counts: Counts, error: str = "") -> None:
    """Let a source have run `ago` minutes before NOW."""
    moment = NOW - ago * MINUTE
    patch.setattr("northstar_tui.sync.runs.now", lambda: moment)
    with store.transaction():
        run = Run(store, source)
    patch.setattr("northstar_tui.sync.runs.now", lambda: moment + 3_200_000)
    with store.transaction():
        run.network(4, 12_345)
        if error:
            run.failed(error, counts)
        else:
            run.done(counts)


def feed(path: Path, patch: pytest.MonkeyPatch) -> None:
    """Write into a filled store what the sources of CONFIG did, and what of it could not be read."""
    with Store.open(path, write=True) as store:
        store.append(Batch("jobs", _jobs()))
        ran(store, patch, "mail", 40 * 60, Counts(new=3))
        store.append(Batch("mail", [], [Reject(12, "odds", f"{HOSTILE} is no odds", f"pick;{HOSTILE}\x00;2.1")]))
        for ago in (90, 30, 10):
            ran(store, patch, "openrouter", ago, Counts(), REFUSED)
        ran(store, patch, "kalshi", 17, Counts(new=12, unchanged=40))
        ran(store, patch, "kalshi", 2, Counts(unchanged=52))
        with store.transaction():
            breaker.save(store, Interner(store.connection).id("source", "openrouter"),
                         breaker.Breaker(3, NOW + 20 * MINUTE))  # fmt: skip
    patch.undo()


def unplug(path: Path, patch: pytest.MonkeyPatch) -> None:
    """Let every source of CONFIG have failed a minute ago, because there is no network."""
    with Store.open(path, write=True) as store:
        for source in ("kalshi", "openrouter", "mail", "hyperliquid"):
            error = f"{source}: there is no connection to api.example.com: check the network"
            ran(store, patch, source, 1, Counts(), error)
    patch.undo()


def fill(path: Path, patch: pytest.MonkeyPatch) -> None:
    """Write the company's store; everything is recorded at NOW, but for one correction an hour before."""
    moment = NOW - 3_600_000_000
    patch.setattr("northstar_tui.ledger.store.now", lambda: moment)
    placed = instant(datetime(2026, 3, 17, 18, tzinfo=UTC))
    bet = {"instrument": "Knicks +3", "title": "Basketball: Knicks +3", "side": "Knicks", "stake": 20_000_000,
           "odds": "-110", "opened_at": placed, "category": "sports"}  # fmt: skip
    won = {**bet, "gross": 18_180_000, "fees": 0, "net": 18_180_000, "closed_at": placed + 9_000_000_000,
           "result": "win"}  # fmt: skip
    lost = {**won, "gross": -20_000_000, "net": -20_000_000, "result": "loss"}
    with Store.create(path, Rules(ZONE)) as store:
        origin = Origin("Kalshi-Transactions-2026.csv", "ab" * 32, 54_321)
        store.append(
            Batch("kalshi-csv", _events(), [Reject(77, "realized_pnl", "not a number", "x,y,z")], None, origin)
        )
        store.append(Batch("bills", _bills()))
        for kind, body in (("bet.placed", bet), ("bet.settled", won), ("bet.settled", lost)):
            event = Event("bets-csv", "B1", kind, placed, body, f"{kind},Knicks +3,-110", 2, "scalper")
            store.append(Batch("bets-csv", [event]))
    patch.setattr("northstar_tui.ledger.store.now", lambda: NOW)
