"""Kalshi's endpoints as NorthStar asks them: signed, paged to the end, each record kept with its own bytes.

Reads alone: nothing here can place, change or cancel anything.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlsplit

import msgspec

from northstar_tui.errors import shown
from northstar_tui.sources.http import Answered, Http
from northstar_tui.sources.kalshi.auth import Key
from northstar_tui.sources.kalshi.payload import (
    ApiKey,
    Balance,
    Cash,
    Cutoff,
    Fill,
    Market,
    MarketEvent,
    Order,
    Position,
    Settlement,
    Subaccount,
    decode,
    page,
    single,
)
from northstar_tui.sources.source import Nonsense, Refused

RATE = 20
"""Reads a second that the lowest tier allows."""
LIMIT = 1000
"""Records on a page, the most that Kalshi gives."""
CASH_LIMIT = 500
TICKERS = 50
"""Markets asked for at once: Kalshi takes a hundred, proxies do not take such long addresses."""
SKEW = 5.0
"""Seconds that two clocks may differ before signatures are in danger."""
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Record(Generic[R]):
    """One record as `said` and as the `raw` text it was said in."""

    said: R
    raw: str


Params = list[tuple[str, str]]


def after(start: int) -> Params:
    """Return what asks for everything from instant `start` on; a second early, for Kalshi says no more than "after"."""
    return [("min_ts", str(start // 1_000_000 - 1))] if start > 0 else []


class Api:
    """One account's read access. `key` is asked for at the first signed request, so that a bad one harms that alone."""

    def __init__(self, http: Http, base: str, key: Callable[[], Key], clock: Callable[[], int]) -> None:
        self._http = http
        self._base = base.rstrip("/")
        self._key = key
        self._clock = clock
        http.limit(RATE, RATE)

    # -- what there is -------------------------------------------------------------------------------------------

    async def cutoff(self) -> Cutoff:
        """Return where live data begin. Needs no key."""
        return await self._one("/historical/cutoff", Cutoff, signed=False)

    def fills(self, params: Params) -> AsyncIterator[list[Record[Fill]]]:
        """Yield pages of live fills."""
        return self._pages("/portfolio/fills", "fills", Fill, params)

    def old_fills(self, params: Params) -> AsyncIterator[list[Record[Fill]]]:
        """Yield pages of fills older than the cutoff."""
        return self._pages("/historical/fills", "fills", Fill, params)

    def orders(self, params: Params) -> AsyncIterator[list[Record[Order]]]:
        """Yield pages of live orders."""
        return self._pages("/portfolio/orders", "orders", Order, params)

    def old_orders(self) -> AsyncIterator[list[Record[Order]]]:
        """Yield pages of orders that ended before the cutoff."""
        return self._pages("/historical/orders", "orders", Order, [])

    def settlements(self, params: Params) -> AsyncIterator[list[Record[Settlement]]]:
        """Yield pages of settlements, which Kalshi keeps for three months."""
        return self._pages("/portfolio/settlements", "settlements", Settlement, params)

    def positions(self, params: Params) -> AsyncIterator[list[Record[Position]]]:
        """Yield pages of positions in markets that are not settled."""
        return self._pages("/portfolio/positions", "market_positions", Position, params)

    def cash(self, what: str) -> AsyncIterator[list[Record[Cash]]]:
        """Yield pages of ``deposits`` or ``withdrawals``."""
        return self._pages(f"/portfolio/{what}", what, Cash, [], CASH_LIMIT)

    async def balance(self, params: Params) -> Record[Balance]:
        """Return the cash of one subaccount."""
        path = "/portfolio/balance"
        content = await self._get(path, params, signed=True)
        return Record(self._decoded(content, Balance, path, "$"), content.decode("utf-8", "replace"))

    async def subaccounts(self) -> list[int]:
        """Return the numbers of all subaccounts. Raises Refused for a key that is tied to one."""
        path, name = "/portfolio/subaccounts/balances", "subaccount_balances"
        found: Any = await self._one(path, single(name, list[Subaccount]))
        return sorted({each.subaccount_number for each in getattr(found, name)})

    async def keys(self) -> list[ApiKey]:
        """Return the account's keys with what they may do. Raises Refused for a key that may not list them."""
        found: Any = await self._one("/api_keys", single("api_keys", list[ApiKey]))
        keys: list[ApiKey] = found.api_keys
        return keys

    async def markets(self, tickers: Sequence[str]) -> dict[str, Record[Market]]:
        """Return the markets of `tickers`, live or historical; one that Kalshi does not know is absent."""
        found: dict[str, Record[Market]] = {}
        for path in ("/markets", "/historical/markets"):
            missing = sorted(set(tickers) - set(found))
            for at in range(0, len(missing), TICKERS):
                asked = [("tickers", ",".join(missing[at : at + TICKERS]))]
                async for rows in self._pages(path, "markets", Market, asked, signed=False):
                    found |= {row.said.ticker: row for row in rows}
        return {ticker: found[ticker] for ticker in tickers if ticker in found}

    async def event(self, ticker: str) -> MarketEvent | None:
        """Return the event of `ticker`; None where Kalshi does not know it. Needs no key."""
        try:
            found: Any = await self._one(
                f"/events/{quote(ticker, safe='')}", single("event", MarketEvent), signed=False
            )
        except Answered as error:
            if error.status != 404:
                raise
            return None
        event: MarketEvent = found.event
        return event

    # -- asking --------------------------------------------------------------------------------------------------

    async def _pages(
        self, path: str, name: str, shape: type[R], params: Params, limit: int = LIMIT, signed: bool = True
    ) -> AsyncIterator[list[Record[R]]]:
        """Yield each page's records. Raises Nonsense for a cursor that comes again: it would go on for ever."""
        cursor, seen = "", set[str]()
        while True:
            asked = [*params, ("limit", str(limit)), *([("cursor", cursor)] if cursor else [])]
            content = await self._get(path, asked, signed)
            answer = self._decoded(content, page(name), path, "$")
            rows: list[msgspec.Raw] = getattr(answer, name)
            yield [
                Record(self._decoded(row, shape, path, f"$.{name}[{at}]"), bytes(row).decode("utf-8", "replace"))
                for at, row in enumerate(rows)
            ]
            cursor = answer.cursor or ""
            if not cursor:
                return
            if cursor in seen:
                raise Nonsense(
                    f"{self._http.name}: {path} goes round in circles: its $.cursor {shown(cursor, 40)!r} came before",
                    "it is tried again at the next sync",
                )
            seen.add(cursor)

    async def _one(self, path: str, shape: type[R], signed: bool = True) -> R:
        return self._decoded(await self._get(path, [], signed), shape, path, "$")

    def _decoded(self, content: bytes | msgspec.Raw, shape: type[R], path: str, where: str) -> R:
        try:
            return decode(content, shape)
        except ValueError as error:
            raise Nonsense(
                f"{self._http.name}: {path} {where} is not as documented: {error}",
                "nothing of this answer was stored; upgrade northstar, or report it",
            ) from None

    async def _get(self, path: str, params: Params, signed: bool) -> bytes:
        url = self._base + path
        if not signed:
            return await self._http.get(url, params=params)
        headers = self._key().headers("GET", urlsplit(url).path, self._clock)
        try:
            return await self._http.get(url, params=params, headers=headers)
        except Refused as error:
            ahead = self._http.meter.skew
            if ahead is None or abs(ahead) <= SKEW:
                raise
            raise Refused(f"{error.message}; {skewed(ahead)}", CLOCK_REMEDY) from None


CLOCK_REMEDY = "set this machine's clock (timedatectl set-ntp true): a signature holds the time"


def skewed(ahead: float) -> str:
    """Return how this machine's clock differs from a server's that is `ahead` seconds ahead, in words."""
    return f"this machine's clock is {abs(ahead):.0f} s {'behind' if ahead > 0 else 'ahead of'} Kalshi's"
