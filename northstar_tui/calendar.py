"""Exact time: integer microseconds UTC, and local calendar periods in one IANA zone.

A period is [first instant of its first local date, first instant of the date after its last one). Hours are local wall
hours: a day has 23, 24 or 25 of them, and a zone that shifts by half an hour has one short or long hour. Every instant
lies in exactly one period of each level, also where a local midnight is skipped or comes twice.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SECOND = 1_000_000
"""Microseconds in a second."""
_SLOT = 900 * SECOND
"""A quarter of an hour: how finely a day with a strange midnight is searched."""
_DAY = 86_400 * SECOND
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MIN_TIME = -62_135_596_800 * SECOND + 3 * 366 * 86_400 * SECOND
MAX_TIME = 253_402_300_800 * SECOND - 3 * 366 * 86_400 * SECOND
"""Instants outside year 4 to 9996 are refused: a zone's arithmetic needs room on both sides."""

LEVELS = ("all", "year", "quarter", "month", "week", "day", "hour")
"""Levels from coarse to fine; below the day the drill-down goes to the trade itself."""
DRILL = {"all": "year", "year": "quarter", "quarter": "month", "month": "week", "week": "day"}
"""The level that one step of the drill-down shows under each level; under a day come its entries."""
_WIDTH = {"hour": 3600 * SECOND, "5min": 300 * SECOND}


class CalendarError(ValueError):
    """A zone or a period that does not exist; its message says what is accepted."""


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A span of local time [start, end) in microseconds UTC. A week within a month is clipped to that month."""

    start: int
    end: int
    level: str

    def __contains__(self, instant: int) -> bool:
        return self.start <= instant < self.end


class Epoch(NamedTuple):
    """A stretch of time that the operator named, by local dates, both whole."""

    name: str
    first: date
    last: date | None
    """None where it goes on."""


ALL = Period(MIN_TIME, MAX_TIME, "all")
"""All time."""


def instant(moment: datetime) -> int:
    """Return an aware datetime as microseconds UTC, exactly."""
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * SECOND + delta.microseconds


class Calendar:
    """Buckets and periods in one reporting zone. Raises CalendarError for an unknown zone name.

    `epochs` are periods by name: `parse` knows them, and `label` tells them.
    """

    def __init__(self, zone: str, epochs: tuple[Epoch, ...] = ()) -> None:
        self.epochs = epochs
        try:
            self._zone = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise CalendarError(
                f"{zone!r} is not a time zone; use an IANA name such as 'America/New_York' or 'UTC'"
            ) from None
        self.zone = zone
        self._days: dict[date, int] = {}
        self._starts: dict[int, list[int]] = {}
        self._even: dict[int, bool] = {}
        self._buckets: dict[str, dict[int, int]] = {level: {} for level in LEVELS}

    # -- instants and local time --------------------------------------------------------------------------------

    def local(self, t: int) -> datetime:
        """Return instant `t` as an aware local datetime."""
        return (_EPOCH + timedelta(microseconds=t)).astimezone(self._zone)

    def _offset(self, t: int) -> timedelta:
        return self.local(t).utcoffset() or timedelta()

    def day_start(self, day: date) -> int:
        """Return the first instant whose local date is `day` or later, in microseconds UTC."""
        found = self._days.get(day)
        if found is None:
            found = self._days[day] = self._find_day_start(day)
        return found

    def _find_day_start(self, day: date) -> int:
        guess = instant(datetime(day.year, day.month, day.day, tzinfo=self._zone))

        def reached(t: int) -> bool:
            return self.local(t).date() >= day

        if reached(guess) and not reached(guess - 1):
            return guess
        step = guess - 27 * 4 * _SLOT  # midnight is skipped or comes twice: walk up to its first instant
        while not reached(step):
            step += _SLOT
        return _first(step - _SLOT, step, reached)

    def date_of(self, t: int) -> date:
        """Return the local date in whose period instant `t` lies."""
        day = self.local(t).date()
        if t < self.day_start(day):
            return day - timedelta(days=1)
        if t >= self.day_start(day + timedelta(days=1)):
            return day + timedelta(days=1)
        return day

    # -- buckets -------------------------------------------------------------------------------------------------

    def bucket(self, level: str, t: int) -> int:
        """Return the start of the `level` period that holds instant `t`, both in microseconds UTC."""
        days = self._starts.get(t // _DAY) or self._fill(t // _DAY)
        day = days[bisect_right(days, t) - 1]
        if level == "hour":
            even = self._even.get(day)
            if even is None:
                even = self._even[day] = self._is_even(day)
            return t - (t - day) % _WIDTH["hour"] if even else self._clock_start(_WIDTH["hour"], t)
        if level == "day":
            return day
        if level in _WIDTH:
            return self._clock_start(_WIDTH[level], t)
        found = self._buckets[level].get(day)
        if found is None:
            found = self.day_start(_first_date(level, self.date_of(t))) if level != "all" else ALL.start
            self._buckets[level][day] = found
        return found

    def _fill(self, index: int) -> list[int]:
        """Return the starts of the local days that have a part in the UTC day `index`, days since 1970, in order."""
        first, last = index * _DAY, (index + 1) * _DAY
        if not MIN_TIME <= first < MAX_TIME:
            raise CalendarError(f"instant {first} lies outside the years 4 to 9996")
        starts = [self.day_start(self.date_of(first))]
        while (end := self.end("day", starts[-1])) < last:
            starts.append(end)
        self._starts[index] = starts
        return starts

    def _is_even(self, day: int) -> bool:
        """Return whether the local day from `day` on has plain hours: from midnight, without a shift of its zone."""
        if self.end("day", day) != day + _DAY or self.local(day).time() != time.min:
            return False
        offset = self._offset(day)
        return all(self._offset(at) == offset for at in range(day, day + _DAY + 1, _WIDTH["hour"]))

    def _clock_start(self, width: int, t: int) -> int:
        local = self.local(t)
        into = ((local.minute * 60 + local.second) * SECOND + local.microsecond) % width
        start, offset = t - into, local.utcoffset()
        if self._offset(start) != offset:
            start = _first(start, t, lambda moment: self._offset(moment) == offset)
        return max(start, self.day_start(self.date_of(t)))

    def end(self, level: str, start: int) -> int:
        """Return the end (exclusive) of the `level` bucket that begins at `start`."""
        if level == "all":
            return ALL.end
        if level in _WIDTH:
            width = _WIDTH[level]
            local = self.local(start)
            into = ((local.minute * 60 + local.second) * SECOND + local.microsecond) % width
            end = start + width - into
            if self._offset(end - 1) != self._offset(start):
                offset = self._offset(start)
                end = _first(start, end - 1, lambda moment: self._offset(moment) != offset)
            return min(end, self.day_start(self.date_of(start) + timedelta(days=1)))
        first = _first_date(level, self.date_of(start))
        end = self.day_start(_next_date(level, first))
        while end <= start:  # a zone that skipped this whole date (Samoa, 2011-12-30)
            first = _next_date(level, first)
            end = self.day_start(_next_date(level, first))
        return end

    # -- periods -------------------------------------------------------------------------------------------------

    def period(self, level: str, t: int) -> Period:
        """Return the whole period of `level` that holds instant `t`."""
        if level == "all":
            return ALL
        start = self.bucket(level, t)
        return Period(start, self.end(level, start), level)

    def children(self, parent: Period, level: str) -> list[Period]:
        """Return the periods of `level` within `parent`, in order, clipped to it: together they are `parent`."""
        found = []
        at = parent.start
        while at < parent.end:
            end = min(self.end(level, self.bucket(level, at)), parent.end)
            found.append(Period(at, end, level))
            at = end
        return found

    def path(self, level: str, t: int) -> list[Period]:
        """Return the drill-down's periods from all time down to `level` at instant `t`, each within the one before."""
        path = [ALL]
        while path[-1].level != level:
            parent, below = path[-1], DRILL[path[-1].level]
            whole = self.period(below, t)
            path.append(Period(max(whole.start, parent.start), min(whole.end, parent.end), below))
        return path

    # -- words ---------------------------------------------------------------------------------------------------

    def bucket_text(self, level: str, start: int) -> str:
        """Return a bucket's local start for machines: ``2026-02-01``; below the day with its offset."""
        if level == "all":
            return "all"
        if level in _WIDTH:
            local = self.local(start)  # only offsets of the days of local mean time have seconds
            return local.isoformat(timespec="seconds" if local.second else "minutes")
        return self.date_of(start).isoformat()

    def label(self, period: Period) -> str:
        """Return a period's name for people: ``Q1 2026``, ``Feb 2026``, ``W08 16–22 Feb``, ``Wed 25 Feb 2026``."""
        if period.level == "all":
            return "All time"
        if period.level in _WIDTH:
            return f"{self.local(period.start):%a %d %b %Y %H:%M}"
        first = self.date_of(period.start)
        if period.level == "year":
            return f"{first:%Y}"
        if period.level == "quarter":
            return f"Q{(first.month + 2) // 3} {first:%Y}"
        if period.level == "month":
            return f"{first:%b %Y}"
        if period.level == "day":
            return f"{first:%a %d %b %Y}"
        last = self.date_of(period.end - 1)
        for epoch in self.epochs:
            if period.level == "range" and epoch.first == first and epoch.last in (last, None):
                return f"{epoch.name}, {first.isoformat()} – {last.isoformat()}"
        if period.level == "week":
            span = f"{first.day}–{last.day} {last:%b}" if first.month == last.month else f"{first:%-d %b}–{last:%-d %b}"
            return f"W{first.isocalendar().week:02d} {span if first != last else f'{first:%-d %b}'}"
        return f"{first.isoformat()} – {last.isoformat()}"

    def span_text(self, period: Period) -> tuple[str, str]:
        """Return a period's local first date and the date after its last one, ISO 8601."""
        return self.date_of(period.start).isoformat(), self.date_of(period.end).isoformat()

    def argument(self, period: Period) -> str:
        """Return the text that `parse` reads back as this very span."""
        if period.level == "all":
            return "all"
        first, last = self.date_of(period.start), self.date_of(period.end - 1)
        whole = period.level in LEVELS and self.period(period.level, period.start) == period
        if period.level == "hour":
            return self.bucket_text("hour", period.start)
        if whole and period.level != "day":
            week = first.isocalendar()
            return {
                "year": f"{first.year:04d}",
                "quarter": f"{first.year:04d}-Q{(first.month + 2) // 3}",
                "month": f"{first.year:04d}-{first.month:02d}",
                "week": f"{week.year:04d}-W{week.week:02d}",
            }[period.level]
        return first.isoformat() if first == last else f"{first.isoformat()}..{last.isoformat()}"

    def parse(self, text: str, now: int) -> Period:
        """Return the period that `text` names at instant `now` (the README lists the forms). Raises CalendarError.

        A range ``A..B`` holds both ends whole: ``2026-02-01..2026-02-14`` is fourteen days. ``since A`` and ``A..`` go
        from where A begins to the end of today.
        """
        text = " ".join(text.split())
        if text.lower().startswith("since "):
            text = f"{text[6:]}.."
        if ".." in text:
            first, _, last = text.partition("..")
            left, right = self._parse_one(first.strip(), now), self._parse_one(last.strip() or "today", now)
            if right.end <= left.start:
                raise CalendarError(f"{text!r} ends before it begins")
            return Period(left.start, right.end, "range")
        return self._parse_one(text, now)

    def _parse_one(self, text: str, now: int) -> Period:
        today = self.period("day", now)
        word = text.lower()
        if word == "all":
            return ALL
        if word == "today":
            return today
        if word == "yesterday":
            return self.period("day", today.start - 1)
        if word in _TO_DATE:
            return Period(self.bucket(_TO_DATE[word], now), today.end, "range")
        epoch = next((epoch for epoch in self.epochs if epoch.name.lower() == word.removeprefix(_NAMED)), None)
        if epoch is not None:
            return self.of_epoch(epoch, now)
        if word.startswith(_NAMED):
            known = ", ".join(epoch.name for epoch in self.epochs) or "none"
            raise CalendarError(f"{text!r} is no epoch; [[epochs]] in the config names {known}")
        for pattern, level, read in _FORMS:
            match = pattern.fullmatch(text)
            if match:
                try:
                    if level == "hour":
                        return self._parse_hour(text)
                    first = read(match)
                    found = self.period(level, self.day_start(first))
                except (ValueError, OverflowError) as error:
                    raise CalendarError(f"{text!r} is not a period: {error}") from None
                if level == "day" and self.date_of(found.start) != first:
                    raise CalendarError(f"there is no {text} in {self.zone}: its clocks skipped that date")
                return found
        raise CalendarError(
            f"{text!r} is not a period; use all, 2026, 2026-Q1, 2026-02, 2026-W08, 2026-02-25, today, yesterday, "
            "wtd, mtd, qtd, ytd, 2026-02-01..2026-02-14, since 2026-02 or an epoch of the config"
        )

    def of_epoch(self, epoch: Epoch, now: int) -> Period:
        """Return the span of `epoch`, up to the end of today where it goes on."""
        start = self.day_start(epoch.first)
        end = max(self.end("day", start), self.period("day", now).end)
        return Period(start, self.day_start(epoch.last + timedelta(1)) if epoch.last else end, "range")

    def _parse_hour(self, text: str) -> Period:
        moment = datetime.fromisoformat(text)
        return self.period("hour", instant(moment if moment.tzinfo else moment.replace(tzinfo=self._zone)))


_NAMED = "epoch:"
"""Stands before an epoch's name where a word could be something else."""
_TO_DATE = {"wtd": "week", "mtd": "month", "qtd": "quarter", "ytd": "year"}


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII | re.IGNORECASE)


_FORMS: tuple[tuple[re.Pattern[str], str, Callable[[re.Match[str]], date]], ...] = (
    (_form(r"(\d{4})"), "year", lambda m: date(int(m[1]), 1, 1)),
    (_form(r"(\d{4})-Q([1-4])"), "quarter", lambda m: date(int(m[1]), int(m[2]) * 3 - 2, 1)),
    (_form(r"(\d{4})-(\d{2})"), "month", lambda m: date(int(m[1]), int(m[2]), 1)),
    (_form(r"(\d{4})-W(\d{2})"), "week", lambda m: date.fromisocalendar(int(m[1]), int(m[2]), 1)),
    (_form(r"\d{4}-\d{2}-\d{2}"), "day", lambda m: date.fromisoformat(m[0])),
    (_form(r"\d{4}-\d{2}-\d{2}T\d{2}(?::\d{2}){0,2}(?:Z|[+-]\d{2}:\d{2}(?::\d{2})?)?"), "hour", lambda _: date.min),
)


def names_period(text: str) -> bool:
    """Return whether `text` is meant as a period, valid or not: ``2026-13``, ``mtd..`` and ``epoch:x`` are, ``x`` is
    not."""
    words = ("all", "today", "yesterday", *_TO_DATE)
    return any(
        (word := part.strip().lower()) in words
        or word.startswith(_NAMED)
        or any(form.fullmatch(part.strip()) for form, _, _ in _FORMS)
        for part in text.partition("..")[::2]
    )


def _first_date(level: str, day: date) -> date:
    if level == "day":
        return day
    if level == "week":
        return day - timedelta(days=day.weekday())
    if level == "month":
        return day.replace(day=1)
    if level == "quarter":
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return day.replace(month=1, day=1)


def _next_date(level: str, first: date) -> date:
    if level in ("day", "week"):
        return first + timedelta(days=1 if level == "day" else 7)
    months = first.year * 12 + first.month - 1 + {"month": 1, "quarter": 3, "year": 12}[level]
    return date(months // 12, months % 12 + 1, 1)


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """Return the first instant in (low, high] where `holds` turns true, given that it holds at `high`."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high
