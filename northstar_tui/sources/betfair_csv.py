"""Betfair's ``BettingPandL`` export: one row a market, net of commission, without stake or odds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from northstar_tui.errors import FileError
from northstar_tui.events import Event, Reject
from northstar_tui.money import MoneyError, micros
from northstar_tui.sources.base import Item, Reading, source_name
from northstar_tui.sources.bets_columns import bare, currency_of
from northstar_tui.sources.keys import Tally, digest, row_key
from northstar_tui.sources.table import Head, column, records
from northstar_tui.sources.times import TimeError, parse

NAME = "betfair-csv"
_COLUMNS = ("market", "start time", "settled date", "profit/loss")


class BetfairCsv:
    """The exchange's betting profit and loss."""

    name = NAME
    title = "Betfair Betting P&L"
    passes = 1

    def claims(self, head: Head) -> Head | None:
        """Claim the four columns; the currency in the last one's name varies."""
        for index, (_, cells) in enumerate(head.rows):
            if [bare(cell) for cell in cells if cell.strip()] == list(_COLUMNS):
                return head.at(index)
        return None

    def check(self, head: Head, reading: Reading) -> None:  # noqa: ARG002 - the formats' signature
        """Raise FileError for another header."""
        if self.claims(head) is None:
            raise FileError("the header is not that of Betfair's Betting P&L", "import it without --as")

    def read(self, file: BinaryIO, head: Head, reading: Reading) -> Iterator[Item]:
        """Yield one event a market. Raises FileError for another header."""
        self.check(head, reading)
        names = [bare(cell) for cell in head.cells]
        where = {name: column(names, name) for name in _COLUMNS}
        code = currency_of(head.cells[where["profit/loss"]])
        source, tally = source_name(NAME, reading.owner), Tally()
        for record in records(file, head):
            if record.fault is not None:
                yield record.reject()
                continue
            cells = {name: record.cells[index].strip() for name, index in where.items()}
            field = "Start time"
            try:
                opened = parse(cells["start time"], reading.zone)
                field = "Settled date"
                closed = parse(cells["settled date"], reading.zone)
                field = head.cells[where["profit/loss"]].strip()
                net = micros(cells["profit/loss"])
            except (TimeError, MoneyError) as error:
                yield Reject(record.line, field, str(error), record.raw)
                continue
            body = _body(cells["market"], opened, closed, net, code)
            # The market and its start are what a later correction of the P&L still states.
            key = row_key(digest(("betfair", cells["market"], opened)), tally)
            yield Event(source, key, "bet.settled", closed, body, record.raw, record.line, reading.owner)


def _body(market: str, opened: int, closed: int, net: int, code: str | None) -> dict[str, Any]:
    sport, _, event = market.partition(" / ")
    body: dict[str, Any] = {
        "instrument": event or market,
        "title": market,
        "category": "sports",
        "gross": net,
        "fees": 0,
        "net": net,
        "opened_at": opened,
        "closed_at": closed,
    }
    if event:
        body["sport"] = sport
    if code not in (None, "USD"):
        body["currency"] = code
    return body
