"""Equity and drawdown against their definitions, reckoned by brute force."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from northstar_tui.figures.curves import Drawdown, current_drawdown, equity, max_drawdown, underwater

small = st.lists(st.integers(-3, 3), max_size=12)  # small steps make ties, the hard part
series = st.one_of(small, st.lists(st.integers(-(10**12), 10**12), max_size=60))


def curve(nets: list[int]) -> list[int]:
    """E_0 … E_n, each summed on its own."""
    return [sum(nets[:point]) for point in range(len(nets) + 1)]


def arrival(levels: list[int], high: int, before: int) -> int:
    """The last point before `before` at which the curve came to `high`."""
    return max(t for t in range(before) if levels[t] == high and (t == 0 or levels[t - 1] != high))


@given(series)
def test_equity_and_underwater_by_their_definitions(nets: list[int]) -> None:
    levels = curve(nets)
    assert list(equity(nets)) == levels[1:]
    assert list(underwater(nets)) == [levels[t] - max(levels[: t + 1]) for t in range(1, len(levels))]


@given(series)
def test_max_drawdown_is_the_deepest_fall_between_any_two_points(nets: list[int]) -> None:
    levels = curve(nets)
    falls = [(levels[late] - levels[early], late, early) for late in range(len(levels)) for early in range(late + 1)]
    deepest = min(fall for fall, _, _ in falls)
    found = max_drawdown(nets)
    if deepest == 0:
        assert found is None
        return
    assert found is not None and found.depth == deepest == found.low - found.high
    assert (found.high, found.low) == (levels[found.peak], levels[found.trough])
    assert found.trough == min(late for fall, late, _ in falls if fall == deepest), "the earliest of equals"
    assert found.peak == arrival(levels, found.high, found.trough)
    assert levels[found.peak] == max(levels[: found.trough + 1])
    above = [point for point in range(found.trough, len(levels)) if levels[point] >= found.high]
    assert found.recovery == (above[0] if above else None)
    assert min(underwater(nets)) == deepest


@given(series)
def test_current_drawdown_is_where_the_series_ends(nets: list[int]) -> None:
    levels = curve(nets)
    found = current_drawdown(nets)
    if levels[-1] == max(levels):
        assert found is None
        return
    assert found is not None and found.recovery is None
    assert found.high == max(levels) and found.peak == arrival(levels, found.high, len(levels))
    assert found.low == min(levels[found.peak :])
    assert found.trough == found.peak + levels[found.peak :].index(found.low)
    worst = max_drawdown(nets)
    assert worst is not None and worst.depth <= found.depth


@given(series, st.integers(0, 3))
def test_periods_without_money_change_nothing(nets: list[int], gap: int) -> None:
    """A day on which nothing was booked moves no peak, trough or recovery either."""
    spread = [step for net in nets for step in (net, *[0] * gap)]

    def stretched(point: int | None) -> int | None:
        return None if point is None else max(0, (point - 1) * (gap + 1) + 1) if point else 0

    for figure in (max_drawdown, current_drawdown):
        before, after = figure(nets), figure(spread)
        assert (before is None) == (after is None)
        if before is not None and after is not None:
            assert (before.depth, before.high, before.low) == (after.depth, after.high, after.low)
            assert [stretched(p) for p in (before.peak, before.trough, before.recovery)] == [
                after.peak, after.trough, after.recovery
            ]  # fmt: skip


@pytest.mark.parametrize(
    ("nets", "expected"),
    [
        ([], None),
        ([0, 0, 0], None),
        ([5, 0, 3], None),
        ([-5], Drawdown(-5, 0, 1, None, 0, -5)),  # a loss in the first period counts: E_0 is a peak
        ([-5, 5], Drawdown(-5, 0, 1, 2, 0, -5)),
        ([10, -4, 4, -4], Drawdown(-4, 1, 2, 3, 10, 6)),  # of two equal falls the first
        ([10, -4, 1, -3, 9], Drawdown(-6, 1, 4, 5, 10, 4)),
        ([10, 0, -4], Drawdown(-4, 1, 3, None, 10, 6)),  # the highest was reached in the first period
    ],
)
def test_drawdowns_by_hand(nets: list[int], expected: Drawdown | None) -> None:
    assert max_drawdown(nets) == expected
