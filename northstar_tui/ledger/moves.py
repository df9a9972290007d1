"""What events say about positions: fills, settlements, quotes, and what the venue reports; as rows. Pure but for names.

| event | row |
|---|---|
| ``fill.executed``, and whatever states a ``start_position``: a fill that bears an entry of its own | fill |
| ``market.settled``; ``trade.closed`` with a ``market_result`` where nothing better is said | settlement |
| ``market.quoted`` | quote |
| ``position.reported`` | report |

A venue's export (EXPORTS) states closed trades, and of the fills behind them some: no position follows from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from northstar_tui.figures.exact import directed, text, units
from northstar_tui.ledger.project import Projector
from northstar_tui.ledger.rules import CONTRACTS, EXPORTS

Body = Mapping[str, Any]
Row = tuple[Any, ...]

FILL, SETTLEMENT, QUOTE, REPORT = "fill", "settlement", "quote", "position_report"
COLUMNS = {
    FILL: (
        "id", "event_id", "source_id", "subaccount", "instrument_id", "at", "quantity", "price", "fees", "currency",
        "start", "booked", "pays", "book_id", "category_id", "problem",
    ),
    SETTLEMENT: ("id", "event_id", "source_id", "subaccount", "instrument_id", "at", "value", "void", "rank"),
    QUOTE: ("source_id", "instrument_id", "at", "event_id"),
    REPORT: ("source_id", "subaccount", "instrument_id", "at", "event_id", "quantity"),
}  # fmt: skip
"""Tables and their columns, in the order of rows."""
_KINDS = {"fill.executed": FILL, "market.settled": SETTLEMENT, "market.quoted": QUOTE, "position.reported": REPORT}
_PAID = {"yes": "1", "no": "0"}


def says(kind: str, body: Body | str) -> str | None:
    """Return which of the tables an event of `kind` has a row in, or None. `body` may be the JSON text of it."""
    found = _KINDS.get(kind)
    if found is not None:
        return found
    is_text = isinstance(body, str)
    if ('"start_position":' if is_text else "start_position") in body:
        return FILL
    if kind == "trade.closed" and ('"market_result":' if is_text else "market_result") in body:
        return SETTLEMENT
    return None


def exported(source: str) -> bool:
    """Return whether `source` is an export, whose fills are not all fills."""
    return source.partition(":")[0] in EXPORTS


def pays(source: str) -> bool:
    """Return whether the contracts of `source` pay a dollar or nothing."""
    return source.partition(":")[0] in CONTRACTS


class Reading:
    """Makes rows of events, under the projector's rules."""

    def __init__(self, projector: Projector) -> None:
        self._projector = projector
        self._instruments = projector.interner.axis("instrument")

    def row(
        self, table: str, subject: int, event: int, source: str, source_id: int, book_id: int | None, kind: str,
        body: Body, at: int,
    ) -> Row:  # fmt: skip
        """Return an event's row in `table`. That of a fill which cannot be read has its problem, and moves nothing."""
        instrument = self._instruments[_text(body, "instrument")]
        if table == FILL:
            book, category = self._projector.owner(source, book_id, body)
            *facts, problem = _fill(body)
            start, currency = _decimal(body, "start_position"), body.get("currency")
            binary = pays(source) or body.get("side") in ("yes", "no")
            currency = None if currency in (None, "USD") else currency
            return (
                subject, event, source_id, _subaccount(body), instrument, at, *facts, currency, start,
                int(kind != "fill.executed"), int(binary), book, category, problem,
            )  # fmt: skip
        if table == SETTLEMENT:
            direct = kind == "market.settled"
            result = _text(body, "market_result")
            value = _decimal(body, "value") or _PAID.get(result)
            account = None if direct else _subaccount(body)
            return (
                subject, event, source_id, account, instrument, at, value, int(result == "void"), 0 if direct else 1,
            )  # fmt: skip
        if table == QUOTE:
            return source_id, instrument, at, event
        return source_id, _subaccount(body), instrument, at, event, _decimal(body, "quantity") or "0"


def _fill(body: Body) -> tuple[str, str, int, str | None]:
    """Return signed quantity, price, fees, and None; or nothings and what is wrong."""
    fees = body.get("fees", body.get("amount", 0))
    try:
        if type(fees) is not int:
            raise ValueError("fees must be micro-units")
        quantity, price = directed(_text(body, "side"), units(_text(body, "quantity")), units(_text(body, "price")))
        return text(quantity - _in_kind(body)), text(price), fees, None
    except ValueError as error:
        return "0", "0", 0, str(error)


def _in_kind(body: Body) -> int:
    """Return how much of what was bought the venue kept as its fee: where the fee is not in the money's currency."""
    token, fee = body.get("fee_token"), body.get("fee")
    if body.get("side") != "buy" or token is None or fee is None or token == body.get("currency", "USDC"):
        return 0
    return units(_text(body, "fee"))


def _decimal(body: Body, name: str) -> str | None:
    """Return a decimal text as it is compared: ``12.50`` is ``12.5``; None where there is none that can be read."""
    value = body.get(name)
    try:
        return None if value is None else text(units(_text(body, name)))
    except ValueError:
        return None


def _text(body: Body, name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""


def _subaccount(body: Body) -> int:
    value = body.get("subaccount")
    return value if type(value) is int else 0
