"""Periods as places of the ledger: from all time down to one. Pure."""

from __future__ import annotations

from northstar_tui.calendar import ALL, DRILL, Calendar, Period
from northstar_tui.tui.actions import LEDGER
from northstar_tui.tui.navigation import Place

_IN_PATH = ("all", *DRILL.values())


def places(calendar: Calendar, period: Period) -> tuple[Place, ...]:
    """Return the drill-down's path to `period`; what is no step of it hangs directly under all time."""
    if period.level in _IN_PATH:
        path = calendar.path(period.level, period.start)
        if path[-1] == period:
            return tuple((LEDGER, step) for step in path)
    return ((LEDGER, ALL), (LEDGER, period))


def today(calendar: Calendar, level: str, now: int) -> Period:
    """Return the period of `level` that holds `now`; under all time and odd spans, the day."""
    return calendar.path(level if level in DRILL.values() else "day", now)[-1]


def zoomed(calendar: Calendar, shown: Period, day: Period) -> Period:
    """Return the other span whose days the calendar can show around `day`: a month's year, or the day's month."""
    return calendar.period("year" if shown.level == "month" else "month", day.start)
