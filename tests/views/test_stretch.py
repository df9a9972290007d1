"""The periods beside a period, by the dates of its zone."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from northstar_tui.calendar import Calendar, Period
from northstar_tui.views.node import level_below
from northstar_tui.views.stretch import beside


@given(
    st.sampled_from(("America/New_York", "Europe/London", "Asia/Kathmandu")),
    st.dates(date(2025, 1, 1), date(2027, 12, 31)),
    st.integers(1, 400),
    st.sampled_from((-1, 1)),
)
def test_the_span_beside_has_as_many_local_days(zone: str, first: date, days: int, step: int) -> None:
    calendar = Calendar(zone)
    span = Period(calendar.day_start(first), calendar.day_start(first + timedelta(days)), "range")
    found = beside(calendar, span, step)
    assert (found.start == span.end) if step > 0 else (found.end == span.start)
    assert len(calendar.children(found, "day")) == days
    assert beside(calendar, found, -step) == span
    again = calendar.parse(calendar.argument(found), 0)
    assert (again.start, again.end) == (found.start, found.end), "what is copied asks for the very same span"


def test_two_days_are_two_days_where_the_clocks_change() -> None:
    calendar = Calendar("America/New_York")
    for first in (date(2026, 3, 7), date(2026, 10, 31), date(2026, 6, 1)):
        days = [calendar.day_start(first + timedelta(n)) for n in (0, 1, 2)]
        assert level_below(Period(days[0], days[2], "range")) == "day"
        assert level_below(Period(days[0], days[1], "range")) == "trade"
