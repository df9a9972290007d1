"""Hyperliquid's public ``info`` endpoint: fills by time, funding, movements and roles."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tests.fakes.server import Fake, Layout, Request, Response

ADDRESS = "0x" + "ab12" * 10
AGENT = "0x" + "cd34" * 10
HOUR = 3_600_000
_OPENS, _CLOSES = "Open Long", "Close Long"


class HyperliquidFake(Fake):
    """One account, `ADDRESS`, and an agent's address, `AGENT`, which has nothing of its own.

    `page` and `page_others` are how many records an answer has at most: the real ones are 2000 and 500; `window` is how
    many of the newest fills there are: 10,000.
    """

    name = "hyperliquid"

    def __init__(self, trades: int = 6, page: int = 5, page_others: int = 3, window: int = 10_000) -> None:
        super().__init__()
        self.page, self.page_others, self.window = page, page_others, window
        self.fills: list[dict[str, Any]] = []
        self.funding: list[dict[str, Any]] = []
        self.cash: list[dict[str, Any]] = []
        self.held: dict[str, str] = {}
        """Signed size by coin, as the account's state says it."""
        self.books: dict[str, tuple[list[str], list[str]]] = {}
        """Bids and offers by coin, the best first; a coin without has no book."""
        begin = int(time.time() * 1000) - 100 * HOUR
        if trades:
            self.move(begin, "deposit", usdc="1000.0")
            self.move(begin + 50 * HOUR, "withdraw", usdc="10.0", fee="1.0")
        for nth in range(trades):
            at = begin + (nth + 1) * 2 * HOUR
            self.trade(at, closed=f"{nth - 2}.{nth}34435")
            self.pay(at + HOUR // 2, "BTC", f"{'-' if nth % 2 else ''}0.0{nth}4579")

    def fill(self, at: int, *, opens: bool = True, closed: str = "0.0", fee: str = "0.005386", **more: Any) -> Any:
        """Add a fill at `at` (milliseconds) that opens a long, or closes one."""
        oid = 498935927833 + len(self.fills)
        made = {
            "coin": "BTC", "px": "60000.5", "sz": "0.010", "side": "B" if opens else "A", "time": at,
            "startPosition": "0.0" if opens else "0.010", "dir": _OPENS if opens else _CLOSES, "closedPnl": closed,
            "hash": f"0x{oid:064x}", "oid": oid, "crossed": True, "fee": fee, "tid": 16945190231009 + oid,
            "feeToken": "USDC", "twapId": None,
        } | more  # fmt: skip
        self.fills.append(made)
        return made

    def trade(self, at: int, closed: str) -> None:
        """Add a fill that opens and, in the same millisecond, one that closes."""
        self.fill(at)
        self.fill(at, opens=False, closed=closed, fee="0.00521")

    def pay(self, at: int, coin: str, usdc: str) -> None:
        """Add a funding payment, positive where received."""
        delta = {"type": "funding", "coin": coin, "usdc": usdc, "szi": "0.01", "fundingRate": "0.0000125"}
        self.funding.append({"time": at, "hash": "0x" + "0" * 64, "delta": delta | {"nSamples": None}})

    def move(self, at: int, kind: str, **more: Any) -> None:
        """Add a movement of money."""
        self.cash.append({"time": at, "hash": f"0x{at:064x}", "delta": {"type": kind, **more}})

    def config(self) -> str:
        """Return the source's table."""
        return f'[sources.hyperliquid]\nurl = "{self.url}"\naddress = "{ADDRESS}"\n'

    def layout(self, request: Request) -> Layout | None:
        """The answer is the list; there is no cursor but the time asked for."""
        fields = {
            "userFillsByTime": ("closedPnl",),
            "userFunding": ("delta", "usdc"),
            "userNonFundingLedgerUpdates": ("delta", "type"),
        }
        kind = json.loads(request.body)["type"]
        return Layout((), fields[kind], _changed if kind == "userFillsByTime" else None) if kind in fields else None

    def answer(self, request: Request) -> Response:
        """Answer as documented."""
        if request.method != "POST" or request.path != "/info":
            return Response(404, {"content-type": "text/plain"}, b"Not Found")
        asked = request.json()
        if asked["type"] == "l2Book":
            return Response.json(self._book(str(asked["coin"])))
        user = str(asked.get("user", "")).lower()
        if len(user) != 42 or not user.startswith("0x"):
            return Response(422, {"content-type": "text/plain"}, b"Failed to deserialize the JSON body")
        if asked["type"] == "userRole":
            return Response.json(self._role(user))
        if asked["type"] == "clearinghouseState":
            return Response.json(self._state(user))
        if asked["type"] == "userFillsByTime":
            if asked.get("aggregateByTime", False):
                return Response(422, {"content-type": "text/plain"}, b"this fake does not aggregate")
            return self._list(_sorted(self.fills)[-self.window :], user, asked, self.page)
        if asked["type"] == "userFunding":
            return self._list(_sorted(self.funding), user, asked, self.page_others)
        if asked["type"] == "userNonFundingLedgerUpdates":
            return self._list(_sorted(self.cash), user, asked, self.page_others)
        return Response(422, {"content-type": "text/plain"}, b"Failed to deserialize the JSON body")

    def _role(self, user: str) -> dict[str, Any]:
        if user == AGENT:
            return {"role": "agent", "data": {"user": ADDRESS}}
        return {"role": "user" if user == ADDRESS else "missing"}

    def _state(self, user: str) -> dict[str, Any]:
        """Return the perpetuals that are held; those of other addresses are none."""
        sums = {"accountValue": "1000.0", "totalNtlPos": "0.0", "totalRawUsd": "1000.0", "totalMarginUsed": "0.0"}
        held = self.held if user == ADDRESS else {}
        return {
            "assetPositions": [
                {
                    "position": {
                        "coin": coin, "szi": size, "entryPx": "60000.5", "positionValue": "600.0", "marginUsed": "30.0",
                        "leverage": {"type": "cross", "value": 20}, "liquidationPx": None, "maxLeverage": 50,
                        "unrealizedPnl": "0.0", "returnOnEquity": "0.0",
                        "cumFunding": {"allTime": "0.0", "sinceChange": "0.0", "sinceOpen": "0.0"},
                    },
                    "type": "oneWay",
                }
                for coin, size in held.items()
            ],
            "crossMaintenanceMarginUsed": "0.0", "crossMarginSummary": sums, "marginSummary": sums,
            "time": int(time.time() * 1000), "withdrawable": "1000.0",
        }  # fmt: skip

    def _book(self, coin: str) -> dict[str, Any] | None:
        if coin not in self.books:
            return None
        levels = [[{"px": px, "sz": "7.6699", "n": 17} for px in side] for side in self.books[coin]]
        return {"coin": coin, "time": int(time.time() * 1000), "levels": levels}

    def _list(self, records: list[dict[str, Any]], user: str, asked: Mapping[str, Any], most: int) -> Response:
        """Return those from `startTime` to `endTime`, both inclusive, the first `most` of them."""
        start, end = int(asked["startTime"]), asked.get("endTime")
        found = [each for each in records if start <= each["time"] and (end is None or each["time"] <= end)]
        return Response.json(found[:most] if user == ADDRESS else [])


def _sorted(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(records, key=lambda each: int(each["time"]))


def _changed(fill: dict[str, Any]) -> None:
    fill["closedPnl"] = str(Decimal(fill["closedPnl"]) + 1)
