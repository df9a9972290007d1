"""From the config's `every` and `at` to APScheduler's triggers. Only this module and `schedule` import it.

Five fields mean what cron(8) makes of them. Where both a day of the month and a day of the week are stated, either is
enough; where one of the two begins with ``*``, both must fit.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from northstar_tui.config import SourceSettings
from northstar_tui.errors import ConfigError

JITTER_MOST = 30
"""Seconds by which an interval shifts at most, so that sources do not all start at once; a tenth of it where less."""

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


def triggers(source: SourceSettings, zone: str) -> list[BaseTrigger]:
    """Return a trigger for each time that the config gives `source`. Raises ConfigError."""
    local = ZoneInfo(zone)
    found: list[BaseTrigger] = []
    if source.interval is not None:
        seconds = source.interval // 1_000_000
        found.append(IntervalTrigger(seconds=seconds, timezone=local, jitter=jitter(seconds)))
    for text in source.at:
        try:
            found.append(_cron(text, local))
        except ValueError as error:
            raise ConfigError(
                f"sources.{source.name}: at = {text!r} is no time: {error}",
                'write "10:05", or five cron fields such as "0 16 * * mon-fri"',
            ) from None
    return found


def jitter(seconds: int) -> int | None:
    """Return by how many seconds runs `seconds` apart may shift; None for so short an interval that they may not."""
    return min(seconds // 10, JITTER_MOST) or None


def _cron(text: str, zone: ZoneInfo) -> BaseTrigger:
    clock = re.fullmatch(r"(\d{1,2}):(\d{2})", text)
    if clock:
        return CronTrigger(hour=int(clock[1]), minute=int(clock[2]), timezone=zone)
    minute, hour, day, month, weekday = text.split()
    made = partial(CronTrigger, minute=minute, hour=hour, month=month, timezone=zone)
    weekdays = _weekdays(weekday)
    if "*" in (day[0], weekday[0]):
        return made(day=day, day_of_week=weekdays)
    return OrTrigger([made(day=day), made(day_of_week=weekdays)])


def _weekdays(text: str) -> str:
    """Return cron's days of the week (numbers from Sunday, which is 0 and 7) as APScheduler's names. Raises ValueError.

    Ranges and steps are counted here, for APScheduler's week begins on Monday.
    """
    found: set[int] = set()
    for part in text.lower().split(","):
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        begin, end = (0, 6) if span == "*" else (_weekday(first), _weekday(last if dash else first))
        if dash and end == 0 < begin:
            end = 7  # Sunday ends the week as well as it begins it
        if slash and not (dash or span == "*"):
            end = 7  # cron's "1/2": from there to the end
        if begin > end or (slash and not (step.isdecimal() and int(step))):
            raise ValueError(f"{part!r} is no day of the week")
        found.update(number % 7 for number in range(begin, end + 1, int(step or 1)))
    return ",".join(_DAYS[number] for number in sorted(found))


def _weekday(text: str) -> int:
    if text in _DAYS:
        return _DAYS.index(text)
    if text.isdecimal() and int(text) <= 7:
        return int(text)
    raise ValueError(f"{text!r} is no day of the week")


def missed(found: BaseTrigger, last: datetime, now: datetime) -> bool:
    """Say whether `found` should have gone off between `last` and `now`."""
    return after(found, last, last) <= now


def after(found: BaseTrigger, last: datetime, now: datetime) -> datetime:
    """Return when `found` goes off next at instant `now`, if it ran at `last`: an interval counts from there."""
    if isinstance(found, IntervalTrigger):
        interval: timedelta = found.interval
        return max(last + interval, now)
    following: datetime | None = found.get_next_fire_time(None, now + timedelta(seconds=1))
    return following if following is not None else datetime.max.replace(tzinfo=UTC)
