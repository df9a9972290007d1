"""Generation 1 of Kalshi's Transactions export (to 2025): fills and settlements with a running realised profit.

Its rows are not matched pairs. A row that realises something (a settlement, or a trade that closes) is a closed trade
with the stated `Realized_Profit`; whether that is before or after the row's own `Fees` is told by the row itself,
from revenue and cost. A fill that only opens realises nothing; the fee it paid is a cost, for no later row states it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from northstar_tui.errors import shown
from northstar_tui.events import Event, Reject
from northstar_tui.money import MICRO, MoneyError, micros
from northstar_tui.sources.base import Item, Reading
from northstar_tui.sources.keys import Tally, digest, row_key
from northstar_tui.sources.numbers import plain_text
from northstar_tui.sources.table import Head, Record, column, normal, records
from northstar_tui.sources.times import TimeError, parse

COLUMNS = frozenset(
    ("ticker", "type", "direction", "contracts", "average price", "realized revenue", "realized cost",
     "realized profit", "fees", "created")
)  # fmt: skip
_TOLERANCE = MICRO // 100
"""Cents in which the file rounds each column by itself."""


def read(file: BinaryIO, head: Head, reading: Reading, source: str) -> Iterator[Item]:
    """Yield one event a row, in the file's order."""
    where = {name: column(head.names, name) for name in COLUMNS}
    tally = Tally()
    for record in records(file, head):
        if record.fault is not None:
            yield record.reject()
        elif normal(record.cells[where["ticker"]]) != "ticker":
            yield _item(record, where, reading, source, tally)


def _item(record: Record, where: dict[str, int], reading: Reading, source: str, tally: Tally) -> Item:
    cells = {name: record.cells[index].strip() for name, index in where.items()}
    field = "created"
    try:
        at = parse(cells["created"], reading.zone)
        amounts = {}
        for field in ("realized revenue", "realized cost", "realized profit", "fees"):
            amounts[field] = micros(cells[field])
        for field in ("contracts", "average price"):
            cells[field] = plain_text(cells[field])
    except (TimeError, MoneyError) as error:
        return Reject(record.line, field, f"{error}; download the export again", record.raw)
    kind, side = cells["type"].lower(), cells["direction"].lower()
    for field, value, allowed in (("type", kind, ("trade", "settlement")), ("direction", side, ("yes", "no"))):
        if value not in allowed:
            return Reject(record.line, field, f"{shown(value)!r} is neither {' nor '.join(allowed)}", record.raw)
    if not cells["ticker"]:
        return Reject(record.line, "ticker", "a trade without a market", record.raw)
    stated = _stated(kind, at, side, cells, amounts)
    if stated is None:
        return Reject(
            record.line,
            "realized profit",
            "it is neither revenue less cost nor that less fees, so whether fees are in it cannot be told; "
            "download the export again in its present form from kalshi.com/account/taxes",
            record.raw,
        )
    name, body = stated
    facts = (name, cells["ticker"], kind, side, cells["contracts"], cells["average price"], *amounts.values(), at)
    return Event(source, row_key(digest(facts), tally), name, at, body, record.raw, record.line, reading.owner)


def _stated(
    kind: str, at: int, side: str, cells: dict[str, str], amounts: dict[str, int]
) -> tuple[str, dict[str, Any]] | None:
    """Return the event's kind and body, None where the profit's relation to the fees cannot be told."""
    revenue, cost, profit, fees = amounts.values()
    body: dict[str, Any] = {"instrument": cells["ticker"], "side": side, "quantity": cells["contracts"]}
    same = f"kalshi:{cells['ticker']}"
    if kind == "trade" and not (revenue or profit):
        if not fees:
            return "fill.executed", body
        return "cost.incurred", body | {"amount": fees, "title": "opening fee", "same": same}
    before = revenue - abs(cost)
    if abs(profit - (before - fees)) <= _TOLERANCE and (not fees or abs(profit - before) > abs(profit - before + fees)):
        gross, net = profit + fees, profit
    elif abs(profit - before) <= _TOLERANCE:
        gross, net = profit, profit - fees
    else:
        return None
    body |= {"gross": gross, "fees": fees, "net": net, "stake": abs(cost), "closed_at": at, "same": same}
    return "trade.closed", body
