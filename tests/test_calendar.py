"""The calendar, against zoneinfo itself: many zones, instants at random and around every change of their clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from northstar_tui.calendar import (
    ALL,
    DRILL,
    LEVELS,
    MAX_TIME,
    MIN_TIME,
    SECOND,
    Calendar,
    CalendarError,
    Period,
    instant,
)
from northstar_tui.zone import system_zone

ZONES = (
    "UTC", "America/New_York", "Europe/London", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe",
    "America/Sao_Paulo", "Asia/Beirut", "Pacific/Apia", "America/Havana", "America/Asuncion", "Africa/Casablanca",
    "America/St_Johns", "Asia/Tehran", "Pacific/Chatham", "Asia/Amman", "Africa/Cairo", "America/Scoresbysund",
    "Antarctica/Troll", "Pacific/Kwajalein", "America/Juneau", "Asia/Manila", "Africa/Monrovia", "Europe/Amsterdam",
)  # fmt: skip
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FINE = ("5min", "hour", "day", "week", "month", "quarter", "year")
HOUR = 3600 * SECOND
shared = cache(Calendar)


def local(zone: str, t: int) -> datetime:
    return (EPOCH + timedelta(microseconds=t)).astimezone(ZoneInfo(zone))


def at(zone: str, *parts: int, fold: int = 0) -> int:
    return instant(datetime(*parts, tzinfo=ZoneInfo(zone), fold=fold))  # type: ignore[arg-type,misc]


@cache
def changes(zone: str) -> tuple[int, ...]:
    """Every instant from 1840 to 2037 at which the zone's offset changes, found by looking."""
    found = []
    step = 4 * 24 * HOUR
    t = instant(datetime(1840, 1, 1, tzinfo=UTC))
    before = local(zone, t).utcoffset()
    while t < instant(datetime(2037, 12, 31, tzinfo=UTC)):
        after = local(zone, t + step).utcoffset()
        if after != before:
            low, high = t, t + step
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if local(zone, middle).utcoffset() == before else (low, middle)
            found.append(high)
        t, before = t + step, after
    return tuple(found)


@st.composite
def moments(draw: st.DrawFn) -> tuple[str, int]:
    zone = draw(st.sampled_from(ZONES))
    near = changes(zone)
    if near and draw(st.integers(0, 3)):
        around = draw(
            st.one_of(st.integers(-3 * HOUR, 3 * HOUR), st.integers(-2, 2), st.integers(-48 * HOUR, 48 * HOUR))
        )
        return zone, draw(st.sampled_from(near)) + around
    span = st.integers(instant(datetime(1970, 1, 1, tzinfo=UTC)), instant(datetime(2070, 1, 1, tzinfo=UTC)))
    return zone, draw(st.one_of(span, st.integers(MIN_TIME + 800 * 24 * HOUR, MAX_TIME - 800 * 24 * HOUR)))


@given(moments())
@example(("America/Sao_Paulo", instant(datetime(2017, 10, 15, 3, 30, tzinfo=UTC))))
@example(("America/St_Johns", instant(datetime(2010, 11, 7, 2, 45, tzinfo=UTC))))
@example(("Pacific/Apia", instant(datetime(2011, 12, 30, 10, 0, tzinfo=UTC))))
@example(("Australia/Lord_Howe", instant(datetime(2026, 4, 4, 15, 10, tzinfo=UTC))))
def test_every_instant_lies_in_exactly_one_period_of_each_level(moment: tuple[str, int]) -> None:
    zone, t = moment
    calendar = shared(zone)
    starts = {}
    for level in FINE:
        start = calendar.bucket(level, t)
        end = calendar.end(level, start)
        starts[level] = start
        assert start <= t < end, level
        assert calendar.bucket(level, start) == start
        assert calendar.bucket(level, end - 1) == start
        assert calendar.bucket(level, end) == end
        assert calendar.bucket(level, start - 1) < start
        assert Calendar(zone).bucket(level, t) == start, "the cache gives what a fresh calendar gives"
        assert calendar.period(level, t) == Period(start, end, level)
    for fine, coarse in [
        ("5min", "hour"),
        ("hour", "day"),
        ("day", "week"),
        ("day", "month"),
        ("month", "quarter"),
        ("quarter", "year"),
    ]:
        assert calendar.bucket(coarse, starts[fine]) == starts[coarse]
        assert calendar.end(fine, starts[fine]) <= calendar.end(coarse, starts[coarse])


@given(moments())
def test_periods_begin_where_the_local_calendar_says(moment: tuple[str, int]) -> None:
    zone, t = moment
    calendar = shared(zone)
    day = calendar.date_of(t)
    naive = local(zone, t).date()
    assert naive <= day <= naive + timedelta(days=1)
    if local(zone, t - 48 * HOUR).utcoffset() == local(zone, t).utcoffset() == local(zone, t - 3 * HOUR).utcoffset():
        quiet = not any(t - 48 * HOUR <= change <= t for change in changes(zone))
        if quiet:
            assert day == naive
    start = calendar.bucket("day", t)
    assert local(zone, start).date() >= day
    assert local(zone, start - 1).date() < day
    firsts = {
        "week": day - timedelta(days=day.isocalendar().weekday - 1),
        "month": date(day.year, day.month, 1),
        "quarter": date(day.year, (day.month + 2) // 3 * 3 - 2, 1),
        "year": date(day.year, 1, 1),
    }
    for level, first in firsts.items():
        begins = calendar.bucket(level, t)
        assert local(zone, begins).date() >= first
        assert local(zone, begins - 1).date() < first


@given(moments())
def test_hours_are_wall_hours(moment: tuple[str, int]) -> None:
    zone, t = moment
    calendar = shared(zone)
    for level, width in (("hour", 60), ("5min", 5)):
        period = calendar.period(level, t)
        assert 0 < period.end - period.start <= width * 60 * SECOND
        offsets = {local(zone, moment).utcoffset() for moment in (period.start, t, period.end - 1)}
        assert len(offsets) == 1, "a bucket has one offset"
        walls = {
            (wall.date(), wall.hour, wall.minute // width)
            for wall in (local(zone, moment) for moment in (period.start, t, period.end - 1))
        }
        assert len(walls) == 1, "and lies within one wall hour"


@given(moments(), st.sampled_from(LEVELS), st.sampled_from(FINE[1:]))
def test_children_tile_their_parent(moment: tuple[str, int], parent: str, child: str) -> None:
    zone, t = moment
    assume(LEVELS.index(parent) < LEVELS.index(child) and parent != "all")
    assume(child != "hour" or parent in ("day", "week"))
    calendar = shared(zone)
    node = calendar.period(parent, t)
    children = calendar.children(node, child)
    assert children[0].start == node.start
    assert children[-1].end == node.end
    assert all(a.end == b.start for a, b in pairwise(children))
    assert all(c.start < c.end and c.level == child for c in children)
    assert all(calendar.bucket(child, c.start) == calendar.bucket(child, c.end - 1) for c in children)


@given(moments())
def test_the_drill_down_narrows_to_the_day(moment: tuple[str, int]) -> None:
    zone, t = moment
    calendar = shared(zone)
    path = calendar.path("day", t)
    assert [step.level for step in path] == ["all", "year", "quarter", "month", "week", "day"]
    for outer, inner in pairwise(path):
        assert outer.start <= inner.start <= t < inner.end <= outer.end
        assert outer.level == "all" or inner in calendar.children(outer, DRILL[outer.level])
        assert t in inner


@given(moments(), st.sampled_from(LEVELS))
def test_the_argument_of_a_period_reads_back_as_it(moment: tuple[str, int], level: str) -> None:
    zone, t = moment
    calendar = shared(zone)
    period = calendar.period(level, t)
    again = calendar.parse(calendar.argument(period), 0)
    assert (again.start, again.end) == (period.start, period.end)
    for step in calendar.path("day", t):  # weeks are clipped to their month here
        again = calendar.parse(calendar.argument(step), 0)
        assert (again.start, again.end) == (step.start, step.end)
    assert calendar.label(period)


@given(moments(), st.integers(1, 90))
def test_a_range_of_days_reads_back(moment: tuple[str, int], days: int) -> None:
    zone, t = moment
    calendar = shared(zone)
    first = calendar.date_of(t)
    last = calendar.date_of(t + days * 24 * HOUR)
    span = Period(calendar.day_start(first), calendar.day_start(last + timedelta(days=1)), "range")
    text = calendar.argument(span)
    again = calendar.parse(text, 0)
    assert (again.start, again.end) == (span.start, span.end)
    assert calendar.span_text(span)[0] == first.isoformat()


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", 25),
        ("America/New_York", "2026-02-25", 24),
        ("Australia/Lord_Howe", "2025-10-05", 23.5),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("Asia/Kathmandu", "1986-01-01", 23.75),
        ("America/Sao_Paulo", "2017-10-15", 23),  # midnight is skipped
        ("America/Sao_Paulo", "2018-02-17", 25),
        ("Asia/Beirut", "2024-03-31", 23),
        ("America/Havana", "2025-11-02", 25),  # midnight comes twice
        ("America/Havana", "2025-03-09", 23),
        ("Africa/Casablanca", "2025-02-23", 25),  # Ramadan, negative summer time
        ("Pacific/Apia", "2011-12-29", 24),
        ("Pacific/Kwajalein", "1993-08-20", 24),
    ],
)
def test_days_are_as_long_as_their_clocks_say(zone: str, day: str, hours: float) -> None:
    calendar = Calendar(zone)
    period = calendar.parse(day, 0)
    assert (period.end - period.start) / HOUR == hours
    assert len(calendar.children(period, "hour")) == -int(-hours // 1)


def test_hours_of_a_day_of_25_hours_have_their_offsets() -> None:
    calendar = Calendar("America/New_York")
    day = calendar.parse("2026-11-01", 0)
    texts = [calendar.bucket_text("hour", hour.start) for hour in calendar.children(day, "hour")]
    assert texts[:4] == [
        "2026-11-01T00:00-04:00", "2026-11-01T01:00-04:00", "2026-11-01T01:00-05:00", "2026-11-01T02:00-05:00",
    ]  # fmt: skip
    assert len(set(texts)) == 25


def test_a_half_hour_shift_makes_one_half_hour() -> None:
    calendar = Calendar("Australia/Lord_Howe")
    back = calendar.children(calendar.parse("2026-04-05", 0), "hour")
    assert sorted((h.end - h.start) // (60 * SECOND) for h in back)[:2] == [30, 60]
    texts = [calendar.bucket_text("hour", hour.start) for hour in back]
    assert "2026-04-05T01:30+10:30" in texts
    for hour, text in zip(back, texts, strict=True):
        assert calendar.parse(text, 0) == hour
    forward = calendar.children(calendar.parse("2025-10-05", 0), "hour")
    assert [(h.end - h.start) // (60 * SECOND) for h in forward].count(30) == 1


def test_local_mean_time_has_seconds() -> None:
    calendar = Calendar("Europe/Amsterdam")
    hour = calendar.parse("1900-06-01T12:00", 0)
    assert calendar.parse(calendar.argument(hour), 0) == hour
    midnight = calendar.bucket("day", hour.start)
    assert local("Europe/Amsterdam", midnight).strftime("%H:%M:%S") == "00:00:00"
    assert midnight % (60 * SECOND), "its midnight is at no whole minute of UTC"


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Apia"])
def test_iso_weeks_across_years(zone: str) -> None:
    calendar = Calendar(zone)
    for year in range(1990, 2040):
        for week in (1, 52, 53):
            try:
                first = date.fromisocalendar(year, week, 1)
            except ValueError:
                with pytest.raises(CalendarError):
                    calendar.parse(f"{year}-W{week:02d}", 0)
                continue
            period = calendar.parse(f"{year}-W{week:02d}", 0)
            assert calendar.date_of(period.start) == first
            assert calendar.argument(period) == f"{year}-W{week:02d}"
            assert calendar.label(period).startswith(f"W{week:02d} ")


NOW = at("America/New_York", 2026, 2, 25, 13, 30)


@pytest.mark.parametrize(
    ("text", "first", "after", "level"),
    [
        ("2026", "2026-01-01", "2027-01-01", "year"),
        ("2026-Q1", "2026-01-01", "2026-04-01", "quarter"),
        ("2026-q4", "2026-10-01", "2027-01-01", "quarter"),
        ("2026-02", "2026-02-01", "2026-03-01", "month"),
        ("2024-02", "2024-02-01", "2024-03-01", "month"),
        ("2026-W08", "2026-02-16", "2026-02-23", "week"),
        ("2026-w01", "2025-12-29", "2026-01-05", "week"),
        ("2026-02-25", "2026-02-25", "2026-02-26", "day"),
        ("today", "2026-02-25", "2026-02-26", "day"),
        ("Yesterday", "2026-02-24", "2026-02-25", "day"),
        ("wtd", "2026-02-23", "2026-02-26", "range"),
        ("mtd", "2026-02-01", "2026-02-26", "range"),
        ("qtd", "2026-01-01", "2026-02-26", "range"),
        ("YTD", "2026-01-01", "2026-02-26", "range"),
        (" 2026-02-01..2026-02-14 ", "2026-02-01", "2026-02-15", "range"),
        ("2026-01 .. 2026-02", "2026-01-01", "2026-03-01", "range"),
        ("2025..today", "2025-01-01", "2026-02-26", "range"),
        ("2026-02-25T13", "2026-02-25", "2026-02-25", "hour"),
        ("2026-02-25T13:00-05:00", "2026-02-25", "2026-02-25", "hour"),
    ],
)
def test_every_period_form(text: str, first: str, after: str, level: str) -> None:
    calendar = Calendar("America/New_York")
    period = calendar.parse(text, NOW)
    assert calendar.span_text(period) == (first, after)
    assert period.level == level


def test_all_time() -> None:
    calendar = Calendar("UTC")
    assert calendar.parse("ALL", NOW) == ALL == calendar.period("all", NOW)
    assert calendar.argument(ALL) == "all"
    assert calendar.bucket("all", NOW) == ALL.start
    assert calendar.end("all", ALL.start) == ALL.end


def test_the_same_hour_in_another_offset_is_the_same_period() -> None:
    calendar = Calendar("America/New_York")
    assert calendar.parse("2026-02-25T18:00+00:00", 0) == calendar.parse("2026-02-25T13", 0)


@pytest.mark.parametrize(
    "text",
    [
        "", "soon", "20266", "2026-13", "2026-00", "2026-Q5", "2026-W54", "2026-W00", "2025-W53", "2026-02-30",
        "2025-02-29", "2026-2-5", "0000", "0001", "0001-01-01", "9999", "9999-12-31", "9999-W52", "0003-W01",
        "2026-02-25T25", "2026-02-25T13:00+99:00", "2026-02-25 13:00", "0001-01-01T00", "9999-12-31T23", "..",
        "..2026", "a..b", "2026-02-14..2026-02-01", "2026..2025", "٢٠٢٦", "2026-02-25T13:00-05:00..x",
    ],
)  # fmt: skip
def test_every_wrong_period_is_a_clear_error(text: str) -> None:
    for zone in ("America/New_York", "Asia/Kolkata"):
        with pytest.raises(CalendarError) as caught:
            Calendar(zone).parse(text, NOW)
        assert text.strip().partition("..")[0] in str(caught.value) or text.rpartition("..")[2] in str(caught.value)


def test_a_date_that_a_zone_skipped_is_said_not_to_exist() -> None:
    calendar = Calendar("Pacific/Apia")
    with pytest.raises(CalendarError, match="2011-12-30"):
        calendar.parse("2011-12-30", 0)
    week = calendar.parse("2011-W52", 0)
    days = calendar.children(week, "day")
    assert [calendar.bucket_text("day", day.start)[-2:] for day in days] == ["26", "27", "28", "29", "31", "01"]
    assert [day.end - day.start for day in days] == [24 * HOUR] * 6


@pytest.mark.parametrize("t", [MIN_TIME - 1, MAX_TIME, -(2**62), 2**62])
def test_instants_beyond_the_calendar_are_refused(t: int) -> None:
    for level in FINE:
        with pytest.raises((CalendarError, OverflowError)):
            Calendar("UTC").bucket(level, t)


@pytest.mark.parametrize("zone", ["", "Mars/Phobos", "America", "../etc/passwd", "/etc/localtime", "UTC\0", "New York"])
def test_a_wrong_zone_is_a_clear_error(zone: str) -> None:
    with pytest.raises(CalendarError, match="time zone"):
        Calendar(zone)


def test_the_system_zone_is_one_that_the_calendar_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("America/New_York", ":Asia/Kolkata", "", "EST5EDT,M3.2.0,M11.1.0", "/etc/localtime", "nonsense"):
        monkeypatch.setenv("TZ", text)
        assert Calendar(system_zone()).zone
    monkeypatch.setenv("TZ", ":Asia/Kolkata")
    assert system_zone() == "Asia/Kolkata"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("2026", "2026"),
        ("2026-Q1", "Q1 2026"),
        ("2026-02", "Feb 2026"),
        ("2026-W08", "W08 16–22 Feb"),
        ("2026-W09", "W09 23 Feb–1 Mar"),
        ("2026-02-25", "Wed 25 Feb 2026"),
        ("all", "All time"),
        ("2026-02-25T13", "Wed 25 Feb 2026 13:00"),
        ("2026-02-01..2026-02-14", "2026-02-01 – 2026-02-14"),
    ],
)
def test_labels(text: str, label: str) -> None:
    calendar = Calendar("America/New_York")
    assert calendar.label(calendar.parse(text, NOW)) == label


def test_a_clipped_week_names_its_days_only() -> None:
    calendar = Calendar("UTC")
    weeks = calendar.children(calendar.parse("2026-02", 0), "week")
    assert [calendar.label(week) for week in weeks] == [
        "W05 1 Feb", "W06 2–8 Feb", "W07 9–15 Feb", "W08 16–22 Feb", "W09 23–28 Feb",
    ]  # fmt: skip
    assert [calendar.argument(week) for week in weeks][0::4] == ["2026-02-01", "2026-02-23..2026-02-28"]


def test_a_long_import_does_not_fill_the_memory_with_instants() -> None:
    calendar = Calendar("Asia/Kathmandu")
    first = at("Asia/Kathmandu", 2026, 1, 1, 0, 0)
    for minute in range(0, 60 * 1440, 7):
        for level in LEVELS:
            calendar.bucket(level, first + minute * 60_000_000)
    remembered = (calendar._starts, calendar._even, *calendar._buckets.values())
    assert max(map(len, remembered)) <= 62
