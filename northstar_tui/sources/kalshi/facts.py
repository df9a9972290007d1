"""From Kalshi's records to events, one function a kind. Keys and bodies are listed in docs/sources.md.

Only ``trade.closed`` bears money: what a settled market earned. Fills, orders, positions, balances, quotes and flows of
cash are facts about it.
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import Any

from northstar_tui.errors import shown
from northstar_tui.events import Event, Reject
from northstar_tui.money import MICRO, MoneyError, decimal_text, scaled
from northstar_tui.sources.kalshi import settle
from northstar_tui.sources.kalshi.api import Record
from northstar_tui.sources.kalshi.payload import Balance, Cash, Fill, Market, Order, Position, Settlement
from northstar_tui.sources.numbers import plain
from northstar_tui.sources.source import Nonsense

CENT = MICRO // 100
_SIDES = {"bid": "buy", "ask": "sell"}
"""Of YES contracts, at the YES price."""
_SIX = Decimal("0.000001")


def fill(source: str, record: Record[Fill]) -> Event | Reject:
    """Return a fill; its direction is its book side and nothing else."""
    said = record.said
    side = _SIDES.get(said.book_side)
    if side is None:
        return _sideless("fill", said.fill_id, said.book_side, record.raw)
    body = {
        "instrument": said.ticker,
        "side": side,
        "quantity": plain(said.count_fp),
        "price": plain(said.yes_price_dollars),
        "fees": scaled(said.fee_cost),
        "order": said.order_id,
        "is_taker": said.is_taker,
        "subaccount": said.subaccount_number or 0,
    }
    return Event(source, f"fill:{said.fill_id}", "fill.executed", said.created_time, body, record.raw)


def order(source: str, record: Record[Order]) -> Event | Reject:
    """Return an order as it stands: its kind is the last thing that happened to it."""
    said = record.said
    side = _SIDES.get(said.book_side)
    if side is None:
        return _sideless("order", said.order_id, said.book_side, record.raw)
    changed = said.last_update_time or said.created_time
    if changed is None:
        reason = f"order {shown(said.order_id, 60)} states no time at all"
        return Reject(None, "created_time", reason, record.raw, f"order:{said.order_id}")
    body = {
        "instrument": said.ticker,
        "side": side,
        "quantity": plain(said.initial_count_fp),
        "price": plain(said.yes_price_dollars),
        "filled": plain(said.fill_count_fp),
        "remaining": plain(said.remaining_count_fp),
        "fees": scaled(said.taker_fees_dollars) + scaled(said.maker_fees_dollars),
        "status": said.status,
        "subaccount": said.subaccount_number or 0,
    }
    if said.status == "canceled":
        kind = "order.cancelled"
    elif said.status == "executed" or said.fill_count_fp:
        kind = "order.filled"
    else:
        kind = "order.created" if changed == said.created_time else "order.amended"
    return Event(source, f"order:{said.order_id}", kind, changed, body, record.raw)


def _sideless(what: str, key: str, side: str, raw: str) -> Reject:
    return Reject(
        None,
        "book_side",
        f"{what} {shown(key, 60)}: {shown(side, 40)!r} is neither bid nor ask, so its direction cannot be told; "
        "upgrade northstar",
        raw,
        f"{what}:{key}",
    )


def settlement(
    source: str, subaccount: int, record: Record[Settlement], tally: settle.Tally, market: Market | None
) -> Event | Reject:
    """Return what a settled market earned: formula A, and B beside it where all its fills are there.

    A row whose revenue is not what its net position was worth is rejected with both figures.
    """
    said = record.said
    key = f"settlement:{subaccount}:{said.ticker}"
    value = settle.value(said, market)
    if value is not None and not settle.pays(said, value):
        return Reject(
            None,
            "revenue",
            f"{shown(said.ticker, 80)}: the settlement pays {decimal_text(said.revenue * CENT)}, its net position was "
            f"worth {decimal_text(scaled(settle.payout(said, value)))}; look at it on kalshi.com, it is not booked",
            record.raw,
            key,
        )
    fees = scaled(said.fee_cost)
    net = settle.net(said)
    body: dict[str, Any] = {
        "instrument": said.ticker,
        "stake": scaled(said.yes_total_cost_dollars + said.no_total_cost_dollars + said.fee_cost),
        "gross": net + fees,
        "fees": fees,
        "net": net,
        "closed_at": int(said.settled_time),
        "same": f"kalshi:{said.ticker}",
        "market_result": said.market_result,
        "yes_count": plain(said.yes_count_fp),
        "no_count": plain(said.no_count_fp),
        "subaccount": subaccount,
    }
    complete = tally.complete(said)
    body["opened_at"] = tally.opened_at if complete and tally.opened_at is not None else int(said.settled_time)
    body |= _position(said, tally.side if complete else "")
    if value is None:
        body["value_missing"] = True
    if not complete:
        body["fills_missing"] = True
    elif value is not None:
        body["check_net"] = _checked(said, value, tally, net)
    title = _title(market)
    if title:
        body["title"] = title
    return Event(source, key, "trade.closed", said.settled_time, body, record.raw)


def _checked(said: Settlement, value: Decimal, tally: settle.Tally, net: int) -> int:
    try:
        return settle.check_net(said, value, tally)
    except MoneyError as error:
        raise Nonsense(
            f"the fills of {shown(said.ticker, 80)} add up to more than can be: {error} (settled: {decimal_text(net)})"
        ) from None


def _position(said: Settlement, first: str) -> dict[str, str]:
    """Return side, quantity and average price of what was held: of the larger side, else of the one opened `first`."""
    yes, no = said.yes_count_fp, said.no_count_fp
    side = "yes" if yes > no else "no" if no > yes else first
    count, cost = (no, said.no_total_cost_dollars) if side == "no" else (yes, said.yes_total_cost_dollars)
    found = {"quantity": plain(count)}
    if side:
        found["side"] = side
        if count > 0:
            with localcontext(prec=settle.PRECISION):
                found["price"] = plain((cost / count).quantize(_SIX))
    return found


def position(source: str, subaccount: int, record: Record[Position]) -> Event:
    """Return what is held of one market: `quantity` is negative where it is NO."""
    said = record.said
    body = {
        "instrument": said.ticker,
        "quantity": plain(said.position_fp),
        "exposure": scaled(said.market_exposure_dollars),
        "realized": scaled(said.realized_pnl_dollars),
        "fees": scaled(said.fees_paid_dollars),
        "subaccount": subaccount,
    }
    return Event(
        source, position_key(subaccount, said.ticker), "position.reported", said.last_updated_ts, body, record.raw
    )


def position_key(subaccount: int, ticker: str) -> str:
    """Return the key of what a subaccount holds of a market."""
    return f"position:{subaccount}:{ticker}"


def position_gone(source: str, subaccount: int, ticker: str, at: int) -> Event:
    """Return that a position reported before is reported no more: settled, or closed and forgotten."""
    body = {"instrument": ticker, "quantity": "0", "subaccount": subaccount}
    return Event(source, position_key(subaccount, ticker), "position.reported", at, body)


def balance(source: str, subaccount: int, record: Record[Balance], at: int) -> Event:
    """Return a subaccount's cash. Raises Nonsense where its two shapes do not state the same amount."""
    said = record.said
    cents = said.balance_dollars * 100
    if abs(cents - said.balance) >= 1:
        raise Nonsense(
            f"{source}: the balance of subaccount {subaccount} is {said.balance} cents in $.balance and "
            f"{said.balance_dollars} dollars in $.balance_dollars",
            "upgrade northstar, or report it",
        )
    body = {"amount": scaled(said.balance_dollars), "subaccount": subaccount}
    return Event(source, f"balance:{subaccount}", "balance.reported", at, body, record.raw)


def quote(source: str, record: Record[Market], at: int, exclusive: bool | None = None) -> Event:
    """Return a market's quotes, dollars per YES contract: the marks of what is held.

    `exclusive` is whether at most one market of its event ends YES, where that is known.
    """
    said = record.said
    body: dict[str, Any] = {
        "instrument": said.ticker,
        "bid": plain(said.yes_bid_dollars),
        "ask": plain(said.yes_ask_dollars),
        "last": plain(said.last_price_dollars),
        "status": said.status,
    } | _titled(said)
    if said.event_ticker:
        body["event"] = said.event_ticker
    if said.expected_expiration_time is not None:
        body["expected_at"] = int(said.expected_expiration_time)
    if exclusive is not None:
        body["exclusive"] = exclusive
    return Event(source, f"quote:{said.ticker}", "market.quoted", at, body, record.raw)


def result(source: str, record: Record[Market], at: int) -> Event | None:
    """Return how a market ended, None while it has no result; `at` is when it settled where it does not say."""
    said = record.said
    if not said.result:
        return None
    body: dict[str, Any] = {"instrument": said.ticker, "market_result": said.result} | _titled(said)
    if said.settlement_value_dollars is not None:
        body["value"] = plain(said.settlement_value_dollars)
    return Event(source, f"market:{said.ticker}", "market.settled", said.settlement_ts or at, body, record.raw)


def cash(source: str, what: str, record: Record[Cash]) -> Event:
    """Return a deposit, or a withdrawal as a negative amount. A flow of cash is never profit or loss."""
    said = record.said
    body = {
        "amount": (said.amount_cents if what == "deposits" else -said.amount_cents) * CENT,
        "fees": said.fee_cents * CENT,
        "status": said.status,
        "method": said.type,
    }
    at = said.finalized_ts or said.created_ts
    return Event(source, f"{what[:-1]}:{said.id}", "cash.moved", at, body, record.raw)


def _titled(market: Market) -> dict[str, str]:
    title = _title(market)
    return {"title": title} if title else {}


def _title(market: Market | None) -> str:
    return (market.title or market.yes_sub_title) if market else ""
