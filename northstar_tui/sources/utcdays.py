"""UTC days, in which the providers of models bill, and the instant that stands for one.

A cost of a UTC day is booked at noon UTC of that day: the local date is then the same one in every zone from UTC−12:00
to UTC+11:59, and the next one in those from UTC+12:00 on, where at least half of that UTC day lies.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

DAY = 86_400_000_000
"""Microseconds in a UTC day."""
ONE = timedelta(days=1)
_EPOCH = date(1970, 1, 1)
_ISO = re.compile(r"(?:19|20|21)\d\d-\d\d-\d\d", re.ASCII)


def noon(day: date) -> int:
    """Return noon UTC of `day`, microseconds UTC: when a cost of that UTC day is booked."""
    return start(day) + DAY // 2


def start(day: date) -> int:
    """Return midnight UTC at the start of `day`, microseconds UTC."""
    return (day - _EPOCH).days * DAY


def day_of(instant: int) -> date:
    """Return the UTC day that holds `instant`, microseconds UTC."""
    return _EPOCH + timedelta(days=instant // DAY)


def parse(text: str) -> date:
    """Return the day that ``2026-02-25`` names. Raises ValueError for any other form."""
    if not _ISO.fullmatch(text):
        raise ValueError(f"{text!r} is no day like 2026-02-25")
    return date.fromisoformat(text)


def midnight(text: str) -> date:
    """Return the day that begins at the RFC 3339 instant `text`, a midnight UTC. Raises ValueError for another one."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} states no zone")
    moment = moment.astimezone(UTC)
    if moment.time() != datetime.min.time():
        raise ValueError(f"{text!r} is no midnight UTC")
    return moment.date()
