"""Marks: at what price an open position is valued, how old that price is, and why there is none.

The policy is liquidation: what closing now would get. A long position is worth the bid, a short one costs the ask; the
last trade is never a mark. A price that nobody has confirmed for FRESH, or of a market that does not trade any more, is
none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from northstar_tui.calendar import SECOND
from northstar_tui.figures.exact import UNIT, units
from northstar_tui.ledger.held import Holding, Quote

FRESH = 3600 * SECOND
"""How old a mark may be."""
TRADING = ("", "active", "open")
"""Statuses of a market in which quotes mean something."""
UNQUOTED, UNTRADED, NO_BID, NO_ASK, STALE = "no quote", "not trading", "nobody bids", "nobody offers", "stale"


@dataclass(frozen=True, slots=True)
class Mark:
    """What a contract of the held side is worth now. Prices in 10⁻¹⁸, of the contract that is quoted (YES)."""

    price: int | None
    """None where there is no mark; `why` says why."""
    side: str
    """``bid`` or ``ask``: whose price it is."""
    at: int | None
    """Until when it is known to have held, microseconds UTC."""
    event: int | None
    """The event that quoted it."""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Market:
    """What a quote says of its market."""

    title: str
    event: str
    """What it is one market of; empty where that is not known."""
    exclusive: bool | None
    """Whether at most one market of the event ends YES; None where that is not known."""
    expected_at: int | None
    """When it is expected to settle, microseconds UTC."""
    trading: bool
    quoted_at: int | None
    """When it was quoted last."""
    chance: int | None
    """Probability of YES in 10⁻¹⁸, half-way between bid and ask; None without both."""


def mark(holding: Holding, quote: Quote | None, at: int, read: int) -> Mark:
    """Return the mark of a holding at instant `at`; `read` is until when its source's quotes are confirmed."""
    side = "bid" if holding.state.quantity > 0 else "ask"
    if quote is None:
        return Mark(None, side, None, None, UNQUOTED)
    known = max(quote.at, read)
    if not _trading(quote.body):
        return Mark(None, side, known, quote.event, UNTRADED)
    bid, ask = price(quote.body, "bid"), price(quote.body, "ask")
    if not (bid or ask):
        return Mark(None, side, known, quote.event, UNQUOTED)
    found = bid if side == "bid" else ask
    if found is None or (side == "ask" and not found):
        return Mark(None, side, known, quote.event, NO_BID if side == "bid" else NO_ASK)
    if at - known > FRESH:
        return Mark(None, side, known, quote.event, STALE)
    return Mark(found, side, known, quote.event)


def market(quote: Quote | None, instrument: str, *, fresh: bool) -> Market:
    """Return what the newest quote says of its market; without `fresh` its prices are no chance."""
    body: Mapping[str, Any] = {} if quote is None else quote.body
    title, event = body.get("title"), body.get("event")
    bid, ask = price(body, "bid"), price(body, "ask")
    chance = (bid + ask) // 2 if fresh and bid is not None and ask and ask <= UNIT and _trading(body) else None
    exclusive, expected = body.get("exclusive"), body.get("expected_at")
    return Market(
        title if isinstance(title, str) else "",
        event if isinstance(event, str) and event else instrument.rpartition("-")[0],
        exclusive if isinstance(exclusive, bool) else None,
        expected if type(expected) is int else None,
        quote is None or _trading(body),
        None if quote is None else quote.at,
        chance,
    )


def _trading(body: Mapping[str, Any]) -> bool:
    return body.get("status", "") in TRADING


def price(body: Mapping[str, Any], name: str) -> int | None:
    """Return a price that a quote states, in 10⁻¹⁸; None where it states none that can be read."""
    value = body.get(name)
    try:
        return units(value) if isinstance(value, str) else None
    except ValueError:
        return None
