"""The calendar heat map: every day of a month, a year or another span, with its sums, and the scale of its shades."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date

from northstar_tui.calendar import SECOND, Calendar, Period
from northstar_tui.ledger import queries
from northstar_tui.ledger.queries import Measures
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import Where
from northstar_tui.views.base import Head, head

_LADDER = (1, 2, 5)
_APART = 2
"""Steps of 1, 2, 5, 10, 20, 50 … between two thresholds of the scale."""


LONGEST = 54 * 7 * 86_400 * SECOND
"""Microseconds of the longest span whose weeks are shown beside each other."""


def days_of(calendar: Calendar, period: Period) -> Period:
    """Return the span whose days the calendar shows of a node: a month, or what is longer, up to a year."""
    if period.level in ("month", "week", "day", "hour"):
        return calendar.period("month", period.start)
    if period.end - period.start > LONGEST:
        return calendar.period("year", period.end - 1)
    return period


@dataclass(frozen=True, slots=True)
class Day:
    """One local day and its sums."""

    date: date
    period: Period
    measures: Measures
    begun: bool
    """Whether it has begun; a day ahead that holds entries has."""


@dataclass(frozen=True, slots=True)
class HeatView:
    """A span's days, oldest first; together they are the span, and their sums are its own."""

    head: Head
    period: Period
    label: str
    basis: str
    where: Where
    totals: Measures
    days: tuple[Day, ...]
    today: date
    scale: tuple[int, int, int]
    """Micro-dollars from which a day's |net| takes the second, third and fourth shade."""

    def shade(self, net: int) -> int:
        """Return the shade of a net: 0 for none, 1 … 4 for a gain, −1 … −4 for a loss."""
        if not net:
            return 0
        step = 1 + bisect_right(self.scale, abs(net))
        return step if net > 0 else -step


def heat(store: Store, period: Period, *, basis: str = "closed", where: Where = (), now: int) -> HeatView:
    """Return the days of `period`, which has an end: not all time. One query."""
    calendar = store.calendar
    found = {row.bucket: row.measures for row in queries.sums(store, period, basis=basis, level="day", where=where)}
    days = []
    for day in calendar.children(period, "day"):
        measures = found.get(day.start, Measures())
        days.append(Day(calendar.date_of(day.start), day, measures, day.start <= now or bool(measures.entries)))
    return HeatView(
        head=head(store),
        period=period,
        label=calendar.label(period),
        basis=basis,
        where=where,
        totals=sum((day.measures for day in days if day.measures.entries), Measures()),
        days=tuple(days),
        today=calendar.date_of(now),
        scale=scale(max((abs(day.measures.net) for day in days), default=0)),
    )


def scale(most: int) -> tuple[int, int, int]:
    """Return the thresholds of the shades below a largest |net| of `most` micro-dollars.

    They are round amounts (1, 2 or 5 times a power of ten), the highest at most half of `most`, so that one outlier
    does not leave everything else in one shade, each about a fifth of the next. No quantiles: a shade means money.
    """
    top = 1
    for step in range(200):
        value = _LADDER[step % 3] * 10 ** (step // 3)
        if value * 2 > max(most, 2):
            break
        top = step
    steps = (max(0, top - 2 * _APART), max(0, top - _APART), top)
    low, middle, high = (_LADDER[step % 3] * 10 ** (step // 3) for step in steps)
    return low, middle, high
