"""The trader's bets at sportsbooks: placed, then settled as win, loss, push, void or cash-out; exported by Pikkit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from northstar_tui.calendar import SECOND
from northstar_tui.demo.markets import stamp
from northstar_tui.demo.world import DOLLAR, HOUR, MINUTE, Day, luck, poisson, said
from northstar_tui.events import Event

SOURCE = "bets-csv"
HEADER = "bet_id,sportsbook,type,status,odds,amount,profit,time_placed_iso,time_settled_iso,bet_info,sports"
_BOOKS = ("DraftKings", "FanDuel", "Caesars", "BetMGM")
_SPORTS = (
    ("Soccer", ("Arsenal", "Liverpool", "Real Madrid", "Inter", "Bayern", "PSG"), tuple(range(1, 13))),
    ("Tennis", ("Sinner", "Alcaraz", "Zverev", "Fritz", "Swiatek", "Gauff"), tuple(range(1, 13))),
    (
        "Basketball",
        ("Celtics -4.5", "Knicks +3", "Thunder -7", "over 224.5", "under 219"),
        (1, 2, 3, 4, 5, 6, 10, 11, 12),
    ),
    ("Football", ("Bills -3", "Chiefs -2.5", "Eagles -6", "over 47.5", "Lions +1"), (1, 9, 10, 11, 12)),
    ("Baseball", ("Dodgers", "Yankees", "Braves", "over 8.5", "Mariners +1.5"), (4, 5, 6, 7, 8, 9, 10)),
)
_ODDS = (150, 167, 172, 183, 187, 191, 195, 205, 220, 245, 280, 320, 410)
"""Decimal odds in hundredths."""


def bets(random: Random, days: Sequence[Day]) -> Iterator[Event]:
    """Yield the bets' events. One that is not settled before the story ends stays open."""
    for day, edge in zip(days, luck(random, days, edge=0.022, spread=0.03), strict=True):
        for number in range(poisson(random, 1.7)):
            sport, picks, _ = random.choice([each for each in _SPORTS if day.date.month in each[2]])
            parlay = random.random() < 0.08
            pick = " | ".join(random.sample(picks, 3)) if parlay else random.choice(picks)
            odds = random.randint(420, 1400) if parlay else random.choice(_ODDS)
            stake = max(5, round(random.lognormvariate(3.3, 0.5) * (0.4 if parlay else 1.0) / 5) * 5) * DOLLAR
            placed = day.start + random.randrange(9 * 3600, 20 * 3600) * SECOND
            wait = 45 * 24 if random.random() < 0.05 else 60  # hours; a few wait for a season's end
            settled = placed + random.randrange(2 * 3600, wait * 3600) * SECOND
            bet = Bet(f"B{day.date:%y%m%d}{number:02d}", random.choice(_BOOKS), sport, pick, odds, stake, placed)
            result = _result(random, odds, edge)
            yield bet.placed_event(random.randrange(60, 3600) * SECOND)
            delay = random.randrange(60, 5 * 3600) * SECOND
            yield bet.settled_event(settled, result, delay)
            if random.random() < 0.012 and result in ("win", "loss"):
                other = "loss" if result == "win" else "win"
                yield bet.settled_event(settled, other, delay + random.randrange(10, 70) * HOUR)


def _result(random: Random, odds: int, edge: float) -> str:
    special = random.random()
    if special < 0.025:
        return "push"
    if special < 0.035:
        return "void"
    if special < 0.06:
        return "cashout"
    return "win" if random.random() < 100 / odds * 0.97 + edge else "loss"


class Bet:
    """One bet: `odds` in hundredths, `stake` in micro-dollars."""

    def __init__(self, key: str, house: str, sport: str, pick: str, odds: int, stake: int, placed: int) -> None:
        self.key, self.house, self.sport, self.pick = key, house, sport, pick
        self.odds, self.stake, self.placed = odds, stake, placed

    def placed_event(self, delay: int = MINUTE) -> Event:
        """Return its placing, learned of `delay` microseconds later."""
        raw = self._raw("PENDING", None, None)
        return said(SOURCE, self.key, "bet.placed", self.placed, delay, self._facts(), raw)

    def settled_event(self, at: int, result: str, delay: int = MINUTE) -> Event:
        """Return its settling at `at` with `result`."""
        profit = self._profit(result)
        body = {**self._facts(), "gross": profit, "fees": 0, "net": profit, "closed_at": at, "result": result}
        return said(
            SOURCE, self.key, "bet.settled", at, delay, body, self._raw(f"SETTLED_{result.upper()}", profit, at)
        )

    def _profit(self, result: str) -> int:
        return {
            "win": self.stake * (self.odds - 100) // 100,
            "loss": -self.stake,
            "cashout": -self.stake * 3 // 8,
        }.get(result, 0)

    def _facts(self) -> dict[str, object]:
        return {
            "instrument": self.pick,
            "sportsbook": self.house,
            "title": f"{self.sport}: {self.pick}",
            "side": self.pick,
            "odds": f"{self.odds / 100:.2f}",
            "stake": self.stake,
            "opened_at": self.placed,
            "category": "sports",
        }

    def _raw(self, status: str, profit: int | None, settled: int | None) -> str:
        kind = "parlay" if " | " in self.pick else "straight"
        won = "" if profit is None else f"{profit / DOLLAR:.2f}"
        closed = "" if settled is None else stamp(settled)
        return (
            f"{self.key},{self.house},{kind},{status},{self.odds / 100:.2f},{self.stake / DOLLAR:.2f},{won},"
            f"{stamp(self.placed)},{closed},{self.pick},{self.sport}"
        )
