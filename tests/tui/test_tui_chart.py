"""Charts and bars answer for any series at any size, in exactly the cells they are given."""

from __future__ import annotations

import math
import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from northstar_tui.tui import theme
from northstar_tui.tui.paint import Line
from northstar_tui.tui.widgets.bars import Bar, bars, signed_bar
from northstar_tui.tui.widgets.chart import area, columns, curve, running

LOOKS = [theme.look("dark"), theme.look("mono"), theme.look("dark", ascii_only=True)]
looks = st.sampled_from(LOOKS)
_number = st.one_of(
    st.none(), st.floats(), st.integers(-(2**62), 2**62), st.sampled_from([0.0, 1e308, -1e308, 5e-324, math.nan])
)
series = st.one_of(st.lists(_number, max_size=80), st.lists(st.just(7.0), max_size=30))
sizes = st.tuples(st.integers(1, 400), st.integers(1, 100))
small = st.tuples(st.integers(1, 60), st.integers(1, 12))


def text(line: Line) -> str:
    return "".join(segment.text for segment in line._segments)


@given(series, st.one_of(small, sizes), looks)
def test_area_fills_its_size(values: list[float | None], size: tuple[int, int], look: theme.Look) -> None:
    lines = area(values, *size, look)
    assert [line.cells for line in lines] == [size[0]] * size[1]
    assert all(len(text(line)) == size[0] for line in lines)


@given(series, st.one_of(small, sizes), looks, st.sampled_from([0.0, None, 3.5]))
def test_curve_fills_its_size(
    values: list[float | None], size: tuple[int, int], look: theme.Look, baseline: float | None
) -> None:
    lines = curve(values, *size, look, baseline=baseline)
    assert [len(text(line)) for line in lines] == [size[0]] * size[1]


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=50), st.integers(1, 60), st.integers(1, 9))
def test_gains_stand_and_losses_hang(values: list[int], cells: int, rows: int) -> None:
    look = LOOKS[0]
    up, down = area(values, cells, rows, look), area([-v for v in values], cells, rows, look)
    assert not any(segment.style is look.loss for line in up for segment in line._segments)
    assert not any(segment.style is look.gain for line in down for segment in line._segments)
    assert text(up[-1]).strip() and text(down[0]).strip(), "every value is seen at the baseline"


def test_signs_differ_without_colour() -> None:
    for look in LOOKS[1:]:
        gain, loss = area([3, -3], 2, 2, look)
        assert text(gain)[0] != " " and text(gain)[1] == " "
        assert text(loss)[0] == " " and text(loss)[1] != " "


def test_series_with_nothing_in_them() -> None:
    look = LOOKS[0]
    for values in ([], [None], [math.nan] * 5, [math.inf, -math.inf]):
        assert text(area(values, 8, 1, look)[0]) == " " * 8
        assert set("".join(map(text, curve(values, 8, 2, look)))) <= {" ", "┈"}


def test_known_pictures() -> None:
    look = LOOKS[0]
    assert text(area([1, 2, 3, 4, 5, 6, 7, 8], 8, 1, look)[0]) == "▁▂▃▄▅▆▇█"
    assert [text(line) for line in area([8, -8, 0, None], 4, 2, look)] == ["█ ▁ ", " █  "]
    assert text(curve([0, 1], 2, 1, look)[0]) == "⣀⠉" or text(curve([0, 1], 2, 1, look)[0]).strip()


@given(st.lists(_number, max_size=60), st.integers(1, 30))
def test_columns_keep_the_last(values: list[float | None], cells: int) -> None:
    assert len(columns(values, cells)) == cells
    clean = [v for v in values if v is not None and math.isfinite(v)]
    if clean and len(values) > cells:
        kept = [v for v in columns(values, cells) if v is not None]
        assert kept[-1] in clean


def test_running_holds_its_level_over_gaps() -> None:
    assert running([None, 2, math.nan, -5]) == [None, 2, 2, -3]


@pytest.mark.parametrize("draw", [area, curve])
def test_more_points_cost_no_more_calls(draw: object) -> None:
    def calls(points: int) -> int:
        values, counter = [math.sin(x / 90) * x for x in range(points)], Counter[str]()
        sys.setprofile(lambda _, event, __: counter.update([event]))
        try:
            draw(values, 100, 12, LOOKS[0])  # type: ignore[operator]
        finally:
            sys.setprofile(None)
        return counter["call"]

    assert calls(50_000) <= 2.5 * calls(500), "no call for each point"


amounts = st.integers(-(2**53), 2**53)


@given(amounts, amounts, amounts, st.integers(1, 120), looks)
def test_a_bar_takes_its_cells(a: int, b: int, c: int, cells: int, look: theme.Look) -> None:
    least, amount, most = sorted((a, b, c))
    line = signed_bar(amount, max(most, 0), min(least, 0), cells, look)
    assert len(text(line)) == cells
    if amount and cells > 1:
        assert text(line).strip(), "what is not zero is never invisible"


@given(
    st.lists(st.builds(Bar, st.text(max_size=20), amounts, st.integers(0, 10**7)), max_size=15),
    st.integers(30, 120), st.integers(0, 15), looks,
)  # fmt: skip
def test_bars_add_up_and_fit(items: list[Bar], cells: int, rows: int, look: theme.Look) -> None:
    lines = bars(items, cells, rows, look)
    assert len(lines) == min(len(items), rows)
    assert all("n=" in text(line) for line in lines)
    if 0 < rows < len(items):
        assert text(lines[-1]).startswith("oth") and f"n={sum(i.n for i in items[rows - 1 :]):,}" in text(lines[-1])


def test_losses_lie_left_of_gains() -> None:
    lines = [text(line) for line in bars([Bar("a", 5_000_000, 1), Bar("b", -5_000_000, 2)], 50, 5, LOOKS[2])]
    assert lines[0].index("+++") > lines[1].index("---")
    assert "+$5.00" in lines[0] and "-$5.00" in lines[1] and "n=2" in lines[1]
