"""The source ``kalshi``: one account, all its subaccounts, read to the end and then kept up with.

A run reads stream by stream; each stream's pages are stored as they come, its mark with its last batch, so a run that
ends anywhere goes on from the last whole stream. What is read twice is no news.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence, Set
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

import msgspec

from northstar_tui.errors import ConfigError, shown
from northstar_tui.events import Batch, Event, Reject
from northstar_tui.sources.http import Answered, checked
from northstar_tui.sources.kalshi import doctor, facts
from northstar_tui.sources.kalshi.api import Api, Params, Record, after
from northstar_tui.sources.kalshi.auth import Key
from northstar_tui.sources.kalshi.marks import DAY, Marks, checksum
from northstar_tui.sources.kalshi.payload import Fill, Order
from northstar_tui.sources.kalshi.settled import Settled
from northstar_tui.sources.source import Check, Outside, Refused, decoded

HOSTS = {
    "prod": "https://external-api.kalshi.com/trade-api/v2",
    "demo": "https://external-api.demo.kalshi.co/trade-api/v2",
}
R = TypeVar("R", Fill, Order)


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    """``[sources.kalshi]``: where the key is, and which Kalshi."""

    key_id: str
    private_key: str
    environment: Literal["prod", "demo"] | None = None
    base_url: str | None = None


def make(settings: Mapping[str, Any], outside: Outside) -> Kalshi:
    """Return the source of `settings`. Raises ConfigError naming the key; secrets are read when they are needed."""
    own = decoded(settings, Settings, outside.name)
    if own.environment is not None and own.base_url is not None:
        raise ConfigError(f"sources.{outside.name}: environment and base_url say the same thing", "keep one of them")
    base = own.base_url or HOSTS[own.environment or "prod"]
    checked(base, f"sources.{outside.name}.base_url")
    if urlsplit(base).query or urlsplit(base).fragment:
        raise ConfigError(f"sources.{outside.name}.base_url: {shown(base)} holds more than a path", "cut it off there")
    return Kalshi(own, base, outside)


class Kalshi:
    """One account. `fetch` and `check` as `Source` says."""

    def __init__(self, settings: Settings, base: str, outside: Outside) -> None:
        self._settings = settings
        self._outside = outside
        self._read: Key | None = None
        self._base = base
        self._api = Api(outside.http, base, self._key, outside.now)

    def fetch(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Yield what is new since `cursor`, stream by stream. Raises SourceError or ConfigError."""
        return Run(self._api, self._outside, cursor).batches()

    def check(self) -> AsyncIterator[Check]:
        """Yield key type, reachability, clock, and what the key may read."""
        host = urlsplit(self._base).netloc
        return doctor.checks(self._api, self._outside.http.meter, self._key, host)

    def _key(self) -> Key:
        if self._read is None:
            where, secret = f"sources.{self._outside.name}", self._outside.secret
            references = (("key_id", self._settings.key_id), ("private_key", self._settings.private_key))
            values = []
            for name, reference in references:
                try:
                    values.append(secret(reference))
                except ConfigError as error:
                    raise ConfigError(f"{where}.{name}: {error.message}", error.remedy) from None
            self._read = Key(values[0], values[1], where)
        return self._read


class Run:
    """One run over all streams, from the marks in a cursor."""

    def __init__(self, api: Api, outside: Outside, cursor: str | None) -> None:
        self._api = api
        self._name = outside.name
        self._since = outside.since
        self._marks = Marks.read(cursor)
        self._began = outside.now()
        self._restricted = False
        self._numbers: list[tuple[int, Params]] = []

    async def batches(self) -> AsyncIterator[Batch]:
        """Yield everything. The order matters: what settles is read after what was traded."""
        cutoff = await self._api.cutoff()
        for stream in (
            self._fills(cutoff.trades_created_ts),
            self._orders(cutoff.orders_updated_ts),
            self._settlements(),
            self._state(),
            self._cash(),
        ):
            async for batch in stream:
                yield batch
        self._marks.archived = self._began
        yield self._marked()

    # -- streams -------------------------------------------------------------------------------------------------

    async def _fills(self, cutoff: int) -> AsyncIterator[Batch]:
        marks = self._marks
        start = marks.start(marks.fills, self._since)
        pages = [self._api.fills(after(start))]
        if self._archive(start, cutoff):
            pages.append(self._api.old_fills([]))
        newest = marks.fills
        for source in pages:
            async for rows in source:
                newest = max([newest, *(row.said.created_time for row in rows)])
                yield self._batch(rows, start, lambda fill: fill.created_time, facts.fill)
        marks.fills = int(min(newest, self._began))  # a time in the future must not hide what happens until then
        yield self._marked()

    async def _orders(self, cutoff: int) -> AsyncIterator[Batch]:
        marks = self._marks
        start = marks.start(marks.orders, self._since)
        archive = self._archive(start, cutoff)
        if marks.resting:
            start = min(start, marks.resting)
        pages = [self._api.orders(after(start))]
        if archive:
            pages.append(self._api.old_orders())
        newest, resting = marks.orders, 0
        for source in pages:
            async for rows in source:
                for row in rows:
                    newest = max(newest, _changed(row.said))
                    created = row.said.created_time
                    if row.said.status == "resting" and created:
                        resting = min(resting or created, created)
                yield self._batch(rows, start, _changed, facts.order)
        marks.orders, marks.resting = int(min(newest, self._began)), int(resting)
        yield self._marked()

    async def _settlements(self) -> AsyncIterator[Batch]:
        for number, params in await self._subaccounts():
            settled = Settled(self._api, self._name, self._marks, number, params, self._since, self._began)
            async for events in settled.pages():
                yield self._sorted(events)
            yield self._marked()

    async def _state(self) -> AsyncIterator[Batch]:
        """Yield balances, positions, and quotes of what is held; only what changed is news."""
        marks, events = self._marks, list[Event]()
        held: set[str] = set()
        for number, params in await self._subaccounts():
            balance = await self._api.balance(params)
            news = facts.balance(self._name, number, balance, self._began)
            if self._changed(news.key, str(news.body["amount"])):
                events.append(news)
            found: list[Event] = []
            async for rows in self._api.positions(params):
                found += [facts.position(self._name, number, row) for row in rows]
            now = {event.body["instrument"] for event in found if event.body["quantity"] != "0"}
            known = {event.body["instrument"] for event in found}
            gone = [ticker for ticker in marks.held.get(str(number), []) if ticker not in known]
            events += found
            events += [facts.position_gone(self._name, number, ticker, self._began) for ticker in gone]
            marks.held[str(number)] = sorted(now)
            held |= now
        events += await self._quotes(sorted(held))
        yield Batch(self._name, events, cursor=marks.text())

    async def _quotes(self, tickers: Sequence[str]) -> list[Event]:
        events = []
        rows = await self._api.markets(tickers)
        exclusive = await self._exclusive({row.said.event_ticker for row in rows.values()} - {""})
        for row in rows.values():
            news = facts.quote(self._name, row, self._began, exclusive.get(row.said.event_ticker))
            if self._changed(news.key, checksum(repr(sorted(news.body.items())))):
                events.append(news)
        keep = {f"quote:{ticker}" for ticker in tickers}
        said = self._marks.said
        self._marks.said = {key: text for key, text in said.items() if key in keep or not key.startswith("quote:")}
        return events

    async def _exclusive(self, events: Set[str]) -> Mapping[str, bool | None]:
        """Return whether at most one market of each event ends YES; asked once, for it does not change."""
        known = self._marks.exclusive
        for event in sorted(events - set(known)):
            said = await self._api.event(event)
            known[event] = said.mutually_exclusive if said is not None else None
        self._marks.exclusive = {event: known[event] for event in sorted(events)}
        return self._marks.exclusive

    async def _cash(self) -> AsyncIterator[Batch]:
        for what in ("deposits", "withdrawals"):
            try:
                async for rows in self._api.cash(what):
                    yield Batch(self._name, [facts.cash(self._name, what, row) for row in rows])
            except Refused:
                if not self._restricted:
                    raise
                # A key that is tied to one subaccount may read that one's trading alone.

    # -- helpers -------------------------------------------------------------------------------------------------

    async def _subaccounts(self) -> list[tuple[int, Params]]:
        """Return each subaccount's number with what asks for it alone: positions and balances default to the first.

        A key tied to one subaccount may not list them, nor name another than its own: nothing named means its own.
        """
        if self._numbers:
            return self._numbers
        seen = set(self._marks.subaccounts)
        try:
            seen |= set(await self._api.subaccounts())
        except Refused:
            self._restricted = len(seen) < 2
        except Answered as error:  # an account without the feature
            if error.status not in (400, 404):
                raise
        if self._restricted:
            self._numbers = [(min(seen, default=0), [])]
        else:
            self._marks.subaccounts = sorted(seen | {0})
            self._numbers = [(number, [("subaccount", str(number))]) for number in self._marks.subaccounts]
        return self._numbers

    def _archive(self, start: int, cutoff: int) -> bool:
        """Return whether what is to be read from `start` on may have left the live data unread."""
        return start < cutoff and (self._since is not None or self._marks.archived < cutoff + DAY)

    def _batch(
        self,
        rows: Iterable[Record[R]],
        start: int,
        at: Callable[[R], int],
        made: Callable[[str, Record[R]], Event | Reject],
    ) -> Batch:
        wanted = [row for row in rows if not 0 < at(row.said) < start]
        self._marks.subaccounts = sorted({*self._marks.subaccounts, *(row.said.subaccount_number or 0 for row in rows)})
        return self._sorted([made(self._name, row) for row in wanted])

    def _sorted(self, found: Sequence[Event | Reject]) -> Batch:
        events = [each for each in found if isinstance(each, Event)]
        return Batch(self._name, events, [each for each in found if isinstance(each, Reject)])

    def _marked(self) -> Batch:
        return Batch(self._name, cursor=self._marks.text())

    def _changed(self, key: str, text: str) -> bool:
        before, self._marks.said[key] = self._marks.said.get(key), text
        return before != text


def _changed(order: Order) -> int:
    return max(order.created_time or 0, order.last_update_time or 0)
