"""What Kalshi answers, typed: every field that is used is required; anything more that it says is left alone.

Money comes in two shapes that must never be confused: ``*_dollars`` and ``fee_cost`` are decimal texts (`Usd`),
``revenue``, ``value``, ``balance``, ``*_cents`` are integers (`Cents`). Either in place of the other is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, TypeVar, cast

import msgspec

from northstar_tui.calendar import MAX_TIME, MIN_TIME
from northstar_tui.errors import shown
from northstar_tui.sources.times import TimeError, exact

T = TypeVar("T")


class Usd(Decimal):
    """Dollars, stated as decimal text of at most nine digits before the point."""


class Count(Decimal):
    """Contracts, stated as decimal text; fractions are normal."""


class Signed(Decimal):
    """Contracts, stated as decimal text; negative means NO."""


class Instant(int):
    """Microseconds UTC, stated as RFC 3339 text."""


class Stamp(int):
    """Microseconds UTC, stated as whole seconds since 1970, or as RFC 3339 text: Kalshi's ``*_ts`` are either."""


Text = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
"""An id, a ticker, a name of something: hostile lengths are refused."""
Cents = Annotated[int, msgspec.Meta(ge=-100_000_000_000, le=100_000_000_000)]
Number = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


class Fill(msgspec.Struct):
    """A fill. `book_side` alone says its direction: ``bid`` adds YES contracts, ``ask`` takes them away."""

    fill_id: Text
    order_id: Text
    ticker: Text
    book_side: str
    count_fp: Count
    yes_price_dollars: Usd
    fee_cost: Usd
    is_taker: bool
    created_time: Instant
    subaccount_number: Number | None = None


class Settlement(msgspec.Struct):
    """A settled market as one subaccount held it. `revenue` is for the net position alone: pairs are paid outside."""

    ticker: Text
    market_result: str
    yes_count_fp: Count
    yes_total_cost_dollars: Usd
    no_count_fp: Count
    no_total_cost_dollars: Usd
    revenue: Cents
    fee_cost: Usd
    settled_time: Instant
    value: Cents | None = None
    """Cents paid per YES; null or absent where no one value was paid."""
    subaccount_number: Number | None = None


class Order(msgspec.Struct):
    """An order as it stands now."""

    order_id: Text
    ticker: Text
    book_side: str
    status: str
    yes_price_dollars: Usd
    initial_count_fp: Count
    fill_count_fp: Count
    remaining_count_fp: Count
    taker_fees_dollars: Usd
    maker_fees_dollars: Usd
    created_time: Instant | None = None
    last_update_time: Instant | None = None
    subaccount_number: Number | None = None


class Position(msgspec.Struct):
    """What one subaccount holds of one market."""

    ticker: Text
    position_fp: Signed
    market_exposure_dollars: Usd
    realized_pnl_dollars: Usd
    fees_paid_dollars: Usd
    last_updated_ts: Instant


class Balance(msgspec.Struct):
    """Cash of one subaccount, in both shapes; the cents are cut from the dollars."""

    balance: Cents
    balance_dollars: Usd


class Market(msgspec.Struct):
    """A market's quotes and, once decided, its result."""

    ticker: Text
    status: str
    result: str
    yes_bid_dollars: Usd
    yes_ask_dollars: Usd
    last_price_dollars: Usd
    title: str = ""
    yes_sub_title: str = ""
    settlement_value_dollars: Usd | None = None
    settlement_ts: Instant | None = None
    event_ticker: str = ""
    expected_expiration_time: Instant | None = None
    """When it is expected to be decided."""


class MarketEvent(msgspec.Struct):
    """What markets belong to."""

    event_ticker: Text
    mutually_exclusive: bool | None = None
    """Whether at most one of its markets ends YES."""


class Cash(msgspec.Struct):
    """A deposit or a withdrawal."""

    id: Text
    status: str
    type: str
    amount_cents: Cents
    fee_cents: Cents
    created_ts: Stamp
    finalized_ts: Stamp | None = None


class Subaccount(msgspec.Struct):
    """One line of the list of subaccounts."""

    subaccount_number: Number


class ApiKey(msgspec.Struct):
    """One key of the account and what it may do."""

    api_key_id: str
    scopes: list[str]
    subaccount: int | None = None


class Cutoff(msgspec.Struct):
    """Where live data begin; what is older is under ``/historical``."""

    trades_created_ts: Instant
    orders_updated_ts: Instant


def decode(content: bytes | msgspec.Raw, shape: type[T]) -> T:
    """Return JSON `content` as `shape`. Raises ValueError that says where and why, whatever the bytes are."""
    try:
        found: T = _decoder(cast(Any, shape)).decode(content)
        return found
    except msgspec.ValidationError as error:
        raise ValueError(shown(str(error), 300)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        begin = shown(bytes(content[:60]).decode("utf-8", "replace"))
        raise ValueError(f"it is no JSON but {begin!r}") from None


@cache
def _decoder(shape: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(shape, dec_hook=_read)


@cache
def page(*names: str) -> type[Any]:
    """Return the shape of an answer that lists records under `names`, each kept as its own bytes."""
    fields = [(name, list[msgspec.Raw]) for name in names]
    return msgspec.defstruct("Page", [*fields, ("cursor", str | None, None)])


def single(name: str, shape: Any) -> type[Any]:
    """Return the shape of an answer that holds one thing under `name`."""
    return msgspec.defstruct("Single", [(name, shape)])


def _read(shape: type[Any], value: object) -> Any:
    return _READERS[shape](value)


def _decimal(shape: type[Decimal], pattern: str) -> Callable[[object], Decimal]:
    fits = re.compile(pattern, re.ASCII).fullmatch

    def read(value: object) -> Decimal:
        if not isinstance(value, str):
            raise ValueError(f"Expected a decimal text, got `{type(value).__name__}`")
        if not fits(value):
            raise ValueError(f"Expected a decimal text, got {shown(value, 40)!r}")
        return shape(value)

    return read


def _instant(value: object) -> Instant:
    if not isinstance(value, str):
        raise ValueError(f"Expected a time as text, got `{type(value).__name__}`")
    try:
        return Instant(exact(value))
    except TimeError as error:
        raise ValueError(str(error)) from None


def _stamp(value: object) -> Stamp:
    if isinstance(value, int) and not isinstance(value, bool):
        if not MIN_TIME <= value * 1_000_000 < MAX_TIME:
            raise ValueError(f"Expected a time in seconds since 1970, got {shown(str(value), 40)}")
        return Stamp(value * 1_000_000)
    return Stamp(_instant(value))


_READERS: Mapping[Any, Any] = {
    Usd: _decimal(Usd, r"-?[0-9]{1,9}(?:\.[0-9]{1,12})?"),
    Count: _decimal(Count, r"[0-9]{1,9}(?:\.[0-9]{1,5})?"),
    Signed: _decimal(Signed, r"-?[0-9]{1,9}(?:\.[0-9]{1,5})?"),
    Instant: _instant,
    Stamp: _stamp,
}
