"""Hyperliquid: an address's fills, funding, money moved and marks, from the public ``info`` endpoint.

Every list is read forward from a time, inclusive, because many records share a millisecond: the next question begins
where the last answer ended, until an answer brings nothing new. The last hour is read again each time. Only the 10,000
newest fills exist; what lies beyond them is told as a gap and not passed over.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from northstar_tui.errors import ConfigError, NorthStarError, shown
from northstar_tui.events import Batch, Event, Reject
from northstar_tui.sources import payload
from northstar_tui.sources.hyperliquid_fills import MILLI, cash_event, fill_event, funding_event
from northstar_tui.sources.hyperliquid_marks import Account, Book, coins, quote
from northstar_tui.sources.source import Check, Outside, Refused, SourceError, decoded

OVERLAP = 3_600_000
"""Milliseconds before the newest record that are read again."""
WINDOW = 10_000
"""Newest fills that the API keeps."""
WEIGHT = 1_200
"""Weight that one address of the internet may use in a minute."""
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)
_AGENT = "the address of an agent (API wallet) answers so: give the master's or the sub-account's address"


class Own(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The keys of ``[sources.hyperliquid]``."""

    address: str
    """The account's public address, ``0x`` and 40 hex digits; no secret."""
    url: str = "https://api.hyperliquid.xyz"


class Cursor(msgspec.Struct):
    """How far each list is read: the time of its newest record, milliseconds; 0 for none."""

    fills: int = 0
    funding: int = 0
    cash: int = 0
    quotes: dict[str, dict[str, str]] = {}
    """What was quoted last of what is held, by coin: only a change is news."""


class Role(msgspec.Struct):
    """What kind of address it is."""

    role: str


class Listing(NamedTuple):
    """One of the lists: its field of the cursor, its request, most records an answer has, what makes an event."""

    name: str
    type: str
    most: int
    event: Callable[[str, msgspec.Raw, str], tuple[Event, int]]
    extra: Mapping[str, Any]


LISTINGS = (
    Listing("fills", "userFillsByTime", 2_000, fill_event, {"aggregateByTime": False}),
    Listing("funding", "userFunding", 500, funding_event, {}),
    Listing("cash", "userNonFundingLedgerUpdates", 500, cash_event, {}),
)


class Budget:
    """The weight that may still be used: an answer costs 20 and one more for every 20 records in it."""

    def __init__(self) -> None:
        self._left = float(WEIGHT)
        self._at = time.monotonic()

    async def need(self, most: int) -> None:
        """Wait until an answer of `most` records is affordable."""
        now = time.monotonic()
        self._left = min(WEIGHT, self._left + (now - self._at) * WEIGHT / 60)
        self._at = now
        short = cost(most) - self._left
        if short > 0:
            await asyncio.sleep(short * 60 / WEIGHT)

    def use(self, records: int) -> None:
        """Take off what an answer of `records` cost."""
        self._left -= cost(records)


def cost(records: int) -> int:
    """Return the weight of an answer of `records`."""
    return 20 + -(-records // 20)


def make(settings: Mapping[str, Any], outside: Outside) -> Hyperliquid:
    """Return the source that `settings` describe. Raises ConfigError."""
    own = decoded(settings, Own, outside.name)
    if not _ADDRESS.fullmatch(own.address):
        what = f"sources.{outside.name}: address {shown(own.address)!r} is no address"
        raise ConfigError(what, "write 0x and 40 hex digits, the account's public address")
    return Hyperliquid(own, outside)


class Hyperliquid:
    """One account."""

    def __init__(self, own: Own, outside: Outside) -> None:
        self._own = own
        self._outside = outside
        self._name = outside.name
        self._budget = Budget()
        self._first = 0
        """Time of the oldest fill that this run was given, milliseconds."""
        outside.http.limit(20, 60)  # what the venue counts is weight, which the budget keeps

    async def fetch(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Yield the three lists, an answer a batch. Raises Refused where a first reading finds nothing at all."""
        state = payload.cursor(cursor, Cursor, self._name)
        for listing in LISTINGS:
            async for batch in self._read(listing, state):
                yield batch
        if cursor is None and not (state.fills or state.funding or state.cash):
            raise Refused(f"{self._name}: the address has no fill, no funding and no deposit", _AGENT)
        quotes = [event async for event in self._quotes()]
        news = [event for event in quotes if state.quotes.get(event.body["instrument"]) != event.body]
        state.quotes = {event.body["instrument"]: dict(event.body) for event in quotes}
        yield Batch(self._name, news, cursor=_encoded(state))

    async def _quotes(self) -> AsyncIterator[Event]:
        """Yield what is bid and offered for every perpetual that is held; of one without a book that nobody does."""
        user = {"type": "clearinghouseState", "user": self._own.address}
        for coin in coins(await self._small(Account, user), self._name):
            book = await self._small(Book | None, {"type": "l2Book", "coin": coin})
            if book is not None and book.coin != coin:
                raise payload.nonsense(self._name, f"l2Book {coin}", f"it is of {book.coin}")
            yield quote(self._name, book or Book(coin, self._outside.now() // MILLI, ([], [])))

    async def _small(self, shape: Any, body: Mapping[str, Any]) -> Any:
        """Return an answer that weighs less than a list: 2, of which the budget takes a list's 20."""
        await self._budget.need(0)
        self._budget.use(0)
        return await self._info(shape, body)

    async def _read(self, listing: Listing, state: Cursor) -> AsyncIterator[Batch]:
        before = getattr(state, listing.name)
        start = self._start(before)
        seen: set[str] = set()
        skipped: int | None = None
        while True:
            rows = await self._ask(listing, start)
            fresh = self._fresh(listing, rows, seen)
            rejects = self._gaps(before, fresh, seen) if listing.name == "fills" else []
            if skipped is not None and (skipped >= listing.most or await self._cut(listing, start - 1, fresh)):
                what = f"more {listing.name} share one millisecond than an answer holds"
                rejects.append(self._gap(what, start - 1, start))
            if fresh:
                newest = max(at for _, at in fresh.values())
                setattr(state, listing.name, max(newest, getattr(state, listing.name)))
            events = [event for event, _ in sorted(fresh.values(), key=lambda pair: pair[1])]
            if events or rejects:
                yield Batch(self._name, events, rejects, cursor=_encoded(state))
            if not fresh and (skipped is not None or not rows):
                return
            skipped = None
            if fresh:
                seen |= fresh.keys()
                start = max(start, newest)
            else:
                # Nothing new in this millisecond: what follows it has been shown by now, unless answers are cut in it.
                self._still(listing, rows, start)
                skipped, start = len(rows), start + 1

    async def _cut(self, listing: Listing, start: int, later: Mapping[str, Any]) -> bool:
        """Return whether answers from `start` hide what is `later`; what has only just happened they show by now."""
        return bool(later) and not self._fresh(listing, await self._ask(listing, start), set()).keys() & later.keys()

    def _fresh(self, listing: Listing, rows: Sequence[msgspec.Raw], seen: set[str]) -> dict[str, tuple[Event, int]]:
        """Return the events of an answer that the answers before it did not hold, by key, each with its time."""
        found: dict[str, tuple[Event, int]] = {}
        for index, raw in enumerate(rows):
            where = f"{listing.type} [{index}]"
            event, at = listing.event(self._name, raw, where)
            if event.key in seen:
                continue
            if found.setdefault(event.key, (event, at))[0].body != event.body:
                raise payload.nonsense(self._name, where, f"{event.key} is said twice and differently")
        return found

    def _still(self, listing: Listing, rows: Sequence[msgspec.Raw], start: int) -> None:
        """Raise Nonsense where an answer without news is not of the millisecond it was asked from: it goes round."""
        if any(listing.event(self._name, raw, listing.type)[1] != start for raw in rows):
            raise payload.nonsense(self._name, f"{listing.type} startTime", "the answers do not go on")

    def _gaps(self, before: int, fresh: Mapping[str, tuple[Event, int]], seen: set[str]) -> list[Reject]:
        """Say where fills are missing behind those of an answer: nothing else would ever show it."""
        first = min((at for _, at in fresh.values()), default=0)
        if before and not seen:
            if not fresh:
                why = "no fill is given where some were read before"
                raise SourceError(f"{self._name}: {why}", "northstar doctor says whether the address still answers")
            if first > before:
                return [self._gap(f"fills are missing, the API gives the {WINDOW:,} newest", before, first)]
        whole = not before or self._outside.since is not None
        if whole and len(seen) < WINDOW <= len(seen) + len(fresh):
            return [self._gap(f"the API gives the {WINDOW:,} newest fills, not those before", 0, self._first or first)]
        if not seen:
            self._first = first
        return []

    def _start(self, before: int) -> int:
        """Return from which millisecond a list is read."""
        since = self._outside.since
        if since is None:
            return max(0, before - OVERLAP)
        return max(0, min(since // MILLI, before - OVERLAP) if before else since // MILLI)

    def _gap(self, what: str, after: int, until: int) -> Reject:
        gap = f"{what} ({_shown(after)}..{_shown(until)})"
        return Reject(None, "time", f"{gap}; import the export of the venue's own page for them", gap)

    async def _ask(self, listing: Listing, start: int) -> list[msgspec.Raw]:
        await self._budget.need(listing.most)
        body = {"type": listing.type, "user": self._own.address, "startTime": start, **listing.extra}
        rows: list[msgspec.Raw] = await self._info(list[msgspec.Raw], body)
        self._budget.use(len(rows))
        return rows

    async def _info(self, shape: Any, body: Mapping[str, Any]) -> Any:
        return await self._outside.http.json(shape, f"{self._own.url}/info", method="POST", body=body)

    async def check(self) -> AsyncIterator[Check]:
        """Yield whether the endpoint answers, and whether the address is one that has fills."""
        address = f"{self._own.address[:6]}…{self._own.address[-4:]}"
        try:
            fills = await self._ask(LISTINGS[0], 0)
            if fills:
                yield Check("ok", f"the address {address} has fills")
                return
            role = (await self._info(Role, {"type": "userRole", "user": self._own.address})).role
            if role == "agent":
                yield Check("failed", f"the address {address} is that of an agent (API wallet)", _AGENT)
            else:
                yield Check("warning", f"the address {address} ({shown(role)}) has no fills", _AGENT)
        except NorthStarError as error:
            yield Check("failed", error.message, error.remedy)


def _encoded(state: Cursor) -> str:
    return msgspec.json.encode(state).decode()


def _shown(milliseconds: int) -> str:
    if not milliseconds:
        return "the beginning"
    return f"{datetime.fromtimestamp(milliseconds // 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"
