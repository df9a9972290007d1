"""The periods beside a period; and what one so far is compared with: the same stretch of the one before it."""

from __future__ import annotations

from datetime import timedelta

from northstar_tui.calendar import DRILL, Calendar, Period


def beside(calendar: Calendar, period: Period, step: int) -> Period:
    """Return the period before (`step` −1) or after (+1) `period`: of its level, of an odd span one of as many days."""
    if period.level == "all":
        return period
    if period.level in DRILL.values():
        return calendar.path(period.level, period.end if step > 0 else period.start - 1)[-1]
    first, following = calendar.date_of(period.start), calendar.date_of(period.end)
    if (calendar.day_start(first), calendar.day_start(following)) == (period.start, period.end):
        days = step * (following - first)
        return Period(calendar.day_start(first + days), calendar.day_start(following + days), period.level)
    width = step * (period.end - period.start)
    return Period(period.start + width, period.end + width, period.level)


def before(calendar: Calendar, period: Period, now: int, whole: Period | None = None) -> tuple[Period, str]:
    """Return as much of the period before `period` as of it has begun by `now` (all of it at most), and a label.

    It is measured in whole days, that of a day in whole hours.

    `period` is a whole one of a level finer than all time; one that is over, or still to come, is compared with all of
    the one before: `whole`, where that is not the whole calendar's, as for a week within a month.
    """
    level = period.level
    whole = whole or calendar.period(level, period.start - 1)
    until = whole.end
    if now in period and level == "day":
        until = calendar.end("hour", calendar.bucket("hour", whole.start + now - period.start))
    elif now in period:
        days = (calendar.date_of(now) - calendar.date_of(period.start)).days + 1
        until = calendar.day_start(calendar.date_of(whole.start) + timedelta(days=days))
    if until >= whole.end:
        return whole, _until(calendar, whole) if level == "week" else calendar.label(whole)
    stretch = Period(whole.start, until, "range")
    if level == "day":
        return stretch, f"{calendar.local(whole.start):%-d %b} to {calendar.local(until):%H:%M}"
    return stretch, _until(calendar, stretch) + (f" {calendar.date_of(whole.start).year}" if level == "year" else "")


def _until(calendar: Calendar, stretch: Period) -> str:
    """Return a stretch in few words: ``1–21 Oct``."""
    first, last = calendar.date_of(stretch.start), calendar.date_of(stretch.end - 1)
    if first == last:
        return f"{first:%-d %b}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{last.day} {last:%b}"
    return f"{first:%-d %b}–{last:%-d %b}"
