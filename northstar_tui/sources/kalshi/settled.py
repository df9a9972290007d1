"""Settled markets of one subaccount: each row with its market's result and with all the fills behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence

from northstar_tui.events import Event, Reject
from northstar_tui.sources.kalshi import facts
from northstar_tui.sources.kalshi.api import TICKERS, Api, Params, Record, after
from northstar_tui.sources.kalshi.marks import SETTLED_OVERLAP, Marks, checksum
from northstar_tui.sources.kalshi.payload import Fill, Settlement
from northstar_tui.sources.kalshi.settle import Tally
from northstar_tui.sources.source import Nonsense


class Settled:
    """Reads the settlements of subaccount `number`, and moves its mark in `marks` when all are read."""

    def __init__(
        self, api: Api, name: str, marks: Marks, number: int, params: Params, since: int | None, now: int
    ) -> None:
        self._api = api
        self._name = name
        self._marks = marks
        self._number = number
        self._params = params
        self._since = since
        self._now = now

    async def pages(self) -> AsyncIterator[list[Event | Reject]]:
        """Yield the events of some dozen settlements at a time; the mark moves with the last."""
        marks, mine = self._marks, str(self._number)
        mark = marks.settlements.get(mine, 0)
        start = marks.start(mark, self._since, SETTLED_OVERLAP)
        params = [*self._params, *after(start)]
        newest, times = mark, dict[str, int]()
        async for rows in self._api.settlements(params):
            self._mine(rows)
            newest = max([newest, *(row.said.settled_time for row in rows)])
            times |= {self._key(row): row.said.settled_time for row in rows}
            fresh = [row for row in rows if self._news(row)]
            for at in range(0, len(fresh), TICKERS):
                yield await self._told(fresh[at : at + TICKERS])
        newest = int(min(newest, self._now))
        marks.settlements[mine] = newest
        keep = {key for key, at in times.items() if at >= newest - SETTLED_OVERLAP}
        marks.settled = {
            key: said for key, said in marks.settled.items() if key in keep or not key.startswith(f"{mine}:")
        }

    def _news(self, row: Record[Settlement]) -> bool:
        """Return whether a row may say something new: it changed, or not all was known of it."""
        if self._since is not None:
            return True
        return self._marks.settled.get(self._key(row)) != checksum(row.raw)

    async def _told(self, rows: Sequence[Record[Settlement]]) -> list[Event | Reject]:
        tickers = sorted({row.said.ticker for row in rows})
        tallies = await self._tallies({row.said.ticker: row.said for row in rows})
        markets = await self._api.markets(tickers)
        found: list[Event | Reject] = []
        for row in rows:
            ticker = row.said.ticker
            market = markets.get(ticker)
            told = facts.settlement(self._name, self._number, row, tallies[ticker], market.said if market else None)
            found.append(told)
            if isinstance(told, Event) and "check_net" in told.body:
                self._marks.settled[self._key(row)] = checksum(row.raw)
            else:
                self._marks.settled.pop(self._key(row), None)
            if market and (result := facts.result(self._name, market, row.said.settled_time)):
                found.append(result)
        return found

    async def _tallies(self, settled: dict[str, Settlement]) -> dict[str, Tally]:
        """Return the fills behind each settlement: live ones at once, then market by market where some are missing."""
        tallies = {ticker: Tally() for ticker in settled}
        listed = [("ticker", ",".join(settled)), *self._params]
        await self._add(tallies, self._api.fills(listed))
        for ticker, settlement in settled.items():
            if not tallies[ticker].complete(settlement):
                await self._add(tallies, self._api.fills([("ticker", ticker), *self._params]))
            if not tallies[ticker].complete(settlement):
                await self._add(tallies, self._api.old_fills([("ticker", ticker)]))
        return tallies

    async def _add(self, tallies: dict[str, Tally], pages: AsyncIterator[list[Record[Fill]]]) -> None:
        async for rows in pages:
            for row in rows:
                mine = not self._params or (row.said.subaccount_number or 0) == self._number
                if mine and row.said.ticker in tallies:
                    tallies[row.said.ticker].add(row.said)

    def _key(self, row: Record[Settlement]) -> str:
        return f"{self._number}:{row.said.ticker}"

    def _mine(self, rows: Iterable[Record[Settlement]]) -> None:
        """Raise Nonsense where a row says that it is of another subaccount: its money would count twice."""
        for row in rows:
            said = row.said.subaccount_number
            if self._params and said is not None and said != self._number:
                raise Nonsense(
                    f"{self._name}: /portfolio/settlements gives subaccount_number {said} where {self._number} was "
                    "asked for",
                    "nothing of this answer was stored; upgrade northstar, or report it",
                )
