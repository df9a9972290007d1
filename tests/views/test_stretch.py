"""What a period so far is compared with: never more of the one before than has begun, in every zone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from northstar_tui.calendar import Calendar
from northstar_tui.views.stretch import before

zones = st.sampled_from(["UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia"])
instants = st.datetimes(datetime(2001, 1, 1), datetime(2035, 1, 1)).map(
    lambda at: int(at.replace(tzinfo=UTC).timestamp()) * 1_000_000
)
levels = st.sampled_from(["day", "week", "month", "quarter", "year"])
HOUR = 3_600_000_000


@given(zones, instants, levels, instants)
def test_it_is_the_same_part_of_the_period_before(zone: str, now: int, level: str, other: int) -> None:
    calendar = Calendar(zone)
    period = calendar.period(level, now)
    whole = calendar.period(level, period.start - 1)
    stretch, label = before(calendar, period, now)
    assert label and stretch.start == whole.start and stretch.start < stretch.end <= whole.end == period.start
    gone, compared = now - period.start, stretch.end - stretch.start
    slack = 2 * HOUR if level == "day" else 26 * HOUR  # what has begun counts whole; a clock may change
    assert stretch.end == whole.end or gone - 2 * HOUR <= compared <= gone + slack
    over = calendar.period(level, other)
    if now not in over:
        assert before(calendar, over, now)[0] == calendar.period(level, over.start - 1)


@pytest.mark.parametrize(
    ("level", "at", "label"),
    [
        ("day", "2026-11-21T12:36", "20 Nov to 13:00"), ("week", "2026-11-21T12:36", "9–14 Nov"),
        ("month", "2026-11-21T12:36", "1–21 Oct"), ("year", "2026-11-21T12:36", "1 Jan–21 Nov 2025"),
        ("month", "2026-03-31T12:00", "Feb 2026"), ("day", "2026-11-21T23:30", "Fri 20 Nov 2026"),
    ],
)  # fmt: skip
def test_it_says_what_it_is(level: str, at: str, label: str) -> None:
    now = int(datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp()) * 1_000_000
    calendar = Calendar("UTC")
    assert before(calendar, calendar.period(level, now), now)[1] == label
