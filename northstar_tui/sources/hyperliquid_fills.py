"""Hyperliquid's records as events: fills, funding payments, and money moved in and out.

The rule for fills: one that reduces the position it found, or that bears a closed P&L, is a closed trade whose gross is
``closedPnl`` (which the API states before fees); any other one bears its fee alone. So over any span Σ net =
Σ closedPnl − Σ fee + Σ funding, whatever a fill's ``dir`` says, which is display text and an open set.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from northstar_tui.calendar import MAX_TIME
from northstar_tui.events import Event
from northstar_tui.sources import payload
from northstar_tui.sources.keys import digest
from northstar_tui.sources.payload import Name

CATEGORY = "crypto"
USDC = "USDC"
"""The token in which an account's dollars are kept: a micro of it is a micro-dollar."""
MILLI = 1_000
"""Microseconds in a millisecond."""


class Fill(msgspec.Struct):
    """A fill, as ``userFillsByTime`` gives it. Those of 2023 lack `tid` and `feeToken`."""

    coin: Name
    px: str
    sz: str
    side: Name
    time: int
    startPosition: str  # noqa: N815 - the venue's names
    dir: Name
    closedPnl: str  # noqa: N815 - the venue's names
    hash: Name
    oid: int
    crossed: bool
    fee: str
    tid: int = 0
    feeToken: Name = USDC  # noqa: N815 - the venue's names


class FundingDelta(msgspec.Struct):
    """What a funding payment says."""

    coin: Name
    usdc: str
    szi: str
    fundingRate: str  # noqa: N815 - the venue's names


class Funding(msgspec.Struct):
    """A funding payment."""

    time: int
    delta: FundingDelta


class CashDelta(msgspec.Struct):
    """What a movement says; each `type` has fields of its own, and new ones come."""

    type: Name
    usdc: str | None = None
    amount: str | None = None
    token: Name | None = None


class Cash(msgspec.Struct):
    """Money moved in, out, or within the account."""

    time: int
    hash: Name
    delta: msgspec.Raw


def spot(coin: str) -> bool:
    """Return whether `coin` is a pair of tokens, ``@107`` or ``PURR/USDC``, and no perpetual."""
    return coin.startswith("@") or "/" in coin


def same(second: int, coin: str, side: str) -> str:
    """Return what names an account's fills of one `coin` and side in one second, at whatever door they come in.

    The export merges partial fills and names spot pairs in its own way, so all spot pairs are one here.
    """
    return f"hyperliquid:{second}:{'spot' if spot(coin) else coin}:{side}"


def instant(milliseconds: int, source: str, where: str) -> int:
    """Return milliseconds since 1970 in microseconds. Raises Nonsense for what cannot be one."""
    found = milliseconds * MILLI
    if not 10**15 <= found < MAX_TIME:
        raise payload.nonsense(source, f"{where}.time", f"{milliseconds} is no time in milliseconds")
    return found


def fill_event(source: str, raw: msgspec.Raw, where: str) -> tuple[Event, int]:
    """Return a fill's event and its time in milliseconds. Raises Nonsense naming the field."""
    fill = payload.record(raw, Fill, source, where)
    at = instant(fill.time, source, where)
    px, sz, start, gross, fee = (
        payload.decimal(getattr(fill, name), source, f"{where}.{name}")
        for name in ("px", "sz", "startPosition", "closedPnl", "fee")
    )
    if fill.side not in ("A", "B"):
        raise payload.nonsense(source, f"{where}.side", f"{fill.side!r} is neither A nor B")
    bought = fill.side == "B"
    paid, currency = _fee(fill, px, fee, bought)
    fees = payload.micros(paid, source, f"{where}.fee")
    closed = payload.micros(gross, source, f"{where}.closedPnl")
    side = "buy" if bought else "sell"
    body: dict[str, Any] = {
        "instrument": fill.coin,
        "category": CATEGORY,
        "side": side,
        "quantity": payload.written(sz, source, f"{where}.sz"),
        "price": payload.written(px, source, f"{where}.px"),
        "dir": fill.dir,
        "start_position": payload.written(start, source, f"{where}.startPosition"),
        "fee": payload.written(fee, source, f"{where}.fee"),
        "fee_token": fill.feeToken,
        "maker": not fill.crossed,
        "order": str(fill.oid),
        "hash": fill.hash,
        "same": same(fill.time // 1000, fill.coin, side),
    }
    if currency != USDC:
        body["currency"] = currency
    reduces = start < 0 if bought else start > 0
    if reduces or closed:
        kind = "trade.closed"
        body |= {"gross": closed, "fees": fees, "net": closed - fees, "closed_at": at}
    elif fees:
        kind = "cost.incurred"
        body["amount"] = fees
    else:
        kind = "fill.executed"
    return Event(source, _fill_key(fill), kind, at, body, payload.text(raw)), fill.time


def _fee(fill: Fill, px: Decimal, fee: Decimal, bought: bool) -> tuple[Decimal, str]:
    """Return a fill's fee and the currency of its money.

    A spot buy is charged in the token bought: the fee is worth itself × the fill's own price. Any other token that is
    not USDC is what this market is settled in: its P&L and fee are kept in it, incomplete until somebody gives a rate.
    """
    if fill.feeToken == USDC:
        return fee, USDC
    if bought and spot(fill.coin):
        quote = fill.coin.partition("/")[2]
        return fee * px, quote or USDC
    return fee, fill.feeToken


def _fill_key(fill: Fill) -> str:
    """A trade's id is shared by buyer and seller, so the order's stands before it; dust and old fills have none."""
    if fill.tid:
        return f"fill/{fill.oid}/{fill.tid}"
    facts = (fill.time, fill.coin, fill.side, fill.px, fill.sz, fill.startPosition, fill.closedPnl, fill.hash)
    return f"fill/{fill.oid}/{digest(facts).hex()}"


def funding_event(source: str, raw: msgspec.Raw, where: str) -> tuple[Event, int]:
    """Return a funding payment's event, received or paid, and its time in milliseconds. Raises Nonsense."""
    found = payload.record(raw, Funding, source, where)
    at = instant(found.time, source, where)
    delta = found.delta
    usdc = payload.decimal(delta.usdc, source, f"{where}.delta.usdc")
    net = payload.micros(usdc, source, f"{where}.delta.usdc")
    body: dict[str, Any] = {
        "instrument": delta.coin,
        "category": CATEGORY,
        "title": f"funding {delta.coin}",
        "position": delta.szi,
        "rate": delta.fundingRate,
    }
    if net < 0:
        kind = "cost.incurred"
        body["amount"] = -net
    else:
        kind = "credit.received"
        body |= {"net": net, "closed_at": at}
    return Event(source, f"funding/{found.time}/{delta.coin}", kind, at, body, payload.text(raw)), found.time


def cash_event(source: str, raw: msgspec.Raw, where: str) -> tuple[Event, int]:
    """Return a movement's event, which bears no P&L, and its time in milliseconds. Raises Nonsense."""
    found = payload.record(raw, Cash, source, where)
    at = instant(found.time, source, where)
    delta = payload.record(found.delta, CashDelta, source, f"{where}.delta")
    stated = {"usdc": delta.usdc, "amount": delta.amount, "token": delta.token}
    body = {"instrument": delta.token or USDC, "category": CATEGORY, "title": delta.type}
    body |= {f"moved_{name}": value for name, value in stated.items() if value is not None}
    # One transaction can move several sums: what a movement says in whole is its name.
    said = msgspec.json.encode(payload.record(found.delta, dict[str, Any], source, where), order="deterministic")
    key = f"cash/{found.time}/{digest((found.hash, said.decode())).hex()}"
    return Event(source, key, "cash.moved", at, body, payload.text(raw)), found.time
