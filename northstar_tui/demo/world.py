"""What every part of the simulation shares: its days, luck that comes in spells, and how long a source takes to tell.

Times are microseconds UTC; every number comes from a seeded generator, never from a clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from northstar_tui.calendar import SECOND, Calendar
from northstar_tui.events import Event

ZONE = "America/New_York"
"""Where the company lives: markets settle and people work by its clock."""
MINUTE = 60 * SECOND
HOUR = 3600 * SECOND
DAY = 24 * HOUR
CENT = 10_000
"""Micro-dollars in a cent."""
DOLLAR = 1_000_000
"""Micro-dollars in a dollar."""


@dataclass(frozen=True, slots=True)
class Day:
    """One local day: its date, its first instant, and how far into the story it lies, 0 to 1."""

    date: date
    start: int
    progress: float

    @property
    def ticker(self) -> str:
        """The date as prediction markets write it: ``26MAY04``."""
        return f"{self.date:%y%b%d}".upper()


def days(end: int, count: int) -> list[Day]:
    """Return the `count` local days up to and with the one that holds instant `end`."""
    calendar = Calendar(ZONE)
    last = calendar.date_of(end)
    dates = [last - timedelta(days=back) for back in range(count - 1, -1, -1)]
    return [Day(day, calendar.day_start(day), at / count) for at, day in enumerate(dates)]


def luck(random: Random, days: Sequence[Day], *, edge: float, spread: float) -> list[float]:
    """Return one edge a day, as added to the odds' own probability of winning.

    It wanders by the month around `edge` and on top comes in hot and cold spells of some days: a trader's real record
    has streaks and losing months that independent days would not show.
    """
    found: list[float] = []
    month, monthly, spell, left = 0, edge, 0.0, 0
    for day in days:
        if day.date.month != month:
            month = day.date.month
            monthly = edge + random.gauss(0.0, spread)
        if left == 0:
            left = random.randint(3, 11)
            spell = random.choice((-0.05, -0.02, 0.0, 0.0, 0.02, 0.04))
        left -= 1
        found.append(monthly + spell)
    return found


def poisson(random: Random, mean: float) -> int:
    """Return a count with the given mean (small ones only: Knuth's product of uniforms)."""
    limit, product, count = 2.718281828459045**-mean, random.random(), 0
    while product > limit:
        product *= random.random()
        count += 1
    return count


def said(
    source: str, key: str, kind: str, at: int, delay: int, body: Mapping[str, Any], raw: str, line: int | None = None
) -> Event:
    """Return an event that occurred at `at` and that the store learned of `delay` microseconds later."""
    return Event(source, key, kind, at, body, raw, line, None, at + delay)
