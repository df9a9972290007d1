"""The company: two years of a trader, a contractor and their bills, from a seed and an end instant.

The same seed and end give the same events, byte for byte. They reach the store by the same `append` as everybody
else's, in the order and the batches in which syncs would have brought them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from random import Random

from northstar_tui.calendar import Calendar
from northstar_tui.categories import default_categories
from northstar_tui.demo import held, markets, office, sportsbook
from northstar_tui.demo.world import HOUR, ZONE, Day, days
from northstar_tui.events import Batch, Event, Origin
from northstar_tui.ledger.rules import Rate, Rules
from northstar_tui.ledger.store import Store

SEED = 7
DAYS = 731
"""Local days in the story: two years."""

_PARTS: tuple[tuple[str, Callable[[Random, Sequence[Day]], Iterator[Event]]], ...] = (
    ("weather", markets.weather),
    ("crypto", markets.crypto),
    ("games", markets.games),
    ("bets", sportsbook.bets),
    ("jobs", office.jobs),
    ("pipeline", office.pipeline),
    ("api", office.api),
    ("hosting", office.hosting),
    ("incentives", office.incentives),
    ("held", held.markets),
    ("perpetual", held.perpetual),
)
_FILES = {
    markets.SOURCE: ("Kalshi-Transactions", markets.HEADER),
    sportsbook.SOURCE: ("pikkit-transactions", sportsbook.HEADER),
}
"""Sources that come as files: name and first line."""
_EUROS = ("1.08", "1.05", "1.10", "1.14", "1.17")
"""Dollars per euro, each for a stretch of the story."""


def rules(end: int) -> Rules:
    """Return the rules of a demo store whose story ends at instant `end`: books, categories, and the euro's rates."""
    calendar = Calendar(ZONE)
    last = calendar.date_of(end)
    step = DAYS // len(_EUROS)
    # The first rate reaches back beyond the story's first day; each next one begins a stretch later.
    dates = [last - timedelta(days=DAYS + 31 - at * step) for at in range(len(_EUROS))]
    rates = tuple(Rate("EUR", calendar.day_start(day), Decimal(usd)) for day, usd in zip(dates, _EUROS, strict=True))
    books = {
        markets.SOURCE: "scalper",
        held.SOURCE: "scalper",
        held.PERPS: "scalper",
        sportsbook.SOURCE: "scalper",
        office.JOBS: "john",
        office.ANTHROPIC: "operations",
        office.OPENROUTER: "operations",
        office.HOSTING: "operations",
    }
    return Rules(ZONE, "operations", books, default_categories(), rates)


def events(seed: int, end: int) -> list[Event]:
    """Return everything the store learned by instant `end` (microseconds UTC), in the order it learned it."""
    story = days(end, DAYS)
    told: list[Event] = []
    for name, part in _PARTS:
        told.extend(part(Random(f"{seed}/{name}"), story))  # noqa: S311 - a story, not a secret
    first = story[0].start
    known = [event for event in told if first <= event.occurred_at and _learned(event) <= end]
    return sorted(known, key=lambda event: (_learned(event), event.source, event.key))


def _learned(event: Event) -> int:
    assert event.recorded_at is not None
    return event.recorded_at


def batches(seed: int, end: int) -> Iterator[Batch]:
    """Yield the story in batches of one source each: by months at first, by hours in the last two days.

    So the log's last events are a mixture, as live syncs leave it, and the whole is a few dozen appends.
    """
    pending: dict[str, list[Event]] = {}
    slot = None
    for event in events(seed, end):
        at = _slot(_learned(event), end)
        if at != slot:
            yield from _closed(pending)
            pending, slot = {}, at
        pending.setdefault(event.source, []).append(event)
    yield from _closed(pending)


def _slot(learned: int, end: int) -> tuple[int, int]:
    back = end - learned
    return (0, -(back // HOUR)) if back < 48 * HOUR else (-1, -(back // (91 * 24 * HOUR)))


def _closed(pending: dict[str, list[Event]]) -> Iterator[Batch]:
    for source, found in pending.items():
        yield _filed(source, found) if source in _FILES else Batch(source, found)


def _filed(source: str, found: list[Event]) -> Batch:
    """Return `found` as the rows of one file: each event knows its line, the batch the file's digest."""
    name, header = _FILES[source]
    text = "\n".join((header, *(event.raw for event in found))) + "\n"
    data = text.encode()
    digest = sha256(data).hexdigest()
    lines = [replace(event, line=number) for number, event in enumerate(found, 2)]
    return Batch(source, lines, origin=Origin(f"{name}-{digest[:6]}.csv", digest, len(data)))


def build(path: Path, seed: int, end: int) -> None:
    """Make the demo store at `path`, which may not exist yet or be a demo store. Raises StoreError for a real one."""
    with Store.create(path, rules(end), kind="demo") as store, store.transaction():
        for batch in batches(seed, end):
            store.append_within(batch)
