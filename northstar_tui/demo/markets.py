"""The trader's prediction-market trades, as a Kalshi Transactions export would state them.

Weather is bought the day before and settles the next morning; crypto goes in quarter-hour sessions, in several fills,
some of them twins; games follow their seasons. Prices are whole cents of a dollar, fees the venue's published 7 % of
p(1 - p).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random

from northstar_tui.calendar import SECOND
from northstar_tui.demo.world import CENT, HOUR, MINUTE, Day, luck, poisson, said
from northstar_tui.events import Event

SOURCE = "kalshi-csv"
HEADER = (
    "type,quantity_fp,market_ticker,side,entry_price_dollars,exit_price_dollars,open_fees_dollars,close_fees_dollars,"
    "realized_pnl_without_fees_dollars,realized_pnl_with_fees_dollars,close_timestamp,open_timestamp"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CITIES = (
    ("HIGHNY", 62),
    ("HIGHCHI", 58),
    ("HIGHMIA", 84),
    ("HIGHAUS", 80),
    ("HIGHLAX", 73),
    ("HIGHDEN", 64),
    ("LOWTNYC", 48),
)
_COINS = (("KXBTC15M", 6), ("KXETH15M", 4), ("KXSOL15M", 2), ("KXBTCD", 2))
_LEAGUES = (
    ("KXNFLGAME", (9, 10, 11, 12, 1), ("BUF", "KC", "PHI", "DET", "BAL", "SF", "GB", "DAL")),
    ("KXNBAGAME", (10, 11, 12, 1, 2, 3, 4, 5, 6), ("BOS", "NYK", "OKC", "DEN", "MIN", "LAL", "CLE", "MIL")),
    ("KXMLBGAME", (4, 5, 6, 7, 8, 9, 10), ("NYY", "LAD", "ATL", "HOU", "SEA", "BAL", "PHI", "TOR")),
    ("KXATPMATCH", tuple(range(1, 13)), ("SIN", "ALC", "DJO", "ZVE", "FRI", "RUU", "MED", "SHE")),
)


@dataclass(frozen=True, slots=True)
class Lot:
    """One matched open/close pair. Prices and fees in cents; `quantity` in hundredths of a contract."""

    ticker: str
    title: str
    side: str
    quantity: int
    entry: int
    exit: int
    opened: int
    closed: int
    settled: bool = True
    """Settlement is free; selling before it pays the fee again."""


def fee(quantity: int, price: int) -> int:
    """Return the venue's fee in micro-dollars for hundredths of contracts at a price in cents, up to the next cent."""
    exact = 7 * quantity * price * (100 - price)
    return -(-exact // (100 * CENT)) * CENT


def lot_event(lot: Lot, key: str, delay: int) -> Event:
    """Return `lot` as the event that its row of the export makes; a voided lot pays no fee."""
    void = lot.settled and lot.exit == lot.entry
    open_fee = 0 if void else fee(lot.quantity, lot.entry)
    close_fee = 0 if lot.settled else fee(lot.quantity, lot.exit)
    gross = lot.quantity * (lot.exit - lot.entry) * CENT // 100
    net = gross - open_fee - close_fee
    quantity = f"{lot.quantity / 100:.2f}".rstrip("0").rstrip(".")
    price, exit_price = f"{lot.entry / 100:.2f}", f"{lot.exit / 100:.2f}"
    body = {
        "instrument": lot.ticker,
        "title": lot.title,
        "side": lot.side,
        "quantity": quantity,
        "price": price,
        "exit_price": exit_price,
        "stake": lot.quantity * lot.entry * CENT // 100 + open_fee,
        "gross": gross,
        "fees": open_fee + close_fee,
        "net": net,
        "opened_at": lot.opened,
        "closed_at": lot.closed,
    }
    raw = ",".join(
        (
            "trade", quantity, lot.ticker, lot.side, price, exit_price, _dollars(open_fee), _dollars(close_fee),
            _dollars(gross), _dollars(net), stamp(lot.closed), stamp(lot.opened),
        )
    )  # fmt: skip
    return said(SOURCE, key, "trade.closed", lot.closed, delay, body, raw)


def stamp(at: int) -> str:
    """Return an instant as the export writes it."""
    return (_EPOCH + timedelta(microseconds=at)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _dollars(amount: int) -> str:
    return f"{amount / 1_000_000:.4f}"


def _seconds(random: Random, low: int, high: int) -> int:
    return random.randrange(low // SECOND, high // SECOND) * SECOND


def _wins(random: Random, price: int, edge: float) -> bool:
    return random.random() < min(0.985, max(0.015, price / 100 + edge))


def _size(random: Random, price: int, day: Day, dollars: float) -> int:
    """Return hundredths of contracts for a stake around `dollars`, which grows as the trader grows bolder."""
    stake = dollars * (0.6 + 0.9 * day.progress) * random.lognormvariate(0.0, 0.45)
    contracts = max(1, round(stake * 100 / price))
    return contracts * 100 if random.random() < 0.9 else contracts * 100 + random.randrange(1, 100)


def weather(random: Random, days: Sequence[Day]) -> Iterator[Event]:
    """Yield the weather trades: mostly NO on a bracket that is unlikely, sometimes YES on one that is not."""
    for day, edge in zip(days, luck(random, days, edge=0.042, spread=0.026), strict=True):
        season = 14 * abs(6.5 - day.date.month) / 5.5
        settled = day.start + 31 * HOUR + _seconds(random, 0, 3 * HOUR)
        for number in range(poisson(random, 2.6)):
            city, warm = random.choice(_CITIES)
            side = "no" if random.random() < 0.7 else "yes"
            price = random.randint(72, 95) if side == "no" else random.randint(18, 61)
            bracket = f"B{round(warm - season + random.gauss(0, 4)) + 0.5}"
            opened = day.start - 6 * HOUR + _seconds(random, 0, 16 * HOUR)
            lot = Lot(
                ticker=f"KX{city}-{day.ticker}-{bracket}",
                title=f"{'Low' if city[0] == 'L' else 'High'} in {city[4:]} on {day.date:%b %-d}: {bracket[1:]}°",
                side=side,
                quantity=_size(random, price, day, 26),
                entry=price,
                exit=100 if _wins(random, price, edge) else 0,
                opened=opened,
                closed=settled,
            )
            key = f"weather-{day.date:%Y%m%d}-{number}"
            yield from _told(random, lot, key, early=0.12, void=0.004, corrected=0.01)


def crypto(random: Random, days: Sequence[Day]) -> Iterator[Event]:
    """Yield the crypto trades: sessions of quarter-hour markets, each order in one to four fills."""
    for day, edge in zip(days, luck(random, days, edge=0.036, spread=0.032), strict=True):
        if random.random() < 0.3:
            continue
        begun = day.start + random.randrange(8, 22) * HOUR
        coin = random.choices([c for c, _ in _COINS], [w for _, w in _COINS])[0]
        for number in range(poisson(random, 3.2)):
            closed = begun + (number + 1) * 15 * MINUTE
            clock = f"{day.ticker}{number // 4 + (begun - day.start) // HOUR:02d}{(number + 1) % 4 * 15:02d}"
            price = random.randint(28, 74)
            lot = Lot(
                ticker=f"{coin}-{clock}-{(number + 1) % 4 * 15:02d}",
                title=f"{coin[2:5]} up in the quarter hour to {clock[-4:-2]}:{clock[-2:]}",
                side=random.choice(("yes", "no")),
                quantity=_size(random, price, day, 17),
                entry=price,
                exit=100 if _wins(random, price, edge) else 0,
                opened=closed - _seconds(random, 2 * MINUTE, 14 * MINUTE),
                closed=closed,
            )
            fills = random.choices((1, 2, 3, 4), (40, 30, 20, 10))[0]
            for fill in range(fills):
                # Equal shares at one price in one second: only the ordinal tells such twins apart.
                part = replace(lot, quantity=max(1, lot.quantity // fills))
                key = f"crypto-{day.date:%Y%m%d}-{number}-{fill}"
                yield from _told(random, part, key, early=0.0, void=0.0, corrected=0.0)


def games(random: Random, days: Sequence[Day]) -> Iterator[Event]:
    """Yield the trades on games, each league in its months."""
    for day, edge in zip(days, luck(random, days, edge=0.034, spread=0.03), strict=True):
        for series, months, teams in _LEAGUES:
            if day.date.month not in months:
                continue
            for number in range(poisson(random, 0.55)):
                home, away = random.sample(teams, 2)
                price = random.randint(24, 78)
                start = day.start + random.randrange(13, 21) * HOUR
                lot = Lot(
                    ticker=f"{series}-{day.ticker}{away}{home}-{home}",
                    title=f"{away} at {home}: {home} wins",
                    side=random.choice(("yes", "no")),
                    quantity=_size(random, price, day, 32),
                    entry=price,
                    exit=100 if _wins(random, price, edge) else 0,
                    opened=start - _seconds(random, HOUR, 20 * HOUR),
                    closed=start + _seconds(random, 2 * HOUR, 4 * HOUR),
                )
                key = f"{series[2:5].lower()}-{day.date:%Y%m%d}-{number}"
                yield from _told(random, lot, key, early=0.2, void=0.006, corrected=0.008)


def _told(random: Random, lot: Lot, key: str, *, early: float, void: float, corrected: float) -> Iterator[Event]:
    """Yield what the venue says about `lot`: sold early, voided, or corrected some days later, each with its chance."""
    chance = random.random()
    delay = _seconds(random, MINUTE, 6 * HOUR)
    if chance < early:
        drift = random.randint(4, 22)
        price = min(98, lot.entry + drift) if lot.exit else max(2, lot.entry - drift)
        closed = lot.opened + max((lot.closed - lot.opened) // 2 // SECOND, 1) * SECOND
        lot = replace(lot, exit=price, closed=closed, settled=False)
    elif chance < early + void:
        lot = replace(lot, exit=lot.entry)
    yield lot_event(lot, key, delay)
    if early + void <= chance < early + void + corrected:
        yield lot_event(replace(lot, exit=100 - lot.exit), key, delay + _seconds(random, 20 * HOUR, 90 * HOUR))
