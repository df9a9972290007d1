"""What the trader holds: markets traded through the venue's API, with fills, quotes and reports, and a perpetual.

Markets of the last weeks settle and are booked; those whose time lies beyond the story's end stay open. What happens
after the end is told too, and cut off by whoever asks: so every market is open for the reason real ones are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from northstar_tui.calendar import SECOND
from northstar_tui.demo.markets import fee, stamp
from northstar_tui.demo.world import CENT, HOUR, MINUTE, Day, poisson, said
from northstar_tui.events import Event

SOURCE, PERPS = "kalshi", "hyperliquid"
_WEEKS = 35
"""Days before the end in which markets were traded through the API."""
_QUOTED = 2
"""Days before the end in which they were quoted often."""
_CITIES = (("NY", "New York", 58), ("CHI", "Chicago", 52), ("MIA", "Miami", 83), ("AUS", "Austin", 81))
_TEAMS = ("BOS", "NYK", "OKC", "DEN", "MIN", "LAL", "CLE", "MIL")
_LONG = (
    ("KXFEDDECISION", "H0", "The Fed leaves its rate as it is", 62, 24),
    ("KXNBA", "BOS", "Boston wins the championship", 21, 45),
    ("KXGOVSHUT", "T30", "The shutdown lasts thirty days", 34, 16),
)
"""(series, market, title, price in cents, days until it settles)"""


@dataclass(slots=True)
class Market:
    """One market: prices in cents, quantities in hundredths of a contract, negative for NO."""

    ticker: str
    title: str
    event: str
    exclusive: bool
    price: int
    """What YES is worth now."""
    expected: int
    settles: int
    lost: int = 0
    """What the venue holds beyond the fills that its API states."""
    quantity: int = 0
    gross: int = 0
    """Micro-dollars: what was received less what was paid."""
    fees: int = 0
    cost: int = 0
    traded: list[int] = field(default_factory=list)
    opened: int = 0

    def moved(self, random: Random) -> None:
        """Let the price wander."""
        self.price = max(3, min(97, self.price + random.choice((-4, -2, -1, -1, 0, 0, 1, 1, 2, 4))))

    def bought(self, at: int, quantity: int, price: int, number: int) -> Iterator[Event]:
        """Yield a fill of `quantity`, below zero a sale of YES, and what the venue then reports."""
        paid = fee(abs(quantity), price)
        self.quantity += quantity
        self.gross -= quantity * price * CENT // 100
        self.cost += abs(quantity) * (price if quantity > 0 else 100 - price) * CENT // 100
        self.fees += paid
        self.traded.append(quantity)
        self.opened = self.opened or at
        count, side = _count(abs(quantity)), "buy" if quantity > 0 else "sell"
        body = {
            "instrument": self.ticker, "side": side, "quantity": count, "price": f"{price / 100:.2f}", "fees": paid,
            "order": f"o-{self.ticker}-{number}", "is_taker": True, "subaccount": 0,
        }  # fmt: skip
        raw = _raw(
            fill_id=f"{self.ticker}-{number}", ticker=self.ticker, book_side="bid" if quantity > 0 else "ask",
            count_fp=count, yes_price_dollars=f"{price / 100:.4f}", fee_cost=f"{paid / 1_000_000:.6f}",
            created_time=stamp(at),
        )  # fmt: skip
        yield said(SOURCE, f"fill:{self.ticker}-{number}", "fill.executed", at, MINUTE, body, raw)
        yield self.reported(at + SECOND, self.quantity)

    def reported(self, at: int, quantity: int) -> Event:
        """Return what the venue says is held."""
        count = _count(quantity + (self.lost if quantity else 0))
        body = {"instrument": self.ticker, "quantity": count, "subaccount": 0}
        raw = _raw(ticker=self.ticker, position_fp=count, last_updated_ts=stamp(at))
        return said(SOURCE, f"position:0:{self.ticker}", "position.reported", at, MINUTE, body, raw)

    def quoted(self, at: int) -> Event:
        """Return what the market is quoted at."""
        trading = at < self.expected
        spread = 1 + (self.price + len(self.ticker)) % 3
        bid, ask = (max(1, self.price - spread), min(99, self.price + 1)) if trading else (0, 100)
        body = {
            "instrument": self.ticker, "bid": f"{bid / 100:.2f}", "ask": f"{ask / 100:.2f}",
            "last": f"{self.price / 100:.2f}", "status": "active" if trading else "closed", "title": self.title,
            "event": self.event, "exclusive": self.exclusive, "expected_at": self.expected,
        }  # fmt: skip
        return quote_event(self.ticker, body, at, SECOND)

    def settled(self, won: bool) -> Iterator[Event]:
        """Yield the market's result, and what it earned."""
        at = self.settles
        result, value = ("yes", 100) if won else ("no", 0)
        body: dict[str, Any] = {"instrument": self.ticker, "market_result": result, "title": self.title}
        body["value"] = f"{value / 100:.4f}"
        raw = _raw(ticker=self.ticker, result=result, settlement_value_dollars=body["value"])
        yield said(SOURCE, f"market:{self.ticker}", "market.settled", at, 9 * MINUTE, body, raw)
        gross = self.gross + self.quantity * value * CENT // 100
        yes, no = (sum(abs(q) for q in self.traded if (q > 0) == side) for side in (True, False))
        body = {
            "instrument": self.ticker, "title": self.title, "side": "yes" if yes >= no else "no",
            "quantity": _count(max(yes, no)), "stake": self.cost + self.fees, "gross": gross, "fees": self.fees,
            "net": gross - self.fees, "check_net": gross - self.fees, "opened_at": self.opened, "closed_at": at,
            "same": f"kalshi:{self.ticker}", "market_result": result, "yes_count": _count(yes), "no_count": _count(no),
            "subaccount": 0,
        }  # fmt: skip
        raw = _raw(ticker=self.ticker, market_result=result, settled_time=stamp(at), yes_count_fp=_count(yes),
                   no_count_fp=_count(no))  # fmt: skip
        yield said(SOURCE, f"settlement:0:{self.ticker}", "trade.closed", at, 9 * MINUTE, body, raw)
        yield self.reported(at + MINUTE, 0)


def quote_event(ticker: str, body: dict[str, Any], at: int, delay: int) -> Event:
    """Return what `ticker` is quoted at instant `at`."""
    raw = _raw(ticker=ticker, yes_bid_dollars=body["bid"], yes_ask_dollars=body["ask"], status=body["status"])
    return said(SOURCE, f"quote:{ticker}", "market.quoted", at, delay, body, raw)


def _count(quantity: int) -> str:
    return f"{quantity / 100:.2f}".rstrip("0").rstrip(".")


def _raw(**facts: object) -> str:
    return json.dumps(facts, separators=(",", ":"))


def markets(random: Random, days: Sequence[Day]) -> Iterator[Event]:
    """Yield the events of the markets that were traded through the API."""
    last = days[-1].start
    for day in days[-_WEEKS:]:
        for market in _opened(random, day):
            yield from _traded(random, market, day.start + random.randrange(7 * 3600, 11 * 3600) * SECOND, last)
    for number, (series, name, title, price, ahead) in enumerate(_LONG):
        ends = last + ahead * 24 * HOUR + 14 * HOUR
        event = f"{series}-{days[-1].date:%y}"
        market = Market(f"{event}-{name}", title, event, True, price, ends, ends + HOUR, lost=500 * (number == 1))
        yield from _traded(random, market, last - 9 * 24 * HOUR + number * 31 * HOUR, last)
    event = f"KXHIGHNY-{days[-1].ticker}"
    for low, price in ((56, 22), (58, 41), (60, 19)):
        bracket = Market(f"{event}-B{low}.5", f"High in New York: {low}° to {low + 1}°", event, True, price,
                         last + 31 * HOUR, last + 33 * HOUR)  # fmt: skip
        yield from _traded(random, bracket, last - 11 * HOUR + low * MINUTE, last)
    ends = last + 19 * 24 * HOUR
    sold = Market(f"KXCPI-{days[-1].date:%y}-T3.1", "Inflation above 3.1 %", f"KXCPI-{days[-1].date:%y}", False, 47,
                  ends, ends + HOUR)  # fmt: skip
    yield from sold.bought(last - 6 * 24 * HOUR, 1500, 38, 0)
    yield from sold.bought(last - 2 * 24 * HOUR + 11 * HOUR, -1500, 47, 1)
    event = f"KXHIGHDEN-{days[-2].ticker}"
    late = Market(f"{event}-B61.5", "High in Denver: 61° to 62°", event, True, 44, last - 9 * HOUR, last + 40 * HOUR)
    yield from _traded(random, late, last - 20 * HOUR, last)


def _opened(random: Random, day: Day) -> Iterator[Market]:
    """Yield the markets of a day: brackets of one city's temperature, a game."""
    if random.random() < 0.6:
        city, name, warm = random.choice(_CITIES)
        ends = day.start + random.choice((31, 31, 55)) * HOUR
        event = f"KXHIGH{city}-{day.ticker}"
        first = warm + random.randrange(-4, 4)
        for step in range(random.choice((1, 2, 3))):
            low = first + 2 * step
            title = f"High in {name}: {low}° to {low + 1}°"
            price = random.choice((62, 31, 18)) if step == 0 else random.randrange(8, 30)
            yield Market(f"{event}-B{low}.5", title, event, True, price, ends, ends + 2 * HOUR)
    for _ in range(poisson(random, 0.7)):
        home, away = random.sample(_TEAMS, 2)
        ends = day.start + random.choice((22, 46, 70)) * HOUR
        event = f"KXNBAGAME-{day.ticker}{away}{home}"
        title = f"{away} at {home}: {home} wins"
        yield Market(f"{event}-{home}", title, event, True, random.randrange(25, 75), ends, ends + HOUR)


def _traded(random: Random, market: Market, at: int, last: int) -> Iterator[Event]:
    """Yield what happens in one market from instant `at` until it settles; often quoted from the day before `last`."""
    side = random.choice((1, 1, -1))
    parts = random.choice((1, 2, 3))
    sizes = [random.randrange(4, 18) * 100 for _ in range(parts)]
    size = sum(sizes)
    steps = [(at + n * random.randrange(60, 2400) * SECOND, side * one) for n, one in enumerate(sizes)]
    span = market.expected - at
    if random.random() < 0.4:  # a part is sold, or all of it and more
        share = random.choice((2, 3, -1))
        steps.append((at + span // 2, -side * (size // share // 100 * 100 if share > 0 else size + 300)))
    pending = sorted(steps)
    while at < market.settles:
        while pending and pending[0][0] <= at:
            when, quantity = pending.pop(0)
            yield from market.bought(when, quantity, market.price, len(market.traded))
        market.moved(random)
        yield market.quoted(at)
        often = at > last - (_QUOTED - 1) * 24 * HOUR
        evening = at + 1 + (last - 20 * MINUTE - at - 1) % (24 * HOUR)  # a day's last quote is what its evening shows
        at = at + 43 * MINUTE if often else min(at + 300 * MINUTE, evening)
    yield from market.settled(random.random() < market.price / 100)


def perpetual(random: Random, days: Sequence[Day]) -> Iterator[Event]:
    """Yield the fills of a perpetual, each with the position before it, as the exchange states it."""
    price, held, cost = 3_180_00, 0, 0
    for number, day in enumerate(days[-24:]):
        times = sorted(random.sample(range(9 * 3600, 22 * 3600), poisson(random, 1.1)))
        for part, second in enumerate(times):
            at = day.start + second * SECOND
            price += random.randrange(-45_00, 46_00)
            size = random.randrange(5, 60) * 10  # thousandths
            buys = random.random() < (0.75 if held <= 0 else 0.35)
            turn = size if buys else -size
            yield _perp_fill(at, f"{number}-{part}", turn, price, held, cost)
            if held and (held > 0) != (turn > 0):
                closed = min(abs(held), size)
                cost -= cost * closed // abs(held)
                cost = cost if closed == size else (size - closed) * price
            else:
                cost += size * price
            held += turn

    for step in range(34):
        at = days[-1].start + step * 43 * MINUTE
        price += random.randrange(-9_00, 9_01)
        yield perp_quote({"bid": f"{(price - 10) / 100:.2f}", "ask": f"{(price + 10) / 100:.2f}"}, at)


def perp_quote(quoted: dict[str, Any], at: int) -> Event:
    """Return the best bid and offer of the perpetual at instant `at`."""
    body = {"instrument": "ETH", "category": "crypto", **quoted}
    levels = [[{"px": body["bid"], "sz": "7.5", "n": 4}], [{"px": body["ask"], "sz": "3.1", "n": 2}]]
    raw = _raw(coin="ETH", time=at // 1000, levels=levels)
    return said(PERPS, "quote:ETH", "market.quoted", at, 0, body, raw)


def _perp_fill(at: int, key: str, turn: int, price: int, held: int, cost: int) -> Event:
    """Return one fill: `turn` and `held` in thousandths, `price` in cents, `cost` of what is held in their product."""
    size = abs(turn)
    fees = size * price * 45 // 1000  # 0.045 % in micro-dollars
    body: dict[str, Any] = {
        "instrument": "ETH", "category": "crypto", "side": "buy" if turn > 0 else "sell", "quantity": f"{size / 1000}",
        "price": f"{price / 100}", "start_position": f"{held / 1000}", "fee_token": "USDC", "order": key,
    }  # fmt: skip
    raw = _raw(coin="ETH", side="B" if turn > 0 else "A", sz=body["quantity"], px=body["price"], time=at // 1000,
               startPosition=body["start_position"], fee=f"{fees / 1_000_000}")  # fmt: skip
    if held and (held > 0) != (turn > 0):
        closed = min(size, abs(held))
        basis = cost * closed // abs(held)
        gross = (closed * price - basis) * (1 if held > 0 else -1) * 10
        body |= {"gross": gross, "fees": fees, "net": gross - fees, "closed_at": at}
        return said(PERPS, f"fill/{key}", "trade.closed", at, MINUTE, body, raw)
    return said(PERPS, f"fill/{key}", "cost.incurred", at, MINUTE, {**body, "amount": fees}, raw)
