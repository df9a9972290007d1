"""A stateful Kalshi: accounts with either kind of key, trading, settling, an archive behind a cutoff, subaccounts.

Signatures are verified as the real one does it; what an account is told follows from its trades, by the venue's own
rules: closing is buying the other side, pairs are paid a dollar at once, payouts are cut to whole cents.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_DOWN, Decimal
from typing import ClassVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from tests.fakes.kalshi_account import DAY, START, Account, Row, iso, usd
from tests.fakes.kalshi_world import small_world
from tests.fakes.server import Fake, Layout, Request, Response

BASE = "/trade-api/v2"
TOLERANCE = 5.0
"""Seconds that a signature's time may be off the server's clock."""


class KalshiFake(Fake):
    """The venue. Without arguments it serves a small world with two accounts, one of each kind of key."""

    name: ClassVar[str] = "kalshi"

    def __init__(self, empty: bool = False) -> None:
        super().__init__()
        self.accounts = {
            "ed-key": Account(Ed25519PrivateKey.generate()),
            "rsa-key": Account(generate_private_key(65537, 2048), ["read", "write"]),
        }
        self.markets: dict[str, Row] = {}
        self.cutoff = START - 90 * DAY
        self.page = 4
        """Most records on a page, whatever is asked for."""
        self.tolerance = TOLERANCE
        self.number = 0
        self.key_id = "ed-key"
        if not empty:
            small_world(self)

    @property
    def account(self) -> Account:
        """The account that `config` reads."""
        return self.accounts[self.key_id]

    def config(self) -> str:
        return (
            f'[sources.kalshi]\nbase_url = "{self.url}{BASE}"\n'
            'key_id = "env:KALSHI_KEY_ID"\nprivate_key = "env:KALSHI_PRIVATE_KEY"\n'
        )

    def secrets(self) -> Mapping[str, str]:
        return {"KALSHI_KEY_ID": self.key_id, "KALSHI_PRIVATE_KEY": self.account.pem()}

    # -- what happens in the world -------------------------------------------------------------------------------

    def trade(self, ticker: str, side: str, count: str, price: str, at: float, fee: str = "0.01", sub: int = 0) -> Row:
        """Let the account buy (``bid``) or sell (``ask``) YES contracts at a YES price; return the fill."""
        with self.lock:
            self.number += 1
            self.market(ticker)
            outcome = "yes" if side == "bid" else "no"
            account, size, paid = self.account, Decimal(count), Decimal(price)
            before = account.counts(ticker, sub)
            order = {
                "order_id": f"order-{self.number}", "user_id": "user-1", "client_order_id": "", "ticker": ticker,
                "outcome_side": outcome, "book_side": side, "type": "limit", "status": "executed",
                "yes_price_dollars": price, "no_price_dollars": str(1 - paid), "initial_count_fp": count,
                "fill_count_fp": count, "remaining_count_fp": "0.00", "taker_fees_dollars": fee,
                "maker_fees_dollars": "0.000000", "taker_fill_cost_dollars": usd(size * paid),
                "maker_fill_cost_dollars": "0.000000", "created_time": iso(at), "last_update_time": iso(at),
                "subaccount_number": sub, "exchange_index": 0, "_at": at, "_sub": sub,
            }  # fmt: skip
            fill = {
                # On fills `action` carries no sign: a seller of NO is told sell, no, ask.
                "action": "sell" if side == "ask" and self.number % 2 else "buy", "side": outcome,
                "outcome_side": outcome, "book_side": side, "count_fp": count, "created_time": iso(at),
                "fee_cost": fee, "fill_id": f"fill-{self.number}", "trade_id": f"fill-{self.number}",
                "is_taker": True, "market_ticker": ticker, "ticker": ticker, "yes_price_dollars": price,
                "no_price_dollars": str(1 - paid), "order_id": order["order_id"], "subaccount_number": sub,
                "ts": int(at), "_at": at, "_sub": sub,
            }  # fmt: skip
            account.orders.append(order)
            account.fills.append(fill)
            after = account.counts(ticker, sub)
            pairs = min(after[0], after[2]) - min(before[0], before[2])
            cost = sum(after[index] - before[index] for index in (1, 3, 4))
            account.cash[sub] = account.cash.get(sub, Decimal(0)) - cost + pairs
            return fill

    def rest(self, ticker: str, side: str, count: str, price: str, at: float, sub: int = 0) -> Row:
        """Let an order rest in the book; return it, to be changed."""
        with self.lock:
            self.trade(ticker, side, count, price, at, "0.000000", sub)
            account = self.account
            account.fills.pop()
            row = account.orders[-1]
            account.cash[sub] += Decimal(count) * (Decimal(price) if side == "bid" else 1 - Decimal(price))
            row.update(status="resting", fill_count_fp="0.00", remaining_count_fp=count, taker_fill_cost_dollars="0.0")
            return row

    def market(self, ticker: str) -> Row:
        """Return a market, listing it where it is new."""
        return self.markets.setdefault(
            ticker,
            {
                "ticker": ticker, "event_ticker": ticker.rpartition("-")[0], "market_type": "binary",
                "title": f"Will it be {ticker}?", "yes_sub_title": "It", "no_sub_title": "Not it",
                "status": "active", "result": "", "yes_bid_dollars": "0.4000", "yes_ask_dollars": "0.4200",
                "no_bid_dollars": "0.5800", "no_ask_dollars": "0.6000", "last_price_dollars": "0.4100",
                "volume_fp": "1000.00", "updated_time": iso(START), "_at": 2.0**40,
                "expected_expiration_time": iso(START + 40 * DAY),
            },
        )  # fmt: skip

    def settle(self, ticker: str, value: str, at: float, cents: int | None = None) -> list[Row]:
        """Settle a market at `value` dollars per YES; return the rows. `cents`: what the rows state as value."""
        with self.lock:
            worth = Decimal(value)
            result = {Decimal(0): "no", Decimal(1): "yes"}.get(worth, "scalar")
            self.market(ticker).update(
                status="finalized", result=result, settlement_value_dollars=value, settlement_ts=iso(at), _at=at
            )
            rows = []
            for sub in sorted({fill["_sub"] for fill in self.account.fills if fill["ticker"] == ticker}):
                yes, yes_cost, no, no_cost, fees = self.account.counts(ticker, sub)
                paid = abs(yes - no) * (worth if yes > no else 1 - worth)
                revenue = int((paid * 100).to_integral_value(ROUND_DOWN))
                row = {
                    "ticker": ticker, "event_ticker": ticker.rpartition("-")[0], "market_result": result,
                    "yes_count_fp": f"{yes:.2f}", "yes_total_cost_dollars": usd(yes_cost), "no_count_fp": f"{no:.2f}",
                    "no_total_cost_dollars": usd(no_cost), "revenue": revenue, "settled_time": iso(at),
                    "fee_cost": usd(fees), "value": int(worth * 100) if cents is None else cents, "exchange_index": 0,
                    "_at": at, "_sub": sub,
                }  # fmt: skip
                self.account.settlements.append(row)
                self.account.cash[sub] += Decimal(revenue) / 100
                rows.append(row)
            return rows

    def deposit(self, cents: int, at: float, sub: int = 0) -> Row:
        """Let cash arrive, or leave where `cents` are negative; return the row."""
        with self.lock:
            self.number += 1
            rows = self.account.deposits if cents > 0 else self.account.withdrawals
            rows.append(
                {
                    "id": f"cash-{self.number}", "status": "applied", "type": "ach", "amount_cents": abs(cents),
                    "fee_cents": 0, "created_ts": int(at), "finalized_ts": int(at) + 60, "_at": at, "_sub": sub,
                }
            )  # fmt: skip
            self.account.cash[sub] = self.account.cash.get(sub, Decimal(0)) + Decimal(cents) / 100
            return rows[-1]

    # -- answering -----------------------------------------------------------------------------------------------

    def answer(self, request: Request) -> Response:
        path = request.path.removeprefix(BASE)
        if not request.path.startswith(BASE) or request.method != "GET":
            return problem(404, "not_found", "not found")
        if path == "/historical/cutoff":
            names = ("market_settled_ts", "trades_created_ts", "orders_updated_ts", "market_positions_last_updated_ts")
            return Response.json(dict.fromkeys(names, iso(self.cutoff)))
        if path in ("/markets", "/historical/markets"):
            return self._markets(request, old=path != "/markets")
        if path.startswith("/events/"):
            return self._event(path.removeprefix("/events/"))
        account = self._who(request)
        if isinstance(account, Response):
            return account
        asked = request.param("subaccount")
        if account.tied is not None and asked not in ("", str(account.tied)):
            return problem(403, "forbidden", "this API key is restricted to another sub-account")
        return self._signed(path, request, account)

    def _who(self, request: Request) -> Account | Response:
        headers = request.headers
        account = self.accounts.get(headers.get("kalshi-access-key", ""))
        stamp = headers.get("kalshi-access-timestamp", "")
        if account is None or not stamp.isdigit():
            return problem(401, "authentication_error", "NOT_FOUND")
        if abs(self.now() - int(stamp) / 1000) > self.tolerance:
            return problem(401, "authentication_error", "HEADER_TIMESTAMP_EXPIRED")
        try:
            signature = base64.b64decode(headers.get("kalshi-access-signature", ""), validate=True)
        except ValueError:
            signature = b""
        if not account.signed(f"{stamp}{request.method}{request.path}".encode(), signature):
            return problem(401, "authentication_error", "INCORRECT_API_KEY_SIGNATURE")
        return account

    def _signed(self, path: str, request: Request, account: Account) -> Response:
        tied = "this API key is restricted to a single sub-account and cannot access this endpoint"
        if "read" not in account.scopes and path != "/portfolio/balance":
            return problem(403, "forbidden", "missing scope read")
        if account.tied is not None and path in ("/portfolio/subaccounts/balances", "/api_keys",
                                                 "/portfolio/deposits", "/portfolio/withdrawals"):  # fmt: skip
            return problem(403, "forbidden", tied)
        lists: dict[str, tuple[str, list[Row], bool | None]] = {
            "/portfolio/fills": ("fills", account.fills, False),
            "/historical/fills": ("fills", account.fills, True),
            "/portfolio/orders": ("orders", account.orders, False),
            "/historical/orders": ("orders", account.orders, True),
            "/portfolio/settlements": ("settlements", account.settlements, False),
            "/portfolio/deposits": ("deposits", account.deposits, None),
            "/portfolio/withdrawals": ("withdrawals", account.withdrawals, None),
        }
        if path in lists:
            name, rows, old = lists[path]
            return self._list(request, name, self._parted(rows, old), account)
        if path == "/portfolio/positions":
            return self._list(request, "market_positions", self._positions(request, account), account)
        if path == "/portfolio/balance":
            return Response.json(self._balance(request, account))
        if path == "/portfolio/subaccounts/balances":
            rows = [{"subaccount_number": sub, "exchange_index": 0, "balance": usd(cash), "updated_ts": START}
                    for sub, cash in account.cash.items()]  # fmt: skip
            return Response.json({"subaccount_balances": rows})
        if path == "/api_keys":
            keys = [{"api_key_id": key, "name": key, "scopes": each.scopes} for key, each in self.accounts.items()]
            return Response.json({"api_keys": keys})
        return problem(404, "not_found", "not found")

    def _parted(self, rows: Iterable[Row], old: bool | None) -> list[Row]:
        """Return the live or the archived part of `rows`; resting orders are always live."""
        if old is None:
            return list(rows)
        return [row for row in rows if (row["_at"] < self.cutoff and row.get("status") != "resting") == old]

    def _positions(self, request: Request, account: Account) -> list[Row]:
        sub = int(request.param("subaccount") or account.tied or 0)
        found = []
        for ticker in dict.fromkeys(fill["ticker"] for fill in account.fills if fill["_sub"] == sub):
            if self.markets[ticker]["status"] != "active":
                continue
            yes, yes_cost, no, no_cost, fees = account.counts(ticker, sub)
            last = max(fill["_at"] for fill in account.fills if fill["ticker"] == ticker and fill["_sub"] == sub)
            found.append({
                "ticker": ticker, "exchange_index": 0, "total_traded_dollars": usd(yes_cost + no_cost),
                "position_fp": f"{yes - no:.2f}", "market_exposure_dollars": usd(yes_cost + no_cost - min(yes, no)),
                "realized_pnl_dollars": "0.000000", "fees_paid_dollars": usd(fees), "last_updated_ts": iso(last),
                "_at": last, "_sub": sub,
            })  # fmt: skip
        return found

    def _balance(self, request: Request, account: Account) -> Row:
        sub = int(request.param("subaccount") or account.tied or 0)
        cash = account.cash.get(sub, Decimal(0))
        cents = int((cash * 100).to_integral_value(ROUND_DOWN))
        return {
            "balance": cents, "balance_dollars": f"{cash:.6f}", "portfolio_value": 0, "updated_ts": int(self.now()),
            "balance_breakdown": [{"exchange_index": 0, "balance": f"{cash:.4f}"}],
        }  # fmt: skip

    def _markets(self, request: Request, old: bool) -> Response:
        asked = request.param("tickers").split(",")
        rows = [row for row in self._parted(self.markets.values(), old) if row["ticker"] in asked]
        return self._list(request, "markets", rows, None)

    def _event(self, ticker: str) -> Response:
        """Tell of an event: its markets exclude each other unless its series is a ladder of thresholds."""
        markets = [row for row in self.markets.values() if row["event_ticker"] == ticker]
        if not markets:
            return problem(404, "not_found", "event not found")
        event = {"event_ticker": ticker, "mutually_exclusive": not ticker.startswith("KXBTC"), "title": ticker}
        return Response.json({"event": event, "markets": []})

    def _list(self, request: Request, name: str, rows: list[Row], account: Account | None) -> Response:
        """Filter as asked, newest first, and cut a page."""
        most = 500 if name in ("deposits", "withdrawals") else 1000
        try:
            limit = int(request.param("limit", "100"))
            at = int(base64.urlsafe_b64decode(request.param("cursor")) or b"0")
            least, last = float(request.param("min_ts", "-inf")), float(request.param("max_ts", "inf"))
        except ValueError:
            return problem(400, "bad_request", "bad request", "invalid parameter", nested=True)
        tickers = [ticker for ticker in request.param("ticker").split(",") if ticker]
        if not 1 <= limit <= most or len(tickers) > 100:
            return problem(400, "bad_request", "bad request", "invalid limit or ticker", nested=True)
        sub = request.param("subaccount") or ("" if account is None or account.tied is None else str(account.tied))
        rows = [
            row for row in rows
            if least < row["_at"] < last and (not tickers or row["ticker"] in tickers)
            and (not sub or row.get("_sub", 0) == int(sub))
        ]  # fmt: skip
        rows.sort(key=lambda row: -row["_at"])
        end = at + min(limit, self.page)
        shown = [{key: value for key, value in row.items() if key[0] != "_"} for row in rows[at:end]]
        cursor = base64.urlsafe_b64encode(str(end).encode()).decode() if end < len(rows) else ""
        return Response.json({name: shown, "cursor": cursor})

    def layout(self, request: Request) -> Layout | None:
        name = request.path.removeprefix(BASE).rpartition("/")[2]
        spot = _SPOTS.get(name)
        if spot is None:
            return None
        key, needed, change = spot
        return Layout((key,), (needed,), change, ("cursor",))


def _dearer(row: Row) -> None:
    row["fee_cost"] = usd(Decimal(row["fee_cost"]) + Decimal("0.25"))


def _taxed(row: Row) -> None:
    row["taker_fees_dollars"] = usd(Decimal(row["taker_fees_dollars"]) + Decimal("0.25"))


def _moved(row: Row) -> None:
    row["realized_pnl_dollars"] = "1.250000"


def _returned(row: Row) -> None:
    row["status"] = "returned"


def _quoted(row: Row) -> None:
    row["last_price_dollars"] = "0.1300"


_SPOTS: Mapping[str, tuple[str, str, Callable[[Row], None]]] = {
    "fills": ("fills", "count_fp", _dearer),
    "orders": ("orders", "initial_count_fp", _taxed),
    "settlements": ("settlements", "yes_total_cost_dollars", _dearer),
    "positions": ("market_positions", "position_fp", _moved),
    "deposits": ("deposits", "amount_cents", _returned),
    "withdrawals": ("withdrawals", "amount_cents", _returned),
    "markets": ("markets", "yes_bid_dollars", _quoted),
}


def problem(status: int, code: str, message: str, details: str = "", nested: bool = False) -> Response:
    """Return an error, flat as documented or nested as seen."""
    body = {"code": code, "message": message} | ({"details": details} if details else {})
    return Response(
        status, {"content-type": "application/json"}, json.dumps({"error": body} if nested else body).encode()
    )
