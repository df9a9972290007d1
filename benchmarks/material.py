"""Synthetic events in any number over a fixed span, and stores filled with them by `append` itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from northstar_tui.calendar import SECOND
from northstar_tui.categories import default_categories
from northstar_tui.events import Batch, Event
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store

ZONE = "America/New_York"
START = 1_704_085_200 * SECOND
"""2024-01-01 00:00 in ZONE, microseconds UTC."""
SPAN = 2 * 365 * 86_400 * SECOND
"""Every store covers this long, however many entries it holds."""
DAY = 86_400 * SECOND
"""Or this: all entries under one local day."""
_SERIES = ("KXHIGHNY", "KXHIGHCHI", "KXBTC15M", "KXETH15M", "KXNBAGAME", "KXNFLGAME", "KXFED")
_SOURCES = ("kalshi-csv:a", "kalshi-csv:b")
_BOOKS = ("scalper", "john")
_DAYS = [(datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=day)).strftime("%y%b%d").upper() for day in range(732)]


def rules() -> Rules:
    """Return the rules of the synthetic stores."""
    return Rules(ZONE, "main", dict(zip(_SOURCES, _BOOKS, strict=True)), default_categories())


def events(
    count: int, *, first: int = 0, total: int | None = None, scattered: bool = False, seed: int = 1, span: int = SPAN
) -> list[Event]:
    """Return trades number `first` … `first` + `count` − 1 of `total`, spread evenly over `span`.

    In order they close one after the other, as a sync or an export has them; `scattered` gives each a random time in
    it. Half of the batches are one account's, half the other's.
    """
    random = Random(f"{seed}/{first}")
    step = span / (total or count)
    source = _SOURCES[first // count % 2]
    found = []
    for number in range(first, first + count):
        closed = START + int((random.random() * span) if scattered else number * step) // SECOND * SECOND
        opened = closed - random.randrange(60, 90_000) * SECOND
        price = random.randrange(5, 96)
        quantity = random.randrange(1, 200)
        out = 100 if random.randrange(100) < price + 1 else 0
        fees = -(-7 * quantity * price * (100 - price) // 10_000) * 10_000
        gross = quantity * (out - price) * 10_000
        day = _DAYS[(closed - START) // (86_400 * SECOND)]
        ticker = f"{_SERIES[number * 7 // 5 % 7]}-{day}-T{number % 50}"
        body = {
            "instrument": ticker, "side": "yes", "quantity": str(quantity), "price": f"0.{price:02d}",
            "exit_price": "1" if out else "0", "stake": quantity * price * 10_000 + fees, "gross": gross, "fees": fees,
            "net": gross - fees, "opened_at": opened, "closed_at": closed,
        }  # fmt: skip
        raw = f"trade,{quantity},{ticker},yes,{price},{out},{fees // 10_000},0,{gross // 10_000},{closed},{opened}"
        found.append(Event(source, f"{number:020x}", "trade.closed", closed, body, raw, number % 1_000_000 + 2))
    return found


def batches(
    count: int, size: int, *, total: int | None = None, scattered: bool = False, span: int = SPAN
) -> Iterator[Batch]:
    """Yield the first `count` events of a store of `total` (all of them by default), in batches of `size`."""
    for first in range(0, count, size):
        found = events(min(size, count - first), first=first, total=total or count, scattered=scattered, span=span)
        yield Batch(found[0].source, found)


def fill(path: Path, total: int, *, size: int = 10_000, span: int = SPAN) -> float:
    """Fill the store at `path` by `append`; return the seconds that `append` took. A finished one is used again."""
    with Store.create(path, rules()) as store:
        held = store.connection.execute("SELECT count(*) FROM entry").fetchone()[0]
        if held == total:
            return 0.0
        if held:
            raise SystemExit(f"{path} holds {held:,} entries, not {total:,}: remove it")
        store.connection.execute("PRAGMA wal_autocheckpoint = 20000")
        spent = 0.0
        for batch in batches(total, size, span=span):
            begun = time.perf_counter()
            store.append(batch)
            spent += time.perf_counter() - begun
        return spent
