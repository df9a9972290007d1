"""Kalshi's "Transactions" export (kalshi.com/account/taxes), every header generation, told apart by header.

One row is one matched open/close pair, or a credit. The stated P&L is the truth: quantities of fractional contracts
were truncated to whole numbers in the cents generation and the fee columns rounded, so nothing is recomputed from
them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, BinaryIO

from northstar_tui.errors import FileError, shown
from northstar_tui.events import Event, Reject
from northstar_tui.money import MICRO, MoneyError
from northstar_tui.sources import kalshi_first
from northstar_tui.sources.base import Item, Reading, source_name
from northstar_tui.sources.keys import Tally, digest, row_key
from northstar_tui.sources.numbers import Fixed, fixed
from northstar_tui.sources.table import Head, Record, column, normal, records
from northstar_tui.sources.times import TimeError, exact

NAME = "kalshi-csv"
_CENT = MICRO // 100
_MONEY = ("entry price", "exit price", "open fees", "realized pnl without fees", "realized pnl with fees")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the columns of one generation stand, and how many micros one unit of each money column is."""

    kind: int
    ticker: int
    side: int
    quantity: int
    whole: bool
    """True where quantities are whole numbers, truncated."""
    money: tuple[tuple[str, int, int], ...]
    """(name, column, unit in micros) of `_MONEY`, in that order."""
    closed: int
    opened: int
    title: int | None

    @staticmethod
    def of(cells: Sequence[str]) -> Layout:
        """Return the layout that a header gives. Raises FileError where a column is missing."""
        names = [normal(cell) for cell in cells]
        whole = "quantity fp" not in names
        money = []
        for name in _MONEY:
            unit = MICRO if f"{name} dollars" in names else _CENT
            full = f"{name} {'dollars' if unit == MICRO else 'cents'}"
            money.append((full.replace(" ", "_"), column(names, full), unit))
        return Layout(
            kind=column(names, "type"),
            ticker=column(names, "market ticker"),
            side=column(names, "side"),
            quantity=column(names, "quantity" if whole else "quantity fp"),
            whole=whole,
            money=tuple(money),
            closed=column(names, "close timestamp"),
            opened=column(names, "open timestamp"),
            title=names.index("market title") if "market title" in names else None,
        )


class FieldError(ValueError):
    """A record's field that cannot be read: `field` names it, the message says why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


class KalshiCsv:
    """The Transactions export, generations 1 to 4."""

    name = NAME
    title = "Kalshi Transactions export"
    passes = 1

    def claims(self, head: Head) -> Head | None:
        """Claim a header with a market and a realised P&L of Kalshi's naming; a missing column is `read`'s to name."""
        for index, (_, cells) in enumerate(head.rows):
            names = {normal(cell) for cell in cells}
            if "market ticker" in names and any(name.startswith("realized pnl with fees") for name in names):
                return head.at(index)
            if names >= kalshi_first.COLUMNS:
                return head.at(index)
        return None

    def check(self, head: Head, reading: Reading) -> None:  # noqa: ARG002 - the formats' signature
        """Raise FileError for a header that lacks a column."""
        if self.claims(head) is None:
            raise FileError("the header is not that of a Kalshi Transactions export", "import it without --as")
        if not set(head.names) >= kalshi_first.COLUMNS:
            Layout.of(head.cells)

    def read(self, file: BinaryIO, head: Head, reading: Reading) -> Iterator[Item]:
        """Yield one event a row, in the file's order. Raises FileError for a header that lacks a column."""
        self.check(head, reading)
        source = source_name(NAME, reading.owner)
        if set(head.names) >= kalshi_first.COLUMNS:
            yield from kalshi_first.read(file, head, reading, source)
            return
        layout = Layout.of(head.cells)
        tally = Tally()
        for record in records(file, head):
            if record.fault is not None:
                yield record.reject()
                continue
            try:
                if normal(record.cells[layout.kind]) == "type":
                    # Exports joined end to end repeat the header, sometimes that of another generation.
                    layout = Layout.of(record.cells)
                else:
                    yield _event(record, layout, source, reading.owner, tally)
            except FieldError as error:
                yield Reject(record.line, error.field, str(error), record.raw)
            except FileError as error:
                yield Reject(record.line, "header", str(error), record.raw)


def _event(record: Record, layout: Layout, source: str, book: str | None, tally: Tally) -> Event:
    kind = record.cells[layout.kind].strip().lower()
    if kind == "trade":
        body, facts = _trade(record.cells, layout)
        name = "trade.closed"
    elif kind == "credit":
        body, facts = _credit(record.cells, layout)
        name = "credit.received"
    else:
        raise FieldError(
            "type",
            f"{shown(kind)!r} is neither trade nor credit, so what its money is cannot be told; upgrade northstar",
        )
    return Event(source, row_key(digest(facts), tally), name, body["closed_at"], body, record.raw, record.line, book)


def _trade(cells: list[str], layout: Layout) -> tuple[dict[str, Any], tuple[object, ...]]:
    ticker = cells[layout.ticker].strip()
    side = cells[layout.side].strip().lower()
    if not ticker:
        raise FieldError("market_ticker", "a trade without a market")
    if side not in ("yes", "no"):
        raise FieldError("side", f"{shown(side)!r} is neither yes nor no")
    entry, price, price_text = _price(cells, *layout.money[0])
    exit_, _, exit_text = _price(cells, *layout.money[1])
    open_fees, gross, net = (_amount(cells, *each) for each in layout.money[2:])
    closed, opened = _time(cells, layout.closed, "close_timestamp"), _time(cells, layout.opened, "open_timestamp")
    try:
        quantity = fixed(cells[layout.quantity].strip())
        stake = quantity.times(price, MICRO) + open_fees
    except MoneyError as error:
        raise FieldError("quantity", f"{error}; download the export again") from None
    body: dict[str, Any] = {
        "instrument": ticker,
        "side": side,
        "quantity": quantity.text(),
        "price": price_text,
        "exit_price": exit_text,
        "gross": gross,
        "fees": gross - net,
        "net": net,
        "opened_at": opened,
        "closed_at": closed,
        "same": f"kalshi:{ticker}",
    }
    if layout.whole:
        body["precision"] = "cents"
    if quantity.digits or not layout.whole:
        body["stake"] = stake
    title = cells[layout.title].strip() if layout.title is not None else ""
    if title:
        body["title"] = title
    return body, ("trade", ticker, side, entry, exit_, gross, net, closed, opened)


def _credit(cells: list[str], layout: Layout) -> tuple[dict[str, Any], tuple[object, ...]]:
    """A credit is money received: no market, no side, no quantity; only the realised P&L and the times are stated."""
    net = _amount(cells, *layout.money[4])
    closed = _time(cells, layout.closed, "close_timestamp")
    opened = _time(cells, layout.opened, "open_timestamp") if cells[layout.opened].strip() else closed
    body: dict[str, Any] = {"net": net, "category": "incentive", "opened_at": opened, "closed_at": closed}
    ticker = cells[layout.ticker].strip()
    if ticker:
        body["instrument"] = ticker
    title = cells[layout.title].strip() if layout.title is not None else ""
    if title:
        body["title"] = title
    return body, ("credit", ticker, net, closed, opened)


def _amount(cells: list[str], field: str, index: int, unit: int) -> int:
    try:
        return fixed(cells[index].strip()).micros(unit)
    except MoneyError as error:
        raise FieldError(field, f"{error}; download the export again") from None


def _price(cells: list[str], field: str, index: int, unit: int) -> tuple[int, Fixed, str]:
    """Return a price in micros, exactly, and as text; both in dollars."""
    try:
        return _priced(cells[index].strip(), unit)
    except MoneyError as error:
        raise FieldError(field, f"{error}; download the export again") from None


@lru_cache(1 << 14)
def _priced(text: str, unit: int) -> tuple[int, Fixed, str]:
    value = fixed(text)
    dollars = value.hundredth() if unit == _CENT else value
    return value.micros(unit), dollars, dollars.text()


def _time(cells: list[str], index: int, field: str) -> int:
    try:
        return exact(cells[index].strip())
    except TimeError as error:
        raise FieldError(field, str(error)) from None
