"""The calendar: its days are the node, and its shades are money."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_model import ZONES, histories, times
from test_series import bases, filters, store_of, trade

from northstar_tui.calendar import instant
from northstar_tui.events import Event
from northstar_tui.ledger.queries import Measures
from northstar_tui.views.heat import heat, scale
from northstar_tui.views.node import node

MICRO = 10**6


@given(histories, st.sampled_from(ZONES), times, st.sampled_from(["year", "quarter", "month"]), bases, filters)
def test_the_days_are_the_node(
    events: list[Event], zone: str, t: int, level: str, basis: str, where: tuple[()]
) -> None:
    with store_of(events, zone) as store:
        period = store.calendar.path(level, t)[-1]
        view = heat(store, period, basis=basis, where=where, now=t)
        assert view.totals == node(store, period, basis=basis, where=where).totals
        total = Measures()
        for day in view.days:
            total += day.measures
            assert day.measures == node(store, day.period, basis=basis, where=where).totals
            assert day.begun == (day.period.start <= t or day.measures.entries > 0)
            shade = view.shade(day.measures.net)
            assert (shade > 0) == (day.measures.net > 0) and (shade < 0) == (day.measures.net < 0) and -4 <= shade <= 4
        assert total == view.totals
        assert [day.period.start for day in view.days[1:]] == [day.period.end for day in view.days[:-1]]
        assert (view.days[0].period.start, view.days[-1].period.end) == (period.start, period.end)


@given(st.integers(0, 10**17))
def test_the_scale_is_round_money_below_half_of_the_most(most: int) -> None:
    low, middle, high = scale(most)
    assert 0 < low <= middle <= high
    assert high * 2 <= max(most, 2)
    for amount in (low, middle, high):
        assert str(amount)[0] in "125" and set(str(amount)[1:]) <= {"0"}
    assert most < 10 or high * 5 > most, "half of it, or the round amount below"
    assert low < 100 or middle in (4 * low, 5 * low)


@pytest.mark.parametrize(
    ("most", "expected"),
    [(412_070_000, (10, 50, 200)), (100 * MICRO, (2, 10, 50)), (99 * MICRO, (1, 5, 20)),
     (20_000 * MICRO, (500, 2_000, 10_000))],
)  # fmt: skip
def test_scales_by_hand(most: int, expected: tuple[int, ...]) -> None:
    assert scale(most) == tuple(amount * MICRO for amount in expected)


def test_a_day_that_is_a_threshold_has_the_higher_shade() -> None:
    nets = [0, 1, 9_999_999, 10_000_000, 50_000_000, 199_999_999, 200_000_000, 412_070_000]
    start = datetime(2026, 2, 1, 17, tzinfo=UTC)
    events = [trade(f"{n}", start + timedelta(days=n), net) for n, net in enumerate(nets)]
    events += [trade(f"-{n}", start + timedelta(days=10 + n), -net) for n, net in enumerate(nets)]
    with store_of(events) as store:
        view = heat(store, store.calendar.parse("2026-02", 0), now=instant(start))
        shades = [view.shade(day.measures.net) for day in view.days]
        assert shades[:8] == [0, 1, 1, 2, 3, 3, 4, 4] and shades[10:18] == [-s for s in shades[:8]]
        assert [day.begun for day in view.days[:20]] == [True] * 8 + [False] * 2 + [True] * 8 + [False] * 2
        assert view.today == date(2026, 2, 1) and view.totals.entries == 16
