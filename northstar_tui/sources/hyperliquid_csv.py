"""Hyperliquid's fills as files: the export of the venue's own page, and the 16 columns of data sets made of its API.

Two traps are told apart by the header. In the page's export (``time,coin,dir,px,sz,ntl,fee,closedPnl``) the closed P&L
is *net* of the fee, an opening row's being −fee; its times are the browser's local ones. In the sets with ``Account``
and ``Transaction Hash`` it is *gross*, as in the API; times are India's (``Timestamp IST``) or UTC, to the minute, and
a spreadsheet has rounded the trade ids, so they are no keys. In both a spot buy's fee is in the token bought.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any, BinaryIO

from northstar_tui.errors import FileError, shown
from northstar_tui.events import Event, Reject
from northstar_tui.money import MICRO, MoneyError, number, scaled
from northstar_tui.sources.base import Item, Reading, source_name
from northstar_tui.sources.hyperliquid_fills import CATEGORY, same, spot
from northstar_tui.sources.keys import Tally, digest, row_key
from northstar_tui.sources.numbers import plain
from northstar_tui.sources.table import Head, Record, column, normal, records
from northstar_tui.sources.times import OrderEvidence, TimeError, parse

NAME = "hyperliquid-csv"
_PAGE = {"time": "time", "coin": "coin", "dir": "dir", "px": "px", "sz": "sz", "fee": "fee", "pnl": "closedpnl"}
_SET = {
    "account": "account", "coin": "coin", "px": "execution price", "sz": "size tokens", "side": "side",
    "start": "start position", "dir": "direction", "pnl": "closed pnl", "hash": "transaction hash",
    "order": "order id", "fee": "fee",
}  # fmt: skip
_INDIA = timezone(timedelta(hours=5, minutes=30))
_SLACK = 2
"""Micros by which a net and a fee, each rounded once, may miss an opening row's gross of nothing."""
_BUYS = ("open long", "close short", "buy", "short > long")
_SELLS = ("open short", "close long", "sell", "long > short")


class _FieldError(ValueError):
    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


@dataclass(frozen=True, slots=True)
class Layout:
    """Which file it is: where each fact's column stands, its zone, and how its dates are ordered."""

    net: bool
    """True where the closed P&L is after the fee."""
    where: dict[str, int]
    zone: tzinfo
    order: str | None

    @staticmethod
    def of(head: Head, zone: tzinfo) -> Layout:
        """Return the layout that a header gives. Raises FileError where a column is missing."""
        names = head.names
        if "account" not in names:
            return Layout(True, {fact: column(names, name) for fact, name in _PAGE.items()}, zone, None)
        where = {fact: column(names, name) for fact, name in _SET.items()}
        if "timestamp ist" in names:
            return Layout(False, where | {"time": column(names, "timestamp ist")}, _INDIA, None)
        return Layout(False, where | {"time": column(names, "timestamp utc")}, UTC, None)


class HyperliquidCsv:
    """The page's export, and the sets made of the API."""

    name = NAME
    title = "Hyperliquid trade history"
    passes = 2

    def claims(self, head: Head) -> Head | None:
        """Claim either header."""
        for index, (_, cells) in enumerate(head.rows):
            names = {normal(cell) for cell in cells}
            if {"coin", "dir", "px", "sz", "closedpnl"} <= names or set(_SET.values()) <= names:
                return head.at(index)
        return None

    def check(self, head: Head, reading: Reading) -> None:
        """Raise FileError for another header."""
        if self.claims(head) is None:
            raise FileError("the header is not that of Hyperliquid's trade history", "import it without --as")
        Layout.of(head, reading.zone)

    def read(self, file: BinaryIO, head: Head, reading: Reading) -> Iterator[Item]:
        """Yield one event a fill. Raises FileError for another header."""
        self.check(head, reading)
        layout = Layout.of(head, reading.zone)
        evidence = OrderEvidence()
        for record in records(file, head):
            if record.fault is None:
                evidence.add(_clean(record.cells[layout.where["time"]]))
        layout = Layout(layout.net, layout.where, layout.zone, evidence.order)
        source, tally = source_name(NAME, reading.owner), Tally()
        for record in records(file, head):
            if record.fault is not None:
                yield record.reject()
            elif tuple(map(normal, record.cells)) != head.names:
                try:
                    yield _event(record, layout, source, reading.owner, tally)
                except _FieldError as error:
                    name = head.cells[layout.where[error.field]].strip()
                    yield Reject(record.line, name, str(error), record.raw)


def _clean(cell: str) -> str:
    """The page writes ``14/04/2026 - 20:59:22``, the sets ``02-12-2024 22:50``."""
    return cell.strip().replace(" - ", " ")


def _event(record: Record, layout: Layout, source: str, book: str | None, tally: Tally) -> Event:
    cells = {fact: record.cells[index].strip() for fact, index in layout.where.items()}
    at = _time(cells["time"], layout)
    px, sz, fee, pnl = (_number(cells[fact], fact) for fact in ("px", "sz", "fee", "pnl"))
    coin, side = _coin(cells["coin"]), _side(cells)
    if not coin:
        raise _FieldError("coin", "a fill without a coin")
    paid = fee * px if spot(coin) and side == "buy" else fee  # a spot buy is charged in what it bought
    body: dict[str, Any] = {
        "instrument": coin,
        "category": CATEGORY,
        "side": side,
        "quantity": _plain(sz, "sz"),
        "price": _plain(px, "px"),
        "dir": cells["dir"],
        "fee": _plain(fee, "fee"),
    }
    if layout.net:
        body["same"] = same(at // MICRO, coin, side)
        fees, net = _micros(paid, "fee"), _micros(pnl, "pnl")
        gross = net + fees
    else:
        body |= {"account": cells["account"], "hash": cells["hash"], "order": cells["order"]}
        gross, fees = _micros(pnl, "pnl"), _micros(paid, "fee")
        net = gross - fees
    kind = _kind(cells, gross, net)
    if kind == "trade.closed":
        body |= {"gross": gross, "fees": fees, "net": net, "closed_at": at}
    elif kind == "cost.incurred":
        body["amount"] = -net
    facts = (at, coin, cells["dir"], body["price"], body["quantity"], body["fee"], _plain(pnl, "pnl"))
    more = tuple(cells[fact] for fact in ("account", "hash", "order", "start") if fact in cells)
    key = row_key(digest(("hyperliquid", *facts, *more)), tally)
    return Event(source, key, kind, at, body, record.raw, record.line, book)


def _kind(cells: dict[str, str], gross: int, net: int) -> str:
    """Say what a row is: by its P&L, and where that is nothing by whether it names or shows a position reduced."""
    direction = cells["dir"].lower()
    closes = direction.startswith(("close", "sell")) or ">" in direction
    if "start" in cells:
        start = _number(cells["start"], "start")
        closes = start < 0 if cells["side"].lower() == "buy" else start > 0
    if closes or abs(gross) > _SLACK:
        return "trade.closed"
    return "cost.incurred" if net else "fill.executed"


def _coin(text: str) -> str:
    """Return a coin as the API names it: the page writes ``NVDA (xyz)`` for ``xyz:NVDA``."""
    name, _, dex = text.partition(" (")
    return f"{dex[:-1]}:{name}" if dex.endswith(")") else text


def _side(cells: dict[str, str]) -> str:
    if "side" in cells:
        side = cells["side"].lower()
        if side not in ("buy", "sell"):
            raise _FieldError("side", f"{shown(side)!r} is neither BUY nor SELL")
        return side
    direction = " ".join(cells["dir"].lower().split())
    return "buy" if direction in _BUYS else "sell" if direction in _SELLS else direction


def _time(text: str, layout: Layout) -> int:
    try:
        return parse(_clean(text), layout.zone, layout.order)
    except TimeError as error:
        reason = str(error)
        if "[formats.NAME]" in reason:
            reason = f"{shown(text)!r} can be day/month or month/day; export a span with a day above 12 in it"
        raise _FieldError("time", reason) from None


def _number(text: str, field: str) -> Decimal:
    try:
        return number(text)
    except MoneyError as error:
        raise _FieldError(field, f"{error}; download the export again") from None


def _plain(value: Decimal, field: str) -> str:
    try:
        return plain(value)
    except MoneyError as error:
        raise _FieldError(field, str(error)) from None


def _micros(value: Decimal, field: str) -> int:
    try:
        return scaled(value)
    except MoneyError as error:
        raise _FieldError(field, str(error)) from None
