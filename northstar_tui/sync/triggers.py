"""From the config's `every` and `at` to APScheduler's triggers. Only this module and `schedule` import it.

Cron's day of the month and day of the week must both fit, where both are stated.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from northstar_tui.config import SourceSettings
from northstar_tui.errors import ConfigError

JITTER_MOST = 30
"""Seconds by which an interval shifts at most, so that sources do not all start at once; a tenth of it where less."""


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
    return CronTrigger(minute=minute, hour=hour, day=day, month=month, day_of_week=_weekdays(weekday), timezone=zone)


def _weekdays(text: str) -> str:
    """Return cron's day of the week (0 and 7 are Sunday) in APScheduler's words (its 0 is Monday)."""
    names = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
    out = []
    for part in text.lower().split(","):
        span, slash, step = part.partition("/")
        ends = span.split("-")
        days = [names[int(end)] if end.isdecimal() and int(end) < 8 else end for end in ends]
        if slash or days == ["*"] or len(days) == 1:
            out.append("-".join(days) + slash + step)
        elif len(days) == 2 and days[0] == "sun":  # APScheduler's week begins on Monday: Sunday first is a wrap
            out += ["sun", *([] if days[1] == "sun" else [f"mon-{days[1]}"])]
        else:
            out.append("-".join(days))
    return ",".join(out)


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
